//! The cache of callers and of signing keys. A token only says who the caller is; the roles come from the database.
//! They are cached for four seconds, so that disabling a person or ending a role takes effect in every process within
//! five (docs/API-DESIGN.md). In the process that makes the change it takes effect at once: its commit invalidates what was cached
//! before.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use crate::platform::auth::caller::Caller;
use crate::platform::auth::token::{Claims, KeyRing};
use crate::platform::context::ContextParts;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::{Database, Rx};

/// The longest time that a caller or a key ring is cached, in milliseconds.
const CACHE_MILLIS: i64 = 4_000;

/// The same for a token with an unknown key. Tokens with made-up keys therefore cause at most one read per second.
const UNKNOWN_KEY_MILLIS: i64 = 1_000;

/// The most callers that are cached. When there are more, the cache is emptied.
const CACHE_SIZE: usize = 10_000;

/// Loads callers and keys. The identity area implements it; `app.rs` connects it.
pub trait CallerSource: Send + Sync {
    /// The caller with their current roles; none when the person, client or session has ended.
    fn load(&self, rx: &mut Rx<'_>, claims: &Claims) -> Result<Option<Caller>, Problem>;

    /// The keys that tokens are signed with.
    fn keys(&self, rx: &mut Rx<'_>) -> Result<KeyRing, Problem>;
}

/// A cached caller: `wall()`, `now()` and the database's `callers_generation()` when it was loaded, and the caller.
type CachedCaller = (Instant, Instant, u64, Arc<Caller>);

/// The cache.
pub struct Callers {
    source: Arc<dyn CallerSource>,
    database: Database,
    parts: ContextParts,
    cache: RwLock<HashMap<(Id, Option<Id>), CachedCaller>>,
    keys: CachedKeys,
}

/// A cached key ring: `wall()` and `callers_generation()` when it was read, and the ring.
type CachedKeys = RwLock<Option<(Instant, u64, Arc<KeyRing>)>>;

impl Callers {
    /// An empty cache.
    pub fn new(source: Arc<dyn CallerSource>, database: Database, parts: ContextParts) -> Self {
        Self { source, database, parts, cache: RwLock::default(), keys: RwLock::default() }
    }

    /// The token keys. They are read again every few seconds, so that a new key reaches all processes.
    pub async fn key_ring(&self) -> Result<Arc<KeyRing>, Problem> {
        self.key_ring_within(CACHE_MILLIS).await
    }

    /// The token keys, read at most [`UNKNOWN_KEY_MILLIS`] ago. For a token whose key is not among the cached ones:
    /// another process may have created it a moment ago.
    pub async fn fresh_key_ring(&self) -> Result<Arc<KeyRing>, Problem> {
        self.key_ring_within(UNKNOWN_KEY_MILLIS).await
    }

    async fn key_ring_within(&self, millis: i64) -> Result<Arc<KeyRing>, Problem> {
        let (wall, generation) = (self.parts.clock.wall(), self.database.callers_generation());
        if let Some((read_at, cached_generation, keys)) = self.keys.read().ok().and_then(|keys| keys.clone())
            && cached_generation == generation
            && wall.millis() - read_at.millis() < millis
        {
            return Ok(keys);
        }
        let source = Arc::clone(&self.source);
        let read = move |rx: &mut Rx<'_>| source.keys(rx);
        let keys = Arc::new(self.database.read_few(self.parts.system(), read).await?);
        if let Ok(mut cache) = self.keys.write() {
            *cache = Some((wall, generation, Arc::clone(&keys)));
        }
        Ok(keys)
    }

    /// The caller that a verified token names; 401 when the person, client or session has ended.
    pub async fn caller(&self, claims: Arc<Claims>) -> Result<Arc<Caller>, Problem> {
        let (wall, now) = (self.parts.clock.wall(), self.parts.clock.now());
        // Taken before the read, because the read does not see changes that are committed during it.
        let generation = self.database.callers_generation();
        let key = (claims.sub, claims.sid);
        if let Ok(cache) = self.cache.read()
            && let Some((cached_wall, cached_now, cached_generation, caller)) = cache.get(&key)
            && *cached_generation == generation
            && (0..CACHE_MILLIS).contains(&(wall.millis() - cached_wall.millis()))
            && (0..CACHE_MILLIS).contains(&(now.millis() - cached_now.millis()))
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
            cache.insert(key, (wall, now, generation, Arc::clone(&caller)));
        }
        Ok(caller)
    }
}
