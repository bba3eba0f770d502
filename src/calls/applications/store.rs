//! The row of an application, and the queries of applications.

use std::collections::{BTreeSet, HashMap, HashSet};

use diesel::prelude::*;
use serde::Serialize;

use super::rules::{self, FieldGroup, HOLDS_A_PLACE, LIVE, WORKFLOW};
use super::{Application, ApplicationState, NamedCoordinator, Note};
use crate::identity::policy::{ApplicationRead, Role};
use crate::platform::context::Context;
use crate::platform::db::Db;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::platform::values::{Email, Name};
use crate::reference::Kommunkod;
use crate::schema::applications;

/// An application as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = applications, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ApplicationRow {
    /// Identity.
    pub id: Id,
    /// The call.
    pub programme_id: Id,
    /// The kommun.
    pub kommunkod: String,
    /// State.
    pub status: ApplicationState,
    /// The contact in the kommun.
    pub contact_name: String,
    /// The contact's address in lower case.
    pub contact_email: String,
    /// The contact's account, once there is one.
    pub contact_person_id: Option<Id>,
    /// Why the kommun wants to take part.
    pub motivation: String,
    /// The kommun's own assessment of how far it has come, 1–5.
    pub maturity: i32,
    /// Departments that are to take part.
    pub departments: Json<Vec<String>>,
    /// The coordinator's name, if known.
    pub coordinator_name: Option<String>,
    /// The coordinator's address in lower case.
    pub coordinator_email: Option<String>,
    /// Social enterprises that the kommun knows of today.
    pub known_social_enterprises: Json<Vec<String>>,
    /// The kommun's own case number.
    pub registry_number: Option<String>,
    /// When it came in.
    pub received_at: Instant,
    /// A later deadline for the kommun's answer.
    pub respond_by: Option<Instant>,
    /// Why it was registered or terminated, or the code of why it ended automatically.
    pub reason: Option<String>,
    /// Whether it came after the deadline.
    pub is_late: bool,
    /// Whether the kommun came to the information meeting.
    pub attended_info_meeting: Option<bool>,
    /// Later applications of the same kommun, and why this one was registered.
    pub notes: Json<Vec<Note>>,
    /// Kommun, contact and motivation in lower case.
    #[serde(skip)]
    pub search_text: String,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    ApplicationRow in applications as "application" ("intresseanmälan", "application"),
    chain |row| Chain::Kommun(row.programme_id, row.kommunkod.clone()),
    actions ["changed", "noted", "contactKept", "handedOver"],
    workflow WORKFLOW: ApplicationState,
    reserved |row| NEVER_VERIFIED.contains(&row.status).then_some(Role::ProgrammeManager.as_str()),
}

crate::resource!(
    ApplicationRow as Application at "/applications/{applicationId}",
    read by ApplicationRead, shown by Application::show
);

impl ApplicationRow {
    /// An example for OpenAPI.
    pub(super) fn example(ctx: &Context) -> Self {
        let (name, motivation) =
            ("Utvecklingsstrateg Boden", "Vi vill arbeta mer strategiskt med sociala företag.");
        let email = "utvecklingsstrateg@boden.example.org";
        let programme_id = ctx.new_id();
        Self {
            id: ctx.new_id(),
            programme_id,
            kommunkod: "2582".to_owned(),
            status: ApplicationState::Submitted,
            contact_name: name.to_owned(),
            contact_email: email.to_owned(),
            contact_person_id: None,
            motivation: motivation.to_owned(),
            maturity: 2,
            departments: Json(vec!["Arbetsmarknadsförvaltningen".to_owned(), "Inköp".to_owned()]),
            coordinator_name: Some("Koordinator Boden".to_owned()),
            coordinator_email: Some("koordinator@boden.example.org".to_owned()),
            known_social_enterprises: Json(vec!["Norrsken Återbruk".to_owned()]),
            registry_number: Some("KS 2020/412".to_owned()),
            received_at: ctx.now,
            respond_by: None,
            reason: None,
            is_late: false,
            attended_info_meeting: None,
            notes: Json(Vec::new()),
            search_text: search_text("Boden", name, email, motivation),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }

    /// The coordinator that the kommun has named.
    pub fn coordinator(&self) -> Option<NamedCoordinator> {
        let (name, email) = (self.coordinator_name.clone()?, self.coordinator_email.clone()?);
        Some(NamedCoordinator { name: Name(name), email: Email(email) })
    }
}

crate::list! {
    /// `GET /applications`.
    pub struct ApplicationList: applications as ApplicationRow, shown as Application, by id: Id, default "receivedAt" {
        programmeId: programme_id => Id [filter];
        kommunkod: kommunkod => Kommunkod [filter, sort];
        status: status => ApplicationState [filter, sort];
        receivedAt: received_at => Instant [range, sort];
        isLate: is_late => bool [filter];
        maturity: maturity => i32 [filter, sort];
        createdAt: created_at => Instant [range, sort];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
    search search_text
    shows {
        avsiktsforklaringar.application_id = id;
        deleted "avsiktsforklaring";
        history;
    }
}

/// The states of an application whose address was never proved. Only the manager sees such applications, because anyone may
/// have sent them in the kommun's name.
const NEVER_VERIFIED: [ApplicationState; 2] = [ApplicationState::Unverified, ApplicationState::Expired];

crate::scope!(
    ApplicationRow in applications: programme_id, kommunkod;
    // The manager sees all applications of the programme; its other staff, the auditor and the kommun the verified ones.
    adjusted by |grant, condition| {
        if grant.role == Role::ProgrammeManager.as_str() && grant.place.is_whole_programme() {
            return condition;
        }
        Box::new(condition.and(applications::status.none_of(NEVER_VERIFIED)))
    }
);

/// The text that searches look through: kommun, contact and motivation in lower case.
pub fn search_text(kommun: &str, name: &str, email: &str, motivation: &str) -> String {
    format!("{kommun} {name} {email} {motivation}").to_lowercase()
}

/// The application with this id, if there is one.
pub fn unscoped_find(db: &mut Db, id: Id) -> Result<Option<ApplicationRow>, Problem> {
    Ok(applications::table.find(id).select(ApplicationRow::as_select()).first(db).optional()?)
}

/// A kommun's live application in a programme.
pub fn unscoped_live(
    db: &mut Db,
    programme_id: Id,
    kommunkod: &str,
) -> Result<Option<ApplicationRow>, Problem> {
    let query = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::kommunkod.eq(kommunkod.to_owned()))
        .filter(applications::status.one_of(LIVE));
    Ok(query.select(ApplicationRow::as_select()).first(db).optional()?)
}

/// The kommuner that take part in one of these programmes or have been given a place, each with the programme.
pub fn unscoped_with_place(
    rx: &mut Rx<'_>,
    programmes: &BTreeSet<Id>,
) -> Result<HashSet<(Id, String)>, Problem> {
    let query = applications::table
        .filter(applications::programme_id.one_of(programmes.iter().copied()))
        .filter(applications::status.one_of(HOLDS_A_PLACE));
    let rows: Vec<(Id, String)> =
        query.select((applications::programme_id, applications::kommunkod)).load(rx.db)?;
    Ok(rows.into_iter().collect())
}

/// The applications of a programme that hold a place: id, kommun and state.
pub fn unscoped_places(
    rx: &mut Rx<'_>,
    programme_id: Id,
) -> Result<Vec<(Id, String, ApplicationState)>, Problem> {
    let query = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::status.one_of(HOLDS_A_PLACE));
    Ok(query.select((applications::id, applications::kommunkod, applications::status)).load(rx.db)?)
}

/// The unverified applications from an e-mail address in a programme.
pub fn unscoped_unverified_of(
    db: &mut Db,
    programme_id: Id,
    email: &str,
) -> Result<Vec<ApplicationRow>, Problem> {
    let query = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::contact_email.eq(email.to_lowercase()))
        .filter(applications::status.eq(ApplicationState::Unverified));
    Ok(query.order(applications::id).select(ApplicationRow::as_select()).load(db)?)
}

/// The applications of a programme in some states, locked one by one in the order of their ids.
pub fn unscoped_locked_in(
    tx: &mut Tx<'_>,
    programme_id: Id,
    states: &[ApplicationState],
) -> Result<Vec<ApplicationRow>, Problem> {
    let ids: Vec<Id> = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::status.one_of(states))
        .order(applications::id)
        .select(applications::id)
        .load(tx.db)?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        rows.push(tx.locked::<ApplicationRow>(id)?);
    }
    // Leave out rows that changed between the list and the lock.
    rows.retain(|row| states.contains(&row.status));
    Ok(rows)
}

/// How many applications of a programme are in some states.
pub fn unscoped_count_in(db: &mut Db, programme_id: Id, states: &[ApplicationState]) -> Result<i64, Problem> {
    let query = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::status.one_of(states));
    Ok(query.count().get_result(db)?)
}

/// How many places of these programmes are taken.
pub fn unscoped_places_taken(db: &mut Db, programmes: &BTreeSet<Id>) -> Result<HashMap<Id, i64>, Problem> {
    if programmes.is_empty() {
        return Ok(HashMap::new());
    }
    let taken = applications::table
        .filter(applications::programme_id.one_of(programmes.iter().copied()))
        .filter(applications::status.one_of(HOLDS_A_PLACE))
        .group_by(applications::programme_id)
        .select((applications::programme_id, diesel::dsl::count_star()));
    Ok(taken.load::<(Id, i64)>(db)?.into_iter().collect())
}

/// The applications of a programme in some states.
pub fn unscoped_in_states(
    rx: &mut Rx<'_>,
    programme_id: Id,
    states: &[ApplicationState],
) -> Result<Vec<ApplicationRow>, Problem> {
    let query = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::status.one_of(states));
    Ok(query.order(applications::id).select(ApplicationRow::as_select()).load(rx.db)?)
}

/// The unverified applications that were created at an instant or earlier.
pub fn unscoped_unverified_before(rx: &mut Rx<'_>, before: Instant) -> Result<Vec<Id>, Problem> {
    let query = applications::table
        .filter(applications::status.eq(ApplicationState::Unverified))
        .filter(applications::created_at.le(before));
    Ok(query.order(applications::id).select(applications::id).load(rx.db)?)
}

/// The applications of a programme whose contact the manager must review: id, kommun and how many later interests of other
/// addresses wait.
pub fn unscoped_with_undecided_contact(
    rx: &mut Rx<'_>,
    programme_id: Id,
) -> Result<Vec<(Id, String, usize)>, Problem> {
    let rows = unscoped_in_states(rx, programme_id, FieldGroup::Contact.states())?;
    let waiting = rows.into_iter().map(|row| {
        let count = rules::undecided(&row);
        (row.id, row.kommunkod, count)
    });
    Ok(waiting.filter(|(.., count)| 0 < *count).collect())
}

/// The applications of some kommuner whose address was proved or needed no proof, in all programmes.
pub fn unscoped_proved_of(db: &mut Db, kommuner: Vec<String>) -> Result<Vec<ApplicationRow>, Problem> {
    use ApplicationState::{Expired, Unverified};
    let rows = applications::table.filter(applications::kommunkod.one_of(kommuner));
    let mut rows: Vec<ApplicationRow> = rows.select(ApplicationRow::as_select()).load(db)?;
    rows.retain(|row| !matches!(row.status, Expired | Unverified));
    Ok(rows)
}

/// The states of some applications.
pub fn unscoped_by_ids(db: &mut Db, ids: &[Id]) -> Result<Vec<ApplicationRow>, Problem> {
    let these = applications::table.filter(applications::id.one_of(ids.iter().copied()));
    Ok(these.select(ApplicationRow::as_select()).load(db)?)
}

/// Every kommun of a programme's live applications, with the state.
pub fn unscoped_states_in(
    rx: &mut Rx<'_>,
    programme_id: Id,
) -> Result<Vec<(String, ApplicationState)>, Problem> {
    let live = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::status.one_of(LIVE));
    Ok(live.select((applications::kommunkod, applications::status)).load(rx.db)?)
}

/// The live applications of these kommuner in a programme.
pub fn unscoped_ids_of(rx: &mut Rx<'_>, programme_id: Id, kommuner: &[String]) -> Result<Vec<Id>, Problem> {
    if kommuner.is_empty() {
        return Ok(Vec::new());
    }
    let theirs = applications::table
        .filter(applications::programme_id.eq(programme_id))
        .filter(applications::kommunkod.one_of(kommuner.iter().cloned()))
        .filter(applications::status.one_of(LIVE));
    Ok(theirs.order(applications::kommunkod).select(applications::id).load(rx.db)?)
}

/// The states of these applications.
pub fn unscoped_states(db: &mut Db, ids: Vec<Id>) -> Result<Vec<(Id, ApplicationState)>, Problem> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = applications::table.filter(applications::id.one_of(ids));
    Ok(query.select((applications::id, applications::status)).load(db)?)
}
