//! `samverkan verify-audit`.

use super::{output, told};
use crate::app;
use crate::platform::audit::verification;
use crate::platform::auth::password::PasswordCost;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::ids::Ids;

/// Checks every chain and prints one line for each.
pub fn run(config: Config) -> Result<(), String> {
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    let verdicts =
        services.database.read_now(&services.system(), |rx| verification::verify(rx, None)).map_err(told)?;
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
