//! `/people/{personId}/role-assignments`: list, get, grant, end.

use actix_web::{get, patch, post};

use super::requests::{NewRoleAssignment, RoleAssignmentPatch};
use super::store::{self, AssignmentList, AssignmentRow};
use super::{RoleAssignment, commands};
use crate::identity::people::Seen;
use crate::identity::policy::{RoleEnd, RoleGrantAction, RoleRead};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;

/// List a person's roles
///
/// Personens roller, nuvarande, kommande och avslutade: de egna, och för den som leder något de som gäller där.
///
/// The person's roles, present, future and ended. Callers see their own roles; callers who lead a programme or a kommun also
/// the roles that are valid there.
#[utoipa::path(
    tag = "identity",
    operation_id = "listRoleAssignments",
    params(AssignmentList),
    security(("bearer" = ["roleAssignment.read"])),
    responses((status = 200, description = "A page of role assignments", body = Listing<RoleAssignment>)),
)]
#[get("/people/{personId}/role-assignments")]
async fn list(
    InOrder((permit, person, list)): InOrder<(Permit<RoleRead>, Found<Seen>, AssignmentList)>,
) -> Result<Answer, Problem> {
    let person_id = person.id;
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible_of(&rx.ctx.scope, person_id))?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(RoleAssignment::new(ctx, row)))
    });
    answer.await
}

/// Get one of a person's roles
///
/// En roll, var den gäller och mellan vilka dagar.
///
/// One role, with the place and the days in which it is valid.
#[utoipa::path(
    tag = "identity",
    operation_id = "getRoleAssignment",
    security(("bearer" = ["roleAssignment.read"])),
    responses((status = 200, description = "The role assignment", body = RoleAssignment)),
)]
#[get("/people/{personId}/role-assignments/{roleAssignmentId}")]
async fn get(
    InOrder((_permit, _person, assignment)): InOrder<(Permit<RoleRead>, Found<Seen>, Show<AssignmentRow>)>,
) -> Answer {
    assignment.into_answer()
}

/// Grant a role
///
/// Systemadministratören ger systemAdmin och programmeManager; projektledaren programmets roller, projektägarens
/// attester, coordinator, registrar och auditor (med sista dag); koordinatorn attester och kommunReader i den egna
/// kommunen. Applicant, participant och signatory följer med ansökan, medarbetare och avsiktsförklaring, och coordinator
/// med medarbetaren för den som är med i teamet. Den som redan har precis den rollen får inte en till: svaret är den som
/// finns. Personen ska vara synlig för den som ger rollen; den vars adress man har ges rollen med POST /people.
///
/// The system administrator grants systemAdmin and programmeManager; the programme manager the roles of the programme, the
/// owner's attester, coordinator, registrar and auditor (with a last day); the coordinator attester and kommunReader in
/// their own kommun. Applicant, participant and signatory come with an application, a participant and a letter. For a member
/// of the team, coordinator comes with the participant. A person who already has exactly this role does not get a second
/// one: the answer is the existing one. The person must be visible to the caller; to grant a role to somebody whose address
/// you know, use POST /people.
#[utoipa::path(
    tag = "identity",
    operation_id = "grantRole",
    request_body = NewRoleAssignment,
    security(("bearer" = ["roleAssignment.grant"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "stateConflict"]))),
    responses((status = 201, description = "The role assignment", body = RoleAssignment)),
)]
#[post("/people/{personId}/role-assignments")]
async fn grant(
    InOrder((permit, person, body)): InOrder<(Permit<RoleGrantAction>, Found<Seen>, Body<NewRoleAssignment>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    let answer = permit.write(move |tx| {
        let wanted = new.clone().wanted(person.id, tx.ctx.today());
        let row = commands::create(tx, &wanted)?;
        tx.answer_created(row)
    });
    answer.await
}

/// End a role
///
/// Sätter rollens sista dag. I går avslutar den genast, och det gäller inom fem sekunder; en senare dag flyttar slutet;
/// null lämnar det öppet. Det gör den som får ge rollen; projektledaren avslutar också en sökandes eller undertecknares.
/// För den som är koordinator i ett team följer rollen med medarbetaren (409).
///
/// Sets the last day of the role. Yesterday ends the role at once, with effect within five seconds; a later day moves the
/// end; null leaves it open. Callers who may grant the role may do this; the programme manager may also end the role of an
/// applicant or a signatory. For a coordinator in a team the role follows the participant (409).
#[utoipa::path(
    tag = "identity",
    operation_id = "updateRoleAssignment",
    request_body = RoleAssignmentPatch,
    security(("bearer" = ["roleAssignment.end"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "stateConflict"]))),
    responses((status = 200, description = "The changed role assignment", body = RoleAssignment)),
)]
#[patch("/people/{personId}/role-assignments/{roleAssignmentId}")]
async fn update(
    InOrder((permit, _person, assignment, body)): InOrder<(
        Permit<RoleEnd>,
        Found<Seen>,
        Found<AssignmentRow>,
        Body<RoleAssignmentPatch>,
    )>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit.write(move |tx| commands::change(tx, &assignment, &patch).and_then(|after| tx.answer(after))).await
}

/// The operations on role assignments.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(grant).service(get).service(update);
}
