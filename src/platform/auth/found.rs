//! Extractors that load the object a path names: 404 for what the caller may not see, 403 when the permit before it
//! in the handler's signature does not cover this one. [`Found`] hands it to the handler, [`One`] is already the
//! answer that shows it; what the address and the body say waits for both (see `http::stage`).

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use std::rc::Rc;
use std::str::FromStr;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};

use crate::platform::auth::action::{Access, ActionRow};
use crate::platform::auth::permit::{PermitFacts, context};
use crate::platform::auth::scope::{AuthzKeys, Scope};
use crate::platform::http::answer::{Answer, Representation};
use crate::platform::http::stage;
use crate::platform::problem::{Code, Problem};
use crate::platform::services::Services;
use crate::platform::tx::{Rx, Tx};

/// A stored thing that a path names.
pub trait Resource: Sized + Send + 'static {
    /// What identifies it in the path.
    type Key: FromStr + Send + Sync + 'static;

    /// Name of the path parameter: `timeEntryId`.
    const PARAMETER: &'static str;

    /// The action of reading it, which decides who gets 404.
    const READ: &'static ActionRow;

    /// The object, if it exists within `scope`.
    fn find(rx: &mut Rx<'_>, scope: &Scope, key: &Self::Key) -> Result<Option<Self>, Problem>;

    /// What it says of itself.
    fn keys(&self) -> AuthzKeys;
}

/// An object that the caller may see and that the permit covers.
pub struct Found<R>(pub R);

impl<R> Deref for Found<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.0
    }
}

impl<R: Resource> FromRequest for Found<R> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        let hold = stage::hold(&request);
        Box::pin(async move {
            let found = find(&request).await;
            drop(hold);
            Ok(found?)
        })
    }
}

async fn find<R: Resource>(request: &HttpRequest) -> Result<Found<R>, Problem> {
    loaded::<R, R>(request, |_, object| Ok(object)).await.map(Found)
}

/// Finds the object that the path names and makes something of it, in one read.
async fn loaded<R: Resource, T: Send + 'static>(
    request: &HttpRequest,
    make: impl Fn(&mut Rx<'_>, R) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let services = Services::of(request)?;
    let facts = request.extensions().get::<Rc<PermitFacts>>().map(|facts| PermitFacts::clone(facts));
    let facts = facts.ok_or_else(|| Problem::internal("a handler loads an object before its permit"))?;
    let text = request.match_info().get(R::PARAMETER).unwrap_or_default();
    let key: R::Key = text.parse().map_err(|_| Problem::not_found())?;
    let ctx = context(request, &services, Arc::clone(&facts.scope));
    let find = move |rx: &mut Rx<'_>| {
        let object = R::find(rx, &rx.ctx.scope_of(R::READ), &key)?.ok_or_else(Problem::not_found)?;
        // Whoever sees it may read it; a permit for more than that must reach it.
        if facts.row.name != R::READ.name {
            covered(&facts, &object.keys())?;
        }
        make(rx, object)
    };
    services.database.read_few(ctx, find).await
}

/// The object that a body names, if the caller may see it; 404 otherwise.
pub fn seen<R: Resource>(tx: &mut Tx<'_>, key: &R::Key) -> Result<R, Problem> {
    let visible = tx.ctx.scope_of(R::READ);
    R::find(&mut tx.as_read(), &visible, key)?.ok_or_else(Problem::not_found)
}

/// A resource with the form in which its readers see it.
pub trait IntoRepresentation: Resource {
    /// That form.
    type As: Representation;

    /// The object as the caller sees it.
    fn shown(self, rx: &mut Rx<'_>) -> Result<Self::As, Problem>;
}

/// The answer that shows the object a path names: found and shown in one read.
pub struct Show<R>(Answer, PhantomData<R>);

impl<R> Show<R> {
    /// The answer.
    pub fn into_answer(self) -> Answer {
        self.0
    }
}

impl<R: IntoRepresentation> FromRequest for Show<R> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        let hold = stage::hold(&request);
        Box::pin(async move {
            let answer = loaded(&request, |rx, object: R| Answer::one(&object.shown(rx)?)).await;
            drop(hold);
            Ok(Self(answer?, PhantomData))
        })
    }
}

/// 403 when the permit does not reach this object.
pub fn covered(facts: &PermitFacts, keys: &AuthzKeys) -> Result<(), Problem> {
    if facts.row.access == Access::Anyone || facts.scope.role_for(keys).is_some() {
        return Ok(());
    }
    let roles = facts.row.role_names();
    Err(Problem::new(Code::NotYours).detail(
        format!("{} kräver någon av rollerna {roles} för just denna.", facts.row.sv),
        format!("{} needs one of the roles {roles} for this very one.", facts.row.en),
    ))
}
