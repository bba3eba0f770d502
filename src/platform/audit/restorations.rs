//! Restorations of a backup. What was written after the backup is lost, and checkpoints outside the database tell of it. An
//! event in the installation's chain says that this was a restoration: it holds the heads of the backup. Verification then says
//! how much was lost. Without the event it takes the same for what it would be: a database that somebody has cut back.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::checkpoints::{self, Head, Heads, KeptCheckpoint};
use super::{Chain, Event};
use crate::platform::auth::record_keys::{LostKey, RecordKeys};
use crate::platform::db::schema::audit_events;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};

/// The action of the event.
pub const RESTORED: &str = "installation.restored";

/// The action of the event when held mail is sent after all.
pub const MAIL_RELEASED: &str = "installation.mailReleased";

/// The type of what these events change.
const TYPE: &str = "installation";

/// A restoration, as verification tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// When a backup was restored.
    pub at: Instant,
    /// The number of the backup's newest checkpoint; 0 if it has none.
    pub checkpoint: i64,
    /// How many events the checkpoints that were kept outside the database know which the backup did not have. Events after
    /// the newest of them are lost too, but nobody can count them.
    pub events_lost: i64,
}

/// A restoration with what the backup had.
#[derive(Clone, Debug)]
pub struct Restoration {
    /// What is told of it.
    pub told: Restored,
    heads: Heads,
}

/// The values of the event.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    checkpoint: i64,
    heads: Heads,
}

/// Records, at the end of this transaction, that a backup was restored. `lost` is the newest checkpoint that was kept outside and
/// that the database does not have. Somebody may have started the program before saying so: what is newer than that checkpoint was
/// not in the backup. Returns the number of the backup's events.
pub fn record(tx: &mut Tx<'_>, lost: Option<&KeptCheckpoint>) -> Result<i64, Problem> {
    let rx = &mut tx.as_read();
    let (checkpoint, heads) = match lost {
        None => (checkpoints::newest(rx)?.and_then(|row| row.number), checkpoints::heads(rx)?),
        Some(lost) => (checkpoints::newest_until(rx, lost.at)?, checkpoints::heads_at(rx, lost.at)?),
    };
    let events = heads.values().map(|head| head.sequence).sum();
    add_event(tx, RESTORED, &Values { checkpoint: checkpoint.unwrap_or(0), heads })?;
    Ok(events)
}

/// Adds an event of the installation itself.
pub fn add_event(tx: &mut Tx<'_>, action: &str, values: &impl Serialize) -> Result<(), Problem> {
    tx.events.push(Event {
        chain: Chain::Installation,
        action: action.to_owned(),
        resource_type: TYPE,
        resource_id: TYPE.to_owned(),
        role: None,
        before: None,
        after: Some(serde_json::to_string(values).map_err(Problem::internal)?),
        reserved_for: None,
    });
    Ok(())
}

/// All restorations, the first one first. Verification finds an event whose values cannot be read.
pub fn all(rx: &mut Rx<'_>) -> Result<Vec<Restoration>, Problem> {
    let events: Vec<(Instant, Option<String>)> = audit_events::table
        .filter(audit_events::chain.eq(Chain::Installation.name()))
        .filter(audit_events::action.eq(RESTORED))
        .order(audit_events::sequence)
        .select((audit_events::at, audit_events::after_values))
        .load(rx.db)?;
    let read = |(at, values): (Instant, Option<String>)| {
        let Values { checkpoint, heads } = serde_json::from_str(&values?).ok()?;
        Some(Restoration { told: Restored { at, checkpoint, events_lost: 0 }, heads })
    };
    Ok(events.into_iter().filter_map(read).collect())
}

impl Restoration {
    /// Whether a checkpoint that was kept outside is one of those that were lost: made after the backup, before it was restored.
    pub fn explains(&self, copy: &KeptCheckpoint) -> bool {
        copy.number > self.told.checkpoint && copy.at < self.told.at
    }

    /// How many events the copy knows that the backup did not have; none if it cannot have come after the backup.
    fn lost(&self, copy: &KeptCheckpoint) -> Option<i64> {
        let mut lost = 0;
        for (chain, Head { sequence, hash }) in &copy.heads {
            match self.heads.get(chain) {
                Some(kept) if *sequence < kept.sequence => return None,
                Some(kept) if *sequence == kept.sequence && *hash != kept.hash => return None,
                kept => lost += sequence - kept.map_or(0, |kept| kept.sequence),
            }
        }
        Some(lost)
    }
}

/// By which keys copies are known as ours.
pub struct Known<'k> {
    /// Those of the file.
    pub keys: &'k RecordKeys,
    /// The lost ones whose newest checkpoint the database does not have.
    pub gone: Vec<&'k LostKey>,
}

impl Known<'_> {
    /// Whether one of our keys has signed the copy. Nobody can verify a lost one's signature. If the database lacks its newest checkpoint,
    /// the file vouches for that by number and digest, and nothing newer can be its. If the database has it, what a restoration lost
    /// before had numbers of its own.
    fn has_signed(&self, copy: &KeptCheckpoint) -> bool {
        let KeptCheckpoint { kid, number, signature, .. } = copy;
        if self.keys.has_signed(kid, signature, &copy.signed_text()) {
            return true;
        }
        if self.gone.iter().any(|lost| lost.kid == *kid) {
            return self.keys.vouches_for(kid, *number, &copy.digest());
        }
        self.keys.lost().iter().any(|lost| lost.kid == *kid)
    }
}

/// Whether these copies, which the database does not have, were lost by a restoration; counts what was lost. False when one was not,
/// no key of ours has signed it, or it cannot have come after the backup.
pub fn explained(restorations: &mut [Restoration], known: &Known<'_>, copies: &[KeptCheckpoint]) -> bool {
    copies.iter().all(|copy| {
        // Its own restoration is the first one after it.
        let own = restorations.iter_mut().find(|restoration| copy.at < restoration.told.at);
        let Some(own) = own.filter(|restoration| restoration.explains(copy)) else { return false };
        let lost = own.lost(copy).filter(|_| known.has_signed(copy));
        own.told.events_lost = own.told.events_lost.max(lost.unwrap_or_default());
        lost.is_some()
    })
}
