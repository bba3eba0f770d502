//! The permit: a type made from one row of the policy table. A handler takes it as its first parameter and then runs
//! only for callers whose roles allow the action. The permit is also the handler's only way to the database.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};

use crate::platform::auth::action::{Action, ActionRow};
use crate::platform::auth::caller::Caller;
use crate::platform::auth::scope::Scope;
use crate::platform::context::{Context, RequestFacts};
use crate::platform::http::answer::Answer;
use crate::platform::http::body::{BodyErrors, BodyFacts};
use crate::platform::http::in_order::RequestPart;
use crate::platform::http::{idempotency, parameters};
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::tx::{Rx, Tx};

/// The part of a permit that [`Found`](super::found::Found) needs.
#[derive(Clone)]
pub struct PermitFacts {
    /// The action.
    pub row: &'static ActionRow,
    /// Where the caller may do it.
    pub scope: Arc<Scope>,
}

/// The right to do `A`, and the way to the database.
pub struct Permit<A> {
    request: HttpRequest,
    services: web::Data<Services>,
    facts: PermitFacts,
    _action: PhantomData<fn() -> A>,
}

impl<A: Action> RequestPart for Permit<A> {
    async fn take(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        permit(request)
    }
}

/// For handlers whose only parameter is the permit.
impl<A: Action> FromRequest for Permit<A> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(permit(request).and_then(|permit| parameters::check(request).map(|()| permit)))
    }
}

fn permit<A: Action>(request: &HttpRequest) -> Result<Permit<A>, Problem> {
    let services = Services::of(request)?;
    let caller = caller_of(request);
    let facts = PermitFacts { row: A::ROW, scope: Arc::new(A::ROW.scope_for(&caller)?) };
    request.extensions_mut().insert(Rc::new(facts.clone()));
    Ok(Permit { request: request.clone(), services, facts, _action: PhantomData })
}

/// The caller whom authentication found.
pub fn caller_of(request: &HttpRequest) -> Arc<Caller> {
    let known = request.extensions().get::<Arc<Caller>>().cloned();
    known.unwrap_or_else(|| Arc::new(Caller::anonymous()))
}

/// The context of one request.
pub fn context(request: &HttpRequest, services: &Services, scope: Arc<Scope>) -> Context {
    let mut facts = request.extensions().get::<Arc<RequestFacts>>().cloned().unwrap_or_default();
    if let Some(body) = request.extensions().get::<BodyFacts>() {
        let facts = Arc::make_mut(&mut facts);
        facts.body_hash.clone_from(&body.hash);
        facts.body_length = body.length;
    }
    if let Some(errors) = request.extensions().get::<BodyErrors>() {
        Arc::make_mut(&mut facts).body_errors.clone_from(&errors.0);
    }
    Context { caller: caller_of(request), scope, request: facts, ..services.context.system() }
}

impl<A: Action> Permit<A> {
    /// Runs a read on a worker thread and returns its answer.
    pub async fn read(
        self,
        query: impl Fn(&mut Rx<'_>) -> Result<Answer, Problem> + Send + 'static,
    ) -> Result<Answer, Problem> {
        self.services.database.read(self.context(), query).await
    }

    /// Runs one transaction on a worker thread and returns its answer. A POST with an `Idempotency-Key` runs only once.
    pub async fn write(
        self,
        change: impl Fn(&mut Tx<'_>) -> Result<Answer, Problem> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let ctx = self.context();
        let in_queue = idempotency::in_queue(&ctx, self.services.database.location());
        let services = self.services.clone();
        let once = move |tx: &mut Tx<'_>| idempotency::once(tx, &services.kept_answers, &change);
        self.services.database.write(ctx, once).await.map_err(in_queue)
    }

    /// Like [`write`](Self::write), but ignores `Idempotency-Key` (for `/oauth`, whose answers must not be stored).
    pub async fn write_always(
        self,
        change: impl Fn(&mut Tx<'_>) -> Result<Answer, Problem> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let ctx = self.context();
        self.services.database.write(ctx, change).await
    }

    /// The context of the request.
    pub fn context(&self) -> Context {
        context(&self.request, &self.services, Arc::clone(&self.facts.scope))
    }

    /// The services of the process.
    pub fn services(&self) -> web::Data<Services> {
        self.services.clone()
    }
}
