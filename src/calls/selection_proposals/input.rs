//! The exact input of a proposal: its goals, quotas, pins and seed, and the pool as it is now.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::store::ProposalRow;
use crate::calls::applications::{self, ApplicationRow};
use crate::platform::problem::{FieldError, Problem};
use crate::platform::tx::Rx;
use crate::programmes::programme::{self, ProgrammeRow, selection_fault};
use crate::programmes::settings;
use crate::reference::kommuner::{self, KommunRow};

/// The document that the engine reads, with every error in it.
pub fn of(
    rx: &mut Rx<'_>,
    proposal: &ProposalRow,
    programme: &ProgrammeRow,
) -> Result<Result<selection::Input, Vec<FieldError>>, Problem> {
    let pool = applications::unscoped_pool(rx, programme)?;
    let codes: Vec<String> = pool.iter().map(|row| row.kommunkod.clone()).collect();
    let register: HashMap<String, KommunRow> =
        kommuner::those(rx.db, codes)?.into_iter().map(|kommun| (kommun.kommunkod.clone(), kommun)).collect();
    let applicants: Result<Vec<_>, Problem> = pool.iter().map(|row| applicant(row, &register)).collect();
    let bytes = serde_json::to_vec(&document(proposal, json!(applicants?))).map_err(Problem::internal)?;
    let read = selection::Input::from_json(&bytes);
    Ok(read.map_err(|faults| faults.into_iter().map(selection_fault).collect()))
}

/// The document of a proposal and these applicants. What is not there is left out: the engine knows no null.
pub fn document(proposal: &ProposalRow, applicants: Value) -> Value {
    let mut document = json!({
        "places": proposal.places,
        "seed": proposal.seed,
        "goals": proposal.goals.0,
        "quotas": proposal.quotas.0,
        "pins": proposal.pins.0,
        "applicants": applicants,
        "nodeBudget": proposal.node_budget,
    });
    leave_out_nulls(&mut document);
    document
}

fn leave_out_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(leave_out_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_nulls),
        _ => {}
    }
}

fn applicant(
    row: &ApplicationRow,
    register: &HashMap<String, KommunRow>,
) -> Result<serde_json::Value, Problem> {
    let kommun = register
        .get(&row.kommunkod)
        .ok_or_else(|| Problem::internal("an application of a kommun that is not in the register"))?;
    Ok(json!({
        "kommunkod": kommun.kommunkod,
        "nuts2": kommun.nuts2,
        "lan": kommun.lan_code,
        "sizeBand": kommun.size_band,
        "skrGroup": kommun.skr_group,
        "maturity": row.maturity,
        "latitude": kommun.latitude,
        "longitude": kommun.longitude,
    }))
}

/// The input of a proposal as the pool is now, in canonical form (RFC 8785); empty when it has errors now.
pub fn recorded(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<String, Problem> {
    let programme = programme::unscoped_by_id(rx.db, proposal.programme_id)?;
    match of(rx, proposal, &programme)? {
        Ok(input) => canonical(&input),
        Err(_) => Ok(String::new()),
    }
}

/// An input in canonical form.
pub fn canonical(input: &selection::Input) -> Result<String, Problem> {
    input
        .canonical()
        .map_err(|faults| Problem::internal(format!("an input without canonical form: {faults:?}")))
}

/// The kommuner that are in a programme's pool now.
pub fn pool(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<BTreeSet<String>, Problem> {
    Ok(applications::unscoped_pool(rx, programme)?.into_iter().map(|row| row.kommunkod).collect())
}

/// How long the reserve list of a proposal is: `reserveCount` of the settings, or the number of places.
pub fn reserve_count(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<i32, Problem> {
    let settings = settings::unscoped_on_day(rx.db, proposal.programme_id, rx.ctx.today())?;
    Ok(settings.content.0.reserve_count.unwrap_or(proposal.places))
}
