//! Every query of participants.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Serialize;

use super::{Participant, rules};
use crate::identity::people::PersonRow;
use crate::identity::policy::{ParticipantRead, Role};
use crate::platform::auth::found::Resource as _;
use crate::platform::auth::scope::{Place, Scope};
use crate::platform::db::columns::Whole as _;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::together::{Rows, load_and_lock};
use crate::platform::db::{Condition, Db, MultiBackend};
use crate::platform::http::list::{ListQuery, pattern};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant, Month};
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;
use crate::reference::Kommunkod;
use crate::schema::participants;
use crate::team::{FinancingForm, Organisation, Period};

/// A participant as stored.
#[derive(
    Clone, Debug, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = participants, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ParticipantRow {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// Whether the person works for a kommun or for the owner.
    pub organisation: Organisation,
    /// The kommun; none for the owner's staff.
    pub kommunkod: Option<String>,
    /// How the time is paid for.
    pub financing_form: FinancingForm,
    /// The person.
    pub person_id: Id,
    /// What the person does.
    pub function: String,
    /// Department (förvaltning).
    pub department: String,
    /// Whether the person coordinates the kommun's part.
    pub is_coordinator: bool,
    /// Employee number at the employer.
    pub employee_number: Option<String>,
    /// First day.
    pub valid_from: Day,
    /// Last day; none if no last day is set.
    pub valid_to: Option<Day>,
    /// The person's name in Swedish sort order.
    #[serde(skip)]
    pub sort_name: String,
    /// Name, function and department in lower case. The e-mail is left out, because team members may not see it.
    #[serde(skip)]
    pub search_text: String,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// The name that was sent, until the person has logged in or accepted: see [`ParticipantRow::shown_as`].
    #[serde(skip)]
    pub given_name: Option<String>,
    /// The address that was sent, until then.
    #[serde(skip)]
    pub given_email: Option<String>,
}

crate::stored! {
    ParticipantRow in participants as "participant" ("medarbetare", "participant"),
    chain |row| Chain::of(row.programme_id, row.kommunkod.as_deref()),
    actions ["changed", "personChanged", "ended"],
    composed super::requests::with_keys,
}

crate::resource!(
    ParticipantRow as Participant at "/participants/{participantId}",
    read by ParticipantRead, shown by Participant::show
);

impl ParticipantRow {
    /// From the first day to the last.
    pub fn period(&self) -> Period {
        Period::new(self.valid_from, self.valid_to)
    }

    /// The name and address that readers see. Whoever adds a participant by address may know nothing of the person: until the
    /// person has logged in or accepted, readers see what was sent.
    pub fn shown_as<'r>(&'r self, person: &'r PersonRow) -> (&'r str, &'r str) {
        let name = self.given_name.as_deref().unwrap_or(&person.name);
        (name, self.given_email.as_deref().unwrap_or(&person.email))
    }

    /// Whether the person takes part on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.period().holds(day)
    }

    /// Whether the person takes part on some day of a month.
    pub fn holds_in(&self, month: Month) -> bool {
        self.period().overlaps(&Period::new(month.first_day(), Some(month.last_day())))
    }
}

crate::list! {
    /// `GET /participants`.
    pub struct ParticipantList: participants as ParticipantRow, shown as Participant, by id: Id, default "name" {
        name: sort_name => String [sort, personal];
        programmeId: programme_id => Id [filter];
        organisation: organisation => Organisation [filter];
        kommunkod: kommunkod => Kommunkod [filter_nullable];
        personId: person_id => Id [filter];
        isCoordinator: is_coordinator => bool [filter];
        financingForm: financing_form => FinancingForm [filter];
        employeeNumber: employee_number => String [filter_nullable];
        function: function => String [sort];
        department: department => String [filter, sort];
        validFrom: valid_from => Day [range, sort];
        validTo: valid_to => Day [open_range];
        createdAt: created_at => Instant [sort];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
    search search_text
}

/// A team, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Team<'a> {
    /// Everybody in the programme.
    Everyone,
    /// A kommun's team.
    Kommun(&'a str),
    /// The owner's staff.
    Owner,
}

impl<'a> Team<'a> {
    /// The team of this kommun; without a kommun, the owner's staff.
    pub fn of(kommunkod: Option<&'a str>) -> Self {
        kommunkod.map_or(Team::Owner, Team::Kommun)
    }
}

/// The condition that a row belongs to a team of a programme.
fn is_of_team(programme_id: Id, team: Team<'_>) -> Condition<participants::table> {
    let here = participants::programme_id.eq(programme_id);
    match team {
        Team::Everyone => Box::new(here),
        Team::Kommun(kommunkod) => {
            Box::new(here.and(participants::kommunkod.assume_not_null().eq(kommunkod.to_owned())))
        }
        Team::Owner => Box::new(here.and(participants::kommunkod.is_null())),
    }
}

crate::scope!(
    ParticipantRow in participants: programme_id, kommunkod? owner, person_id;
    // Coordinators also see the coordinators of other kommuner (guide §1).
    adjusted by |grant, own| match &grant.place {
        Place::Kommun(programme, _) if grant.role == Role::Coordinator.as_str() => {
            Box::new(own.or(coordinates(*programme)))
        }
        _ => own,
    }
);

/// The coordinators of a programme's kommuner.
fn coordinates(programme_id: Id) -> Condition<participants::table> {
    let here = participants::programme_id.eq(programme_id).and(participants::kommunkod.is_not_null());
    Box::new(here.and(participants::is_coordinator))
}

/// The participants of a programme with this employee number.
pub fn unscoped_with_number(
    db: &mut Db,
    programme_id: Id,
    number: &str,
) -> Result<Vec<ParticipantRow>, Problem> {
    let query = participants::table
        .filter(participants::programme_id.eq(programme_id))
        .filter(participants::employee_number.assume_not_null().eq(number.to_owned()))
        .order(participants::id);
    Ok(query.select(ParticipantRow::as_select()).load(db)?)
}

/// The visible participants among whom an employee number is searched: those whose number the caller sees.
fn numbers_seen(scope: &Scope, person: Option<Id>) -> Condition<participants::table> {
    let mut seen: Condition<participants::table> = match person {
        Some(person) => Box::new(participants::person_id.eq(person)),
        None => Box::new(participants::person_id.is_null()),
    };
    for grant in scope.grants.iter().filter(|grant| rules::sight(&[grant.role], false, false).employee_number)
    {
        let here: Condition<participants::table> = match &grant.place {
            Place::Everywhere => Box::new(participants::person_id.is_not_null()),
            Place::Programme(programme) => Box::new(participants::programme_id.eq(*programme)),
            Place::Kommun(programme, kommunkod) => is_of_team(*programme, Team::Kommun(kommunkod)),
            Place::Owner(programme) => is_of_team(*programme, Team::Owner),
            _ => continue,
        };
        seen = Box::new(seen.or(here));
    }
    seen
}

/// The participants of a page of `/participants`. An employee number is found, by its filter and by the search text, only among
/// those whose number the caller sees: elsewhere it would tell whose it is.
pub fn found(
    scope: &Scope,
    person: Option<Id>,
    asked: &NumberSearch,
) -> participants::BoxedQuery<'static, MultiBackend> {
    let mut query = visible(scope);
    if asked.is_filter {
        query = query.filter(numbers_seen(scope, person));
    }
    if let Some((text, number)) = &asked.text {
        let named = participants::search_text.like(pattern(text)).escape('\\');
        let numbered = participants::employee_number.assume_not_null().eq(number.clone());
        let by_number: Condition<participants::table> = Box::new(
            participants::employee_number.is_not_null().and(numbered).and(numbers_seen(scope, person)),
        );
        let by_name: Condition<participants::table> = Box::new(named);
        query = query.filter(by_name.or(by_number));
    }
    query
}

/// How a page of `/participants` asks for employee numbers.
#[derive(Clone, Debug, Default)]
pub struct NumberSearch {
    /// The filter `employeeNumber` is there.
    is_filter: bool,
    /// The search text in lower case, and as it was sent.
    text: Option<(String, String)>,
}

impl NumberSearch {
    /// Takes the search text out of the list, which would only search names.
    pub fn taken_from(list: &mut ListQuery) -> Self {
        let sent = list.sent.iter().find(|(name, _)| name == "q").map(|(_, value)| value.trim().to_owned());
        Self { is_filter: list.filters.contains_key("employeeNumber"), text: list.search.take().zip(sent) }
    }
}

/// A participant that is known to exist.
pub fn unscoped_by_id(db: &mut Db, id: Id) -> Result<ParticipantRow, Problem> {
    Ok(participants::table.find(id).select(ParticipantRow::as_select()).first(db)?)
}

/// The participants with these ids that the caller may see. Their people are locked, in the order of their ids.
pub fn visible_with_people_locked(
    tx: &mut Tx<'_>,
    ids: &BTreeSet<Id>,
) -> Result<Vec<ParticipantRow>, Problem> {
    let scope = tx.ctx.scope_of(ParticipantRow::READ);
    let these = || visible(&scope).filter(participants::id.one_of(ids.iter().copied()));
    let rows = Rows::of(these().select(ParticipantRow::whole()));
    Ok(load_and_lock(tx.db, rows, PersonRow::TABLE, these().select(participants::person_id))?)
}

/// Several participants, to be loaded with other rows.
pub fn unscoped_among(ids: &BTreeSet<Id>) -> Rows<ParticipantRow> {
    let these = participants::id.one_of(ids.iter().copied());
    Rows::of(participants::table.filter(these).select(ParticipantRow::whole()))
}

/// Several participants, in no particular order.
pub fn unscoped_by_ids(db: &mut Db, ids: Vec<Id>) -> Result<Vec<ParticipantRow>, Problem> {
    Ok(unscoped_among(&ids.into_iter().collect()).load(db)?)
}

/// All participations of a person in a programme, oldest first.
pub fn unscoped_of_person(
    db: &mut Db,
    person_id: Id,
    programme_id: Id,
) -> Result<Vec<ParticipantRow>, Problem> {
    let rows = participants::table
        .filter(participants::person_id.eq(person_id))
        .filter(participants::programme_id.eq(programme_id))
        .order((participants::valid_from, participants::id));
    Ok(rows.select(ParticipantRow::as_select()).load(db)?)
}

/// All participations of some people in all programmes.
pub fn unscoped_of_people(db: &mut Db, people: Vec<Id>) -> Result<Vec<ParticipantRow>, Problem> {
    let rows = participants::table.filter(participants::person_id.one_of(people));
    Ok(rows.select(ParticipantRow::as_select()).load(db)?)
}

/// All participations of a person in all programmes, by id.
pub(super) fn unscoped_of_person_anywhere(
    db: &mut Db,
    person_id: Id,
) -> Result<Vec<ParticipantRow>, Problem> {
    let rows = participants::table.filter(participants::person_id.eq(person_id)).order(participants::id);
    Ok(rows.select(ParticipantRow::as_select()).load(db)?)
}

/// Forgets what was sent about a participant, now that the person says the same.
pub(super) fn forget_given(tx: &mut Tx<'_>, id: Id) -> Result<(), Problem> {
    let nothing = (participants::given_name.eq(None::<String>), participants::given_email.eq(None::<String>));
    diesel::update(participants::table.find(id)).set(nothing).kept().execute(tx.db)?;
    Ok(())
}

/// The participants of a team who take part on some day of a month, by name.
pub fn unscoped_active_in_month(
    db: &mut Db,
    programme_id: Id,
    team: Team<'_>,
    month: Month,
) -> Result<Vec<ParticipantRow>, Problem> {
    unscoped_active_between(db, programme_id, team, (month.first_day(), month.last_day()))
}

/// The participants of a team on any day from the first to the last of these, sorted by name.
pub fn unscoped_active_between(
    db: &mut Db,
    programme_id: Id,
    team: Team<'_>,
    (first, last): (Day, Day),
) -> Result<Vec<ParticipantRow>, Problem> {
    let is_open_then = participants::valid_to.is_null();
    let ends_then = participants::valid_to.assume_not_null().ge(first);
    let rows = participants::table
        .filter(is_of_team(programme_id, team))
        .filter(participants::valid_from.le(last))
        .filter(is_open_then.or(ends_then))
        .order((participants::sort_name, participants::id));
    Ok(rows.select(ParticipantRow::as_select()).load(db)?)
}

/// The participants of a programme whose last day lies in a month, by id.
pub(super) fn unscoped_ended_in(
    db: &mut Db,
    programme_id: Id,
    month: Month,
) -> Result<Vec<ParticipantRow>, Problem> {
    let rows = participants::table
        .filter(participants::programme_id.eq(programme_id))
        .filter(participants::valid_to.is_not_null())
        .filter(participants::valid_to.assume_not_null().between(month.first_day(), month.last_day()))
        .order(participants::id);
    Ok(rows.select(ParticipantRow::as_select()).load(db)?)
}

/// The participants of a team whose last day is after this day or not set, by id.
pub(super) fn unscoped_going_on(
    db: &mut Db,
    programme_id: Id,
    team: Team<'_>,
    day: Day,
) -> Result<Vec<ParticipantRow>, Problem> {
    let is_open = participants::valid_to.is_null();
    let rows = participants::table
        .filter(is_of_team(programme_id, team))
        .filter(is_open.or(participants::valid_to.assume_not_null().gt(day)))
        .order(participants::id);
    Ok(rows.select(ParticipantRow::as_select()).load(db)?)
}
