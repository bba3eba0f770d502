//! The exact input of a proposal: its goals, quotas, pins and seed, and the pool as it is now.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::rules::Pool;
use super::store::ProposalRow;
use crate::calls::applications::{self, ApplicationRow};
use crate::platform::ids::Id;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::tx::Rx;
use crate::programmes::programme::{self, ProgrammeRow, SentPlan, selection_fault};
use crate::programmes::settings;
use crate::reference::kommuner::{self, KommunRow};

/// The pool of a programme as it is now, as the engine reads it.
pub fn applicants(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<Vec<Value>, Problem> {
    let pool = applications::unscoped_pool(rx, programme)?;
    let codes: Vec<String> = pool.iter().map(|row| row.kommunkod.clone()).collect();
    let register: HashMap<String, KommunRow> =
        kommuner::those(rx.db, codes)?.into_iter().map(|kommun| (kommun.kommunkod.clone(), kommun)).collect();
    pool.iter().map(|row| applicant(row, &register)).collect()
}

/// The document that the engine reads, with every error in it. Its goals, quotas and pins are these.
pub fn of(
    rx: &mut Rx<'_>,
    proposal: &ProposalRow,
    plan: &SentPlan,
    programme: &ProgrammeRow,
) -> Result<Result<selection::Input, Vec<FieldError>>, Problem> {
    let applicants = applicants(rx, programme)?;
    read(proposal, plan, &applicants)
}

/// The document of a proposal, a plan and these applicants, read by the engine, with every error in it.
pub fn read(
    proposal: &ProposalRow,
    plan: &SentPlan,
    applicants: &[Value],
) -> Result<Result<selection::Input, Vec<FieldError>>, Problem> {
    let bytes =
        serde_json::to_vec(&document(proposal, plan, json!(applicants))).map_err(Problem::internal)?;
    let read = selection::Input::from_json(&bytes);
    // Who is in the pool is not in the request, but how many places there are.
    let of_request = |fault| {
        let fault = selection_fault(fault);
        match fault.pointer.as_str() {
            "/applicants" => {
                FieldError { pointer: "/places".to_owned(), code: "moreThanApplicants", ..fault }
            }
            _ => fault,
        }
    };
    Ok(read.map_err(|faults| faults.into_iter().map(of_request).collect()))
}

/// The document of a proposal, a plan and these applicants.
pub fn document(proposal: &ProposalRow, plan: &SentPlan, applicants: Value) -> Value {
    // In the record even when it is the usual one, which another version of the program may have another of.
    let usual = i64::try_from(selection::DEFAULT_NODE_BUDGET).unwrap_or(i64::MAX);
    let mut document = plan.document();
    if let Value::Object(members) = &mut document {
        members.insert("places".into(), json!(proposal.places));
        members.insert("seed".into(), json!(proposal.seed));
        members.insert("applicants".into(), applicants);
        members.insert("nodeBudget".into(), json!(proposal.node_budget.unwrap_or(usual)));
    }
    document
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

/// Whether the kommuner of a recorded input are those of the pool now, and say the same of themselves.
pub fn is_of_pool(rx: &mut Rx<'_>, recorded: &str, programme: Id) -> Result<bool, Problem> {
    let programme = programme::unscoped_by_id(rx.db, programme)?;
    let now = applicants(rx, &programme)?;
    Ok(recorded_pool(recorded)? == pool_of(&now)?)
}

/// An input in canonical form.
pub fn canonical(input: &selection::Input) -> Result<String, Problem> {
    input
        .canonical()
        .map_err(|faults| Problem::internal(format!("an input without canonical form: {faults:?}")))
}

/// What the kommuner of a pool say of themselves.
pub fn pool_of(applicants: &[Value]) -> Result<Pool, Problem> {
    let said = |applicant: &Value| {
        let kommunkod = applicant.get("kommunkod").and_then(Value::as_str)?;
        Some((kommunkod.to_owned(), applicant.get("maturity").and_then(Value::as_i64)?))
    };
    let pool: Option<Pool> = applicants.iter().map(said).collect();
    pool.ok_or_else(|| Problem::internal("an applicant without its kommunkod or maturity"))
}

/// What the kommuner of a recorded input said of themselves. Read without the rest of it, which lists show often.
pub fn recorded_pool(input: &str) -> Result<Pool, Problem> {
    #[derive(Deserialize)]
    struct Applicant {
        kommunkod: String,
        maturity: i64,
    }
    #[derive(Deserialize)]
    struct Recorded {
        applicants: Vec<Applicant>,
    }
    let recorded: Recorded = serde_json::from_str(input).map_err(Problem::internal)?;
    Ok(recorded.applicants.into_iter().map(|applicant| (applicant.kommunkod, applicant.maturity)).collect())
}

/// How long the reserve list of a proposal is: `reserveCount` of the settings, or the number of places.
pub fn reserve_count(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<i32, Problem> {
    let settings = settings::unscoped_on_day(rx.db, proposal.programme_id, rx.ctx.today())?;
    Ok(settings.content.0.reserve_count.unwrap_or(proposal.places))
}
