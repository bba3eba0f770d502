//! The one way to insert and update rows. Every update compares and raises the version, and every insert and update is
//! audited, so that no resource can forget to. [`stored!`] declares a row.

use crate::platform::audit::verification::verified::StoredValue;
use crate::platform::audit::{Audited, MIGRATED};
use crate::platform::context::Context;
use crate::platform::db::statements::lock_rows;
use crate::platform::db::texts::{self, Texts};
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::{composed, is_composed};
use crate::platform::tx::{Rx, Tx};

/// A row with an id and a version. Rows are compared to find out whether a change changes anything.
pub trait Stored: Audited + Clone + PartialEq {
    /// The name of its table.
    const TABLE: &'static str;

    /// Its id.
    fn id(&self) -> Id;

    /// Its version. Every change raises it by one.
    fn version(&self) -> i32;

    /// Its state, if it has one.
    fn status_code(&self) -> Option<&'static str> {
        None
    }

    /// Who made it, if a column says so: they do not decide about it (see [`relations`](crate::platform::relations)).
    fn author(&self) -> Option<Id> {
        None
    }

    /// Sets the version and the time of the change.
    fn touch(&mut self, version: i32, ctx: &Context);

    /// Whether its time of change is that of the transaction: lists with `updatedSince` rely on it.
    fn is_touched(&self, ctx: &Context) -> bool;

    /// Implements [`Tx::locked`].
    fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Self, Problem>;

    /// Implements [`Tx::locked_all`].
    fn locked_all(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<Vec<Self>, Problem>;

    /// `INSERT` of rows.
    fn insert_all(rows: &[Self], tx: &mut Tx<'_>) -> Result<(), Problem>;

    /// `UPDATE … WHERE id = … AND version = …`. Returns the number of updated rows.
    fn update(&self, tx: &mut Tx<'_>, expected_version: i32) -> Result<usize, Problem>;

    /// Updates different rows whose versions were raised by one. Returns the number of updated rows.
    fn update_all(rows: &[Self], tx: &mut Tx<'_>) -> Result<usize, Problem>;

    /// The number of rows.
    fn count(rx: &mut Rx<'_>) -> Result<i64, Problem>;

    /// At most so many ids after an id, or from the first on, in their order.
    fn ids(rx: &mut Rx<'_>, after: Option<Id>, limit: i64) -> Result<Vec<Id>, Problem>;

    /// The rows with these ids.
    fn these(rx: &mut Rx<'_>, ids: &[Id]) -> Result<Vec<Self>, Problem>;

    /// Whether its texts stand under a signature, whose hash covers them: they never change.
    fn is_under_signature(&self, _: &mut Rx<'_>) -> Result<bool, Problem> {
        Ok(false)
    }

    /// The row whose texts were brought to NFC, with what is computed from them: keys for sorting, a hash.
    fn composed(self, _before: &Self, _: &mut Rx<'_>) -> Result<Self, Problem> {
        Ok(self)
    }

    /// `DELETE … WHERE id = … AND version = …`. Returns the number of deleted rows.
    fn delete(&self, tx: &mut Tx<'_>) -> Result<usize, Problem>;
}

/// The rows with these ids, as the audit trail shows them.
pub fn these<R: Stored>(rx: &mut Rx<'_>, ids: &[Id]) -> Result<Vec<StoredValue>, Problem> {
    let value = |row: R| {
        let value = serde_json::to_value(&row).map_err(Problem::internal)?;
        Ok(StoredValue { id: row.id(), chain: Some(row.chain().name()), value })
    };
    R::these(rx, ids)?.into_iter().map(value).collect()
}

/// Brings the texts of one row to NFC, unless they are or stand under a signature. Returns whether the row was changed.
pub fn compose<R: Stored>(tx: &mut Tx<'_>, id: Id, columns: &[String]) -> Result<bool, Problem> {
    let before = R::locked(tx, id)?;
    let texts = texts::of(tx.db, R::TABLE, columns, id)?;
    let changed = decomposed(columns, &texts);
    if changed.is_empty() || before.is_under_signature(&mut tx.as_read())? {
        return Ok(false);
    }
    texts::replace(tx.db, R::TABLE, id, &changed)?;
    let after = R::locked(tx, id)?.composed(&before, &mut tx.as_read())?;
    tx.update(MIGRATED, &before, after)?;
    Ok(true)
}

/// The texts that are not in NFC, each with its column and in NFC. That of a JSON column stays the same JSON: no sign of its
/// syntax combines with a letter.
fn decomposed<'c>(columns: &'c [String], texts: &Texts) -> Vec<(&'c String, String)> {
    let with_text = columns.iter().zip(texts).filter_map(|(column, text)| Some((column, text.as_deref()?)));
    let old = with_text.filter(|(_, text)| !is_composed(text));
    old.map(|(column, text)| (column, composed(text).into_owned())).collect()
}

impl Tx<'_> {
    /// The current row, locked until the transaction ends, so that no other transaction changes it meanwhile. 404 when
    /// there is no such row.
    pub fn locked<R: Stored>(&mut self, id: Id) -> Result<R, Problem> {
        R::locked(self, id)
    }

    /// The current rows with these ids, locked in the order of their ids.
    pub fn locked_all<R: Stored>(&mut self, ids: Vec<Id>) -> Result<Vec<R>, Problem> {
        R::locked_all(self, ids)
    }

    /// Locks a row without reading it.
    pub fn lock<R: Stored>(&mut self, id: Id) -> Result<(), Problem> {
        lock_rows(self.db, R::TABLE, [id])
    }

    /// Locks rows in the order of their ids, without reading them.
    pub fn lock_all<R: Stored>(&mut self, ids: impl IntoIterator<Item = Id>) -> Result<(), Problem> {
        lock_rows(self.db, R::TABLE, ids)
    }

    /// Inserts rows in few statements and records each in the audit trail.
    pub fn insert_all<R: Stored>(&mut self, rows: &[R]) -> Result<(), Problem> {
        self.ctx.refuse_invalid_body()?;
        debug_assert!(
            rows.iter().all(|row| row.is_touched(self.ctx)),
            "{}: set the times from ctx.written",
            R::TYPE
        );
        R::insert_all(rows, self)?;
        rows.iter().try_for_each(|row| self.audit_created(row))
    }

    /// Inserts a row and records it in the audit trail.
    pub fn insert<R: Stored>(&mut self, row: &R) -> Result<(), Problem> {
        self.insert_all(std::slice::from_ref(row))
    }

    /// Replaces `before` by `after`, raises the version, and records both in the audit trail as `action`. 412 if the
    /// row was changed after `before` was read. A change that a caller requests goes through [`change`](Tx::change),
    /// which calls this.
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

    /// Replaces locked rows in few statements. The versions were raised; the caller records the changes in the audit trail.
    pub(super) fn replace_all<R: Stored>(&mut self, rows: &[R]) -> Result<(), Problem> {
        self.ctx.refuse_invalid_body()?;
        // One row takes the text that every other change of one row takes.
        let updated = match rows {
            [row] => row.update(self, row.version() - 1)?,
            _ => R::update_all(rows, self)?,
        };
        if updated == rows.len() { Ok(()) } else { Err(Problem::new(Code::VersionMismatch)) }
    }
}

/// Implements [`Stored`] and [`Audited`] for a row struct with the columns `id`, `version` and `updated_at`. The audit
/// trail shows the row as serde serializes it: use `#[serde(rename_all = "camelCase")]`.
///
/// The declaration names the table, the type's name in the audit trail, its labels in Swedish and English, its chain, and
/// its actions besides `created` and the states of the workflow.
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
/// The chain's expression can use `Chain` without an import. Leave out `workflow` for a row without states, and `actions`
/// for a row without other actions. `in sessions on written_wall as "session"` sets `updated_at` from `ctx.written_wall`
/// instead of `ctx.written`. `proof unproven,` names a function that finds rows which do not prove what they should (see
/// [`Proof`](crate::platform::audit::verification::verified::Proof)). `callers |before| before.is_some(),` says which writes
/// invalidate cached callers (see [`Audited::invalidates_callers`]; `before` is none for a new row). `reserved |row| …,` says
/// which events only one role reads (see [`Audited::reserved_for`]). `author |row| …,` names its author (see
/// [`Stored::author`]). `signed is_signed,` and `composed with_keys,` name functions (see [`Stored::is_under_signature`] and
/// [`Stored::composed`]).
#[macro_export]
macro_rules! stored {
    ($row:ident in $table:ident as $($rest:tt)*) => {
        $crate::stored!(@row $row in $table on written as $($rest)*);
    };
    ($row:ident in $table:ident on $time:ident as $($rest:tt)*) => {
        $crate::stored!(@row $row in $table on $time as $($rest)*);
    };
    (
        @row $row:ident in $table:ident on $time:ident as $type:literal ($sv:literal, $en:literal),
        chain |$this:ident| $chain:expr,
        $(actions [$($action:literal),*],)?
        $(workflow $workflow:ident: $state:ty,)?
        $(proof $proof:path,)?
        $(callers |$before:ident| $changes:expr,)?
        $(reserved |$held:ident| $reserved:expr,)?
        $(author |$made:ident| $author:expr,)?
        $(signed $signed:path,)?
        $(composed $composed:path,)?
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
                use $crate::platform::audit::Chain;
                let $this = self;
                $chain
            }

            $(fn invalidates_callers($before: Option<&Self>) -> bool {
                $changes
            })?

            $(fn reserved_for(&self) -> Option<&'static str> {
                let $held = self;
                $reserved
            })?
        }

        impl $crate::platform::audit::verification::verified::Verified for $row {
            const ROWS: $crate::platform::audit::verification::verified::StoredRows =
                $crate::platform::audit::verification::verified::StoredRows {
                    table: stringify!($table),
                    count: <$row as $crate::platform::stored::Stored>::count,
                    ids: <$row as $crate::platform::stored::Stored>::ids,
                    these: $crate::platform::stored::these::<$row>,
                    compose: $crate::platform::stored::compose::<$row>,
                };
            $(const PROOF: Option<$crate::platform::audit::verification::verified::Proof> = Some($proof);)?
        }

        $($crate::stateful!($row in $table on $time: $workflow, $state);)?

        const _: () = {
            use diesel::prelude::*;
            use $crate::platform::context::Context;
            use $crate::platform::db::columns::Whole as _;
            use $crate::platform::db::kept::{Keep as _, Locking};
            use $crate::platform::db::one_of::OneOfMethods as _;
            use $crate::platform::db::sets::{InsertRows, parts};
            use $crate::platform::ids::Id;
            use $crate::platform::problem::Problem;
            use $crate::platform::tx::{Rx, Tx};

            impl $crate::platform::stored::Stored for $row {
                const TABLE: &'static str = stringify!($table);

                fn id(&self) -> Id {
                    self.id
                }

                fn version(&self) -> i32 {
                    self.version
                }

                $(fn status_code(&self) -> Option<&'static str> {
                    use $crate::platform::codes::Codes as _;
                    let state: $state = self.status;
                    Some(state.code())
                })?

                $(fn author(&self) -> Option<Id> {
                    let $made = self;
                    $author
                })?

                $(fn is_under_signature(&self, rx: &mut Rx<'_>) -> Result<bool, Problem> {
                    $signed(self, rx)
                })?

                $(fn composed(self, before: &Self, rx: &mut Rx<'_>) -> Result<Self, Problem> {
                    $composed(self, before, rx)
                })?

                fn touch(&mut self, version: i32, ctx: &Context) {
                    self.version = version;
                    self.updated_at = ctx.$time;
                }

                fn is_touched(&self, ctx: &Context) -> bool {
                    self.updated_at == ctx.$time
                }

                fn locked(tx: &mut Tx<'_>, id: Id) -> Result<Self, Problem> {
                    let query = $table::table.filter($table::id.eq(id)).select(Self::whole());
                    Locking::of(query, tx.db).get_result(tx.db).optional()?.ok_or_else(Problem::not_found)
                }

                fn locked_all(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<Vec<Self>, Problem> {
                    let these = $table::table.filter($table::id.one_of(ids)).order($table::id);
                    Ok(Locking::of(these.select(Self::whole()), tx.db).load(tx.db)?)
                }

                fn insert_all(rows: &[Self], tx: &mut Tx<'_>) -> Result<(), Problem> {
                    for part in parts(rows) {
                        let insert = |row| diesel::insert_into($table::table).values(row);
                        InsertRows::new(part, insert).kept().execute(tx.db)?;
                    }
                    Ok(())
                }

                fn update(&self, tx: &mut Tx<'_>, expected_version: i32) -> Result<usize, Problem> {
                    let this = $table::table.filter($table::id.eq(self.id));
                    let seen = this.filter($table::version.eq(expected_version));
                    Ok(diesel::update(seen).set(self).kept().execute(tx.db)?)
                }

                fn update_all(rows: &[Self], tx: &mut Tx<'_>) -> Result<usize, Problem> {
                    let mut updated = 0;
                    for part in parts(rows) {
                        let insert = |row| diesel::insert_into($table::table).values(row);
                        updated += InsertRows::new(part, insert).replacing::<Self>().kept().execute(tx.db)?;
                    }
                    Ok(updated)
                }

                fn count(rx: &mut Rx<'_>) -> Result<i64, Problem> {
                    Ok($table::table.count().get_result(rx.db)?)
                }

                fn ids(rx: &mut Rx<'_>, after: Option<Id>, limit: i64) -> Result<Vec<Id>, Problem> {
                    let ids = $table::table.order($table::id).limit(limit).select($table::id);
                    Ok(match after {
                        Some(after) => ids.filter($table::id.gt(after)).load(rx.db)?,
                        None => ids.load(rx.db)?,
                    })
                }

                fn these(rx: &mut Rx<'_>, ids: &[Id]) -> Result<Vec<Self>, Problem> {
                    let these = $table::table.filter($table::id.one_of(ids.iter().copied()));
                    Ok(these.select(Self::whole()).load(rx.db)?)
                }

                fn delete(&self, tx: &mut Tx<'_>) -> Result<usize, Problem> {
                    let this = $table::table.filter($table::id.eq(self.id));
                    Ok(diesel::delete(this.filter($table::version.eq(self.version))).kept().execute(tx.db)?)
                }
            }
        };
    };
}
