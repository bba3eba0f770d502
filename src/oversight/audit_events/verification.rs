//! The parameters and the representation of a verification of the chains.

use actix_web::{HttpRequest, dev};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{Array, RefOr, Required, Schema};

use super::filters::ChainName;
use crate::platform::audit::Chain;
use crate::platform::audit::proven::{CheckpointsVerdict, Proven};
use crate::platform::audit::restorations::Restored;
use crate::platform::audit::verification::ChainVerdict;
use crate::platform::context::Context;
use crate::platform::db::intact::DatabaseFault;
use crate::platform::http::in_order::RequestPart;
use crate::platform::http::list::QueryValue as _;
use crate::platform::http::parameters;
use crate::platform::ids::sha256_hex;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};

/// The result of a verification.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = AuditVerification::example)]
pub struct AuditVerification {
    /// Whether every chain is unchanged, and the database what the program made.
    pub is_intact: bool,
    /// When the chains were verified.
    pub checked_at: Instant,
    /// The time of the newest signed checkpoint; absent if there is none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub checkpoint_at: Option<Instant>,
    /// The verdict on the checkpoints.
    pub checkpoints: CheckpointsVerdict,
    /// The restorations of a backup, the first one first, and how much was lost by each: events that are missing because of
    /// them are no fault.
    pub restorations: Vec<Restored>,
    /// What in the database itself is not as the program made it, at most 100. What is in no chain, and the types of values,
    /// are verified when everything is.
    pub database_faults: Vec<DatabaseFault>,
    /// The number of the checkpoint up to which an earlier verification of the caller found everything intact: only later
    /// events, and the rows that they name, were verified now. Absent when everything was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub continued_from: Option<i64>,
    /// The number of events of these chains.
    pub events: i64,
    /// The number of rows that were compared with their events.
    pub rows: i64,
    /// A verdict on each chain that the caller may read.
    pub chains: Vec<ChainVerdict>,
}

impl AuditVerification {
    /// The result of these verdicts.
    pub fn of(
        ctx: &Context,
        proven: &Proven,
        database_faults: Vec<DatabaseFault>,
        continued_from: Option<i64>,
        chains: Vec<ChainVerdict>,
    ) -> Self {
        Self {
            is_intact: proven.verdict.fault.is_none()
                && database_faults.is_empty()
                && chains.iter().all(|verdict| verdict.is_intact),
            checked_at: ctx.wall,
            checkpoint_at: proven.newest.as_ref().map(|newest| newest.at),
            checkpoints: proven.verdict.clone(),
            restorations: proven.restorations.clone(),
            database_faults,
            continued_from,
            events: chains.iter().map(|verdict| verdict.events).sum(),
            rows: chains.iter().map(|verdict| verdict.rows).sum(),
            chains,
        }
    }

    fn example() -> Value {
        let ctx = Context::example();
        let verdict = ChainVerdict {
            chain: Chain::Kommun(ctx.new_id(), "2582".to_owned()).name(),
            events: 412,
            uncovered: 3,
            erased: 0,
            rows: 120,
            is_intact: true,
            first_fault: None,
            fault: None,
            row_faults: Vec::new(),
            head_hash: sha256_hex("example"),
        };
        let checkpoints = CheckpointsVerdict {
            checked: 17,
            newest: Some(17),
            digest: Some(sha256_hex("checkpoint")),
            compared: 17,
            ..CheckpointsVerdict::default()
        };
        let proven = Proven { verdict: checkpoints, ..Proven::default() };
        json!(Self {
            checkpoint_at: Some(ctx.now),
            ..Self::of(&ctx, &proven, Vec::new(), Some(16), vec![verdict])
        })
    }
}

/// The parameters of a verification: `chain`, which can be repeated, and `full`.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Only these chains; empty for all.
    pub chains: Vec<String>,
    /// From the first event on.
    pub is_full: bool,
}

const KNOWN: [&str; 2] = ["chain", "full"];

impl RequestPart for Asked {
    const CHECKS_PARAMETERS: bool = true;

    async fn take(request: &HttpRequest, _: &mut dev::Payload) -> Result<Self, Problem> {
        parameters::read(request, |request| read(request.query_string()))
    }
}

fn read(query: &str) -> Result<Asked, Problem> {
    let (mut asked, mut faults) = (Asked::default(), Vec::new());
    for (name, value) in parameters::parse(query, &mut faults) {
        let taken = match name.as_ref() {
            "chain" => ChainName::read(&value).map(|chain| asked.chains.push(chain)),
            "full" => bool::read(&value).map(|is_full| asked.is_full = is_full),
            _ => {
                faults.push(parameters::unknown(name, &KNOWN.map(str::to_owned)));
                continue;
            }
        };
        if let Err(wrong) = taken {
            faults.push(parameters::wrong_value(&name, &wrong));
        }
    }
    Code::InvalidQuery.refuse_any(faults)?;
    Ok(asked)
}

impl utoipa::IntoParams for Asked {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = |name: &str, about: &str, schema: RefOr<Schema>| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .description(Some(about))
                .schema(Some(schema))
                .build()
        };
        let names = Schema::Array(Array::new(ChainName::describe()));
        vec![
            parameter("chain", "Bara dessa kedjor (upprepa). / Only these chains (repeat).", names.into()),
            parameter(
                "full",
                "Från första händelsen, inte bara det som är nytt sedan förra prövningen. / From the first event on, not \
                 only what is new since the last verification.",
                bool::describe(),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_can_be_repeated_and_other_parameters_are_refused() {
        let own = "programme:0175a2e1-7c00-7000-8000-000000000001";
        assert_eq!(read(&format!("chain=installation&chain={own}")).unwrap().chains, ["installation", own]);
        assert_eq!(read("chain=programme%3Ax").unwrap_err().code, Code::InvalidQuery);
        let nothing = read("").unwrap();
        assert!(nothing.chains.is_empty() && !nothing.is_full);
        assert!(read("full=true").unwrap().is_full && read("full=maybe").is_err());
        assert_eq!(read("chains=installation").unwrap_err().code, Code::InvalidQuery);
    }
}
