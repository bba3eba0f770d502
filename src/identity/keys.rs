//! The keys that sign tokens, and separate keys that sign records. They are stored in the database, so that every process
//! signs and verifies with the same keys. A job replaces the token key regularly.

use diesel::prelude::*;

use crate::platform::auth::token::{KeyRing, SigningKey};
use crate::platform::db::kept::Keep as _;
use crate::platform::jobs::Job;
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

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Access tokens.
    Tokens,
    /// Packages and checkpoints, which are verified years later.
    Records,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Purpose::Tokens => "tokens",
            Purpose::Records => "records",
        }
    }
}

/// All keys for a purpose, including retired ones.
pub fn ring(rx: &mut Rx<'_>, purpose: Purpose) -> Result<KeyRing, Problem> {
    let rows: Vec<KeyRow> = signing_keys::table
        .filter(signing_keys::purpose.eq(purpose.as_str()))
        .order(signing_keys::created_at)
        .select(KeyRow::as_select())
        .load(rx.db)?;
    let keys =
        rows.into_iter().map(|row| SigningKey::from_stored(&row.private_key, row.created_at, row.retired_at));
    KeyRing::new(keys.collect::<Result<Vec<_>, Problem>>()?)
}

/// Creates missing keys and replaces a token key that is too old. Runs at the start and as a job.
pub fn renew(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    services.database.write_blocking(&ctx, |tx| {
        tx.lock_name("signing keys")?;
        Ok(renew_one(tx, Purpose::Tokens)? + renew_one(tx, Purpose::Records)?)
    })
}

fn renew_one(tx: &mut Tx<'_>, purpose: Purpose) -> Result<usize, Problem> {
    let wall = tx.ctx.wall;
    let newest: Option<Instant> = signing_keys::table
        .filter(signing_keys::purpose.eq(purpose.as_str()))
        .filter(signing_keys::retired_at.is_null())
        .order(signing_keys::created_at.desc())
        .select(signing_keys::created_at)
        .first(tx.db)
        .optional()?;
    let is_due = newest.is_none_or(|at| purpose == Purpose::Tokens && at.plus_days(TOKEN_KEY_DAYS) < wall);
    if !is_due {
        return Ok(0);
    }
    let old = signing_keys::table
        .filter(signing_keys::purpose.eq(purpose.as_str()))
        .filter(signing_keys::retired_at.is_null());
    diesel::update(old).set(signing_keys::retired_at.eq(Some(wall))).kept().execute(tx.db)?;
    let key = SigningKey::generate(&tx.ctx.ids, wall)?;
    let row = KeyRow {
        kid: key.kid.clone(),
        purpose: purpose.as_str().to_owned(),
        private_key: key.to_stored(),
        public_x: key.public_x.clone(),
        public_y: key.public_y.clone(),
        created_at: wall,
        retired_at: None,
    };
    diesel::insert_into(signing_keys::table).values(&row).kept().execute(tx.db)?;
    tx.invalidate_callers();
    Ok(1)
}
