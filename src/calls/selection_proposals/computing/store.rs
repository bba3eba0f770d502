//! The rows of computations and of their progress.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Serialize;

use crate::calls::selection_proposals::{Computation, ComputationPurpose, ComputationState};
use crate::platform::db::Db;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::text::Language;
use crate::platform::tx::{Rx, Tx};
use crate::schema::{selection_computations, selection_progress};

/// A computation as stored. Input and result are not in the audit trail, which has their hashes instead.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = selection_computations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ComputationRow {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// The proposal.
    pub proposal_id: Id,
    /// What is computed.
    pub purpose: ComputationPurpose,
    /// How it is going.
    pub state: ComputationState,
    /// Whether it used the programme's own seed.
    pub has_real_seed: bool,
    /// The exact input, as canonical JSON (RFC 8785).
    #[serde(skip)]
    pub input: String,
    /// SHA-256 of the input.
    pub input_hash: String,
    /// How long the reserve list is to be.
    pub reserve_count: i32,
    /// The result, as JSON.
    #[serde(skip)]
    pub result: Option<String>,
    /// SHA-256 of the result.
    pub result_sha256: Option<String>,
    /// Who began it.
    pub started_by: Option<Id>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// When it began.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    ComputationRow in selection_computations as "selectionComputation" ("urvalsberäkning", "selection computation"),
    chain |row| Chain::Programme(row.programme_id),
    actions ["ended"],
    proof unproven,
}

/// The computations of these whose input or result is not the one whose hash was recorded.
fn unproven(rx: &mut Rx<'_>, ids: &[Id]) -> Result<Vec<(Id, &'static str)>, Problem> {
    let rows = ComputationRow::these(rx, ids)?;
    let is_another = |row: &ComputationRow| {
        sha256_hex(&row.input) != row.input_hash || row.result.as_deref().map(sha256_hex) != row.result_sha256
    };
    Ok(rows.into_iter().filter(is_another).map(|row| (row.id, "content")).collect())
}

/// How far a running computation is, and which process computes it.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = selection_progress, treat_none_as_default_value = false)]
pub struct ProgressRow {
    /// The computation.
    pub computation_id: Id,
    /// The process; none while it waits for one.
    pub runner: Option<String>,
    /// When the process last said that it goes on, in milliseconds of the wall clock.
    pub beat_millis: i64,
    /// How much is done.
    pub done: i32,
    /// Of how much.
    pub total: i32,
}

/// Some computations, without their inputs and results, which are large.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = selection_computations)]
pub struct ComputationSummary {
    /// Identity.
    pub id: Id,
    /// What is computed.
    pub purpose: ComputationPurpose,
    /// How it is going.
    pub state: ComputationState,
    /// Whether it used the programme's own seed.
    pub has_real_seed: bool,
    /// SHA-256 of the input.
    pub input_hash: String,
    /// Who began it.
    pub started_by: Option<Id>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// When it began.
    pub created_at: Instant,
}

impl ComputationSummary {
    /// As its readers see it; `progress` is none for one that has ended.
    pub fn shown(self, progress: Option<&ProgressRow>, language: Language) -> Computation {
        let has_failed = !matches!(self.state, ComputationState::Running | ComputationState::Done);
        let reason = has_failed.then(|| self.state.label().get(language).to_owned());
        Computation {
            id: self.id,
            purpose: self.purpose,
            state: self.state,
            done: progress.map_or(0, |progress| progress.done),
            total: progress.map_or(0, |progress| progress.total),
            has_real_seed: self.has_real_seed,
            input_hash: self.input_hash,
            started_at: self.created_at,
            started_by: self.started_by,
            ended_at: self.ended_at,
            reason,
        }
    }
}

/// These computations.
pub fn unscoped_summaries(rx: &mut Rx<'_>, ids: Vec<Id>) -> Result<Vec<ComputationSummary>, Problem> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let these = selection_computations::table.filter(selection_computations::id.one_of(ids));
    Ok(these.select(ComputationSummary::as_select()).load(rx.db)?)
}

/// All computations of a choice in a programme with its real seed, oldest first.
pub fn unscoped_with_real_seed(db: &mut Db, programme: Id) -> Result<Vec<ComputationRow>, Problem> {
    let rows = selection_computations::table
        .filter(selection_computations::programme_id.eq(programme))
        .filter(selection_computations::purpose.eq(ComputationPurpose::Answer))
        .filter(selection_computations::has_real_seed.eq(true))
        .order((selection_computations::created_at, selection_computations::id));
    Ok(rows.select(ComputationRow::as_select()).load(db)?)
}

/// All computations of one proposal, oldest first.
pub fn unscoped_of_proposal(rx: &mut Rx<'_>, proposal: Id) -> Result<Vec<ComputationSummary>, Problem> {
    let rows = selection_computations::table
        .filter(selection_computations::proposal_id.eq(proposal))
        .order((selection_computations::created_at, selection_computations::id));
    Ok(rows.select(ComputationSummary::as_select()).load(rx.db)?)
}

/// One computation, with its input and result.
pub fn unscoped_by_id(db: &mut Db, id: Id) -> Result<ComputationRow, Problem> {
    Ok(selection_computations::table.find(id).select(ComputationRow::as_select()).first(db)?)
}

/// The inputs of these computations, by id.
pub fn unscoped_inputs(rx: &mut Rx<'_>, ids: Vec<Id>) -> Result<HashMap<Id, String>, Problem> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let these = selection_computations::table.filter(selection_computations::id.one_of(ids));
    let rows: Vec<(Id, String)> =
        these.select((selection_computations::id, selection_computations::input)).load(rx.db)?;
    Ok(rows.into_iter().collect())
}

/// The input of one of a proposal's computations, if that is one.
pub fn unscoped_input_of(rx: &mut Rx<'_>, proposal: Id, id: Id) -> Result<Option<String>, Problem> {
    let own = selection_computations::table.find(id).filter(selection_computations::proposal_id.eq(proposal));
    Ok(own.select(selection_computations::input).first(rx.db).optional()?)
}

/// The running computations with their progress, oldest first.
pub fn unscoped_all_running(rx: &mut Rx<'_>) -> Result<Vec<(Id, ProgressRow)>, Problem> {
    let running = selection_computations::table
        .inner_join(
            selection_progress::table.on(selection_progress::computation_id.eq(selection_computations::id)),
        )
        .filter(selection_computations::state.eq(ComputationState::Running))
        .order((selection_computations::created_at, selection_computations::id));
    Ok(running.select((selection_computations::id, ProgressRow::as_select())).load(rx.db)?)
}

/// How far these computations are, by id.
pub fn unscoped_progress(rx: &mut Rx<'_>, ids: Vec<Id>) -> Result<HashMap<Id, ProgressRow>, Problem> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let these = selection_progress::table.filter(selection_progress::computation_id.one_of(ids));
    let rows: Vec<ProgressRow> = these.select(ProgressRow::as_select()).load(rx.db)?;
    Ok(rows.into_iter().map(|row| (row.computation_id, row)).collect())
}

/// Adds a computation that waits for a process.
pub fn begin(tx: &mut Tx<'_>, row: &ComputationRow) -> Result<(), Problem> {
    tx.insert(row)?;
    let beat_millis = tx.ctx.wall.millis();
    let progress = ProgressRow { computation_id: row.id, runner: None, beat_millis, done: 0, total: 0 };
    diesel::insert_into(selection_progress::table).values(progress).kept().execute(tx.db)?;
    Ok(())
}

/// Takes a waiting computation for a process. Returns whether no other process was faster.
pub fn claim(tx: &mut Tx<'_>, id: Id, runner: &str) -> Result<bool, Problem> {
    let waiting = selection_progress::table
        .filter(selection_progress::computation_id.eq(id))
        .filter(selection_progress::runner.is_null());
    let own = (
        selection_progress::runner.eq(runner.to_owned()),
        selection_progress::beat_millis.eq(tx.ctx.wall.millis()),
    );
    Ok(diesel::update(waiting).set(own).kept().execute(tx.db)? == 1)
}

/// Gives a computation back, so that any process takes it.
pub fn release(tx: &mut Tx<'_>, id: Id) -> Result<(), Problem> {
    let own = selection_progress::table.filter(selection_progress::computation_id.eq(id));
    let waiting = selection_progress::runner.eq(None::<String>);
    diesel::update(own).set(waiting).kept().execute(tx.db)?;
    Ok(())
}

/// Says that the process goes on, and how far it is. Returns whether anybody still wants the result.
pub fn beat(tx: &mut Tx<'_>, id: Id, done: i32, total: i32) -> Result<bool, Problem> {
    let own = selection_progress::table.filter(selection_progress::computation_id.eq(id));
    let now = (
        selection_progress::done.eq(done),
        selection_progress::total.eq(total),
        selection_progress::beat_millis.eq(tx.ctx.wall.millis()),
    );
    diesel::update(own).set(now).kept().execute(tx.db)?;
    let state: ComputationState =
        selection_computations::table.find(id).select(selection_computations::state).first(tx.db)?;
    Ok(state == ComputationState::Running)
}
