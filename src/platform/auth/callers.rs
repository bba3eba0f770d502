//! Recently seen callers and the keys that tokens are signed with. The token only says who it is; the roles come from the
//! database, cached for at most five seconds, so that disabling a person or ending a role takes effect within that time
//! in every process. In the process that made the change it takes effect at once: nothing cached before the transaction's
//! end is used after it.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use crate::platform::auth::caller::Caller;
use crate::platform::auth::token::{Claims, KeyRing};
use crate::platform::context::ContextParts;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::{Database, Rx};

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
    source: Arc<dyn CallerSource>,
    database: Database,
    parts: ContextParts,
    cache: RwLock<HashMap<(Id, Option<Id>), Seen>>,
    keys: CachedKeys,
    record_keys: CachedKeys,
}

/// When keys were read, by `wall()` and by the same count, and the keys.
type CachedKeys = RwLock<Option<(Instant, u64, Arc<KeyRing>)>>;

impl Callers {
    /// Nothing is known yet.
    pub fn new(source: Arc<dyn CallerSource>, database: Database, parts: ContextParts) -> Self {
        let (cache, keys, record_keys) = (RwLock::default(), RwLock::default(), RwLock::default());
        Self { source, database, parts, cache, keys, record_keys }
    }

    /// The present token keys, read again every few seconds so that a rotation reaches all processes.
    pub async fn key_ring(&self) -> Result<Arc<KeyRing>, Problem> {
        self.key_ring_within(CACHE_MILLIS).await
    }

    /// The token keys as they were read at most [`UNKNOWN_KEY_MILLIS`] ago, for a token that names none of the cached ones:
    /// another process may have made its key just now.
    pub async fn fresh_key_ring(&self) -> Result<Arc<KeyRing>, Problem> {
        self.key_ring_within(UNKNOWN_KEY_MILLIS).await
    }

    async fn key_ring_within(&self, millis: i64) -> Result<Arc<KeyRing>, Problem> {
        let source = Arc::clone(&self.source);
        self.cached(&self.keys, millis, move |rx| source.keys(rx)).await
    }

    /// The keys that records are signed with, retired ones included; cached as long as the token keys.
    pub async fn record_keys(&self) -> Result<Arc<KeyRing>, Problem> {
        let source = Arc::clone(&self.source);
        self.cached(&self.record_keys, CACHE_MILLIS, move |rx| source.record_keys(rx)).await
    }

    /// The caller that a verified token names; 401 when the person, client or session has ended.
    pub async fn caller(&self, claims: Arc<Claims>) -> Result<Arc<Caller>, Problem> {
        let (wall, now) = (self.parts.clock.wall(), self.parts.clock.now());
        // Before the read: what is changed while it goes on is not in it.
        let changes = self.database.changes_of_callers();
        let key = (claims.sub, claims.sid);
        if let Ok(cache) = self.cache.read()
            && let Some((seen, seen_now, seen_changes, caller)) = cache.get(&key)
            && *seen_changes == changes
            && (0..CACHE_MILLIS).contains(&(wall.millis() - seen.millis()))
            && (0..CACHE_MILLIS).contains(&(now.millis() - seen_now.millis()))
        {
            return Ok(Arc::clone(caller));
        }
        let source = Arc::clone(&self.source);
        let read = move |rx: &mut Rx<'_>| source.load(rx, &claims);
        let caller = self.database.read_few(self.parts.system(), read).await?;
        let caller = Arc::new(caller.ok_or_else(|| Problem::new(Code::Unauthenticated))?);
        if let Ok(mut cache) = self.cache.write() {
            if cache.len() >= CACHE_SIZE {
                cache.clear();
            }
            cache.insert(key, (wall, now, changes, Arc::clone(&caller)));
        }
        Ok(caller)
    }

    async fn cached(
        &self,
        cache: &CachedKeys,
        millis: i64,
        read: impl Fn(&mut Rx<'_>) -> Result<KeyRing, Problem> + Send + 'static,
    ) -> Result<Arc<KeyRing>, Problem> {
        let (wall, changes) = (self.parts.clock.wall(), self.database.changes_of_callers());
        if let Some((read_at, read_changes, keys)) = cache.read().ok().and_then(|keys| keys.clone())
            && read_changes == changes
            && wall.millis() - read_at.millis() < millis
        {
            return Ok(keys);
        }
        let keys = Arc::new(self.database.read_few(self.parts.system(), read).await?);
        if let Ok(mut cache) = cache.write() {
            *cache = Some((wall, changes, Arc::clone(&keys)));
        }
        Ok(keys)
    }
}
