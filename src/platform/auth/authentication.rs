//! From bearer token to caller. The token only says who it is; the roles come from the database, cached for at most five
//! seconds, so that disabling a person or ending a role bites within that time in every process. In the one that did it,
//! it bites at once: what was cached before the transaction's end is not used after it.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};

use crate::platform::auth::caller::Caller;
use crate::platform::auth::token::{Claims, KeyRing, TokenFault};
use crate::platform::context::Context;
use crate::platform::db::Rx;
use crate::platform::http::limits;
use crate::platform::http::problem::{Code, Problem};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::services::Services;

/// How old a cached caller may be, in milliseconds.
const CACHE_MILLIS: i64 = 4_000;

/// How old the token keys may be when a token names none of them, in milliseconds: whoever sends such tokens makes nobody
/// read more often.
const UNKNOWN_KEY_MILLIS: i64 = 1_000;

/// So many callers are kept at most; then the cache starts anew.
const CACHE_SIZE: usize = 10_000;

/// Where callers and token keys come from: implemented by the identity area, wired in `app.rs`.
pub trait CallerSource: Send + Sync {
    /// The caller with the roles that hold now; none when the person, client or session has ended.
    fn load(&self, rx: &mut Rx<'_>, claims: &Claims) -> Result<Option<Caller>, Problem>;

    /// The keys that tokens are signed with.
    fn keys(&self, rx: &mut Rx<'_>) -> Result<KeyRing, Problem>;

    /// The keys that records are signed with.
    fn record_keys(&self, rx: &mut Rx<'_>) -> Result<KeyRing, Problem>;
}

/// When a caller was loaded, by `wall()`, by `now()` and by the database's `changes_of_callers()`, and the caller.
type Seen = (Instant, Instant, u64, Arc<Caller>);

/// Recently seen callers and the token keys.
pub struct Callers {
    source: Box<dyn CallerSource>,
    cache: RwLock<HashMap<(Id, Option<Id>), Seen>>,
    keys: CachedKeys,
    record_keys: CachedKeys,
}

/// When keys were read, by `wall()` and by the same count, and the keys.
type CachedKeys = RwLock<Option<(Instant, u64, Arc<KeyRing>)>>;

impl Callers {
    /// Nothing is known yet.
    pub fn new(source: Box<dyn CallerSource>) -> Self {
        Self { source, cache: RwLock::default(), keys: RwLock::default(), record_keys: RwLock::default() }
    }

    /// The present token keys, read again every few seconds so that a rotation reaches all processes.
    pub async fn key_ring(&self, services: &web::Data<Services>) -> Result<Arc<KeyRing>, Problem> {
        self.key_ring_within(services, CACHE_MILLIS).await
    }

    /// The token keys as they were at most so many milliseconds ago.
    async fn key_ring_within(
        &self,
        services: &web::Data<Services>,
        millis: i64,
    ) -> Result<Arc<KeyRing>, Problem> {
        let with = services.clone();
        cached(&self.keys, millis, services, move |rx| with.callers.source.keys(rx)).await
    }

    /// The keys of records, retired ones included; read again as seldom.
    pub async fn record_keys(&self, services: &web::Data<Services>) -> Result<Arc<KeyRing>, Problem> {
        let with = services.clone();
        cached(&self.record_keys, CACHE_MILLIS, services, move |rx| with.callers.source.record_keys(rx)).await
    }

    async fn caller(
        &self,
        services: &web::Data<Services>,
        claims: Arc<Claims>,
    ) -> Result<Arc<Caller>, Problem> {
        let (wall, now) = (services.clock.wall(), services.clock.now());
        // Before the read: what is changed while it goes on is not in it.
        let changes = services.database.changes_of_callers();
        let key = (claims.sub, claims.sid);
        if let Ok(cache) = self.cache.read()
            && let Some((seen, seen_now, seen_changes, caller)) = cache.get(&key)
            && *seen_changes == changes
            && (0..CACHE_MILLIS).contains(&(wall.millis() - seen.millis()))
            && (0..CACHE_MILLIS).contains(&(now.millis() - seen_now.millis()))
        {
            return Ok(Arc::clone(caller));
        }
        let with = services.clone();
        let read = move |rx: &mut Rx<'_>| with.callers.source.load(rx, &claims);
        let caller = services.database.read_few(services.system(), read).await?;
        let caller = Arc::new(caller.ok_or_else(|| Problem::new(Code::Unauthenticated))?);
        if let Ok(mut cache) = self.cache.write() {
            if cache.len() >= CACHE_SIZE {
                cache.clear();
            }
            cache.insert(key, (wall, now, changes, Arc::clone(&caller)));
        }
        Ok(caller)
    }
}

async fn cached(
    cache: &CachedKeys,
    millis: i64,
    services: &web::Data<Services>,
    read: impl Fn(&mut Rx<'_>) -> Result<KeyRing, Problem> + Send + 'static,
) -> Result<Arc<KeyRing>, Problem> {
    let (wall, changes) = (services.clock.wall(), services.database.changes_of_callers());
    if let Some((read_at, read_changes, keys)) = cache.read().ok().and_then(|keys| keys.clone())
        && read_changes == changes
        && wall.millis() - read_at.millis() < millis
    {
        return Ok(keys);
    }
    let keys = Arc::new(services.database.read_few(services.system(), read).await?);
    if let Ok(mut cache) = cache.write() {
        *cache = Some((wall, changes, Arc::clone(&keys)));
    }
    Ok(keys)
}

/// Middleware: puts the caller into the request, or refuses a token that does not hold.
pub async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // A token that has run out must not keep its holder from renewing it.
    let is_oauth = request.path().contains("/oauth/");
    if let Some(value) = request.headers().get(header::AUTHORIZATION).filter(|_| !is_oauth) {
        let services = Services::of(request.request())?;
        let bearer = str::from_utf8(value.as_bytes()).ok().and_then(|text| text.split_once(' '));
        let caller = match bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
            Some((_, token)) => known(&services, token.trim()).await,
            None => Err(Problem::new(Code::Unauthenticated)),
        };
        match caller {
            Ok(caller) => request.extensions_mut().insert(caller),
            Err(problem) if problem.code == Code::Unauthenticated => return limits::refuse(request, problem),
            Err(problem) => return Err(problem.into()),
        };
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

async fn known(services: &web::Data<Services>, token: &str) -> Result<Arc<Caller>, Problem> {
    let issuer = services.addresses.public_url.as_str();
    let audience = format!("{issuer}/api/v1");
    let keys = services.callers.key_ring(services).await?;
    let mut claims = keys.verify(token, issuer, &audience, services.clock.wall());
    if claims == Err(TokenFault::UnknownKey) {
        // Another process may have made the key just now.
        let keys = services.callers.key_ring_within(services, UNKNOWN_KEY_MILLIS).await?;
        claims = keys.verify(token, issuer, &audience, services.clock.wall());
    }
    let claims = claims.map_err(|_| Problem::new(Code::Unauthenticated))?;
    services.callers.caller(services, claims).await
}

impl Services {
    /// The program itself as caller.
    pub fn system(&self) -> Context {
        Context::system(&self.clock, &self.ids, &self.addresses, &self.hooks)
    }
}
