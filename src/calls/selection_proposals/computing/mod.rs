//! Computes proposals, in threads of their own. A computation is a row that waits until a process takes it; while it runs, the
//! process says every second how far it is. If the process dies, the next run of the job ends the computation, and the proposal
//! is a draft that can be computed again.

mod ending;
mod running;
mod store;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::store::ProposalRow;
use super::{ComputationPurpose, ComputationState};
use crate::platform::context::{Context, ContextParts};
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::tx::{Database, Tx};

pub use running::problem_of;
pub use store::{
    ComputationRow, ComputationSummary, ProgressRow, begin, unscoped_by_id, unscoped_input_of,
    unscoped_inputs, unscoped_of_proposal, unscoped_progress, unscoped_summaries, unscoped_with_real_seed,
};

/// How long a process may be silent before its computations count as interrupted, in milliseconds.
const SILENT_MILLIS: i64 = 30_000;

/// What a thread that computes needs of its process.
#[derive(Clone)]
struct Bench {
    database: Database,
    context: ContextParts,
    /// The name of the process.
    runner: Arc<str>,
}

impl Bench {
    fn of(services: &Services) -> Self {
        Self {
            database: services.database.clone(),
            context: services.context.clone(),
            runner: Arc::clone(&services.process),
        }
    }
}

impl ComputationRow {
    /// A computation of a proposal with this input, which begins now.
    pub fn new(
        ctx: &Context,
        proposal: &ProposalRow,
        purpose: ComputationPurpose,
        input: String,
        reserve_count: i32,
        has_real_seed: bool,
    ) -> Self {
        Self {
            id: ctx.new_id(),
            programme_id: proposal.programme_id,
            proposal_id: proposal.id,
            purpose,
            state: ComputationState::Running,
            has_real_seed,
            input_hash: sha256_hex(&input),
            input,
            reserve_count,
            result: None,
            result_sha256: None,
            started_by: ctx.caller.person_id(),
            ended_at: None,
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

/// Cancels what is being computed for a proposal. The thread that computes it notices within a second.
pub fn cancel(tx: &mut Tx<'_>, proposal: &ProposalRow) -> Result<(), Problem> {
    let ids: BTreeSet<Id> = proposal.computation_id.into_iter().chain(proposal.explanation_id).collect();
    for row in tx.locked_all::<ComputationRow>(ids.into_iter().collect())? {
        if row.state == ComputationState::Running {
            ending::end(tx, &row, ComputationState::Cancelled, None)?;
        }
    }
    Ok(())
}

/// Lets the threads take what waits. Called after a computation was added, and by the job.
pub fn wake(services: &Services) {
    let bench = Bench::of(services);
    services.computing.run(move || running::take_waiting(&bench));
}

/// The job: ends what no process computes any more, and lets the threads of this process take what waits.
pub fn continue_computations(services: &Services) -> Result<usize, Problem> {
    let running = services.database.read_blocking(&services.system(), store::unscoped_all_running)?;
    let (mut ended, mut waits) = (0, false);
    for (id, progress) in running {
        waits |= progress.runner.is_none();
        let is_silent = progress.beat_millis < services.clock.wall().millis() - SILENT_MILLIS;
        if progress.runner.is_some() && is_silent {
            services.database.write_blocking(&services.system(), |tx| ending::interrupted(tx, id))?;
            waits = true;
            ended += 1;
        }
    }
    if waits {
        wake(services);
    }
    Ok(ended)
}
