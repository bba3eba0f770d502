//! The context of a request or a job: who calls, when, in which language. It is made once and passed to both database
//! doors.

use std::cell::RefCell;
use std::fmt::{Display, Write as _};
use std::sync::Arc;

use crate::platform::auth::action::{Action, ActionRow};
use crate::platform::auth::caller::{Assignment, Caller};
use crate::platform::auth::scope::{HasKeys, Scope};
use crate::platform::clock::Clock;
use crate::platform::hooks::Hooks;
use crate::platform::ids::{Id, Ids};
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::{FieldError, Problem};
use crate::platform::secrets::{KeySource, Secrets};
use crate::platform::text::Language;

/// The facts of the HTTP request that answers and the audit trail need.
#[derive(Clone, Debug, Default)]
pub struct RequestFacts {
    /// `POST`, `PATCH` …
    pub method: String,
    /// The path of the request, for `instance` and idempotency; never logged.
    pub path: String,
    /// The 32 hex digits of the W3C trace id.
    pub trace_id: String,
    /// The language of the answer.
    pub language: Language,
    /// The client's address; a proxy's word for it counts only if the proxy is trusted.
    pub client_address: String,
    /// The header `If-Match`.
    pub if_match: Option<IfMatch>,
    /// `Idempotency-Key` of a POST.
    pub idempotency_key: Option<String>,
    /// SHA-256 of the body's bytes, in hex.
    pub body_hash: String,
    /// The length of the body in bytes.
    pub body_length: usize,
    /// Errors that the schema found in the body. The answer lists them together with those of the operation's rules.
    pub body_errors: Vec<FieldError>,
}

/// The content of an `If-Match` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: any version.
    Any,
    /// One of these versions, read from tags that begin with one. Other tags are left out: they match nothing.
    Versions(Vec<i32>),
}

/// The path that all operations of the API start with.
pub const BASE_PATH: &str = "/api/v1";

/// Room for most paths with one id, in bytes: an answer has many links, and a text that grows is copied.
const USUAL_PATH: usize = 80;

/// The address in examples and in the checked-in OpenAPI document. An installation shows its own address instead.
pub const EXAMPLE_URL: &str = "https://samverkan.example.org";

/// The addresses of the installation, for links.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// Address of the API, without a trailing slash.
    pub public_url: String,
    /// Address of the frontend (links in mail).
    pub public_app_url: String,
}

/// The scopes of one request, cached by action: a list needs the same scopes for every row.
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

/// The parts of a context whose caller is the program itself.
#[derive(Clone)]
pub struct ContextParts {
    /// The clock.
    pub clock: Clock,
    /// Where identifiers come from.
    pub ids: Ids,
    /// Addresses for links.
    pub addresses: Arc<Addresses>,
    /// What upper areas have registered.
    pub hooks: Arc<Hooks>,
    /// What seals texts that the database must not hold in clear.
    pub secrets: Arc<Secrets>,
    /// How much mail one sender of a kommun may cause in an hour (`MAILS_PER_HOUR`).
    pub mails_per_hour: u32,
}

impl ContextParts {
    /// A new context: the program itself acts, now.
    pub fn system(&self) -> Context {
        Context {
            caller: Arc::new(Caller::system()),
            scope: Arc::new(Scope::everything()),
            request: Arc::default(),
            addresses: Arc::clone(&self.addresses),
            hooks: Arc::clone(&self.hooks),
            secrets: Arc::clone(&self.secrets),
            mails_per_hour: self.mails_per_hour,
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            now: self.clock.now(),
            wall: self.clock.wall(),
            written: self.clock.now(),
            written_wall: self.clock.wall(),
            links: RowLinks::All,
            scopes: Scopes::default(),
        }
    }
}

/// Which links a representation has. In a list a row's links to what can be done with it were half of every answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowLinks {
    /// Only the one to the row itself: the default of lists.
    #[default]
    Itself,
    /// All of them: what an answer with one resource has.
    All,
    /// None.
    None,
}

impl RowLinks {
    /// Whether there is a link with this relation.
    pub fn has(self, rel: &str) -> bool {
        match self {
            Self::Itself => rel == "self",
            Self::All => true,
            Self::None => false,
        }
    }
}

/// Who acts, when, and with what.
#[derive(Clone)]
pub struct Context {
    /// Who acts.
    pub caller: Arc<Caller>,
    /// The scope of the permit: where the caller may do this action.
    pub scope: Arc<Scope>,
    /// The request; empty for jobs and commands.
    pub request: Arc<RequestFacts>,
    /// Addresses for links.
    pub addresses: Arc<Addresses>,
    /// What upper areas have registered.
    pub hooks: Arc<Hooks>,
    /// What seals texts that the database must not hold in clear.
    pub secrets: Arc<Secrets>,
    /// How much mail one sender of a kommun may cause in an hour; 0 means no limit.
    pub mails_per_hour: u32,
    /// The clock. Use [`now`](Self::now) instead, so that one transaction has one time.
    pub clock: Clock,
    /// Where identifiers come from.
    pub ids: Ids,
    /// The time of the domain when the request began: the rules judge by it, so that nobody misses a deadline by waiting
    /// for a lock.
    pub now: Instant,
    /// The real time when the request began.
    pub wall: Instant,
    /// The time of the domain that a write gives to its rows and events, taken inside the transaction
    /// (see [`sync`](crate::platform::db::sync)); outside of one, `now`.
    pub written: Instant,
    /// The real time that a write gives to its rows.
    pub written_wall: Instant,
    /// Which links what is shown has.
    pub links: RowLinks,
    /// The caller's scopes for other actions.
    pub(crate) scopes: Scopes,
}

impl Context {
    /// A context with a fixed time, for examples in OpenAPI and for tests.
    pub fn example() -> Self {
        let clock = Clock::fixed(Instant::from_millis(1_601_539_200_000));
        let public_url = EXAMPLE_URL.to_owned();
        let addresses = Arc::new(Addresses { public_app_url: public_url.clone(), public_url });
        let ids = Ids::seeded(1);
        let secrets = Arc::new(Secrets::new(KeySource::Example, ids.clone()));
        ContextParts { clock, ids, addresses, hooks: Arc::default(), secrets, mails_per_hour: 0 }.system()
    }

    /// The same context with these roles, for the answer to a write that has changed the caller's roles.
    pub fn with_assignments(mut self, assignments: Vec<Assignment>) -> Self {
        self.caller = Arc::new(Caller { assignments, ..Caller::clone(&self.caller) });
        self.scopes = Scopes::default();
        self
    }

    /// The caller's roles that allow `A` on an object.
    pub fn roles_for<A: Action>(&self, object: &impl HasKeys) -> Vec<&'static str> {
        self.scope_of(A::ROW).roles_for(object)
    }

    /// Whether the caller may do `A` on an object.
    pub fn may<A: Action>(&self, object: &impl HasKeys) -> bool {
        self.scope_of(A::ROW).role_for(object).is_some()
    }

    /// 403 when the permit, which is for `A`, does not include an object that the body names. Nothing can be said about the
    /// place of a body that names none: it is refused anyway, with its other errors.
    pub fn check_reach<A: Action>(&self, object: &impl HasKeys) -> Result<(), Problem> {
        if self.names_no_place() { Ok(()) } else { A::ROW.check_reach(&self.scope, object) }
    }

    /// Whether the body breaks the rules of a field that says where an object belongs.
    pub fn names_no_place(&self) -> bool {
        let mut broken = self.request.body_errors.iter();
        broken.any(|error| matches!(error.pointer.as_str(), "/programmeId" | "/organisation" | "/kommunkod"))
    }

    /// Whether the caller may do `A` anywhere in a programme, even if only in one kommun.
    pub fn may_in<A: Action>(&self, programme: Id) -> bool {
        self.scope_of(A::ROW).reaches_into(programme)
    }

    /// The context of a transaction, whose rows get this time, or the time when the request began if the clock was set back
    /// since.
    pub(crate) fn writing_at(&self, at: Instant) -> Self {
        let written = at.max(self.now);
        let written_wall = written.plus_millis(-self.clock.offset()).max(self.wall);
        Self { written, written_wall, ..self.clone() }
    }

    /// Where the caller may do an action; the scope may be empty.
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
        self.ids.id(self.written)
    }

    /// An absolute URL of the frontend. Mail links there, because its readers have a browser but no token.
    pub fn app_href(&self, path: &str) -> String {
        format!("{}{path}", self.addresses.public_app_url)
    }

    /// An absolute URL of the API: `/applications/…` becomes `{PUBLIC_URL}/api/v1/applications/…`.
    pub fn href(&self, path: impl Display) -> String {
        let mut href = String::with_capacity(self.addresses.public_url.len() + USUAL_PATH);
        href.push_str(&self.addresses.public_url);
        href.push_str(BASE_PATH);
        // Writing to a string never fails.
        let _ = write!(href, "{path}");
        href
    }
}
