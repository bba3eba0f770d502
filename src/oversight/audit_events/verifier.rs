//! A run of the verification: for a caller of the API, and for the command `verify-audit`.

use super::filters;
use super::verification::AuditVerification;
use crate::identity::keys;
use crate::platform::audit::checkpoints::KeptCheckpoint;
use crate::platform::audit::verification::runs::Verifier;
use crate::platform::audit::verification::{Progress, Wanted, verify};
use crate::platform::audit::{outside, proven};
use crate::platform::db::intact::{self, DatabaseFault};
use crate::platform::problem::{Code, Problem};
use crate::platform::services::Services;
use crate::platform::tx::Rx;
use crate::reference::register;

/// What a run verifies.
pub struct Run<'a> {
    /// The chains, by their names.
    pub is_asked: &'a dyn Fn(&str) -> bool,
    /// Whether these are all chains that the verifier can verify: only then can the next run continue from this one.
    pub is_whole: bool,
    /// Whether it begins with the first event, instead of after the last run that found everything intact.
    pub is_full: bool,
    /// Checkpoints that somebody kept.
    pub copies: Vec<KeptCheckpoint>,
    /// Gets how many events and rows were read, and of how many.
    pub tell: &'a dyn Fn(i64, i64),
}

/// How many events and rows are read between two notes of how far the run is.
const NOTED_EVERY: i64 = 10_000;

/// What cannot be noted (on a full disk) does not keep anybody from verifying: then the next run begins earlier.
fn told(noted: Result<(), Problem>) {
    if let Err(problem) = noted {
        tracing::warn!(%problem, "how far a verification is was not noted");
    }
}

/// The most faults of the database that a verification lists.
const MOST_FAULTS: usize = 100;

/// What is in the database that no event tells of and the program would not have written.
pub fn untold(rx: &mut Rx<'_>) -> Result<Vec<DatabaseFault>, Problem> {
    let mut found = intact::values(rx.db)?;
    found.extend(register::differing(rx)?);
    Ok(found)
}

/// Verifies in one snapshot. 409 while another run of the same verifier is under way.
pub fn run(
    services: &Services,
    rx: &mut Rx<'_>,
    verifier: &Verifier,
    run: Run<'_>,
) -> Result<AuditVerification, Problem> {
    let own = outside::read_own(&services.config.checkpoints());
    for unreadable in &own.unreadable {
        tracing::error!("kept checkpoints cannot be read: {unreadable}");
    }
    let system = services.system();
    let keys = keys::record_keys(services)?;
    match services.database.write_blocking(&system, |tx| verifier.begin(tx)) {
        Err(problem) if problem.code == Code::VerificationRunning => return Err(problem),
        begun => told(begun),
    }
    let noted = std::cell::Cell::new(0);
    let tell = |done: i64, total: i64| {
        (run.tell)(done, total);
        if done - noted.get() < NOTED_EVERY {
            return;
        }
        noted.set(done);
        told(services.database.write_blocking(&services.system(), |tx| verifier.tell(tx, done, total)));
    };
    let found = rx.snapshot(|rx| {
        let from = if run.is_full { None } else { verifier.verified(rx, &keys)? };
        let mut of_database = intact::shape(rx.db)?;
        if from.is_none() {
            of_database.extend(untold(rx)?);
        }
        of_database.truncate(MOST_FAULTS);
        let proven = proven::verify(rx, &keys, &own, &run.copies)?;
        let types: Vec<_> = filters::verified().collect();
        let wanted = Wanted {
            is_asked: run.is_asked,
            proven: &proven,
            from: from.as_ref(),
            types: &types,
            progress: &Progress::new(&tell),
        };
        let chains = verify(rx, &wanted)?;
        let from = from.map(|from| from.number);
        Ok((AuditVerification::of(rx.ctx, &proven, of_database, from, chains), proven.newest))
    });
    let verified = found.as_ref().ok().filter(|(found, _)| found.is_intact && run.is_whole);
    let verified = verified.and_then(|(_, newest)| newest.as_ref());
    told(services.database.write_blocking(&system, |tx| verifier.end(tx, &keys, verified)));
    found.map(|(found, _)| found)
}
