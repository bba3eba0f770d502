//! One way to insert and to save a row: the version is compared, raised and audited in one place, so that no resource can
//! forget it. [`stored!`] declares what a row is.

use crate::platform::audit::Audited;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;

/// A row with an id and a version.
pub trait Stored: Audited + Clone {
    /// The name of its table.
    const TABLE: &'static str;

    /// Its identity.
    fn id(&self) -> Id;

    /// Raised by every change.
    fn version(&self) -> i32;

    /// Sets version and time of the change.
    fn touch(&mut self, version: i32, ctx: &Context);

    /// The row as it is now, locked until the transaction ends: facts read after it cannot change under it. 404 when it
    /// is gone.
    fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Self, Problem>;

    /// `INSERT`.
    fn insert(&self, tx: &mut Tx<'_>) -> Result<(), Problem>;

    /// `UPDATE … WHERE id AND version`: how many rows it met.
    fn update(&self, tx: &mut Tx<'_>, expected_version: i32) -> Result<usize, Problem>;

    /// `DELETE … WHERE id AND version`: how many rows it met.
    fn delete(&self, tx: &mut Tx<'_>) -> Result<usize, Problem>;
}

impl Tx<'_> {
    /// Inserts a row and keeps in the audit trail that it was made.
    pub fn insert<R: Stored>(&mut self, row: &R) -> Result<(), Problem> {
        self.ctx.refuse_invalid_body()?;
        row.insert(self)?;
        self.audit_created(row)
    }

    /// Replaces `before`, which is locked, by `after`, raises the version and keeps both in the audit trail as `action`.
    /// Somebody else's change in between is 412. A change that a caller asks for goes through
    /// [`change`](Tx::change), which calls this.
    pub fn update<R: Stored>(
        &mut self,
        action: &'static str,
        before: &R,
        mut after: R,
    ) -> Result<R, Problem> {
        self.ctx.refuse_invalid_body()?;
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
/// After the table come the type's name in the audit trail and its label in Swedish and English; then the chain, and the
/// actions that changes are audited as besides `created` and the states of the workflow.
///
/// ```ignore
/// stored! {
///     ThingRow in things as "thing" ("sak", "thing"),
///     chain |row| Chain::Programme(row.programme_id),
///     actions ["changed"],
///     workflow WORKFLOW: ThingState,
/// }
/// ```
///
/// A row without states leaves out `workflow`, one that is never changed `actions`. What lives on the real time says so:
/// `in sessions on wall as "session"`. A row that callers are made of says when a change of it makes another caller
/// (`before` is none for a new row): `callers |before| before.is_some(),`.
#[macro_export]
macro_rules! stored {
    ($row:ident in $table:ident as $($rest:tt)*) => {
        $crate::stored!(@row $row in $table on now as $($rest)*);
    };
    ($row:ident in $table:ident on $time:ident as $($rest:tt)*) => {
        $crate::stored!(@row $row in $table on $time as $($rest)*);
    };
    (
        @row $row:ident in $table:ident on $time:ident as $type:literal ($sv:literal, $en:literal),
        chain |$this:ident| $chain:expr,
        $(actions [$($action:literal),*],)?
        $(workflow $workflow:ident: $state:ty,)?
        $(callers |$before:ident| $changes:expr,)?
    ) => {
        impl $crate::platform::audit::Audited for $row {
            const TYPE: &'static str = $type;
            const LABEL: $crate::platform::text::Localized =
                $crate::platform::text::Localized::fixed($sv, $en);
            $(const ACTIONS: &'static [&'static str] = &[$($action),*];)?
            $(const STATES: fn() -> Vec<&'static str> = || $workflow.targets();)?

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

        $(impl $crate::platform::workflow::Stateful for $row {
            type State = $state;
            const WORKFLOW: $crate::platform::workflow::Workflow<$state> = $workflow;

            fn state(&self) -> $state {
                self.status
            }

            fn set_state(&mut self, state: $state) {
                self.status = state;
            }
        })?

        const _: () = {
            use diesel::prelude::*;
            use $crate::platform::context::Context;
            use $crate::platform::db::columns::Whole as _;
            use $crate::platform::ids::Id;
            use $crate::platform::problem::Problem;
            use $crate::platform::tx::Tx;

            impl $crate::platform::stored::Stored for $row {
                const TABLE: &'static str = stringify!($table);

                fn id(&self) -> Id {
                    self.id
                }

                fn version(&self) -> i32 {
                    self.version
                }

                fn touch(&mut self, version: i32, ctx: &Context) {
                    self.version = version;
                    self.updated_at = ctx.$time;
                }

                fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Self, Problem> {
                    $crate::platform::db::statements::lock_row(tx.db, Self::TABLE, id)?;
                    let query = $table::table.filter($table::id.eq(id)).select(Self::whole());
                    query.first(tx.db).optional()?.ok_or_else(Problem::not_found)
                }

                fn insert(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
                    diesel::insert_into($table::table).values(self).execute(tx.db)?;
                    Ok(())
                }

                fn update(&self, tx: &mut Tx<'_>, expected_version: i32) -> Result<usize, Problem> {
                    let this = $table::table.filter($table::id.eq(self.id));
                    let seen = this.filter($table::version.eq(expected_version));
                    Ok(diesel::update(seen).set(self).execute(tx.db)?)
                }

                fn delete(&self, tx: &mut Tx<'_>) -> Result<usize, Problem> {
                    let this = $table::table.filter($table::id.eq(self.id));
                    Ok(diesel::delete(this.filter($table::version.eq(self.version))).execute(tx.db)?)
                }
            }
        };
    };
}
