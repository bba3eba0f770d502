//! `/programmes/{programmeId}/selection-proposals` and `/selection-proposals/{selectionProposalId}`: list, add, get, change, the
//! changes of state, and what a proposal is made of.

use actix_web::{delete, get, patch, post, web};
use serde_json::json;
use serde_json::value::RawValue;

use super::replacements::{self, Replacements};
use super::requests::{NewSelectionProposal, SelectionProposalPatch};
use super::store::{self, ProposalList, ProposalRow};
use super::view::Related;
use super::{
    Computation, SelectionProposal, announced, commands, comparison, computing, drawings, reading, verifying,
};
use crate::identity::policy::{SelectionChangeStatus, SelectionCreate, SelectionRead, SelectionUpdate};
use crate::platform::auth::found::Found;
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scoped::Scoped as _;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::status_changes::StatusChangeDocs;
use crate::programmes::programme::ProgrammeRow;

/// List a programme's selection proposals
///
/// Förslagen till urval, med provberäkningar. Kommunerna ser bara det meddelade.
///
/// The proposals for the selection, with the what-if runs. The kommuner see only the announced one.
#[utoipa::path(
    tag = "selection",
    operation_id = "listSelectionProposals",
    params(ProposalList),
    security(("bearer" = ["selectionProposal.read"])),
    responses((status = 200, description = "A page of proposals", body = Listing<SelectionProposal>)),
)]
#[get("/programmes/{programmeId}/selection-proposals")]
async fn list(
    InOrder((permit, programme, list)): InOrder<(Permit<SelectionRead>, Found<ProgrammeRow>, ProposalList)>,
) -> Result<Answer, Problem> {
    // A computation may end between two queries: one snapshot shows either what was or what is.
    let answer = permit.read(move |rx| {
        rx.snapshot(|rx| {
            let rows = list.load(rx.db, || store::visible_in(&rx.ctx.scope, &programme))?;
            let related = Related::of(rx, &rows.rows)?;
            Answer::list(rx.ctx, &list.0, rows, |ctx, row| SelectionProposal::new(ctx, row, &related))
        })
    });
    answer.await
}

/// Add a selection proposal
///
/// Lägger upp ett utkast. Det som utelämnas är vad utlysningen angav; annat kräver `deviationReason`. Med `isWhatIf` blir det en
/// provberäkning, som får ha andra platser och ett annat lottfrö och aldrig kan antas. Poolen är de kvalificerade kommunerna (med
/// `selectionStage` afterMeeting även de bekräftade).
///
/// Adds a draft. What is left out is what the open call named; anything else needs a `deviationReason`. With `isWhatIf` it is a
/// what-if run, which may have other places and another seed, and can never be adopted. The pool is the qualified kommuner (with
/// `selectionStage` afterMeeting the confirmed ones too).
#[utoipa::path(
    tag = "selection",
    operation_id = "createSelectionProposal",
    request_body = NewSelectionProposal,
    security(("bearer" = ["selectionProposal.create"])),
    extensions(("x-problem-codes" = json!(["stateConflict"]))),
    responses((status = 201, description = "The new proposal", body = SelectionProposal)),
)]
#[post("/programmes/{programmeId}/selection-proposals")]
async fn create(
    InOrder((permit, programme, body)): InOrder<(
        Permit<SelectionCreate>,
        Found<ProgrammeRow>,
        Body<NewSelectionProposal>,
    )>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let row = commands::create(tx, &programme, new.clone())?;
            tx.answer_created(row)
        })
        .await
}

/// Get a selection proposal
///
/// Ett förslag med målens värden, de utvalda och reserverna. `computation` och `explanation` visar hur långt beräkningen och
/// förklaringarna har kommit.
///
/// A proposal with the values of its goals, the chosen kommuner and the reserves. `computation` and `explanation` show how far
/// the choice and its explanations are.
#[utoipa::path(
    tag = "selection",
    operation_id = "getSelectionProposal",
    security(("bearer" = ["selectionProposal.read"])),
    responses((status = 200, description = "The proposal", body = SelectionProposal)),
)]
#[get("/selection-proposals/{selectionProposalId}")]
async fn get(
    InOrder((permit, proposal)): InOrder<(Permit<SelectionRead>, Found<ProposalRow>)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        rx.snapshot(|rx| {
            let row = ProposalRow::find(rx.db, &rx.ctx.scope, proposal.id)?.ok_or_else(Problem::not_found)?;
            Answer::one(&SelectionProposal::show(rx, row)?)
        })
    });
    answer.await
}

/// Change a selection proposal
///
/// Ändrar ett utkast som inte beräknas.
///
/// Changes a draft that is not being computed.
#[utoipa::path(
    tag = "selection",
    operation_id = "updateSelectionProposal",
    request_body = SelectionProposalPatch,
    security(("bearer" = ["selectionProposal.update"])),
    extensions(("x-problem-codes" = json!(["stateConflict", "computationRunning", "notYours"]))),
    responses((status = 200, description = "The changed proposal", body = SelectionProposal)),
)]
#[patch("/selection-proposals/{selectionProposalId}")]
async fn update(
    InOrder((permit, proposal, body)): InOrder<(
        Permit<SelectionUpdate>,
        Found<ProposalRow>,
        Body<SelectionProposalPatch>,
    )>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit
        .write(move |tx| {
            let after = commands::change(tx, proposal.id, patch.clone())?;
            tx.answer(after)
        })
        .await
}

/// Delete a selection proposal
///
/// Bara ett utkast som aldrig har beräknats; beräkningar bevaras, eftersom beslutets protokoll räknar dem.
///
/// Only a draft that was never computed. Computations are kept, because the decision's record counts them.
#[utoipa::path(
    tag = "selection",
    operation_id = "deleteSelectionProposal",
    security(("bearer" = ["selectionProposal.update"])),
    extensions(("x-problem-codes" = json!(["stateConflict", "notYours"]))),
    responses((status = 204, description = "Deleted")),
)]
#[delete("/selection-proposals/{selectionProposalId}")]
async fn delete(
    InOrder((permit, proposal)): InOrder<(Permit<SelectionUpdate>, Found<ProposalRow>)>,
) -> Result<Answer, Problem> {
    permit
        .write(move |tx| {
            commands::delete(tx, proposal.id)?;
            Ok(Answer::no_content())
        })
        .await
}

/// Get the recorded input
///
/// Beräkningens exakta underlag som kanonisk JSON (RFC 8785). Vem som helst kan upprepa den: `samverkan select FIL`.
///
/// The exact input of the computation as canonical JSON (RFC 8785). Anyone can repeat it: `samverkan select FILE`.
#[utoipa::path(
    tag = "selection",
    operation_id = "getSelectionInput",
    security(("bearer" = ["selectionProposal.read"])),
    responses((status = 200, description = "The input", body = reading::SelectionInput)),
)]
#[get("/selection-proposals/{selectionProposalId}/input")]
async fn input(
    InOrder((permit, proposal)): InOrder<(Permit<SelectionRead>, Found<ProposalRow>)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let recorded = reading::recorded_input(rx, &proposal)?;
        Answer::json(&RawValue::from_string(recorded).map_err(Problem::internal)?)
    });
    Ok(answer.await?.tagged())
}

/// List the reserves
///
/// Reserverna i den ordning de skulle få plats om det fanns fler platser, med målens värden om var och en kom in efter de före.
/// Vem som ersätter en kommun som lämnar räknas fram på nytt (`…/replacements`) och behöver inte vara den första.
///
/// The reserves in the order in which they would get a place if there were more places, with the values of the goals if each came
/// in after those before it. Who replaces a kommun that leaves is computed anew (`…/replacements`), and need not be the first.
#[utoipa::path(
    tag = "selection",
    operation_id = "getSelectionReserves",
    security(("bearer" = ["selectionProposal.read"])),
    responses((status = 200, description = "The reserves", body = reading::SelectionReserves)),
)]
#[get("/selection-proposals/{selectionProposalId}/reserves")]
async fn reserves(
    InOrder((permit, proposal)): InOrder<(Permit<SelectionRead>, Found<ProposalRow>)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| Answer::json(&reading::reserves(rx, &proposal)?));
    Ok(answer.await?.tagged())
}

/// Get the best replacement
///
/// Vem som bör få en plats som har blivit ledig efter beskedet, beräknat på nytt. Steget `reserve | notSelected → selected` tar
/// emot just den; en annan kommun kräver en motivering.
///
/// Who should get a place that has become free after the announcement, computed anew. The step `reserve | notSelected →
/// selected` takes exactly that one; another kommun needs a reason.
#[utoipa::path(
    tag = "selection",
    operation_id = "getSelectionReplacements",
    security(("bearer" = ["selectionProposal.read"])),
    extensions(("x-problem-codes" = json!(["stateConflict"]))),
    responses((status = 200, description = "The replacement", body = Replacements)),
)]
#[get("/selection-proposals/{selectionProposalId}/replacements")]
async fn replacement(
    InOrder((permit, proposal)): InOrder<(Permit<SelectionRead>, Found<ProposalRow>)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        reading::check_announced(&proposal)?;
        Answer::json(&replacements::shown(rx, &proposal)?)
    });
    Ok(answer.await?.tagged())
}

/// List the computations of a proposal
///
/// Alla beräkningar av förslaget, även avbrutna. De med programmets lottfrö räknas i beslutets protokoll.
///
/// All computations of the proposal, the cancelled ones too. Those with the programme's own seed count in the decision's record.
#[utoipa::path(
    tag = "selection",
    operation_id = "listSelectionComputations",
    security(("bearer" = ["selectionProposal.read"])),
    responses((status = 200, description = "The computations, oldest first", body = reading::Computations)),
)]
#[get("/selection-proposals/{selectionProposalId}/computations")]
async fn computations(
    InOrder((permit, proposal)): InOrder<(Permit<SelectionRead>, Found<ProposalRow>)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = computing::unscoped_of_proposal(rx, proposal.id)?;
        let ids = rows.iter().map(|row| row.id).collect();
        let progress = computing::unscoped_progress(rx, ids)?;
        let shown = |row: computing::ComputationSummary| {
            let progress = progress.get(&row.id);
            row.shown(progress, rx.ctx.language())
        };
        let computations: Vec<Computation> = rows.into_iter().map(shown).collect();
        Answer::json(&reading::Computations { computations })
    });
    Ok(answer.await?.tagged())
}

/// Get the input of one of the computations
///
/// Underlaget för en av förslagets beräkningar, också en avbruten, som kanonisk JSON (RFC 8785). Vem som helst kan upprepa den:
/// `samverkan select FIL`.
///
/// The input of one of the proposal's computations, a cancelled one too, as canonical JSON (RFC 8785). Anyone can repeat it:
/// `samverkan select FILE`.
#[utoipa::path(
    tag = "selection",
    operation_id = "getSelectionComputationInput",
    security(("bearer" = ["selectionProposal.read"])),
    responses((status = 200, description = "The input", body = reading::SelectionInput)),
)]
#[get("/selection-proposals/{selectionProposalId}/computations/{computationId}/input")]
async fn computation_input(
    InOrder((permit, proposal)): InOrder<(Permit<SelectionRead>, Found<ProposalRow>)>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let (_, computation) = path.into_inner();
    let computation: Id = computation.parse().map_err(|_| Problem::not_found())?;
    let answer = permit.read(move |rx| {
        let recorded =
            computing::unscoped_input_of(rx, proposal.id, computation)?.ok_or_else(Problem::not_found)?;
        Answer::json(&RawValue::from_string(recorded).map_err(Problem::internal)?)
    });
    Ok(answer.await?.tagged())
}

/// The texts of its status changes in OpenAPI.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "selection",
    many: "selection proposals",
    steps: Localized::fixed(
        "Till `computed` börjar beräkningen och svaras med 202: förslaget är utkast tills den är klar, och `computation` visar hur \
         långt den har kommit. Till `draft` avbryter den, eller öppnar ett beräknat förslag för ändring. En projektledare föreslår \
         (`proposed`), en annan antar (`adopted`, med beslutet i `data`) när förklaringarna är klara. `announced` ger alla i poolen \
         besked i en transaktion och svarar 409 `poolChanged` om en utvald kommun har lämnat, en ny har kommit eller någon har ändrat \
         sin mognad; att registret har fått ett nyare år hindrar inte.",
        "To `computed` begins the computation and is answered with 202: the proposal stays a draft until that has ended, and \
         `computation` shows how far it is. To `draft` cancels it, or opens a computed proposal for changes. One programme manager \
         proposes (`proposed`), another one adopts (`adopted`, with the decision in `data`) once the explanations are there. \
         `announced` tells everyone in the pool in one transaction, and is answered with 409 `poolChanged` when a chosen kommun has \
         left, another has come, or one has changed its maturity; a newer year of the register is no obstacle.",
    ),
    problems: &[Code::StateConflict, Code::ComputationRunning, Code::PoolChanged, Code::AlreadyExists],
    example: || json!({"to": "computed"}),
};

/// The operations on selection proposals.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update).service(delete);
    cfg.service(input)
        .service(reserves)
        .service(replacement)
        .service(computations)
        .service(computation_input);
    announced::routes(cfg);
    comparison::routes(cfg);
    drawings::routes(cfg);
    verifying::routes(cfg);
    cfg.status_changes::<ProposalRow, SelectionRead, SelectionChangeStatus>(&STATUS_CHANGES);
}
