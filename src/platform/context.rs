//! Who asks for what, when and in which language: made once per request (or per job) and handed to both database doors.

use std::cell::RefCell;
use std::sync::Arc;

use crate::platform::auth::action::{Action, ActionRow};
use crate::platform::auth::caller::{Assignment, Caller};
use crate::platform::auth::scope::{AuthzKeys, Scope};
use crate::platform::clock::Clock;
use crate::platform::hooks::Hooks;
use crate::platform::ids::{Id, Ids};
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::FieldError;
use crate::platform::text::Language;

/// What is known of the HTTP request, as far as answers and the audit trail need it.
#[derive(Clone, Debug, Default)]
pub struct RequestFacts {
    /// `POST`, `PATCH` …
    pub method: String,
    /// The path as called, for `instance` and idempotency; never logged.
    pub path: String,
    /// The 32 hex digits of the W3C trace id.
    pub trace_id: String,
    /// The language of the answer.
    pub language: Language,
    /// The client's address, through trusted proxies only.
    pub address: String,
    /// The versions that `If-Match` asks for.
    pub if_match: Option<IfMatch>,
    /// `Idempotency-Key` of a POST.
    pub idempotency_key: Option<String>,
    /// SHA-256 of the body as it came, in hex.
    pub body_hash: String,
    /// What is wrong with the body in itself, to be refused together with what the operation's rules say.
    pub body_errors: Vec<FieldError>,
}

/// What an `If-Match` header asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: whatever version there is.
    Any,
    /// One of these, the version parts of our ETags. Tags that are not ours are left out: they match nothing.
    Versions(Vec<i32>),
}

/// Every operation of the API lies below it.
pub const BASE_PATH: &str = "/api/v1";

/// Settings of the installation that answers are made with.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// Where the API is reached, without a trailing slash.
    pub public_url: String,
    /// Where the frontend is reached (links in mail).
    pub public_app_url: String,
}

/// The scopes of one request by their action: a list asks for the same ones with every row.
#[derive(Clone, Default)]
pub(crate) struct Scopes(RefCell<Vec<(&'static str, Arc<Scope>)>>);

impl Scopes {
    fn of(&self, row: &'static ActionRow, caller: &Caller) -> Arc<Scope> {
        let mut known = self.0.borrow_mut();
        if let Some((_, scope)) = known.iter().find(|(name, _)| *name == row.name) {
            return Arc::clone(scope);
        }
        let scope = Arc::new(row.scope_of(caller));
        known.push((row.name, Arc::clone(&scope)));
        scope
    }
}

/// What a context of the program itself is made of.
#[derive(Clone)]
pub struct ContextParts {
    /// The clock.
    pub clock: Clock,
    /// Where identifiers come from.
    pub ids: Ids,
    /// Addresses for links.
    pub addresses: Arc<Addresses>,
    /// What areas above have asked to be told of, or answer for.
    pub hooks: Arc<Hooks>,
}

impl ContextParts {
    /// The program itself acts, now.
    pub fn system(&self) -> Context {
        Context::system(&self.clock, &self.ids, &self.addresses, &self.hooks)
    }
}

/// Who acts, when, and with what.
#[derive(Clone)]
pub struct Context {
    /// Who acts.
    pub caller: Arc<Caller>,
    /// Where the present action's permit reaches.
    pub scope: Arc<Scope>,
    /// The request, empty for jobs and commands.
    pub request: Arc<RequestFacts>,
    /// Addresses for links.
    pub addresses: Arc<Addresses>,
    /// What areas above have asked to be told of, or answer for.
    pub hooks: Arc<Hooks>,
    /// The clock; read through [`now`](Self::now) so that one transaction has one time.
    pub clock: Clock,
    /// Where identifiers come from.
    pub ids: Ids,
    /// The domain's now when the request began.
    pub now: Instant,
    /// The real time when the request began.
    pub wall: Instant,
    /// Where the caller may do other actions.
    pub(crate) scopes: Scopes,
}

impl Context {
    /// The program itself acts: jobs, commands, the demonstration.
    pub fn system(clock: &Clock, ids: &Ids, addresses: &Arc<Addresses>, hooks: &Arc<Hooks>) -> Self {
        Self {
            caller: Arc::new(Caller::system()),
            scope: Arc::new(Scope::everything()),
            request: Arc::default(),
            addresses: Arc::clone(addresses),
            hooks: Arc::clone(hooks),
            clock: clock.clone(),
            ids: ids.clone(),
            now: clock.now(),
            wall: clock.wall(),
            scopes: Scopes::default(),
        }
    }

    /// A context of no particular moment, for examples in OpenAPI.
    pub fn example() -> Self {
        let clock = Clock::fixed(Instant::from_millis(1_601_539_200_000));
        let public_url = "https://samverkan.example.org".to_owned();
        let addresses = Arc::new(Addresses { public_app_url: public_url.clone(), public_url });
        Self::system(&clock, &Ids::seeded(1), &addresses, &Arc::default())
    }

    /// The same with the caller's roles as they are now, for the answer to a write that has changed them.
    pub fn holding(mut self, assignments: Vec<Assignment>) -> Self {
        self.caller = Arc::new(Caller { assignments, ..Caller::clone(&self.caller) });
        self.scopes = Scopes::default();
        self
    }

    /// The roles by which the caller may do `A` with an object that has these keys.
    pub fn roles_for<A: Action>(&self, keys: &AuthzKeys) -> Vec<&'static str> {
        self.scope_of(A::ROW).roles_for(keys)
    }

    /// Whether the caller may do `A` with an object that has these keys.
    pub fn may<A: Action>(&self, keys: &AuthzKeys) -> bool {
        self.scope_of(A::ROW).role_for(keys).is_some()
    }

    /// Whether the caller may do `A` somewhere in a programme, be it in one kommun only.
    pub fn may_in<A: Action>(&self, programme: Id) -> bool {
        self.scope_of(A::ROW).reaches_into(programme)
    }

    /// Where the caller may do an action, perhaps nowhere.
    pub fn scope_of(&self, row: &'static ActionRow) -> Arc<Scope> {
        self.scopes.of(row, &self.caller)
    }

    /// The language of the answer.
    pub fn language(&self) -> Language {
        self.request.language
    }

    /// Today in Sweden.
    pub fn today(&self) -> Day {
        self.now.day()
    }

    /// A new identifier.
    pub fn new_id(&self) -> Id {
        self.ids.id(self.now)
    }

    /// An absolute address of the frontend, for mail: its readers have a browser and no token.
    pub fn app_href(&self, path: &str) -> String {
        format!("{}{path}", self.addresses.public_app_url)
    }

    /// An absolute address of this API: `/applications/…` becomes `{PUBLIC_URL}/api/v1/applications/…`.
    pub fn href(&self, path: &str) -> String {
        [self.addresses.public_url.as_str(), BASE_PATH, path].concat()
    }
}
