//! `/people`: list, get, add by invitation, change, and the changes of a login's state.

use std::sync::Arc;

use actix_web::{get, patch, post};
use serde_json::{Value, json};

use super::requests::{NewPerson, PersonPatch};
use super::rules::{self, WORKFLOW};
use super::store::{self, PersonList, PersonRow};
use super::{Person, PersonListener, PersonState, Seen, invite, joining};
use crate::identity::links;
use crate::identity::policy::{
    InvitationSend, PersonChangeStatus, PersonCreate, PersonRead, PersonUpdate, RoleGrantAction,
};
use crate::identity::roles;
use crate::identity::sessions::{self, EndReason};
use crate::platform::auth::action::{Action as _, ActionRow};
use crate::platform::auth::found::{Found, IntoRepresentation, Resource, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scope::{AuthzKeys, Scope};
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::batch::{Batch, BatchResult};
use crate::platform::http::body::{Body, NoData, Unjudged};
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};
use crate::platform::workflow;
use crate::platform::workflow::http::{ChangeItem, ChangeRequest, StatusHistory};
use crate::platform::workflow::status_changes::{self, ChangeStatus};

type ChangeBody = ChangeRequest<PersonState, NoData>;
type ChangeBatch = Batch<ChangeItem<PersonState, NoData>>;

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

impl Resource for PersonRow {
    type Key = Id;
    const PARAMETER: &'static str = "personId";
    const READ: &'static ActionRow = PersonRead::ROW;

    fn find(rx: &mut Rx<'_>, scope: &Scope, key: &Id) -> Result<Option<Self>, Problem> {
        store::find(rx.db, scope, *key)
    }

    fn keys(&self) -> AuthzKeys {
        keys(self.id)
    }
}

impl IntoRepresentation for PersonRow {
    type As = Person;

    fn shown(self, rx: &mut Rx<'_>) -> Result<Person, Problem> {
        Ok(Person::new(rx.ctx, self))
    }
}

impl IntoRepresentation for Seen {
    type As = Person;

    fn shown(self, rx: &mut Rx<'_>) -> Result<Person, Problem> {
        self.row.shown(rx)
    }
}

impl ChangeStatus for PersonRow {
    type Data = NoData;

    fn step(
        tx: &mut Tx<'_>,
        seen: &Self,
        version: Option<i32>,
        wanted: &ChangeBody,
    ) -> Result<Self, Problem> {
        let id = seen.id;
        if wanted.to != PersonState::Disabled {
            return taken(tx, id, version, wanted);
        }
        let after = roles::keeping_an_administrator(tx, |tx| taken(tx, id, version, wanted))?;
        sessions::end_of_person(tx, id, None, EndReason::PersonDisabled)?;
        links::end_all(tx, id)?;
        Ok(after)
    }
}

fn taken(tx: &mut Tx<'_>, id: Id, version: Option<i32>, wanted: &ChangeBody) -> Result<PersonRow, Problem> {
    let before = PersonRow::locked(tx, id)?;
    rules::may_disable(&before, tx.ctx.caller.is_person(id), wanted.to)?;
    let held = tx.ctx.scope.roles_for(&keys(id));
    let comment = wanted.comment.as_deref();
    let requested = WORKFLOW.requested(before.status, wanted.to, &held, comment);
    let (transition, role) = tx.ctx.item_in_order(version, before.version, requested)?;
    workflow::apply(tx, transition, &before, before.clone(), role, comment)
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
async fn list(permit: Permit<PersonRead>, list: PersonList) -> Result<Answer, Problem> {
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
async fn get(_permit: Permit<PersonRead>, person: Show<Seen>) -> Answer {
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
async fn create(permit: Permit<PersonCreate>, body: Unjudged<NewPerson>) -> Result<Answer, Problem> {
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
    permit: Permit<PersonUpdate>,
    person: Found<PersonRow>,
    body: Unjudged<PersonPatch>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit
        .write(move |tx| {
            let before = PersonRow::locked(tx, person.id)?;
            let after = patch.clone().apply(before.clone());
            rules::may_change_email(&tx.ctx.scope.roles_for(&keys(before.id)), &before, &after)?;
            tx.ctx.check_version(before.version)?;
            let after = tx.update("changed", &before, after)?;
            if before.email != after.email {
                address_changed(tx, &before, &after)?;
            }
            let hooks = Arc::clone(&tx.ctx.hooks);
            for listener in hooks.of::<dyn PersonListener>() {
                listener.changed(tx, &before, &after)?;
            }
            Answer::one(&Person::new(tx.ctx, after))
        })
        .await
}

fn address_changed(tx: &mut Tx<'_>, before: &PersonRow, after: &PersonRow) -> Result<(), Problem> {
    links::end_all(tx, after.id)?;
    if after.status == PersonState::Invited {
        invite::invite(tx, after, &invite::NEW_ACCOUNT)?;
        return Ok(());
    }
    tx.mail(
        &before.email,
        &Localized::fixed("Din e-postadress i samverkan är ändrad", "Your e-mail address in samverkan has been changed"),
        &Localized::new(
            format!("Hej {}!\n\nEn systemadministratör har bytt din e-postadress i samverkan. Hör av dig om det inte stämmer.", after.name),
            format!("Hello {}!\n\nA system administrator has changed your e-mail address in samverkan. Get in touch if that is wrong.", after.name),
        ),
        None,
    )
}

/// List a person's status changes
///
/// Alla byten av tillstånd, det första först.
///
/// Every change of state, the first first.
#[utoipa::path(
    tag = "identity",
    operation_id = "listPersonStatusChanges",
    params(("personId" = Id, Path, description = "Personens id / the person's id")),
    security(("bearer" = ["person.changeStatus"])),
    responses((status = 200, description = "The history", body = StatusHistory)),
)]
#[get("/people/{personId}/status-changes")]
async fn history(permit: Permit<PersonChangeStatus>, person: Found<PersonRow>) -> Result<Answer, Problem> {
    status_changes::list(permit, person).await
}

/// Change a person's status
///
/// En systemadministratör stänger av en person (`disabled`) eller släpper in den igen (`active`); båda kräver en
/// kommentar. En avstängd persons inloggningar avslutas genast, och åtkomsttoken slutar gälla inom fem sekunder. Ingen
/// stänger av sig själv.
///
/// A system administrator disables a person (`disabled`) or lets them in again (`active`); both need a comment. The
/// sessions of a disabled person end at once, and access tokens stop holding within five seconds. Nobody disables
/// themself.
#[utoipa::path(
    tag = "identity",
    operation_id = "changePersonStatus",
    params(("personId" = Id, Path, description = "Personens id / the person's id")),
    request_body(content = ChangeBody, example = json!({"to": "disabled", "comment": "Har slutat."})),
    security(("bearer" = ["person.changeStatus"])),
    extensions(("x-problem-codes" = json!(["ownWork", "transitionNotAllowed", "stateConflict"]))),
    responses((status = 200, description = "The person in the new state", body = Person)),
)]
#[post("/people/{personId}/status-changes")]
async fn change(
    permit: Permit<PersonChangeStatus>,
    person: Found<PersonRow>,
    body: Body<ChangeBody>,
) -> Result<Answer, Problem> {
    status_changes::change(permit, person, body).await
}

/// Change the status of many people
///
/// Flera byten i ett anrop, vart och ett för sig eller alla tillsammans (`atomic`); `dryRun` provar bara.
///
/// Several changes in one request, each alone or all together (`atomic`); `dryRun` only tries.
#[utoipa::path(
    tag = "identity",
    operation_id = "changePersonStatusBatch",
    request_body(content = ChangeBatch, example = json!({"atomic": true, "items": [{"id": "0175a2e1-7c00-7000-8000-000000000001", "to": "disabled", "comment": "Har slutat."}]})),
    security(("bearer" = ["person.changeStatus"])),
    responses((status = 200, description = "One result per item", body = BatchResult)),
)]
#[post("/people/status-changes/batch")]
async fn change_batch(
    permit: Permit<PersonChangeStatus>,
    body: Body<ChangeBatch>,
) -> Result<Answer, Problem> {
    status_changes::change_many::<_, PersonRow>(permit, body).await
}

/// The operations on people.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list)
        .service(create)
        .service(change_batch)
        .service(get)
        .service(update)
        .service(history)
        .service(change);
}
