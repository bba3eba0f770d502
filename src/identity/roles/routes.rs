//! `/people/{personId}/role-assignments`: list, get, grant, end.

use actix_web::{get, patch, post};
use serde_json::{Value, json};

use super::requests::{NewRoleAssignment, RoleAssignmentPatch};
use super::store::{self, AssignmentList, AssignmentRow};
use super::{RoleAssignment, Wanted, granting, rules};
use crate::identity::people::{Reachable, Seen};
use crate::identity::policy::{Role, RoleEnd, RoleGrantAction, RoleRead};
use crate::platform::auth::action::Action as _;
use crate::platform::auth::found::Found;
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link, Representation as _};
use crate::platform::http::body::{Body, Field};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

impl RoleAssignment {
    fn new(ctx: &Context, row: AssignmentRow) -> Self {
        let may_end =
            rules::may_end(&RoleEnd::ROW.scope_of(&ctx.caller), &row, ctx.caller.is_person(row.person_id));
        let mut shown = Self {
            id: row.id,
            person_id: row.person_id,
            role: row.role,
            signer_role: row.signer_role,
            programme_id: row.programme_id,
            kommunkod: row.kommunkod,
            subject_id: row.subject_id,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links: Vec::new(),
        };
        let path = shown.path();
        shown.links.push(Link::to_self(ctx, &path));
        shown.links.push(Link::new(ctx, "GET", "person", &format!("/people/{}", shown.person_id)));
        if may_end.is_ok() && shown.valid_to.is_none_or(|last| ctx.today() <= last) {
            shown.links.push(Link::new(ctx, "PATCH", "end", &path));
        }
        shown
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let wanted = Wanted::new(ctx.new_id(), Role::Coordinator, ctx.new_id(), Some("2582"), ctx.today());
        json!(Self::new(&ctx, super::row(&ctx, &wanted)))
    }
}

/// List a person's roles
///
/// Personens roller, nuvarande, kommande och avslutade: de egna, och för den som leder något de som gäller där.
///
/// The person's roles, present, coming and ended: one's own, and for those who lead something the ones that hold there.
#[utoipa::path(
    tag = "identity",
    operation_id = "listRoleAssignments",
    params(("personId" = Id, Path, description = "Personens id / the person's id"), AssignmentList),
    security(("bearer" = ["roleAssignment.read"])),
    responses((status = 200, description = "A page of role assignments", body = Listing<RoleAssignment>)),
)]
#[get("/people/{personId}/role-assignments")]
async fn list(
    InOrder((permit, person, list)): InOrder<(Permit<RoleRead>, Found<Seen>, AssignmentList)>,
) -> Result<Answer, Problem> {
    let person_id = person.row.id;
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible_of(&rx.ctx.scope, person_id))?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(RoleAssignment::new(rx.ctx, row)))
    });
    answer.await
}

/// Get one of a person's roles
///
/// En roll, var den gäller och mellan vilka dagar.
///
/// One role, where it holds and between which days.
#[utoipa::path(
    tag = "identity",
    operation_id = "getRoleAssignment",
    params(
        ("personId" = Id, Path, description = "Personens id / the person's id"),
        ("roleAssignmentId" = Id, Path, description = "Rolltilldelningens id / the role assignment's id"),
    ),
    security(("bearer" = ["roleAssignment.read"])),
    responses((status = 200, description = "The role assignment", body = RoleAssignment)),
)]
#[get("/people/{personId}/role-assignments/{roleAssignmentId}")]
async fn get(
    InOrder((permit, person, assignment)): InOrder<(Permit<RoleRead>, Found<Seen>, Found<AssignmentRow>)>,
) -> Result<Answer, Problem> {
    belongs(&assignment, person.row.id)?;
    permit.read(move |rx| Answer::one(&RoleAssignment::new(rx.ctx, assignment.clone()))).await
}

fn belongs(assignment: &AssignmentRow, person_id: Id) -> Result<(), Problem> {
    if assignment.person_id == person_id { Ok(()) } else { Err(Problem::not_found()) }
}

/// Grant a role
///
/// Systemadministratören ger systemAdmin och programmeManager; projektledaren programmets roller, projektägarens
/// attester, coordinator, registrar och auditor (med sista dag); koordinatorn attester och kommunReader i den egna
/// kommunen. Applicant, participant och signatory följer med ansökan, medarbetare och avsiktsförklaring, och coordinator
/// med medarbetaren för den som är med i teamet. Den som redan har precis den rollen får inte en till: svaret är den som
/// finns. Personen behöver inte vara synlig för den som ger rollen; den vars adress man har ges rollen med POST /people.
///
/// The system administrator grants systemAdmin and programmeManager; the programme manager the programme's roles, the
/// owner's attester, coordinator, registrar and auditor (with a last day); the coordinator attester and kommunReader in
/// the own kommun. Applicant, participant and signatory come with an application, a participant and a letter, and
/// coordinator with the participant for somebody in the team. Whoever holds the very role already gets no second one: the
/// answer is the one that is there. The person need not be visible to the granter; somebody whose address one has is
/// given the role by POST /people.
#[utoipa::path(
    tag = "identity",
    operation_id = "grantRole",
    params(("personId" = Id, Path, description = "Personens id / the person's id")),
    request_body = NewRoleAssignment,
    security(("bearer" = ["roleAssignment.grant"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "stateConflict"]))),
    responses((status = 201, description = "The role assignment", body = RoleAssignment)),
)]
#[post("/people/{personId}/role-assignments")]
async fn grant(
    InOrder((permit, person, body)): InOrder<(
        Permit<RoleGrantAction>,
        Found<Reachable>,
        Body<NewRoleAssignment>,
    )>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    let answer = permit.write(move |tx| {
        let wanted = new.clone().wanted(person.row.id, tx.ctx.today());
        let row = granting::by_hand(tx, &wanted)?;
        Answer::created(tx.ctx, &RoleAssignment::new(tx.ctx, row))
    });
    answer.await
}

/// End a role
///
/// Sätter rollens sista dag. I går avslutar den genast, och det gäller inom fem sekunder; en senare dag flyttar slutet;
/// null lämnar det öppet. Det gör den som får ge rollen; projektledaren avslutar också en sökandes eller undertecknares.
/// För den som är koordinator i ett team följer rollen med medarbetaren (409).
///
/// Sets the role's last day. Yesterday ends it at once, and that holds within five seconds; a later day moves the end;
/// null leaves it open. Whoever may grant the role does it; the programme manager also ends an applicant's or a
/// signatory's. For somebody who is a coordinator in a team the role follows the participant (409).
#[utoipa::path(
    tag = "identity",
    operation_id = "updateRoleAssignment",
    params(
        ("personId" = Id, Path, description = "Personens id / the person's id"),
        ("roleAssignmentId" = Id, Path, description = "Rolltilldelningens id / the role assignment's id"),
    ),
    request_body = RoleAssignmentPatch,
    security(("bearer" = ["roleAssignment.end"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "stateConflict"]))),
    responses((status = 200, description = "The changed role assignment", body = RoleAssignment)),
)]
#[patch("/people/{personId}/role-assignments/{roleAssignmentId}")]
async fn update(
    InOrder((permit, person, assignment, body)): InOrder<(
        Permit<RoleEnd>,
        Found<Seen>,
        Found<AssignmentRow>,
        Body<RoleAssignmentPatch>,
    )>,
) -> Result<Answer, Problem> {
    belongs(&assignment, person.row.id)?;
    let RoleAssignmentPatch { valid_to } = body.into_inner();
    let answer = permit.write(move |tx| {
        let after = match assignment.role {
            Role::SystemAdmin => {
                super::keeping_an_administrator(tx, |tx| moved(tx, assignment.id, valid_to))?
            }
            _ => moved(tx, assignment.id, valid_to)?,
        };
        Answer::one(&RoleAssignment::new(tx.ctx, after))
    });
    answer.await
}

/// The assignment with its last day moved.
fn moved(tx: &mut Tx<'_>, id: Id, valid_to: Field<Day>) -> Result<AssignmentRow, Problem> {
    let action = if matches!(valid_to, Field::Null) { "reopened" } else { "ended" };
    let changed = tx.change_if_any(id, action, |tx, before: &AssignmentRow| {
        rules::may_end(&tx.ctx.scope, before, tx.ctx.caller.is_person(before.person_id))?;
        let last = match valid_to {
            Field::Absent => return Ok(None),
            Field::Null => None,
            Field::Value(day) => Some(day),
        };
        let wanted = rules::with_last_day(before, last, tx.ctx.today())?;
        granting::check_obstacles(tx, Some(before), &wanted)?;
        let mut after = before.clone();
        (after.valid_from, after.valid_to) = (wanted.valid_from, wanted.valid_to);
        Ok(Some(after))
    })?;
    Ok(changed.after)
}

/// The operations on role assignments.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(grant).service(get).service(update);
}
