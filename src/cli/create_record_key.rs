//! `samverkan create-record-key`: makes the file that `RECORD_KEY_FILE` names.

use std::path::PathBuf;

use clap::Args;

use super::{message, output};
use crate::app;
use crate::identity::keys;
use crate::platform::auth::password::PasswordCost;
use crate::platform::auth::record_keys::RecordKeys;
use crate::platform::auth::token::PublicKey;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::known;
use crate::platform::ids::Ids;

/// What to make.
#[derive(Args)]
pub struct CreateRecordKey {
    /// File to write; it must not be there yet
    #[arg(long)]
    out: PathBuf,
    /// The file with the key used until now, whose public keys are kept, so that what they signed can still be verified
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Also keep the public keys of an earlier version of the program, which had the key in the database
    #[arg(long)]
    from_database: bool,
}

/// Writes a new key, and the public part of the earlier ones.
pub fn run(config: Config, wanted: &CreateRecordKey) -> Result<(), String> {
    let CreateRecordKey { out, keep, .. } = wanted;
    if out.exists() {
        return Err(format!("{} is there already; choose another name and --keep it", out.display()));
    }
    let mut earlier: Vec<PublicKey> = Vec::new();
    if let Some(keep) = keep {
        earlier.extend(RecordKeys::read(keep)?.public().cloned());
    }
    if wanted.from_database {
        known::check(&app::location(&config)).map_err(message)?;
        let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
        let stored = services.database.read_blocking(&services.system(), keys::earlier_record_keys);
        earlier.extend(stored.map_err(message)?);
    }
    let mut kept: Vec<PublicKey> = Vec::new();
    for key in earlier {
        if !kept.contains(&key) {
            kept.push(key);
        }
    }
    let count = kept.len();
    RecordKeys::make(out, &Ids::system(), kept).map_err(message)?;
    output::line(&format!("{}: a new key and {count} earlier public keys", out.display()));
    Ok(())
}
