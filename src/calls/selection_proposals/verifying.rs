//! `GET /selection-proposals/{selectionProposalId}/verification`: in the threads of the computations, one at a time for each
//! caller, as long as the caller waits.

use actix_web::{HttpRequest, get};

use super::store::ProposalRow;
use super::verification::{Recorded, SelectionVerification};
use crate::identity::policy::SelectionRead;
use crate::platform::audit::unreadable::is_of_values;
use crate::platform::auth::action::Action as _;
use crate::platform::auth::found::Named;
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scoped::Scoped as _;
use crate::platform::http::answer::{Answer, NO_STORE};
use crate::platform::http::connections::client_has_gone;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::only::{OneParameter, Only};
use crate::platform::http::operations::Operations;
use crate::platform::problem::{Code, Problem};
use crate::platform::workers::{Refusal, Waiting};

/// Whether the explanations are computed again too.
pub struct WithExplanations;

impl OneParameter for WithExplanations {
    type Value = bool;
    const NAME: &'static str = "explanations";
    const ABOUT: &'static str = "Räknar om också förklaringarna, vilket tar mycket längre. / Computes the explanations again too, which \
                                 takes much longer.";
}

type Asked = Only<WithExplanations>;

/// After how many seconds a caller whom no thread had time for tries again.
const TRY_AGAIN: u64 = 30;

/// Verify a selection
///
/// Räknar om det antecknade underlagets hash, jämför lottfröet med det som utlysningen visade, räknar målens värden ur de utvalda
/// och beräknar hela urvalet på nytt. Beslutets protokoll räknas fram ur alla beräkningar som finns kvar, och förslaget, programmet
/// och beräkningarna jämförs med granskningsspåret. Svaret säger vad som jämfördes. Hinner servern inte med är svaret 503.
///
/// Recomputes the hash of the recorded input, compares the seed with what the open call showed, computes the values of the goals
/// from the chosen kommuner, and computes the whole choice again. The record of the decision is made again from all computations
/// that are kept, and the proposal, the programme and the computations are compared with the audit trail. The answer says what was
/// compared. When the server has no time for it, the answer is 503.
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
    InOrder((permit, proposal, asked)): InOrder<(Permit<SelectionRead>, Named<ProposalRow>, Asked)>,
    request: HttpRequest,
) -> Result<Answer, Problem> {
    let (services, ctx) = (permit.services(), permit.context());
    // A step between two queries would look like a changed record: one snapshot shows what belongs together.
    let loaded = services.database.read(ctx.clone(), move |rx| {
        rx.snapshot(|rx| {
            let scope = rx.ctx.scope_of(SelectionRead::ROW);
            let row = ProposalRow::find(rx.db, &scope, proposal.0);
            let recorded = row.and_then(|row| Recorded::of(rx, row.ok_or_else(Problem::not_found)?));
            match recorded {
                Err(fault) if is_of_values(&fault) => Ok(None),
                recorded => recorded.map(Some),
            }
        })
    });
    let Some(recorded) = loaded.await? else {
        return answer(&SelectionVerification::unreadable(ctx.language()));
    };
    let caller = ctx.caller.subject.id().map(|id| id.to_string()).unwrap_or_default();
    let with_explanations = asked.0.unwrap_or_default();
    let verify = move |waiting: &Waiting| recorded.verify(with_explanations, waiting);
    let found = tokio::select! {
        found = services.computing.run_alone(caller, verify) => found,
        // Nobody reads this answer. What was asked for ends here.
        () = client_has_gone(&request) => Err(Refusal::Busy),
    };
    let found = found.map_err(|refusal| match refusal {
        Refusal::Running => Problem::new(Code::VerificationRunning),
        Refusal::Busy => Problem::new(Code::Overloaded).retry_after(TRY_AGAIN),
        Refusal::Failed => Problem::internal("a verification ended without a result"),
    })?;
    answer(&found)
}

fn answer(found: &SelectionVerification) -> Result<Answer, Problem> {
    Ok(Answer::json(found)?.cached(NO_STORE).tagged())
}

/// The operation.
pub fn routes(cfg: &mut Operations) {
    cfg.service(verification);
}
