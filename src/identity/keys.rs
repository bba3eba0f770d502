//! The keys that sign tokens and records. Token keys are stored in the database, so that every process signs and verifies with
//! the same ones; a job replaces them regularly. The key for records is in a file (see [`RecordKeys`]).

use std::path::Path;
use std::sync::Arc;

use diesel::prelude::*;

use crate::platform::audit::checkpoints;
use crate::platform::auth::record_keys::RecordKeys;
use crate::platform::auth::token::{KeyRing, PublicKey, SigningKey};
use crate::platform::config::DatabaseUrl;
use crate::platform::db::kept::Keep as _;
use crate::platform::jobs::Job;
use crate::platform::key_file;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::tx::{Rx, Tx};
use crate::schema::signing_keys;

/// What signing keys bring to the program.
pub const PART: Part = Part { jobs: &[Job { name: "signingKeys", run: renew }], ..Part::NONE };

/// How long a token key signs, in days; after that it is used only to verify.
const TOKEN_KEY_DAYS: i64 = 30;

/// The `purpose` of token keys.
const TOKENS: &str = "tokens";

/// The `purpose` of keys for records, of which an earlier version of the program kept the private part here, too.
const RECORDS: &str = "records";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
struct KeyRow {
    kid: String,
    purpose: String,
    private_key: String,
    public_x: String,
    public_y: String,
    created_at: Instant,
    retired_at: Option<Instant>,
}

/// All token keys, including retired ones.
pub fn ring(rx: &mut Rx<'_>) -> Result<KeyRing, Problem> {
    let rows: Vec<KeyRow> = signing_keys::table
        .filter(signing_keys::purpose.eq(TOKENS))
        .order(signing_keys::created_at)
        .select(KeyRow::as_select())
        .load(rx.db)?;
    let keys =
        rows.into_iter().map(|row| SigningKey::from_stored(&row.private_key, row.created_at, row.retired_at));
    KeyRing::new(keys.collect::<Result<Vec<_>, Problem>>()?)
}

/// The public keys for records of earlier versions of the program, the newest first. A new key file keeps them.
pub fn earlier_record_keys(rx: &mut Rx<'_>) -> Result<Vec<PublicKey>, Problem> {
    let keys = signing_keys::table
        .filter(signing_keys::purpose.eq(RECORDS))
        .order(signing_keys::created_at.desc())
        .select((signing_keys::public_x, signing_keys::public_y))
        .load::<(String, String)>(rx.db)?;
    Ok(keys.into_iter().map(|(x, y)| PublicKey::new(x, y)).collect())
}

/// The keys for records. They are read once. On SQLite and in the demonstration the first start makes the file; on PostgreSQL,
/// where all processes need the same file, the operator makes it.
pub fn record_keys(services: &Services) -> Result<Arc<RecordKeys>, Problem> {
    if let Some(keys) = services.record_keys.get() {
        return Ok(Arc::clone(keys));
    }
    let config = &services.config;
    let (path, is_given) = (config.record_key(), config.record_key_file.is_some());
    if !path.exists() {
        let found = services.database.read_blocking(&services.system(), |rx| fault(rx, None, &path))?;
        refuse(found)?;
    }
    let is_made_here = services.is_demonstration || matches!(config.database(), DatabaseUrl::Sqlite(_));
    let is_there = is_given && path.exists();
    if !(is_made_here || is_there) {
        let missing =
            if is_given { format!("{} is not there", path.display()) } else { "it is not set".to_owned() };
        return Err(Problem::internal(format!(
            "on PostgreSQL RECORD_KEY_FILE must name the file with the key that signs checkpoints, the same for every \
             process, and {missing}; `samverkan create-record-key --out FILE` makes one"
        )));
    }
    if !path.exists() {
        make_record_key(services, &path)?;
    }
    let keys = Arc::new(RecordKeys::read(&path).map_err(Problem::internal)?);
    Ok(Arc::clone(services.record_keys.get_or_init(|| keys)))
}

fn refuse(fault: Option<String>) -> Result<(), Problem> {
    fault.map_or(Ok(()), |fault| Err(Problem::internal(fault)))
}

/// Makes the first key.
fn make_record_key(services: &Services, path: &Path) -> Result<(), Problem> {
    let earlier = services.database.read_blocking(&services.system(), earlier_record_keys)?;
    if RecordKeys::make(path, &services.ids, earlier, &[]).map_err(|problem| {
        Problem::internal(format!("RECORD_KEY_FILE {}", problem.internal.unwrap_or_default()))
    })? {
        key_file::tell_of_made(path);
    }
    Ok(())
}

/// What the operator reads whose key is not the one.
const MUST_NAME: &str = "RECORD_KEY_FILE must name the key that signed the checkpoints";

/// Why the key file, if there is one, cannot verify all checkpoints, as a sentence for the operator; none when it can.
pub fn fault(rx: &mut Rx<'_>, keys: Option<&RecordKeys>, path: &Path) -> Result<Option<String>, Problem> {
    let signers = checkpoints::signers(rx)?;
    let Some(keys) = keys else {
        let earlier = earlier_record_keys(rx)?;
        let is_used = signers.iter().any(|(kid, _, _)| !earlier.iter().any(|key| key.kid == *kid));
        let path = path.display();
        let fault =
            || format!("{MUST_NAME}: {path} is not there. If it is lost, see docs/OPERATION.md, Lost keys");
        return Ok(is_used.then(fault));
    };
    let unknown: Vec<String> = signers
        .iter()
        .filter(|(kid, _, _)| !keys.knows(kid))
        .map(|(kid, first, last)| format!("the key {kid}, which signed checkpoints {first} to {last}"))
        .collect();
    if unknown.is_empty() {
        return Ok(None);
    }
    Ok(Some(format!(
        "{MUST_NAME}: {} does not have {}. After a change of keys `samverkan create-record-key` keeps the earlier ones (--keep, once \
         for each); if one is lost, see docs/OPERATION.md, Lost keys",
        path.display(),
        unknown.join(", nor ")
    )))
}

/// Refuses a key file that could not verify what was signed in this database.
pub fn check_record_keys(services: &Services) -> Result<(), Problem> {
    let keys = record_keys(services)?;
    let path = services.config.record_key();
    refuse(services.database.read_blocking(&services.system(), |rx| fault(rx, Some(&keys), &path))?)
}

/// Creates a missing token key and replaces one that is too old. Runs at the start and as a job.
pub fn renew(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    services.database.write_blocking(&ctx, |tx| {
        tx.lock_name("signing keys")?;
        renew_tokens(tx)
    })
}

fn renew_tokens(tx: &mut Tx<'_>) -> Result<usize, Problem> {
    let wall = tx.ctx.wall;
    let signing = signing_keys::table
        .filter(signing_keys::purpose.eq(TOKENS))
        .filter(signing_keys::retired_at.is_null());
    let newest: Option<Instant> = signing
        .order(signing_keys::created_at.desc())
        .select(signing_keys::created_at)
        .first(tx.db)
        .optional()?;
    if newest.is_some_and(|at| at.plus_days(TOKEN_KEY_DAYS) >= wall) {
        return Ok(0);
    }
    diesel::update(signing).set(signing_keys::retired_at.eq(Some(wall))).kept().execute(tx.db)?;
    let key = SigningKey::generate(&tx.ctx.ids, wall)?;
    let row = KeyRow {
        private_key: key.to_stored(),
        kid: key.public.kid,
        purpose: TOKENS.to_owned(),
        public_x: key.public.x,
        public_y: key.public.y,
        created_at: wall,
        retired_at: None,
    };
    diesel::insert_into(signing_keys::table).values(&row).kept().execute(tx.db)?;
    tx.invalidate_callers();
    Ok(1)
}
