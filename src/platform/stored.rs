//! One way to insert and to change a row: the version is compared, raised and audited in one place, so that no slice can
//! forget it.

use crate::platform::audit::Audited;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;

/// A row with an id and a version.
pub trait Stored: Audited + Clone {
    /// Its identity.
    fn id(&self) -> Id;

    /// Raised by every change.
    fn version(&self) -> i32;

    /// Sets version and time of the change.
    fn touch(&mut self, version: i32, ctx: &Context);

    /// The row as it is now, locked until the transaction ends: facts read after it cannot change under it.
    fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Self, Problem>;

    /// `INSERT`.
    fn insert(&self, tx: &mut Tx<'_>) -> Result<(), Problem>;

    /// `UPDATE … WHERE id AND version`: how many rows it met.
    fn update(&self, tx: &mut Tx<'_>, expected_version: i32) -> Result<usize, Problem>;
}

impl Tx<'_> {
    /// Inserts a row and keeps in the audit trail that it was made.
    pub fn insert<R: Stored>(&mut self, row: &R) -> Result<(), Problem> {
        row.insert(self)?;
        self.audit_created(row)
    }

    /// Replaces `before` by `after`, raises the version and keeps both in the audit trail as `action`. Somebody else's
    /// change in between is 412.
    pub fn update<R: Stored>(&mut self, action: &str, before: &R, mut after: R) -> Result<R, Problem> {
        after.touch(before.version() + 1, self.ctx);
        match after.update(self, before.version())? {
            1 => {
                self.audit_changed(action, before, &after)?;
                Ok(after)
            }
            _ => Err(Problem::new(Code::VersionMismatch)),
        }
    }
}

/// Implements [`Stored`] and [`Audited`] for a row struct with the columns `id`, `version` and `updated_at`. The audit trail
/// shows the row as it serializes: `#[serde(rename_all = "camelCase")]`.
///
/// What lives on the real time says so: `in sessions on wall as "session"`.
///
/// ```ignore
/// stored!(ProgrammeRow in programmes as "programme", chain |row| Chain::Programme(row.id));
/// ```
///
/// A row that callers are made of says when one may be another for its sake; `before` is none for a new one:
///
/// ```ignore
/// stored!(SessionRow in sessions as "session", chain |_row| Chain::Installation, callers |before| before.is_some());
/// ```
#[macro_export]
macro_rules! stored {
    (
        $row:ident in $table:ident as $type:literal,
        chain |$this:ident| $chain:expr
        $(, callers |$before:ident| $changes:expr)?
    ) => {
        $crate::stored!(
            $row in $table on now as $type, chain |$this| $chain $(, callers |$before| $changes)?
        );
    };
    (
        $row:ident in $table:ident on $time:ident as $type:literal,
        chain |$this:ident| $chain:expr
        $(, callers |$before:ident| $changes:expr)?
    ) => {
        impl $crate::platform::audit::Audited for $row {
            const TYPE: &'static str = $type;

            fn audit_id(&self) -> String {
                self.id.to_string()
            }

            fn chain(&self) -> $crate::platform::audit::Chain {
                let $this = self;
                $chain
            }

            $(fn changes_callers($before: Option<&Self>) -> bool {
                $changes
            })?
        }

        impl $crate::platform::stored::Stored for $row {
            fn id(&self) -> $crate::platform::ids::Id {
                self.id
            }

            fn version(&self) -> i32 {
                self.version
            }

            fn touch(&mut self, version: i32, ctx: &$crate::platform::context::Context) {
                self.version = version;
                self.updated_at = ctx.$time;
            }

            fn locked(
                tx: &mut $crate::platform::tx::Tx<'_>,
                id: $crate::platform::ids::Id,
            ) -> Result<Self, $crate::platform::problem::Problem> {
                use diesel::prelude::*;
                $crate::platform::db::statements::lock_row(tx.db, stringify!($table), id)?;
                let row = $table::table
                    .filter($table::id.eq(id))
                    .select(Self::as_select())
                    .first(tx.db)
                    .optional()?;
                row.ok_or_else($crate::platform::problem::Problem::not_found)
            }

            fn insert(
                &self,
                tx: &mut $crate::platform::tx::Tx<'_>,
            ) -> Result<(), $crate::platform::problem::Problem> {
                use diesel::prelude::*;
                diesel::insert_into($table::table).values(self).execute(tx.db)?;
                Ok(())
            }

            fn update(
                &self,
                tx: &mut $crate::platform::tx::Tx<'_>,
                expected_version: i32,
            ) -> Result<usize, $crate::platform::problem::Problem> {
                use diesel::prelude::*;
                let target =
                    $table::table.filter($table::id.eq(self.id)).filter($table::version.eq(expected_version));
                Ok(diesel::update(target).set(self).execute(tx.db)?)
            }
        }
    };
}
