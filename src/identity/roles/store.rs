//! The queries of role assignments.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Serialize;

use super::{RoleAssignment, SignerRole, Wanted};
use crate::identity::people::{PersonState, Seen};
use crate::identity::policy::{Role, RoleRead};
use crate::platform::auth::caller::Assignment;
use crate::platform::auth::scope::Scope;
use crate::platform::context::Context;
use crate::platform::db::columns::Whole as _;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::together::Rows;
use crate::platform::db::{Condition, Db, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::reference::Kommunkod;
use crate::schema::{people, programmes, role_assignments};

/// A role assignment as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = role_assignments, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AssignmentRow {
    /// Identity.
    pub id: Id,
    /// The person who has the role.
    pub person_id: Id,
    /// The role.
    pub role: Role,
    /// The capacity in which the person signs (signatory).
    pub signer_role: Option<SignerRole>,
    /// The programme in which the role is valid.
    pub programme_id: Option<Id>,
    /// The kommun in which the role is valid.
    pub kommunkod: Option<String>,
    /// The letter for which the role is valid (signatory).
    pub subject_id: Option<Id>,
    /// First day.
    pub valid_from: Day,
    /// Last day.
    pub valid_to: Option<Day>,
    /// Who granted the role; empty when the program did.
    pub granted_by: Option<Id>,
    /// When it was granted.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// When the person next logged in or accepted after it was granted. Those who reach people through their roles see the
    /// person from then on.
    #[serde(skip)]
    pub acknowledged_at: Option<Instant>,
}

crate::stored! {
    AssignmentRow in role_assignments as "roleAssignment" ("rolltilldelning", "role assignment"),
    chain |row| match row.programme_id {
        Some(programme) => Chain::of(programme, row.kommunkod.as_deref()),
        None => Chain::Installation,
    },
    actions ["ended", "reopened"],
    callers |_before| true,
}

crate::scope!(AssignmentRow in role_assignments: programme_id?, kommunkod?, person_id);

crate::resource!(
    AssignmentRow as RoleAssignment at "/people/{personId}" "/role-assignments/{roleAssignmentId}",
    role_assignments by person_id of Seen, id: Id, read by RoleRead
);

crate::list! {
    /// `GET /people/{personId}/role-assignments`.
    pub struct AssignmentList: role_assignments as AssignmentRow, shown as RoleAssignment, by id: Id, default "-createdAt" {
        role: role => Role [filter];
        programmeId: programme_id => Id [filter_nullable];
        kommunkod: kommunkod => Kommunkod [filter_nullable];
        validFrom: valid_from => Day [range, sort];
        createdAt: created_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
}

/// The roles of one person within a scope.
pub fn visible_of(scope: &Scope, person_id: Id) -> role_assignments::BoxedQuery<'static, MultiBackend> {
    visible(scope).filter(role_assignments::person_id.eq(person_id))
}

fn is_not_ended_before(day: Day) -> Condition<role_assignments::table> {
    Box::new(role_assignments::valid_to.is_null().or(role_assignments::valid_to.assume_not_null().ge(day)))
}

fn is_valid_on(day: Day) -> Condition<role_assignments::table> {
    Box::new(role_assignments::valid_from.le(day).and(is_not_ended_before(day)))
}

/// The roles that a person has today, in the form that permits are checked against.
pub fn unscoped_held_now(rx: &mut Rx<'_>, person_id: Id) -> Result<Vec<Assignment>, Problem> {
    let today = rx.ctx.today();
    let rows: Vec<AssignmentRow> = role_assignments::table
        .filter(role_assignments::person_id.eq(person_id))
        .filter(is_valid_on(today))
        .order((role_assignments::created_at, role_assignments::id))
        .select(AssignmentRow::as_select())
        .load(rx.db)?;
    Ok(rows.into_iter().map(AssignmentRow::into_assignment).collect())
}

impl AssignmentRow {
    /// The row of a role that is granted now.
    pub fn new(ctx: &Context, wanted: &Wanted) -> Self {
        Self {
            id: ctx.new_id(),
            person_id: wanted.person_id,
            role: wanted.role,
            signer_role: wanted.signer_role,
            programme_id: wanted.programme_id,
            kommunkod: wanted.kommunkod.clone(),
            subject_id: wanted.subject_id,
            valid_from: wanted.valid_from,
            valid_to: wanted.valid_to,
            granted_by: ctx.caller.id(),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
            acknowledged_at: None,
        }
    }

    fn into_assignment(self) -> Assignment {
        Assignment {
            role: self.role.as_str().to_owned(),
            signer_role: self.signer_role.map(|role| role.as_str().to_owned()),
            programme_id: self.programme_id,
            kommunkod: self.kommunkod,
            subject_id: self.subject_id,
        }
    }

    /// The same role as one to grant.
    pub fn as_wanted(&self) -> Wanted {
        Wanted {
            person_id: self.person_id,
            role: self.role,
            signer_role: self.signer_role,
            programme_id: self.programme_id,
            kommunkod: self.kommunkod.clone(),
            subject_id: self.subject_id,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }

    /// Whether the role is valid on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

/// All roles that a person has, has had or will have.
pub fn unscoped_of_person(db: &mut Db, person_id: Id) -> Result<Vec<AssignmentRow>, Problem> {
    let rows = role_assignments::table
        .filter(role_assignments::person_id.eq(person_id))
        .order((role_assignments::created_at, role_assignments::id));
    Ok(rows.select(AssignmentRow::as_select()).load(db)?)
}

/// The assignments of a role in a place that are valid today.
pub fn unscoped_holders(
    rx: &mut Rx<'_>,
    role: Role,
    programme_id: Id,
    kommunkod: Option<&str>,
) -> Result<Vec<AssignmentRow>, Problem> {
    let today = rx.ctx.today();
    let mut query = role_assignments::table
        .filter(role_assignments::programme_id.assume_not_null().eq(programme_id))
        .filter(role_assignments::role.eq(role))
        .filter(is_valid_on(today))
        .into_boxed();
    query = match kommunkod {
        Some(kommunkod) => {
            query.filter(role_assignments::kommunkod.assume_not_null().eq(kommunkod.to_owned()))
        }
        None => query.filter(role_assignments::kommunkod.is_null()),
    };
    Ok(query
        .order((role_assignments::created_at, role_assignments::id))
        .select(AssignmentRow::as_select())
        .load(rx.db)?)
}

/// The assignments of a role in one of these kommuner of one of these programmes that are valid today.
pub fn unscoped_holders_in_kommuner(
    rx: &mut Rx<'_>,
    role: Role,
    programmes: &BTreeSet<Id>,
    kommunkoder: BTreeSet<String>,
) -> Result<Vec<AssignmentRow>, Problem> {
    let held = role_assignments::table
        .filter(role_assignments::programme_id.assume_not_null().one_of(programmes.iter().copied()))
        .filter(role_assignments::kommunkod.assume_not_null().one_of(kommunkoder))
        .filter(role_assignments::role.eq(role))
        .filter(is_valid_on(rx.ctx.today()));
    Ok(Rows::of(held.select(AssignmentRow::whole())).load(rx.db)?)
}

/// All assignments of a role in one of these programmes as a whole, also those that have ended.
pub fn unscoped_ever_held(role: Role, programmes: &BTreeSet<Id>) -> Rows<AssignmentRow> {
    let of_programmes = role_assignments::table
        .filter(role_assignments::programme_id.assume_not_null().one_of(programmes.iter().copied()))
        .filter(role_assignments::role.eq(role))
        .filter(role_assignments::kommunkod.is_null());
    Rows::of(of_programmes.select(AssignmentRow::whole()))
}

/// Whether a person who can log in is a system administrator today.
pub(super) fn has_administrator(rx: &mut Rx<'_>) -> Result<bool, Problem> {
    let today = rx.ctx.today();
    let active = people::table.filter(people::status.eq(PersonState::Active)).select(people::id);
    let held = role_assignments::table
        .filter(role_assignments::role.eq(Role::SystemAdmin))
        .filter(is_valid_on(today))
        .filter(role_assignments::person_id.eq_any(active));
    Ok(held.select(role_assignments::id).first::<Id>(rx.db).optional()?.is_some())
}

/// The assignments of some roles in a programme that are valid on a day or later, either those of the owner's own staff or
/// those of kommuner.
pub fn unscoped_held_from(
    rx: &mut Rx<'_>,
    programme_id: Id,
    roles: &[Role],
    belongs_to_owner: bool,
    day: Day,
) -> Result<Vec<AssignmentRow>, Problem> {
    let query = role_assignments::table
        .filter(role_assignments::programme_id.assume_not_null().eq(programme_id))
        .filter(role_assignments::role.one_of(roles))
        .filter(role_assignments::kommunkod.is_null().eq(belongs_to_owner))
        .filter(is_not_ended_before(day))
        .order((role_assignments::created_at, role_assignments::id));
    Ok(query.select(AssignmentRow::as_select()).load(rx.db)?)
}

/// An assignment that already gives the wanted role.
pub fn unscoped_same(rx: &mut Rx<'_>, wanted: &Wanted) -> Result<Option<AssignmentRow>, Problem> {
    let today = rx.ctx.today();
    let rows = role_assignments::table
        .filter(role_assignments::person_id.eq(wanted.person_id))
        .filter(role_assignments::role.eq(wanted.role))
        .filter(is_not_ended_before(today))
        .select(AssignmentRow::as_select())
        .load(rx.db)?;
    Ok(rows.into_iter().find(|row| {
        (row.programme_id, row.kommunkod.as_ref(), row.subject_id, row.signer_role)
            == (wanted.programme_id, wanted.kommunkod.as_ref(), wanted.subject_id, wanted.signer_role)
            && row.valid_from <= wanted.valid_from
            && row.valid_to.is_none_or(|last| wanted.valid_to.is_some_and(|to| to <= last))
    }))
}

/// The roles of a person that are marked when they log in or accept. Roles that have ended before that make nobody visible.
pub fn unscoped_to_acknowledge(tx: &mut Tx<'_>, person_id: Id) -> Result<Vec<Id>, Problem> {
    let open = role_assignments::table
        .filter(role_assignments::person_id.eq(person_id))
        .filter(role_assignments::acknowledged_at.is_null())
        .filter(is_not_ended_before(tx.ctx.today()));
    Ok(open.order(role_assignments::id).select(role_assignments::id).load(tx.db)?)
}

/// Marks roles of a person who logs in or accepts.
pub fn acknowledge(tx: &mut Tx<'_>, ids: &[Id]) -> Result<(), Problem> {
    diesel::update(role_assignments::table.filter(role_assignments::id.one_of(ids.iter().copied())))
        .set(role_assignments::acknowledged_at.eq(Some(tx.ctx.now)))
        .kept()
        .execute(tx.db)?;
    Ok(())
}

/// Whether the programme exists. Programmes are an area above this one; only the key is read here.
pub(super) fn has_programme(db: &mut Db, id: Id) -> Result<bool, Problem> {
    Ok(diesel::select(diesel::dsl::exists(programmes::table.find(id))).get_result(db)?)
}
