//! The audit trail of a test's database, verified from the first event on.

use samverkan::identity::keys;
use samverkan::oversight::audit_events::untold;
use samverkan::platform::audit::verification::{Progress, Wanted, verify};
use samverkan::platform::audit::{outside, proven};
use samverkan::platform::problem::Problem;
use samverkan::platform::services::Services;
use samverkan::platform::tx::Rx;

/// The faults of checkpoints, chains and rows, and of what no event tells of.
pub fn faults(services: &Services, rx: &mut Rx<'_>) -> Result<Vec<String>, Problem> {
    let keys = keys::record_keys(services)?;
    let own = outside::read_own(&services.config.checkpoints());
    let proven = proven::verify(rx, &keys, &own, &[])?;
    let wanted = Wanted {
        is_asked: &|_| true,
        proven: &proven,
        from: None,
        types: &samverkan::app::verified(),
        progress: &Progress::new(&|_, _| ()),
    };
    let mut faults: Vec<String> =
        proven.verdict.fault.iter().map(|fault| format!("checkpoints {fault}")).collect();
    faults.extend(untold(rx)?.iter().map(|fault| format!("{fault:?}")));
    for verdict in verify(rx, &wanted)? {
        faults.extend(verdict.fault.iter().map(|fault| format!("{} {fault}", verdict.chain)));
        faults.extend(verdict.row_faults.iter().map(|fault| format!("{fault:?}")));
    }
    Ok(faults)
}
