//! Parts of a request that load the object named by the path: 404 when the caller may not see it, 403 when the
//! handler's permit does not cover it. [`Found`] gives the object to the handler; [`Show`] is the complete answer that
//! shows it, and [`Named`] its id alone. They are taken before parameters, headers and body (see `http::in_order`).

use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{HttpMessage as _, HttpRequest};

use crate::platform::auth::action::ActionRow;
use crate::platform::auth::permit::{PermitFacts, context};
use crate::platform::auth::scope::Scope;
use crate::platform::auth::scoped::Scoped;
use crate::platform::http::answer::{Answer, Representation};
use crate::platform::http::in_order::RequestPart;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::tx::{Rx, Tx};

/// A row that a path can name. [`resource!`](crate::resource) implements it.
pub trait Resource: Scoped + Send + 'static {
    /// The type of its key in the path.
    type Key: Send + Sync + 'static;

    /// The path of one object: `/time-entries/{timeEntryId}`.
    const PATH: &'static str;

    /// The action that reads it. A caller outside its scope gets 404.
    const READ: &'static ActionRow;

    /// What the path names before the object, if anything: `Found<ProgrammeRow>` for the months of a programme. The
    /// handlers of status changes take it first; a resource's own handlers must list it before the object.
    type Parent: RequestPart + Send;

    /// Its key from the path, or none when the path has no valid key. `parameter` returns a path parameter by name.
    fn key<'p>(parameter: impl Fn(&str) -> Option<&'p str>) -> Option<Self::Key>;

    /// The object with this key, if it exists within `scope`.
    fn find_by_key(rx: &mut Rx<'_>, scope: &Scope, key: &Self::Key) -> Result<Option<Self>, Problem>;

    /// Whether the object is one of its parent's. An item of a batch names the object by its id alone.
    fn belongs_to(&self, parent: &Self::Parent) -> bool;
}

/// Splits the path of one object into the path of its collection and the name of its parameter:
/// `/time-entries/{timeEntryId}` into `/time-entries` and `timeEntryId`.
pub const fn split_path(path: &'static str) -> (&'static str, &'static str) {
    let mut at = path.len();
    while at > 0 {
        at -= 1;
        let (collection, rest) = path.split_at(at);
        if let [b'/', b'{', name @ .., b'}'] = rest.as_bytes() {
            return (collection, rest.split_at(2).1.split_at(name.len()).0);
        }
    }
    (path, "")
}

/// Makes a row a [`Resource`] of the API, with its representation, its path and the action that reads it. The row must
/// be [`Scoped`]; the representation must have the field `version` and those that its path names (`id`).
/// `Thing::new(ctx, row)` shows the row; with `shown by Thing::show`, a function that gets the `Rx`, because it queries.
///
/// ```ignore
/// resource!(ThingRow as Thing at "/things/{thingId}", read by ThingRead);
/// ```
///
/// An object below another is found by a column that names its parent and one of its own:
///
/// ```ignore
/// resource!(PartRow as Part at "/things/{thingId}" "/parts/{number}", parts by thing_id of ThingRow, number: i32, read by PartRead);
/// ```
#[macro_export]
macro_rules! resource {
    ($row:ident as $shown:ident at $path:literal, read by $read:ident) => {
        $crate::resource!($row as $shown at $path, read by $read, shown by |rx, row| Ok($shown::new(rx.ctx, row)));
    };
    ($row:ident as $shown:ident at $path:literal, read by $read:ident, shown by $show:expr) => {
        $crate::resource!($row at $path, read by $read);
        $crate::represented!($row as $shown by $show);

        impl $crate::platform::http::answer::Representation for $shown {
            fn version(&self) -> i32 {
                self.version
            }

            fn path(&self) -> String {
                format!("{}/{}", const { $crate::platform::auth::found::split_path($path).0 }, self.id)
            }
        }
    };
    (
        $row:ident as $shown:ident at $above:literal $path:literal,
        $table:ident by $of:ident of $parent:ident, $column:ident: $key:ty, read by $read:ident
    ) => {
        $crate::resource!(
            $row as $shown at $above $path,
            $table by $of of $parent, $column: $key, read by $read, shown by |rx, row| Ok($shown::new(rx.ctx, row))
        );
    };
    (
        $row:ident as $shown:ident at $above:literal $path:literal,
        $table:ident by $of:ident of $parent:ident, $column:ident: $key:ty, read by $read:ident, shown by $show:expr
    ) => {
        $crate::represented!($row as $shown by $show);

        impl $crate::platform::http::answer::Representation for $shown {
            fn version(&self) -> i32 {
                self.version
            }

            fn path(&self) -> String {
                let above = const { $crate::platform::auth::found::split_path($above).0 };
                let path = const { $crate::platform::auth::found::split_path($path).0 };
                format!("{above}/{}{path}/{}", self.$of, self.$column)
            }
        }

        const _: () = {
            use diesel::prelude::*;
            use $crate::platform::auth::action::{Action as _, ActionRow};
            use $crate::platform::auth::found::{Found, Resource, split_path};
            use $crate::platform::auth::scope::Scope;
            use $crate::platform::db::columns::Whole as _;
            use $crate::platform::ids::Id;
            use $crate::platform::problem::Problem;
            use $crate::platform::tx::Rx;

            impl Resource for $row {
                type Key = (Id, $key);
                type Parent = Found<$parent>;
                const PATH: &'static str = concat!($above, $path);
                const READ: &'static ActionRow = $read::ROW;

                fn key<'p>(parameter: impl Fn(&str) -> Option<&'p str>) -> Option<Self::Key> {
                    let of = parameter(const { split_path($above).1 })?.parse().ok()?;
                    Some((of, parameter(const { split_path($path).1 })?.parse().ok()?))
                }

                fn find_by_key(
                    rx: &mut Rx<'_>,
                    scope: &Scope,
                    (of, key): &Self::Key,
                ) -> Result<Option<Self>, Problem> {
                    let below = visible(scope).filter($table::$of.eq(*of)).filter($table::$column.eq(*key));
                    Ok(below.select(Self::whole()).first(rx.db).optional()?)
                }

                fn belongs_to(&self, parent: &Found<$parent>) -> bool {
                    self.$of == parent.id
                }
            }
        };
    };
    ($row:ident at $path:literal, read by $read:ident) => {
        const _: () = {
            use $crate::platform::auth::action::{Action as _, ActionRow};
            use $crate::platform::auth::found::{Resource, split_path};
            use $crate::platform::auth::scope::Scope;
            use $crate::platform::auth::scoped::Scoped as _;
            use $crate::platform::ids::Id;
            use $crate::platform::problem::Problem;
            use $crate::platform::tx::Rx;

            impl Resource for $row {
                type Key = Id;
                type Parent = ();
                const PATH: &'static str = $path;
                const READ: &'static ActionRow = $read::ROW;

                fn key<'p>(parameter: impl Fn(&str) -> Option<&'p str>) -> Option<Id> {
                    parameter(const { split_path($path).1 })?.parse().ok()
                }

                fn find_by_key(rx: &mut Rx<'_>, scope: &Scope, key: &Id) -> Result<Option<Self>, Problem> {
                    Self::find(rx.db, scope, *key)
                }

                fn belongs_to(&self, (): &()) -> bool {
                    true
                }
            }
        };
    };
}

/// Implements [`IntoRepresentation`] for a row.
#[doc(hidden)]
#[macro_export]
macro_rules! represented {
    ($row:ident as $shown:ident by $show:expr) => {
        const _: () = {
            use $crate::platform::auth::found::IntoRepresentation;
            use $crate::platform::problem::Problem;
            use $crate::platform::tx::Rx;

            impl IntoRepresentation for $row {
                type As = $shown;

                fn into_representation(self, rx: &mut Rx<'_>) -> Result<$shown, Problem> {
                    let show: fn(&mut Rx<'_>, $row) -> Result<$shown, Problem> = $show;
                    show(rx, self)
                }
            }
        };
    };
}

/// An object that the caller may see and that the permit covers.
pub struct Found<R>(pub R);

impl<R> Deref for Found<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.0
    }
}

impl<R: Resource> RequestPart for Found<R> {
    async fn take(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        loaded::<R, R>(request, |_, object| Ok(object)).await.map(Found)
    }
}

/// The id of an object that the caller may see. Its values are not read: for what must answer also when they cannot be.
pub struct Named<R>(pub Id, PhantomData<R>);

impl<R: Resource<Key = Id>> RequestPart for Named<R> {
    async fn take(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        let named = |rx: &mut Rx<'_>, id: &Id| match R::is_there(rx.db, &rx.ctx.scope_of(R::READ), *id)? {
            true => Ok(Self(*id, PhantomData)),
            false => Err(Problem::not_found()),
        };
        in_scope::<R, _>(request, move |rx, facts, key| {
            // No other permit knows what of the object it covers.
            match facts.row.name == R::READ.name {
                true => named(rx, key),
                false => Err(Problem::internal("only who reads an object names it unread")),
            }
        })
        .await
    }
}

/// Loads the object that the path names and turns it into a `T`, in one read.
async fn loaded<R: Resource, T: Send + 'static>(
    request: &HttpRequest,
    make: impl Fn(&mut Rx<'_>, R) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    in_scope::<R, T>(request, move |rx, facts, key| {
        let object = R::find_by_key(rx, &rx.ctx.scope_of(R::READ), key)?.ok_or_else(Problem::not_found)?;
        // The search above used the scope of reading. Any other permit must also cover this object.
        if facts.row.name != R::READ.name {
            facts.row.check_reach(&facts.scope, &object)?;
        }
        make(rx, object)
    })
    .await
}

/// Reads with the permit of the request and the key of its path.
async fn in_scope<R: Resource, T: Send + 'static>(
    request: &HttpRequest,
    read: impl Fn(&mut Rx<'_>, &PermitFacts, &R::Key) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let services = Services::of(request)?;
    let facts = request.extensions().get::<Rc<PermitFacts>>().map(|facts| PermitFacts::clone(facts));
    let facts = facts.ok_or_else(|| Problem::internal("a handler loads an object before its permit"))?;
    let key = R::key(|name| request.match_info().get(name)).ok_or_else(Problem::not_found)?;
    let ctx = context(request, &services, Arc::clone(&facts.scope));
    services.database.read_few(ctx, move |rx| read(rx, &facts, &key)).await
}

/// A resource and its representation in answers. [`resource!`](crate::resource) with `as` implements it.
pub trait IntoRepresentation: Resource {
    /// The representation.
    type As: Representation;

    /// The object as this caller sees it.
    fn into_representation(self, rx: &mut Rx<'_>) -> Result<Self::As, Problem>;
}

impl Tx<'_> {
    /// The object with this id, which a request body names; 404 unless the caller may see it.
    pub fn visible<R: Resource>(&mut self, id: Id) -> Result<R, Problem> {
        let scope = self.ctx.scope_of(R::READ);
        R::find(self.db, &scope, id)?.ok_or_else(Problem::not_found)
    }

    /// The objects with these ids that the caller may see.
    pub fn visible_among<R: Resource>(
        &mut self,
        ids: impl IntoIterator<Item = Id>,
    ) -> Result<Vec<R>, Problem> {
        let scope = self.ctx.scope_of(R::READ);
        R::find_among(self.db, &scope, ids)
    }

    /// The answer 200 with a changed row as this caller sees it.
    pub fn answer<R: IntoRepresentation>(&mut self, row: R) -> Result<Answer, Problem> {
        Answer::one(&row.into_representation(&mut self.as_read())?)
    }

    /// The answer 201 with a new row as this caller sees it, and its URL in `Location`.
    pub fn answer_created<R: IntoRepresentation>(&mut self, row: R) -> Result<Answer, Problem> {
        let representation = row.into_representation(&mut self.as_read())?;
        Answer::created(self.ctx, &representation)
    }
}

/// The object named by the path as this caller sees it, for a page that tells it in words.
pub struct Seen<R: IntoRepresentation>(pub R::As);

impl<R: IntoRepresentation<As: Send>> RequestPart for Seen<R> {
    async fn take(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        loaded(request, |rx, object: R| object.into_representation(rx)).await.map(Self)
    }
}

/// The answer that shows the object named by the path. It is loaded and shown in one read.
pub struct Show<R>(Answer, PhantomData<R>);

impl<R> Show<R> {
    /// The answer.
    pub fn into_answer(self) -> Answer {
        self.0
    }
}

impl<R: IntoRepresentation> RequestPart for Show<R> {
    async fn take(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        let show = |rx: &mut Rx<'_>, object: R| Answer::one(&object.into_representation(rx)?);
        Ok(Self(loaded(request, show).await?, PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_splits_into_collection_and_parameter() {
        assert_eq!(split_path("/time-entries/{timeEntryId}"), ("/time-entries", "timeEntryId"));
        let of_programme = "/programmes/{programmeId}/months/{month}";
        assert_eq!(split_path(of_programme), ("/programmes/{programmeId}/months", "month"));
        assert_eq!(split_path("/lan"), ("/lan", ""));
    }
}
