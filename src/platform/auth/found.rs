//! An extractor that loads the object a path names: 404 for what the caller may not see, 403 when the permit before it
//! in the handler's signature does not cover this one. Bodies wait for it (see `http::stage`).

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::rc::Rc;
use std::str::FromStr;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};

use crate::platform::auth::permit::{Access, ActionRow, PermitFacts, caller_of, context};
use crate::platform::auth::scope::{Keys, Scope};
use crate::platform::db::Rx;
use crate::platform::http::problem::{Code, Problem};
use crate::platform::http::stage;
use crate::platform::services::Services;

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
    fn keys(&self) -> Keys;
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
    let services = Services::of(request)?;
    let visible = Arc::new(R::READ.scope_of(&caller_of(request)));
    let text = request.match_info().get(R::PARAMETER).unwrap_or_default();
    let key: R::Key = text.parse().map_err(|_| Problem::not_found())?;
    let ctx = context(request, &services, Arc::clone(&visible));
    let loaded = services.database.read(ctx, move |rx| R::find(rx, &visible, &key)).await?;
    let object = loaded.ok_or_else(Problem::not_found)?;
    let facts = request.extensions().get::<Rc<PermitFacts>>().cloned();
    match facts {
        Some(facts) => covered(&facts, &object.keys())?,
        None => return Err(Problem::internal("a handler loads an object before its permit")),
    }
    Ok(Found(object))
}

/// 403 when the permit does not reach this object.
pub fn covered(facts: &PermitFacts, keys: &Keys) -> Result<(), Problem> {
    if facts.row.access == Access::Anyone || facts.scope.role_for(keys).is_some() {
        return Ok(());
    }
    let roles = facts.row.role_names();
    Err(Problem::new(Code::NotYours).detail(
        format!("{} kräver någon av rollerna {roles} för just denna.", facts.row.sv),
        format!("{} needs one of the roles {roles} for this very one.", facts.row.en),
    ))
}
