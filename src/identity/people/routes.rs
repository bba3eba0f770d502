//! `/people`: list, get, add by invitation, change, and the changes of a login's state.

use actix_web::{get, patch, post};
use serde_json::{Value, json};

use super::requests::{NewPerson, PersonPatch};
use super::rules::WORKFLOW;
use super::store::{self, PersonList, PersonRow};
use super::{Person, PersonState, Seen, commands, invite, joining};
use crate::identity::policy::{
    InvitationSend, PersonChangeStatus, PersonCreate, PersonRead, PersonUpdate, RoleGrantAction,
};
use crate::platform::auth::action::Action as _;
use crate::platform::auth::found::{Found, IntoRepresentation, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scope::AuthzKeys;
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Rx;
use crate::platform::workflow::status_changes::StatusChangeDocs;

impl Person {
    fn new(ctx: &Context, row: PersonRow) -> Self {
        let keys = keys(row.id);
        let roles = ctx.roles_for::<PersonChangeStatus>(&keys);
        let path = format!("/people/{}", row.id);
        let mut links = vec![
            Link::to_self(ctx, &path),
            Link::new(ctx, "GET", "roleAssignments", &format!("{path}/role-assignments")),
        ];
        if ctx.may::<PersonUpdate>(&keys) {
            links.push(Link::new(ctx, "PATCH", "update", &path));
        }
        if !roles.is_empty() {
            links.push(Link::new(ctx, "GET", "statusChanges", &format!("{path}/status-changes")));
        }
        if RoleGrantAction::ROW.scope_for(&ctx.caller).is_ok() {
            links.push(Link::new(ctx, "POST", "grantRole", &format!("{path}/role-assignments")));
        }
        if row.status == PersonState::Invited && InvitationSend::ROW.scope_for(&ctx.caller).is_ok() {
            links.push(Link::new(ctx, "POST", "inviteAgain", "/invitations"));
        }
        Self {
            id: row.id,
            name: row.name,
            email: row.email,
            status: row.status,
            allowed_transitions: WORKFLOW.allowed(row.status, &roles),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        json!(Self::new(&ctx, invite::row(&ctx, "Karin Öberg", "karin.oberg@boden.example")))
    }
}

fn keys(id: Id) -> AuthzKeys {
    AuthzKeys { person_id: Some(id), ..AuthzKeys::default() }
}

impl IntoRepresentation for PersonRow {
    type As = Person;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<Person, Problem> {
        Ok(Person::new(rx.ctx, self))
    }
}

impl IntoRepresentation for Seen {
    type As = Person;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<Person, Problem> {
        self.row.into_representation(rx)
    }
}

/// List people
///
/// Sig själv, och för den som leder något de personer som har eller har haft en roll där; en systemadministratör ser alla.
///
/// Oneself, and for those who lead something the people who hold or have held a role there; a system administrator sees
/// everyone.
#[utoipa::path(
    tag = "identity",
    operation_id = "listPeople",
    params(PersonList),
    security(("bearer" = ["person.read"])),
    responses((status = 200, description = "A page of people", body = Listing<Person>)),
)]
#[get("/people")]
async fn list(InOrder((permit, list)): InOrder<(Permit<PersonRead>, PersonList)>) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(Person::new(rx.ctx, row)))
    });
    answer.await
}

/// Get a person
///
/// En person och om inloggningen är inbjuden, aktiv eller avstängd.
///
/// A person, and whether the login is invited, active or disabled.
#[utoipa::path(
    tag = "identity",
    operation_id = "getPerson",
    params(("personId" = Id, Path, description = "Personens id / the person's id")),
    security(("bearer" = ["person.read"])),
    responses((status = 200, description = "The person", body = Person)),
)]
#[get("/people/{personId}")]
async fn get(InOrder((_permit, person)): InOrder<(Permit<PersonRead>, Show<Seen>)>) -> Answer {
    person.into_answer()
}

/// Add a person
///
/// Lägger upp en person och bjuder in per e-post: länken i mejlet gäller i 14 dagar och används en gång. Med `role` får
/// personen rollen på en gång, som med POST /people/{personId}/role-assignments; den som redan har ett konto får den
/// också, får veta det per e-post och behåller sitt namn. Utan `role` är en känd adress 409 `alreadyExists`, med
/// `personId` bara för den som redan ser personen.
///
/// Adds a person and invites by mail: the link in the mail holds for 14 days and is used once. With `role` the person
/// gets the role at once, as by POST /people/{personId}/role-assignments; somebody who has an account already gets it
/// too, is told by mail and keeps the name. Without `role` a known address is 409 `alreadyExists`, with `personId` only
/// for those who see the person already.
#[utoipa::path(
    tag = "identity",
    operation_id = "createPerson",
    request_body = NewPerson,
    security(("bearer" = ["person.create"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "alreadyExists", "stateConflict"]))),
    responses((status = 201, description = "The new person", body = Person)),
)]
#[post("/people")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<PersonCreate>, Body<NewPerson>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    let answer = permit.write(move |tx| {
        let person = joining::join(tx, new.clone())?;
        Answer::created(tx.ctx, &Person::new(tx.ctx, person))
    });
    answer.await
}

/// Change a person
///
/// Var och en får ändra sitt eget namn. E-postadressen, som är användarnamnet, ändras av en systemadministratör: öppna
/// länkar till den gamla adressen slutar gälla, och den gamla adressen får veta det.
///
/// Everyone may change their own name. The e-mail address, which is the user name, is changed by a system administrator:
/// open links to the old address end, and the old address is told.
#[utoipa::path(
    tag = "identity",
    operation_id = "updatePerson",
    params(("personId" = Id, Path, description = "Personens id / the person's id")),
    request_body = PersonPatch,
    security(("bearer" = ["person.update"])),
    extensions(("x-problem-codes" = json!(["notYours", "alreadyExists"]))),
    responses((status = 200, description = "The changed person", body = Person)),
)]
#[patch("/people/{personId}")]
async fn update(
    InOrder((permit, person, body)): InOrder<(Permit<PersonUpdate>, Found<PersonRow>, Body<PersonPatch>)>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit
        .write(move |tx| {
            let after = commands::change(tx, person.id, patch.clone())?;
            Answer::one(&Person::new(tx.ctx, after))
        })
        .await
}

/// Its steps, as OpenAPI tells of them.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "identity",
    many: "people",
    steps: Localized::fixed(
        "En systemadministratör stänger av en person (`disabled`) eller släpper in den igen (`active`); båda kräver en kommentar. En avstängd persons inloggningar avslutas genast, och åtkomsttoken slutar gälla inom fem sekunder. Ingen stänger av sig själv.",
        "A system administrator disables a person (`disabled`) or lets them in again (`active`); both need a comment. The sessions of a disabled person end at once, and access tokens stop holding within five seconds. Nobody disables themself.",
    ),
    problems: &[Code::OwnWork],
    example: || json!({"to": "disabled", "comment": "Har slutat."}),
};

/// The operations on people.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update);
    cfg.status_changes::<PersonRow, PersonRead, PersonChangeStatus>(&STATUS_CHANGES);
}
