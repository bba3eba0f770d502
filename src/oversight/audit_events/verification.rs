//! The parameters and the representation of a verification of the chains.

use actix_web::{HttpRequest, dev};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{Array, Required, Schema};

use super::filters::ChainName;
use crate::platform::audit::Chain;
use crate::platform::audit::verification::ChainVerdict;
use crate::platform::context::Context;
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
    /// Whether every chain is unchanged.
    pub is_intact: bool,
    /// When the chains were verified.
    pub checked_at: Instant,
    /// The time of the signed checkpoint that the chains were compared with; absent if there is none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_at: Option<Instant>,
    /// The number of verified events.
    pub events: i64,
    /// A verdict on each chain that the caller may read.
    pub chains: Vec<ChainVerdict>,
}

impl AuditVerification {
    /// The result of these verdicts.
    pub fn of(ctx: &Context, checkpoint_at: Option<Instant>, chains: Vec<ChainVerdict>) -> Self {
        Self {
            is_intact: chains.iter().all(|verdict| verdict.is_intact),
            checked_at: ctx.wall,
            checkpoint_at,
            events: chains.iter().map(|verdict| verdict.events).sum(),
            chains,
        }
    }

    fn example() -> Value {
        let ctx = Context::example();
        let verdict = ChainVerdict {
            chain: Chain::Kommun(ctx.new_id(), "2582".to_owned()).name(),
            events: 412,
            is_intact: true,
            first_fault: None,
            fault: None,
            head_hash: sha256_hex("example"),
        };
        json!(Self::of(&ctx, Some(ctx.now), vec![verdict]))
    }
}

/// The parameters of a verification: `chain`, which can be repeated.
#[derive(Clone, Debug)]
pub struct AskedChains(pub Vec<String>);

impl RequestPart for AskedChains {
    const CHECKS_PARAMETERS: bool = true;

    async fn take(request: &HttpRequest, _: &mut dev::Payload) -> Result<Self, Problem> {
        parameters::read(request, |request| read(request.query_string()))
    }
}

fn read(query: &str) -> Result<AskedChains, Problem> {
    let (mut chains, mut faults) = (Vec::new(), Vec::new());
    for (name, value) in parameters::parse(query, &mut faults) {
        if name != "chain" {
            faults.push(parameters::unknown(name, &["chain".to_owned()]));
            continue;
        }
        match ChainName::read(&value) {
            Ok(chain) => chains.push(chain),
            Err(wrong) => faults.push(parameters::wrong_value(&name, &wrong)),
        }
    }
    Code::InvalidQuery.refuse_any(faults)?;
    Ok(AskedChains(chains))
}

impl utoipa::IntoParams for AskedChains {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let names = Schema::Array(Array::new(ChainName::describe()));
        let parameter = ParameterBuilder::new()
            .name("chain")
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some("Bara dessa kedjor (upprepa). / Only these chains (repeat)."))
            .schema(Some(names));
        vec![parameter.build()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_can_be_repeated_and_other_parameters_are_refused() {
        let own = "programme:0175a2e1-7c00-7000-8000-000000000001";
        assert_eq!(read(&format!("chain=installation&chain={own}")).unwrap().0, ["installation", own]);
        assert_eq!(read("chain=programme%3Ax").unwrap_err().code, Code::InvalidQuery);
        assert!(read("").unwrap().0.is_empty());
        assert_eq!(read("chains=installation").unwrap_err().code, Code::InvalidQuery);
    }
}
