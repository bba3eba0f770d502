//! `/participants`: list, get, add, change. There is no DELETE: a participation ends with its last day.

use std::collections::HashMap;

use actix_web::{get, patch, post};

use super::requests::{NewParticipant, ParticipantPatch};
use super::store::{self, NumberSearch, ParticipantList, ParticipantRow};
use super::view::Related;
use super::{Participant, commands};
use crate::identity::people::{self, PersonRow};
use crate::identity::policy::{ParticipantCreate, ParticipantRead, ParticipantUpdate};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// List participants
///
/// Medarbetarna i de team som du får läsa. Den egna kommunens medarbetare ser namn, funktion och förvaltning;
/// e-post och anställningsnummer är då null. En koordinator ser också andra kommuners koordinatorer, med e-post. De som
/// deltar en viss dag: `validFromTo` och `validToFrom` den dagen. Ett anställningsnummer hittas med `employeeNumber` eller helt
/// i `q`, bland dem vars nummer du ser.
///
/// The participants of the teams that you may read. Members of a team see names, functions and departments; e-mail and
/// employee number are then null. A coordinator also sees the coordinators of other kommuner, with e-mail. To find those who
/// take part on a day, set `validFromTo` and `validToFrom` to that day. An employee number is found by `employeeNumber`, or
/// whole by `q`, among those whose number you see.
#[utoipa::path(
    tag = "team",
    operation_id = "listParticipants",
    params(ParticipantList),
    security(("bearer" = ["participant.read"])),
    responses((status = 200, description = "A page of participants", body = Listing<Participant>)),
)]
#[get("/participants")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<ParticipantRead>, ParticipantList)>,
) -> Result<Answer, Problem> {
    let mut list = list;
    let numbers = NumberSearch::taken_from(&mut list.0);
    let answer = permit.read(move |rx| {
        let person = rx.ctx.caller.person_id();
        let rows = list.load(rx.db, || store::found(&rx.ctx.scope, person, &numbers))?;
        let ids = rows.rows.iter().map(|row| row.person_id).collect();
        let people: HashMap<Id, PersonRow> =
            people::unscoped_by_ids(rx.db, ids)?.into_iter().map(|person| (person.id, person)).collect();
        let related = Related::of(rx, &rows.rows, list.0.has_links())?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| {
            let person = people
                .get(&row.person_id)
                .ok_or_else(|| Problem::internal("a participant without a person"))?;
            Ok(Participant::shown(ctx, row, person, &related))
        })
    });
    answer.await
}

/// Get a participant
///
/// En medarbetare i ett team. Namn och e-post hör till personen.
///
/// One member of a team. Name and e-mail belong to the person.
#[utoipa::path(
    tag = "team",
    operation_id = "getParticipant",
    security(("bearer" = ["participant.read"])),
    responses((status = 200, description = "The participant", body = Participant)),
)]
#[get("/participants/{participantId}")]
async fn get(
    InOrder((_permit, participant)): InOrder<(Permit<ParticipantRead>, Show<ParticipantRow>)>,
) -> Answer {
    participant.into_answer()
}

/// Add a participant
///
/// Lägger till en medarbetare i ett team, när programmet är `decided` eller `running` och kommunen deltar. Personen
/// hittas på sin e-post eller bjuds in, och får rollen `participant`; svaret är detsamma i båda fallen, och tills personen
/// har loggat in eller accepterat visas det namn som skickades. Koordinatorn lägger till i den egna kommunen,
/// projektledaren bland projektägarens egna och, i en kommun, den som är koordinator. Den som redan har rollen där
/// visas som koordinator.
///
/// Adds a member to a team while the programme is `decided` or `running` and the kommun takes part. The person is found by
/// e-mail or invited, and gets the role `participant`. The answer is the same in both cases: until the person has logged in
/// or accepted, the name is the one that was sent. A coordinator adds members to the team of their own kommun, the
/// programme manager adds the owner's staff and the coordinators of kommuner. A person who already holds the role of
/// coordinator there is shown as coordinator.
#[utoipa::path(
    tag = "team",
    operation_id = "createParticipant",
    request_body = NewParticipant,
    security(("bearer" = ["participant.create"])),
    extensions(("x-problem-codes" = json!(["notFound", "notYours", "ownWork", "stateConflict", "alreadyExists"]))),
    responses((status = 201, description = "The new participant", body = Participant)),
)]
#[post("/participants")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<ParticipantCreate>, Body<NewParticipant>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    let answer = permit.write(move |tx| {
        let row = commands::create(tx, new.clone())?;
        tx.answer_created(row)
    });
    answer.await
}

/// Change a participant
///
/// Funktion, förvaltning, anställningsnummer och sista dag; första dag så länge ingen tid finns. Sista dag kan inte
/// ligga före den sista dagen med tid. Namn och e-post ändras på personen. Bara projektledaren ändrar vem som är
/// koordinator. När kommunen inte deltar längre ligger teamet fast.
///
/// Function, department, employee number and last day can be changed; the first day as long as no time is entered. The last day
/// cannot be before the last day with time. Name and e-mail are changed on the person. Only the programme manager may change
/// who is a coordinator. When the kommun no longer takes part, its team cannot be changed.
#[utoipa::path(
    tag = "team",
    operation_id = "updateParticipant",
    request_body = ParticipantPatch,
    security(("bearer" = ["participant.update"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "stateConflict", "alreadyExists"]))),
    responses((status = 200, description = "The changed participant", body = Participant)),
)]
#[patch("/participants/{participantId}")]
async fn update(
    InOrder((permit, participant, body)): InOrder<(
        Permit<ParticipantUpdate>,
        Found<ParticipantRow>,
        Body<ParticipantPatch>,
    )>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    let answer = permit.write(move |tx| {
        let after = commands::change(tx, &participant, patch.clone())?;
        tx.answer(after)
    });
    answer.await
}

/// The operations on participants.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update);
}
