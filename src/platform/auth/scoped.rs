//! The scope rule of each table, as SQL and in memory. [`scope!`](crate::scope) declares both in one line: the query
//! `visible(scope)`, from which every other query starts, and the keys of a row. If a rule needs more (a state, a role),
//! a function adjusts the condition of each grant, or the resource implements [`Scoped`] by hand. A test compares the SQL
//! of every rule with the rule in memory.

use diesel::BoolExpressionMethods as _;

use super::scope::{Grant, HasKeys, Place, Scope};
use crate::platform::db::{AnyOf, Condition, Db};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// A row that only some callers may see.
pub trait Scoped: HasKeys + Sized {
    /// The row with this id, if it exists within the scope.
    fn find(db: &mut Db, scope: &Scope, id: Id) -> Result<Option<Self>, Problem>;

    /// Whether there is a row with this id within the scope, also one with values that cannot be read.
    fn is_there(db: &mut Db, scope: &Scope, id: Id) -> Result<bool, Problem> {
        Self::find(db, scope, id).map(|found| found.is_some())
    }

    /// The rows with these ids that exist within the scope.
    fn find_among(
        db: &mut Db,
        scope: &Scope,
        ids: impl IntoIterator<Item = Id>,
    ) -> Result<Vec<Self>, Problem> {
        ids.into_iter().filter_map(|id| Self::find(db, scope, id).transpose()).collect()
    }
}

/// Makes the SQL conditions of a scope from a table's columns. A field is none if the table has no such column.
pub struct ScopeColumns<T> {
    /// The row belongs to this programme.
    pub programme: Option<fn(Id) -> Condition<T>>,
    /// The row belongs to this kommun.
    pub kommun: Option<fn(&str) -> Condition<T>>,
    /// The row belongs to the owner's staff.
    pub owner: Option<fn() -> Condition<T>>,
    /// The row belongs to this person.
    pub person: Option<fn(Id) -> Condition<T>>,
    /// The row has this id (for roles that are limited to one object).
    pub subject: Option<fn(Id) -> Condition<T>>,
    /// This API client delivered the row.
    pub client: Option<fn(Id) -> Condition<T>>,
    /// Adjusts the condition of one grant, for a rule that needs more than columns (a state, a role).
    pub adjust: fn(&Grant, Condition<T>) -> Condition<T>,
}

impl<T: 'static> ScopeColumns<T> {
    /// A table with none of these columns; `scope!` starts here and adds those that it has.
    pub const NONE: Self = Self {
        programme: None,
        kommun: None,
        owner: None,
        person: None,
        subject: None,
        client: None,
        adjust: |_, condition| condition,
    };

    /// The condition that a row lies within the scope; none when the scope includes all rows.
    pub fn within(&self, scope: &Scope) -> Option<Condition<T>> {
        if scope.is_everywhere() {
            return None;
        }
        let grants = scope.grants.iter();
        let places = grants.filter_map(|grant| Some((self.adjust)(grant, self.at(&grant.place)?)));
        Some(places.fold(AnyOf::nothing(), AnyOf::or).condition())
    }

    /// The condition that a row lies at a place; none when no row of the table can lie there. `Everywhere` needs no
    /// condition and is handled by [`within`](Self::within). The same rule as [`Place::holds`].
    fn at(&self, place: &Place) -> Option<Condition<T>> {
        let in_programme = |id: Id| self.programme.map(|programme| programme(id));
        let of_kommun = |kommun: &str| self.kommun.map(|column| column(kommun));
        let of_owner = || self.owner.map(|owner| owner());
        match place {
            Place::Everywhere => None,
            Place::Programme(programme) => in_programme(*programme),
            Place::Kommun(programme, kommun) => both(in_programme(*programme), of_kommun(kommun)),
            Place::Owner(programme) => both(in_programme(*programme), of_owner()),
            Place::Person(person) => self.person.map(|column| column(*person)),
            Place::Member(person, programme, kommun) => {
                let team = kommun.as_deref().map_or_else(of_owner, of_kommun);
                let theirs = self.person.map(|column| column(*person));
                both(theirs, both(in_programme(*programme), team))
            }
            Place::Subject(id) => self.subject.map(|column| column(*id)),
            Place::Client(id) => self.client.map(|column| column(*id)),
        }
    }
}

fn both<T: 'static>(one: Option<Condition<T>>, other: Option<Condition<T>>) -> Option<Condition<T>> {
    Some(Box::new(one?.and(other?)))
}

/// Makes `visible(scope)`, from which every query of the table starts, and implements [`Scoped`] for its rows. The
/// arguments are the columns that decide who may see a row. `?` marks a nullable column; `owner` means that a row without
/// kommun belongs to the owner's staff. `adjusted by` narrows or widens the condition of each grant.
///
/// ```ignore
/// scope!(MilestoneRow in milestones: programme_id, kommunkod);
/// scope!(EmploymentRow in employments: programme_id, kommunkod? owner, person_id);
/// scope!(DraftRow in drafts: programme_id; adjusted by |grant, condition| {
///     if grant.role == Role::Editor.as_str() { condition } else { Box::new(condition.and(drafts::is_public)) }
/// });
/// ```
#[macro_export]
macro_rules! scope {
    ($row:ident in $table:ident: $($column:ident $(? $($null:ident)?)?),+ $(; adjusted by $adjust:expr)?) => {
        const SCOPE: $crate::platform::auth::scoped::ScopeColumns<$table::table> = {
            use diesel::prelude::*;
            let mut columns = $crate::platform::auth::scoped::ScopeColumns::NONE;
            $($crate::scope_column!(columns, $table, $column $(? $($null)?)?);)+
            $(columns.adjust = $adjust;)?
            columns
        };

        /// The condition that a row is within a scope; none if the scope includes all rows.
        pub fn within(
            scope: &$crate::platform::auth::scope::Scope,
        ) -> Option<$crate::platform::db::Condition<$table::table>> {
            SCOPE.within(scope)
        }

        /// The rows within a scope. Every query starts from this one, or from the same condition, [`within`].
        pub fn visible(
            scope: &$crate::platform::auth::scope::Scope,
        ) -> $table::BoxedQuery<'static, $crate::platform::db::MultiBackend> {
            use diesel::prelude::*;
            let query = $table::table.into_boxed();
            match within(scope) {
                Some(condition) => query.filter(condition),
                None => query,
            }
        }

        impl $crate::platform::auth::scope::HasKeys for $row {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];
            const OWNERS_WITHOUT_KOMMUN: bool = [$($($(stringify!($null),)?)?)+ ""].len() > 1;

            fn keys(&self) -> $crate::platform::auth::scope::AuthzKeys<'_> {
                let mut keys = $crate::platform::auth::scope::AuthzKeys::default();
                $($crate::scope_key!(keys, self, $column $(? $($null)?)?);)+
                keys
            }
        }

        $crate::find_visible!($row in $table);
    };
}

/// Implements [`Scoped`] with the table's `visible`.
#[doc(hidden)]
#[macro_export]
macro_rules! find_visible {
    ($row:ident in $table:ident) => {
        impl $crate::platform::auth::scoped::Scoped for $row {
            fn find(
                db: &mut $crate::platform::db::Db,
                scope: &$crate::platform::auth::scope::Scope,
                id: $crate::platform::ids::Id,
            ) -> Result<Option<Self>, $crate::platform::problem::Problem> {
                use diesel::prelude::*;
                use $crate::platform::db::columns::Whole as _;
                use $crate::platform::db::kept::Keep as _;
                let query = visible(scope).filter($table::id.eq(id)).select(Self::whole()).limit(1);
                Ok(query.kept().get_result(db).optional()?)
            }

            fn is_there(
                db: &mut $crate::platform::db::Db,
                scope: &$crate::platform::auth::scope::Scope,
                id: $crate::platform::ids::Id,
            ) -> Result<bool, $crate::platform::problem::Problem> {
                use diesel::prelude::*;
                let found = visible(scope).filter($table::id.eq(id)).select($table::id).limit(1);
                Ok(found.get_result::<$crate::platform::ids::Id>(db).optional()?.is_some())
            }

            fn find_among(
                db: &mut $crate::platform::db::Db,
                scope: &$crate::platform::auth::scope::Scope,
                ids: impl IntoIterator<Item = $crate::platform::ids::Id>,
            ) -> Result<Vec<Self>, $crate::platform::problem::Problem> {
                use diesel::prelude::*;
                use $crate::platform::db::columns::Whole as _;
                use $crate::platform::db::kept::Keep as _;
                use $crate::platform::db::one_of::OneOfMethods as _;
                let query = visible(scope).filter($table::id.one_of(ids)).select(Self::whole());
                Ok(query.kept().load(db)?)
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! scope_column {
    ($columns:ident, $table:ident, programme_id) => {
        $columns.programme = Some(|id| Box::new($table::programme_id.eq(id)));
    };
    ($columns:ident, $table:ident, programme_id ?) => {
        $columns.programme = Some(|id| Box::new($table::programme_id.assume_not_null().eq(id)));
    };
    ($columns:ident, $table:ident, kommunkod) => {
        $columns.kommun = Some(|kommun| Box::new($table::kommunkod.eq(kommun.to_owned())));
    };
    ($columns:ident, $table:ident, kommunkod ?) => {
        $columns.kommun = Some(|kommun| Box::new($table::kommunkod.assume_not_null().eq(kommun.to_owned())));
    };
    ($columns:ident, $table:ident, kommunkod ? owner) => {
        $crate::scope_column!($columns, $table, kommunkod?);
        $columns.owner = Some(|| Box::new($table::kommunkod.is_null()));
    };
    ($columns:ident, $table:ident, person_id) => {
        $columns.person = Some(|id| Box::new($table::person_id.eq(id)));
    };
    ($columns:ident, $table:ident, person_id ?) => {
        $columns.person = Some(|id| Box::new($table::person_id.assume_not_null().eq(id)));
    };
    ($columns:ident, $table:ident, client_id ?) => {
        $columns.client = Some(|id| Box::new($table::client_id.assume_not_null().eq(id)));
    };
    ($columns:ident, $table:ident, id) => {
        $columns.subject = Some(|id| Box::new($table::id.eq(id)));
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! scope_key {
    ($keys:ident, $row:expr, programme_id $(?)?) => {
        $keys.programme_id = $row.programme_id.into();
    };
    ($keys:ident, $row:expr, kommunkod ? owner) => {
        $keys.kommunkod = $row.kommunkod.as_deref();
        $keys.belongs_to_owner = $row.kommunkod.is_none();
    };
    ($keys:ident, $row:expr, kommunkod ?) => {
        $keys.kommunkod = $row.kommunkod.as_deref();
    };
    ($keys:ident, $row:expr, kommunkod) => {
        $keys.kommunkod = Some(&$row.kommunkod);
    };
    ($keys:ident, $row:expr, person_id $(?)?) => {
        $keys.person_id = $row.person_id.into();
    };
    ($keys:ident, $row:expr, client_id ?) => {
        $keys.client_id = $row.client_id;
    };
    ($keys:ident, $row:expr, id) => {
        $keys.subject_id = Some($row.id);
    };
}
