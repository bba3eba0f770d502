//! Every query of programmes.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use serde::Serialize;

use super::requests::keyed;
use super::rules::WORKFLOW;
use super::{Decision, Profile, Programme, ProgrammeState, SelectionPlan};
use crate::identity::policy::ProgrammeRead;
use crate::platform::audit::verification::single::Written;
use crate::platform::auth::scope::{AuthzKeys, HasKeys, Place, Scope};
use crate::platform::db::columns::Whole as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::sql::Json;
use crate::platform::db::together::Rows;
use crate::platform::db::{Condition, Db, MultiBackend};
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::tx::Rx;
use crate::schema::programmes;

/// A programme as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = programmes, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ProgrammeRow {
    /// Identity.
    pub id: Id,
    /// Name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// State.
    pub status: ProgrammeState,
    /// ESF's programme period.
    pub profile: Profile,
    /// How many kommuner can take part.
    pub places: i32,
    /// First day of the work.
    pub starts_on: Day,
    /// Last day of the work.
    pub ends_on: Day,
    /// When the call opens.
    pub opens_at: Instant,
    /// The last moment to express interest.
    pub interest_deadline: Instant,
    /// The information meeting.
    pub info_meeting_at: Instant,
    /// The last moment to confirm the interest.
    pub confirmation_deadline: Instant,
    /// The last moment for both signatures on the avsiktsförklaring.
    pub avsiktsforklaring_deadline: Instant,
    /// Lottery seed: 32 hex digits, drawn when the programme is scheduled, never changed. It is not in the audit trail,
    /// whose readers would know it before the call closes; `seed_sha256` there proves it.
    #[serde(skip)]
    pub seed: Option<String>,
    /// SHA-256 of the seed.
    pub seed_sha256: Option<String>,
    /// When it opened; public from then on.
    pub opened_at: Option<Instant>,
    /// When the seed was shown; public from then on.
    pub seed_shown_at: Option<Instant>,
    /// ESF's decision.
    pub esf_decision: Option<Json<Decision>>,
    /// Why it was called off.
    pub cancellation_reason: Option<String>,
    /// How the places will be given; none in programmes that are older than plans.
    pub selection_plan: Option<Json<SelectionPlan>>,
    /// The older programme whose settings, milestone templates and plan it was given.
    pub copied_from: Option<Id>,
    /// The name in Swedish sort order.
    #[serde(skip)]
    pub sort_name: String,
    /// Lower-case name and description.
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
    ProgrammeRow in programmes as "programme" ("program", "programme"),
    chain |row| Chain::Programme(row.id),
    actions ["changed"],
    workflow WORKFLOW: ProgrammeState,
    proof unproven,
    composed super::requests::with_keys,
}

/// The programmes of these whose seed is not the one that its hash was shown of.
fn unproven(rx: &mut Rx<'_>, ids: &[Id]) -> Result<Vec<(Id, &'static str)>, Problem> {
    let rows = ProgrammeRow::these(rx, ids)?;
    let is_another = |row: &ProgrammeRow| row.seed.as_deref().map(sha256_hex) != row.seed_sha256;
    Ok(rows.into_iter().filter(is_another).map(|row| (row.id, "content")).collect())
}

crate::resource!(
    ProgrammeRow as Programme at "/programmes/{programmeId}",
    read by ProgrammeRead, shown by Programme::show
);

crate::list! {
    /// `GET /programmes`.
    pub struct ProgrammeList: programmes as ProgrammeRow, shown as Programme, by id: Id, default "name" {
        name: sort_name => String [sort];
        status: status => ProgrammeState [filter];
        profile: profile => Profile [filter];
        opensAt: opens_at => Instant [range, sort];
        interestDeadline: interest_deadline => Instant [range, sort];
        startsOn: starts_on => Day [range, sort];
        createdAt: created_at => Instant [range, sort];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
    search search_text
}

/// The programmes within a scope: those that have opened, whatever became of them, and those where the caller holds a role.
/// Every query starts here.
pub fn visible(scope: &Scope) -> programmes::BoxedQuery<'static, MultiBackend> {
    let query = programmes::table.into_boxed();
    if scope.is_everywhere() {
        return query;
    }
    let mut condition: Condition<programmes::table> = Box::new(programmes::opened_at.is_not_null());
    for grant in &scope.grants {
        if let Place::Programme(id) = grant.place {
            condition = Box::new(condition.or(programmes::id.eq(id)));
        }
    }
    query.filter(condition)
}

impl ProgrammeRow {
    /// How the places will be given.
    pub fn plan(&self) -> SelectionPlan {
        self.selection_plan.clone().map(|plan| plan.0).unwrap_or_default()
    }

    /// Its columns of JSON text, as the program writes them.
    pub fn written(&self) -> Result<[Written; 2], Problem> {
        Ok([
            Written::of("esf_decision", "esfDecision", &self.esf_decision)?,
            Written::of("selection_plan", "selectionPlan", &self.selection_plan)?,
        ])
    }

    /// Whether the columns for sorting and searching are those of its name and description.
    pub fn is_keyed(&self) -> bool {
        keyed(self.clone()) == *self
    }
}

impl HasKeys for ProgrammeRow {
    fn keys(&self) -> AuthzKeys<'_> {
        super::keys(self.id)
    }
}

crate::find_visible!(ProgrammeRow in programmes);

/// Several programmes, by id.
#[derive(Clone, Debug)]
pub struct Programmes(HashMap<Id, ProgrammeRow>);

impl Programmes {
    /// One of those that were loaded.
    pub fn of(&self, id: Id) -> Result<&ProgrammeRow, Problem> {
        self.0.get(&id).ok_or_else(|| Problem::internal("a programme that was not loaded"))
    }
}

impl FromIterator<ProgrammeRow> for Programmes {
    fn from_iter<I: IntoIterator<Item = ProgrammeRow>>(rows: I) -> Self {
        Self(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

/// The programmes with these ids, which are known to exist, to be loaded with other rows.
pub fn unscoped_among(ids: &BTreeSet<Id>) -> Rows<ProgrammeRow> {
    let these = programmes::id.one_of(ids.iter().copied());
    Rows::of(programmes::table.filter(these).select(ProgrammeRow::whole()))
}

/// The programmes with these ids, which are known to exist.
pub fn unscoped_by_ids(db: &mut Db, ids: &BTreeSet<Id>) -> Result<Programmes, Problem> {
    Ok(unscoped_among(ids).load(db)?.into_iter().collect())
}

/// A programme that is known to exist.
pub fn unscoped_by_id(db: &mut Db, id: Id) -> Result<ProgrammeRow, Problem> {
    Ok(programmes::table.find(id).select(ProgrammeRow::as_select()).first(db)?)
}

/// The programmes in some states, by id.
pub fn unscoped_in_states(rx: &mut Rx<'_>, states: &[ProgrammeState]) -> Result<Vec<ProgrammeRow>, Problem> {
    let query = programmes::table.filter(programmes::status.one_of(states)).order(programmes::id);
    Ok(query.select(ProgrammeRow::as_select()).load(rx.db)?)
}
