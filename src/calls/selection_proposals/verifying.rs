//! `GET /selection-proposals/{selectionProposalId}/verification`: in the threads of the computations, one at a time for each
//! caller.

use actix_web::get;

use super::store::ProposalRow;
use super::verification::{Recorded, SelectionVerification};
use crate::identity::policy::SelectionRead;
use crate::platform::auth::found::Found;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::{Answer, NO_STORE};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::only::{OneParameter, Only};
use crate::platform::http::operations::Operations;
use crate::platform::problem::{Code, Problem};

/// Whether the explanations are computed again too.
pub struct WithExplanations;

impl OneParameter for WithExplanations {
    type Value = bool;
    const NAME: &'static str = "explanations";
    const ABOUT: &'static str = "Räknar om också förklaringarna, vilket tar mycket längre. / Computes the explanations again too, which \
                                 takes much longer.";
}

type Asked = Only<WithExplanations>;

/// Verify a selection
///
/// Räknar om det antecknade underlagets hash, jämför lottfröet med det som utlysningen visade, räknar målens värden ur de utvalda
/// och beräknar hela urvalet på nytt. Svaret säger vad som jämfördes.
///
/// Recomputes the hash of the recorded input, compares the seed with what the open call showed, computes the values of the goals
/// from the chosen kommuner, and computes the whole choice again. The answer says what was compared.
#[utoipa::path(
    tag = "selection",
    operation_id = "verifySelection",
    params(Asked),
    security(("bearer" = ["selectionProposal.read"])),
    extensions(("x-problem-codes" = json!(["verificationRunning"]))),
    responses((status = 200, description = "What was compared", body = SelectionVerification)),
)]
#[get("/selection-proposals/{selectionProposalId}/verification")]
async fn verification(
    InOrder((permit, proposal, asked)): InOrder<(Permit<SelectionRead>, Found<ProposalRow>, Asked)>,
) -> Result<Answer, Problem> {
    let (services, ctx) = (permit.services(), permit.context());
    let recorded = services.database.read(ctx.clone(), move |rx| Recorded::of(rx, &proposal)).await?;
    let caller = ctx.caller.subject.id().map(|id| id.to_string()).unwrap_or_default();
    let running = services.computing.run_alone(caller, move || recorded.verify(asked.0.unwrap_or_default()));
    let found = running.ok_or_else(|| Problem::new(Code::VerificationRunning))?.await;
    let found = found.map_err(|_| Problem::internal("a verification ended without a result"))?;
    Ok(Answer::json(&found)?.cached(NO_STORE).tagged())
}

/// The operation.
pub fn routes(cfg: &mut Operations) {
    cfg.service(verification);
}
