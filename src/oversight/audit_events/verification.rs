//! What a check of the chains answers, and what it is asked.

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
use crate::platform::http::address;
use crate::platform::http::in_order::Part;
use crate::platform::http::list::QueryValue as _;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};

/// The outcome of a check.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = AuditVerification::example)]
pub struct AuditVerification {
    /// Whether every chain is as it was written.
    pub is_intact: bool,
    /// When it was checked.
    pub checked_at: Instant,
    /// When the signed checkpoint that the chains were compared with was made; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_at: Option<Instant>,
    /// How many events were checked.
    pub events: i64,
    /// A verdict on each chain that the caller may read.
    pub chains: Vec<ChainVerdict>,
}

impl AuditVerification {
    /// The outcome of these verdicts.
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
            head_hash: crate::platform::ids::sha256_hex("example"),
        };
        json!(Self::of(&ctx, Some(ctx.now), vec![verdict]))
    }
}

/// The parameters of a check: `chain`, repeated for several.
#[derive(Clone, Debug)]
pub struct AskedChains(pub Vec<String>);

impl Part for AskedChains {
    const CHECKS_ADDRESS: bool = true;

    async fn take(request: &HttpRequest, _: &mut dev::Payload) -> Result<Self, Problem> {
        address::read(request, |request| read(request.query_string()))
    }
}

fn read(query: &str) -> Result<AskedChains, Problem> {
    let (mut chains, mut faults) = (Vec::new(), Vec::new());
    for (name, value) in address::parameters(query, &mut faults) {
        if name != "chain" {
            faults.push(address::unknown(name, &["chain".to_owned()]));
            continue;
        }
        match ChainName::read(&value) {
            Ok(chain) => chains.push(chain),
            Err(wrong) => faults.push(address::wrong_value(&name, &wrong)),
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
    fn chains_are_repeated_and_anything_else_is_refused() {
        let own = "programme:0175a2e1-7c00-7000-8000-000000000001";
        assert_eq!(read(&format!("chain=installation&chain={own}")).unwrap().0, ["installation", own]);
        assert_eq!(read("chain=programme%3Ax").unwrap_err().code, Code::InvalidQuery);
        assert!(read("").unwrap().0.is_empty());
        assert_eq!(read("chains=installation").unwrap_err().code, Code::InvalidQuery);
    }
}
