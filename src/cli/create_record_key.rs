//! `samverkan create-record-key`: makes the file that `RECORD_KEY_FILE` names.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{message, output};
use crate::app;
use crate::identity::keys;
use crate::platform::audit::checkpoints;
use crate::platform::auth::password::PasswordCost;
use crate::platform::auth::record_keys::{LostKey, RecordKeys};
use crate::platform::auth::token::PublicKey;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::known;
use crate::platform::files;
use crate::platform::ids::Ids;
use crate::platform::problem::Problem;
use crate::platform::text::counted;
use crate::platform::tx::Rx;

/// What to make.
#[derive(Args)]
pub struct CreateRecordKey {
    /// File to write; it must not be there yet
    #[arg(long)]
    out: PathBuf,
    /// A file with a key used until now, whose public keys are kept, so that what they signed can still be verified (repeatable)
    #[arg(long, value_name = "FILE")]
    keep: Vec<PathBuf>,
    /// Also keep the public keys of an earlier version of the program, which had the key in the database
    #[arg(long)]
    from_database: bool,
    /// Go on without a key that is lost: the new file vouches for the checkpoints that it signed, as they are in the database now
    #[arg(long)]
    lost: bool,
}

/// Writes a new key, and the public part of the earlier ones.
pub fn run(config: Config, wanted: &CreateRecordKey) -> Result<(), String> {
    let CreateRecordKey { out, keep, .. } = wanted;
    if out.exists() {
        return Err(format!("{} is there already; choose another name and --keep it", out.display()));
    }
    let kept = keep.iter().map(|file| RecordKeys::read(file)).collect::<Result<Vec<_>, _>>()?;
    let mut earlier: Vec<PublicKey> = kept.iter().flat_map(|keys| keys.public().cloned()).collect();
    let mut lost: Vec<LostKey> = kept.iter().flat_map(|keys| keys.lost().iter().cloned()).collect();
    if wanted.lost {
        check_present(&config.record_key(), &earlier)?;
    }
    if wanted.from_database || wanted.lost {
        known::check_current(&app::location(&config)).map_err(message)?;
        let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
        let (database, system) = (&services.database, services.system());
        if wanted.from_database {
            let stored = database.read_blocking(&system, keys::earlier_record_keys);
            earlier.extend(stored.map_err(message)?);
        }
        let found = if wanted.lost {
            database.read_blocking(&system, |rx| lost_keys(rx, &earlier)).map_err(message)?
        } else {
            Vec::new()
        };
        if wanted.lost && found.is_empty() {
            return Err("nothing is lost: the keys of --keep verify every checkpoint".to_owned());
        }
        lost.retain(|known| !found.iter().any(|(new, _)| new.kid == known.kid));
        lost.extend(found.into_iter().map(tell_of_lost));
    }
    let mut kept: Vec<PublicKey> = Vec::new();
    for key in earlier {
        if !kept.contains(&key) {
            kept.push(key);
        }
    }
    let count = kept.len();
    if let Some(folder) = out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        files::private_folder(folder).map_err(|error| format!("--out {}: {error}", folder.display()))?;
    }
    RecordKeys::make(out, &Ids::system(), kept, &lost).map_err(message)?;
    let keys = counted(count, "earlier public key", "earlier public keys");
    output::line(&format!("{}: a new key and {keys}; RECORD_KEY_FILE must name it", out.display()));
    output::line("Keep a copy apart from the backup.");
    Ok(())
}

/// Refuses to give up a key that is there: a file with `--lost` would vouch for what that key can prove.
fn check_present(file: &Path, earlier: &[PublicKey]) -> Result<(), String> {
    let Ok(present) = RecordKeys::read(file) else { return Ok(()) };
    if present.public().all(|key| earlier.contains(key)) {
        return Ok(());
    }
    Err(format!("RECORD_KEY_FILE {} is there: name it with --keep", file.display()))
}

/// The keys that signed checkpoints and are not among the earlier ones, each with the number of the first.
fn lost_keys(rx: &mut Rx<'_>, earlier: &[PublicKey]) -> Result<Vec<(LostKey, i64)>, Problem> {
    let mut lost = Vec::new();
    for (kid, first, last) in checkpoints::signers(rx)? {
        if earlier.iter().any(|key| key.kid == kid) {
            continue;
        }
        let newest = checkpoints::numbered(rx, last)?;
        let newest = newest.ok_or_else(|| Problem::internal(format!("checkpoint {last} is unreadable")))?;
        lost.push((LostKey { kid, number: last, digest: newest.digest() }, first));
    }
    Ok(lost)
}

fn tell_of_lost((lost, first): (LostKey, i64)) -> LostKey {
    output::line(&format!(
        "The key {} is lost: checkpoints {first} to {} can no longer be verified by their signatures. The new file vouches for them as \
         they are in the database now; hold kept copies against them (`verify-audit --checkpoints`).",
        lost.kid, lost.number
    ));
    lost
}
