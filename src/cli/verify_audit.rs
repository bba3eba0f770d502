//! `samverkan verify-audit`: verifies the audit trail, and the data against it.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{message, output};
use crate::app;
use crate::identity::keys;
use crate::oversight::audit_events::{self, AuditVerification};
use crate::platform::audit::outside;
use crate::platform::audit::verification::ChainVerdict;
use crate::platform::audit::verification::runs::Verifier;
use crate::platform::auth::password::PasswordCost;
use crate::platform::auth::record_keys::RecordKeys;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::known;
use crate::platform::ids::Ids;
use crate::platform::services::Services;
use crate::platform::text::counted;

/// How to verify.
#[derive(Args)]
pub struct VerifyAudit {
    /// Begin with the first event, instead of after the last verification that found everything intact
    #[arg(long)]
    full: bool,
    /// Hold the database against checkpoints that somebody kept: the file of CHECKPOINT_DIR, or answers of
    /// GET /audit-events/checkpoints (repeatable)
    #[arg(long = "checkpoints", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
}

/// Verifies every chain and prints one line for each.
pub fn run(config: Config, wanted: &VerifyAudit) -> Result<(), String> {
    known::check_current(&app::location(&config)).map_err(message)?;
    let key = config.record_key();
    if !key.exists() {
        return Err(format!(
            "{} is not there: RECORD_KEY_FILE must name the key that signed the checkpoints",
            key.display()
        ));
    }
    let mut copies = Vec::new();
    for file in &wanted.checkpoints {
        copies.extend(outside::read_file(file)?);
    }
    let services = app::services(config, Clock::system(), Ids::system(), PasswordCost::STANDARD);
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} events and rows, {eta} left");
    bar.set_style(style.map_err(|error| error.to_string())?);
    let progress = |done: i64, total: i64| {
        bar.set_length(total.unsigned_abs());
        bar.set_position(done.unsigned_abs());
    };
    let verifier = Verifier { caller: "operator".to_owned(), reach: "all".to_owned() };
    let verified = services.database.read_blocking(&services.system(), |rx| {
        let run = audit_events::Run {
            is_asked: &|_| true,
            is_whole: true,
            is_full: wanted.full,
            copies: copies.clone(),
            tell: &progress,
        };
        audit_events::verify(&services, rx, &verifier, run)
    });
    bar.finish_and_clear();
    let verified = verified.map_err(message)?;
    tell(&verified);
    // The answer names the files alone.
    for unreadable in outside::read_own(&services.config.checkpoints()).unreadable {
        output::line(&format!("kept checkpoints cannot be read: {unreadable}"));
    }
    tell_of_key(&services)?;
    if verified.is_intact {
        output::line(&format!(
            "INTACT: {}, {}, {}",
            counted(verified.chains.len(), "chain", "chains"),
            counted(verified.events, "event", "events"),
            counted(verified.rows, "row", "rows")
        ));
        return Ok(());
    }
    let broken = verified.chains.iter().filter(|verdict| !verdict.is_intact).count();
    let faults = verified.database_faults.len();
    let what = format!(
        "NOT INTACT: {broken} of {} broken, {} of the database itself{}",
        counted(verified.chains.len(), "chain", "chains"),
        counted(faults, "fault", "faults"),
        if verified.checkpoints.fault.is_some() { ", the checkpoints are broken" } else { "" }
    );
    output::line(&what);
    Err(what)
}

/// A wrong key looks like tampering: the operator reads that it is the key.
fn tell_of_key(services: &Services) -> Result<(), String> {
    let path = services.config.record_key();
    let keys = RecordKeys::read(&path)?;
    let fault = services.database.read_blocking(&services.system(), |rx| keys::fault(rx, Some(&keys), &path));
    if let Some(fault) = fault.map_err(message)? {
        output::line(&fault);
    }
    Ok(())
}

fn tell(verified: &AuditVerification) {
    if let Some(number) = verified.continued_from {
        output::line(&format!("continued from checkpoint {number}; --full begins with the first event"));
    }
    let checkpoints = &verified.checkpoints;
    output::line(&match (checkpoints.newest, &checkpoints.fault) {
        (_, Some(fault)) => match checkpoints.first_fault {
            Some(number) => format!("checkpoints: BROKEN at {number}: {fault}"),
            None => format!("checkpoints: BROKEN: {fault} {}", checkpoints.unreadable_files.join(", ")),
        },
        (Some(newest), None) => {
            let copies = counted(checkpoints.compared, "copy", "copies");
            let vouched = checkpoints.vouched_to.map_or(String::new(), |number| {
                format!("; RECORD_KEY_FILE vouches for checkpoints 1 to {number}, of which a key is lost")
            });
            format!("checkpoints: 1 to {newest} intact, {copies} equal{vouched}")
        }
        (None, None) => "checkpoints: there is none yet".to_owned(),
    });
    for restored in &verified.restorations {
        output::line(&format!(
            "restored on {} from a backup with checkpoint {}: {} lost that kept checkpoints know of",
            restored.at,
            restored.checkpoint,
            counted(restored.events_lost, "event", "events")
        ));
    }
    for fault in &verified.database_faults {
        let name = fault.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        output::line(&format!("database: {}{name}: {}", fault.table, fault.fault));
    }
    verified.chains.iter().for_each(print);
}

fn print(verdict: &ChainVerdict) {
    let found = match (&verdict.fault, verdict.first_fault) {
        (Some(fault), Some(at)) => format!("BROKEN at {at}: {fault}"),
        (Some(fault), None) => format!("BROKEN: {fault}"),
        _ => "intact".to_owned(),
    };
    let ChainVerdict { chain, uncovered, erased, head_hash, .. } = verdict;
    let events = counted(verdict.events, "event", "events");
    let rows = counted(verdict.rows, "row", "rows");
    output::line(&format!(
        "{chain} {events} ({uncovered} after the newest checkpoint, {erased} erased), {rows}, head {head_hash}: {found}"
    ));
    for fault in &verdict.row_faults {
        let member = fault.member.as_ref().map(|member| format!(": {member}")).unwrap_or_default();
        output::line(&format!("  {} {}: {}{member}", fault.resource_type, fault.resource_id, fault.fault));
    }
}
