//! `/participants`: list, get, add, change. No DELETE: a participation ends by its last day.

use std::collections::HashMap;

use actix_web::{get, patch, post};
use serde_json::{Value, json};

use super::changes;
use super::requests::{NewParticipant, ParticipantPatch};
use super::rules;
use super::store::{self, ParticipantList, ParticipantRow};
use super::{Participant, keys};
use crate::identity::people::{self, PersonRow};
use crate::identity::policy::{EmploymentRead, ParticipantCreate, ParticipantRead, ParticipantUpdate, Role};
use crate::platform::auth::action::Action as _;
use crate::platform::auth::found::{Found, IntoRepresentation, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scope::{AuthzKeys, Place};
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::team::{FinancingForm, Organisation};

impl Participant {
    /// One participant, as far as the caller sees it.
    fn new(rx: &mut Rx<'_>, row: ParticipantRow) -> Result<Self, Problem> {
        let person = people::by_id(rx.db, row.person_id)?;
        Ok(Self::shown(rx.ctx, row, person.name, person.email))
    }

    fn shown(ctx: &Context, row: ParticipantRow, name: String, email: String) -> Self {
        let keys = keys(&row);
        let is_colleague = row.is_coordinator && coordinates_in(ctx, row.programme_id);
        let roles = ctx.roles_for::<ParticipantRead>(&keys);
        let sight = rules::sight(&roles, ctx.caller.is_person(row.person_id), is_colleague);
        let links = links(ctx, &row, &keys);
        Self {
            id: row.id,
            programme_id: row.programme_id,
            organisation: row.organisation,
            kommunkod: row.kommunkod,
            financing_form: row.financing_form,
            person_id: row.person_id,
            name,
            email: sight.email.then_some(email),
            function: row.function,
            department: row.department,
            is_coordinator: row.is_coordinator,
            employee_number: row.employee_number.filter(|_| sight.employee_number),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let row = ParticipantRow {
            id: ctx.new_id(),
            programme_id: ctx.new_id(),
            organisation: Organisation::Kommun,
            kommunkod: Some("2582".to_owned()),
            financing_form: FinancingForm::CoFinancing,
            person_id: ctx.new_id(),
            function: "Enhetschef".to_owned(),
            department: "Socialförvaltningen".to_owned(),
            is_coordinator: false,
            employee_number: Some("104233".to_owned()),
            valid_from: ctx.today(),
            valid_to: None,
            sort_name: String::new(),
            search_text: String::new(),
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
        };
        json!(Self::shown(&ctx, row, "Maja Lind".to_owned(), "maja.lind@boden.example".to_owned()))
    }
}

/// Whether the caller coordinates some kommun in the programme.
fn coordinates_in(ctx: &Context, programme_id: Id) -> bool {
    let scope = ctx.scope_of(ParticipantRead::ROW);
    let mut grants = scope.grants.iter().filter(|grant| grant.role == Role::Coordinator.as_str());
    grants.any(|grant| matches!(&grant.place, Place::Kommun(programme, _) if *programme == programme_id))
}

fn links(ctx: &Context, row: &ParticipantRow, keys: &AuthzKeys) -> Vec<Link> {
    let path = format!("/participants/{}", row.id);
    let employments = format!("/employments?programmeId={}&personId={}", row.programme_id, row.person_id);
    let mut links = vec![Link::to_self(ctx, &path)];
    if ctx.may::<EmploymentRead>(keys) {
        links.push(Link::new(ctx, "GET", "employments", &employments));
    }
    if ctx.may::<ParticipantUpdate>(keys) {
        links.push(Link::new(ctx, "PATCH", "update", &path));
    }
    links
}

impl IntoRepresentation for ParticipantRow {
    type As = Participant;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<Participant, Problem> {
        Participant::new(rx, self)
    }
}

/// List participants
///
/// Medarbetarna i de team som du får läsa. Den egna kommunens medarbetare ser namn, funktion och förvaltning;
/// e-post och anställningsnummer är då null. En koordinator ser också andra kommuners koordinatorer, med e-post. De som
/// deltar en viss dag: `validFromTo` och `validToFrom` den dagen.
///
/// The participants of the teams that you may read. Members of a team see names, functions and departments; e-mail and
/// employee number are then null. A coordinator also sees the other kommuner's coordinators, with e-mail. Those who take
/// part on a day: `validFromTo` and `validToFrom` that day.
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
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        let ids = rows.rows.iter().map(|row| row.person_id).collect();
        let people: HashMap<Id, PersonRow> =
            people::by_ids(rx.db, ids)?.into_iter().map(|person| (person.id, person)).collect();
        Answer::list(rx.ctx, &list.0, rows, |row| {
            let person = people
                .get(&row.person_id)
                .ok_or_else(|| Problem::internal("a participant without a person"))?;
            Ok(Participant::shown(rx.ctx, row, person.name.clone(), person.email.clone()))
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
    params(("participantId" = Id, Path, description = "Medarbetarens id / the participant's id")),
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
/// hittas på sin e-post eller bjuds in, och får rollen `participant`. Koordinatorn lägger till i den egna kommunen,
/// projektledaren bland projektägarens egna och, i en kommun, den som är koordinator. Den som redan har rollen där
/// visas som koordinator.
///
/// Adds a member to a team, while the programme is `decided` or `running` and the kommun takes part. The person is found
/// by e-mail or invited, and gets the role `participant`. A coordinator adds to the own kommun's team, the programme
/// manager to the owner's own and, in a kommun, who is a coordinator. Whoever holds that role there already is shown as
/// coordinator.
#[utoipa::path(
    tag = "team",
    operation_id = "createParticipant",
    request_body = NewParticipant,
    security(("bearer" = ["participant.create"])),
    extensions(("x-problem-codes" = json!(["notFound", "notYours", "stateConflict", "alreadyExists"]))),
    responses((status = 201, description = "The new participant", body = Participant)),
)]
#[post("/participants")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<ParticipantCreate>, Body<NewParticipant>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    let answer = permit.write(move |tx| {
        let row = changes::add(tx, new.clone())?;
        Answer::created(tx.ctx, &Participant::new(&mut tx.as_read(), row)?)
    });
    answer.await
}

/// Change a participant
///
/// Funktion, förvaltning, anställningsnummer och sista dag; första dag så länge ingen tid finns. Sista dag kan inte
/// ligga före den sista dagen med tid. Namn och e-post ändras på personen. Bara projektledaren ändrar vem som är
/// koordinator. När kommunen inte deltar längre ligger teamet fast.
///
/// Function, department, employee number and last day; the first day as long as no time is entered. The last day cannot
/// be before the last day with time. Name and e-mail are changed on the person. Only the programme manager changes who
/// is a coordinator. Once the kommun takes part no longer, its team stands.
#[utoipa::path(
    tag = "team",
    operation_id = "updateParticipant",
    params(("participantId" = Id, Path, description = "Medarbetarens id / the participant's id")),
    request_body = ParticipantPatch,
    security(("bearer" = ["participant.update"])),
    extensions(("x-problem-codes" = json!(["notYours", "stateConflict", "alreadyExists"]))),
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
        let after = changes::change(tx, &participant, patch.clone())?;
        Answer::one(&Participant::new(&mut tx.as_read(), after)?)
    });
    answer.await
}

/// The operations on participants.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update);
}
