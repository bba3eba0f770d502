//! Every query of employments.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Serialize;

use super::Employment;
use crate::identity::policy::EmploymentRead;
use crate::platform::db::Db;
use crate::platform::db::columns::Whole as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::together::Rows;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::Problem;
use crate::reference::Kommunkod;
use crate::schema::employments;
use crate::team::{EmployerKind, Organisation, Period};

/// An employment as stored.
#[derive(
    Clone, Debug, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = employments, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct EmploymentRow {
    /// Identity.
    pub id: Id,
    /// The programme that it counts in.
    pub programme_id: Id,
    /// The person who is employed.
    pub person_id: Id,
    /// Whether in a kommun's team or among the owner's staff.
    pub organisation: Organisation,
    /// The kommun; none for the owner's staff.
    pub kommunkod: Option<String>,
    /// The employer's name.
    pub employer_name: String,
    /// The employer's organisation number.
    pub organisation_number: String,
    /// What kind of employer it is.
    pub employer_kind: EmployerKind,
    /// Share of full time, percent.
    pub employment_percent: i32,
    /// Job category.
    pub job_category: String,
    /// The employment decision.
    pub decision_reference: Option<String>,
    /// Other public money that pays for the post.
    pub other_public_funding: Option<String>,
    /// First day.
    pub valid_from: Day,
    /// Last day; none while open.
    pub valid_to: Option<Day>,
    /// When it was registered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    EmploymentRow in employments as "employment" ("anställning", "employment"),
    chain |row| Chain::of(row.programme_id, row.kommunkod.as_deref()),
    actions ["changed", "ended"],
}

crate::scope!(EmploymentRow in employments: programme_id, kommunkod? owner, person_id);

crate::resource!(EmploymentRow as Employment at "/employments/{employmentId}", read by EmploymentRead, shown by Employment::show);

impl EmploymentRow {
    /// From the first day to the last.
    pub fn period(&self) -> Period {
        Period::new(self.valid_from, self.valid_to)
    }

    /// Whether it is valid on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.period().holds(day)
    }
}

crate::list! {
    /// `GET /employments`.
    pub struct EmploymentList: employments as EmploymentRow, shown as Employment, by id: Id, default "createdAt" {
        programmeId: programme_id => Id [filter];
        organisation: organisation => Organisation [filter];
        kommunkod: kommunkod => Kommunkod [filter_nullable];
        personId: person_id => Id [filter];
        organisationNumber: organisation_number => String [filter];
        employerKind: employer_kind => EmployerKind [filter];
        jobCategory: job_category => String [filter, sort];
        employmentPercent: employment_percent => i32 [range, sort];
        validFrom: valid_from => Day [range, sort];
        validTo: valid_to => Day [open_range];
        createdAt: created_at => Instant [sort];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
}

impl EmploymentRow {
    /// Whether both are in the same kommun's team, or both among the owner's staff. An employment that another kommun registers
    /// neither ends nor covers anything here.
    pub fn is_beside(&self, other: &EmploymentRow) -> bool {
        self.is_with(other.organisation, other.kommunkod.as_deref())
    }

    /// Whether it is in this kommun's team, or among the owner's staff.
    pub fn is_with(&self, organisation: Organisation, kommunkod: Option<&str>) -> bool {
        self.organisation == organisation && self.kommunkod.as_deref() == kommunkod
    }
}

/// The employments of these people in these programmes.
pub fn unscoped_of_people(programmes: &BTreeSet<Id>, people: &BTreeSet<Id>) -> Rows<EmploymentRow> {
    let query = employments::table
        .filter(employments::person_id.one_of(people.iter().copied()))
        .filter(employments::programme_id.one_of(programmes.iter().copied()));
    Rows::of(query.select(EmploymentRow::whole()))
}

/// All employments of a person in a programme, oldest first.
pub fn unscoped_of_person(
    db: &mut Db,
    programme_id: Id,
    person_id: Id,
) -> Result<Vec<EmploymentRow>, Problem> {
    let rows = employments::table
        .filter(employments::person_id.eq(person_id))
        .filter(employments::programme_id.eq(programme_id))
        .order((employments::valid_from, employments::id));
    Ok(rows.select(EmploymentRow::as_select()).load(db)?)
}

/// The employment that is valid on a day; of two at once, the one that began last.
pub fn unscoped_on_day(
    db: &mut Db,
    programme_id: Id,
    person_id: Id,
    day: Day,
) -> Result<Option<EmploymentRow>, Problem> {
    let mut rows = unscoped_of_person(db, programme_id, person_id)?;
    rows.retain(|row| row.holds_on(day));
    Ok(rows.pop())
}
