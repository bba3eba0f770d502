//! `/people`: list, get, add and invite, change, and the status changes of the login.

use actix_web::{get, patch, post};
use serde_json::json;

use super::requests::{NewPerson, PersonPatch};
use super::store::{self, PersonList, PersonRow};
use super::{Person, Seen, commands};
use crate::identity::invitations::{self, Invitation};
use crate::identity::policy::{PersonChangeStatus, PersonCreate, PersonRead, PersonUpdate};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::workflow::status_changes::StatusChangeDocs;

/// List people
///
/// Sig själv, och för den som leder något de personer som har eller har haft en roll där, eller som man har bjudit in: från
/// det att de nästa gång loggar in eller accepterar. En systemadministratör ser alla.
///
/// The caller; for callers who lead a programme or a kommun also the people who hold or have held a role there, or whom the
/// caller has invited: from when they next log in or accept. A system administrator sees everyone.
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
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(Person::new(ctx, row)))
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
    security(("bearer" = ["person.read"])),
    responses((status = 200, description = "The person", body = Person)),
)]
#[get("/people/{personId}")]
async fn get(InOrder((_permit, person)): InOrder<(Permit<PersonRead>, Show<Seen>)>) -> Answer {
    person.into_answer()
}

/// Invite a person
///
/// Bjuder in den som har adressen: länken i mejlet gäller i 14 dagar och används en gång. Med `role` får personen rollen på
/// en gång, som med POST /people/{personId}/role-assignments. Svaret är en inbjudan med eget id och det som skickades, och
/// är detsamma för en adress som redan hör till någon: den personen får veta det per e-post och behåller sitt namn. Personen
/// syns när hen nästa gång loggar in eller accepterar. Att bjuda in igen skickar en ny länk.
///
/// Invites the person with the address. The link in the mail is valid for 14 days and can be used once. With `role` the
/// person gets the role at once, as with POST /people/{personId}/role-assignments. The answer is an invitation with an id
/// of its own and what was sent. It is the same for an address that already belongs to somebody, who is told by mail and
/// keeps their name. The person is seen when they next log in or accept. Inviting again sends a new link.
#[utoipa::path(
    tag = "identity",
    operation_id = "createPerson",
    request_body = NewPerson,
    security(("bearer" = ["person.create"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "stateConflict"]))),
    responses((status = 201, description = "The invitation", body = Invitation)),
)]
#[post("/people")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<PersonCreate>, Body<NewPerson>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    let answer = permit.write(move |tx| {
        let sent = invitations::send(tx, &new)?;
        tx.answer_created(sent)
    });
    answer.await
}

/// Change a person
///
/// Var och en får ändra sitt eget namn. E-postadressen, som är användarnamnet, ändras av en systemadministratör: öppna
/// länkar till den gamla adressen slutar gälla, och den gamla adressen får veta det.
///
/// People may change their own name. Only a system administrator may change the e-mail address, which is the user name:
/// open links to the old address end, and the old address gets a mail about it.
#[utoipa::path(
    tag = "identity",
    operation_id = "updatePerson",
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
            tx.answer(after)
        })
        .await
}

/// What OpenAPI says about the status changes.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "identity",
    many: "people",
    steps: Localized::fixed(
        "En systemadministratör stänger av en person (`disabled`) eller släpper in den igen (`active`); båda kräver \
         en kommentar. En avstängd persons inloggningar avslutas genast, och åtkomsttoken slutar gälla inom fem \
         sekunder. Ingen stänger av sig själv.",
        "A system administrator disables a person (`disabled`) or enables them again (`active`); both need a \
         comment. The sessions of a disabled person end at once, and their access tokens become invalid within five \
         seconds. Nobody can disable themself.",
    ),
    problems: &[],
    example: || json!({"to": "disabled", "comment": "Har slutat."}),
};

/// The operations on people.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update);
    cfg.status_changes::<PersonRow, PersonChangeStatus, PersonChangeStatus>(&STATUS_CHANGES);
}
