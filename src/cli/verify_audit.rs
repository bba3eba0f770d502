//! `samverkan verify-audit`: verifies the audit trail.

use super::{message, output};
use crate::app;
use crate::oversight::audit_events;
use crate::platform::audit::verification;
use crate::platform::auth::password::PasswordCost;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::contents;
use crate::platform::ids::Ids;
use crate::platform::tx::Rx;

/// Verifies every chain and prints one line for each.
pub fn run(config: Config) -> Result<(), String> {
    if contents::is_empty(&app::location(&config)).map_err(message)? {
        return Err("there is no database: DATABASE_URL names one that does not exist or is empty".to_owned());
    }
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    let verify = |rx: &mut Rx<'_>| {
        let checkpoint = audit_events::newest_checkpoint(rx)?;
        let verdicts = verification::verify(rx, |_| true, checkpoint.as_ref())?;
        Ok((verdicts, checkpoint.map(|checkpoint| checkpoint.at)))
    };
    let verified = services.database.read_blocking(&services.system(), |rx| rx.snapshot(verify));
    let (verdicts, checkpoint) = verified.map_err(message)?;
    match checkpoint {
        Some(at) => output::line(&format!("compared with the checkpoint of {at}")),
        None => output::line("there is no checkpoint to compare with yet"),
    }
    for verdict in &verdicts {
        let fault = match (&verdict.fault, verdict.first_fault) {
            (Some(fault), Some(at)) => format!("BROKEN at {at}: {fault}"),
            _ => "intact".to_owned(),
        };
        output::line(&format!(
            "{} {} events, head {}: {fault}",
            verdict.chain, verdict.events, verdict.head_hash
        ));
    }
    match verdicts.iter().filter(|verdict| !verdict.is_intact).count() {
        0 => Ok(()),
        broken => Err(format!("{broken} of {} chains are broken", verdicts.len())),
    }
}
