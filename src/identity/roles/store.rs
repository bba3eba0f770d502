//! Every query of role assignments.

use diesel::prelude::*;
use serde::Serialize;

use super::{RoleAssignment, SignerRole, Wanted};
use crate::identity::people::PersonState;
use crate::identity::policy::Role;
use crate::identity::policy::RoleRead;
use crate::platform::audit::Chain;
use crate::platform::auth::caller::Assignment;
use crate::platform::auth::scope::Scope;
use crate::platform::db::{Db, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::reference::Kommunkod;
use crate::schema::{people, programmes, role_assignments};

/// A role assignment as stored.
#[derive(Clone, Debug, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = role_assignments, treat_none_as_null = true)]
pub struct AssignmentRow {
    /// Identity.
    pub id: Id,
    /// Who.
    pub person_id: Id,
    /// Which role.
    pub role: Role,
    /// In which capacity (signatory).
    pub signer_role: Option<SignerRole>,
    /// In which programme.
    pub programme_id: Option<Id>,
    /// In which kommun.
    pub kommunkod: Option<String>,
    /// For which letter.
    pub subject_id: Option<Id>,
    /// First day.
    pub valid_from: Day,
    /// Last day.
    pub valid_to: Option<Day>,
    /// Who granted it; absent when a rule did.
    pub granted_by: Option<Id>,
    /// When it was granted.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
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

crate::resource!(AssignmentRow at "/people/{personId}/role-assignments/{roleAssignmentId}", read by RoleRead);

crate::list! {
    /// `GET /people/{personId}/role-assignments`.
    pub struct AssignmentList: role_assignments as AssignmentRow, shown as RoleAssignment, by id: Id, default "-createdAt" {
        role: role => Role [filter];
        programmeId: programme_id => Id [filter_some];
        kommunkod: kommunkod => Kommunkod [filter_some];
        validFrom: valid_from => Day [range, sort];
        createdAt: created_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
}

/// One person's, as far as they are visible.
pub fn visible_of(scope: &Scope, person_id: Id) -> role_assignments::BoxedQuery<'static, MultiBackend> {
    visible(scope).filter(role_assignments::person_id.eq(person_id))
}

/// The roles that a person holds today, as permits need them.
pub fn held_now(rx: &mut Rx<'_>, person_id: Id) -> Result<Vec<Assignment>, Problem> {
    let today = rx.ctx.today();
    let rows: Vec<AssignmentRow> = role_assignments::table
        .filter(role_assignments::person_id.eq(person_id))
        .filter(role_assignments::valid_from.le(today))
        .filter(
            role_assignments::valid_to.is_null().or(role_assignments::valid_to.assume_not_null().ge(today)),
        )
        .order((role_assignments::created_at, role_assignments::id))
        .select(AssignmentRow::as_select())
        .load(rx.db)?;
    Ok(rows.into_iter().map(AssignmentRow::into_assignment).collect())
}

impl AssignmentRow {
    fn into_assignment(self) -> Assignment {
        Assignment {
            role: self.role.as_str().to_owned(),
            signer_role: self.signer_role.map(|role| role.as_str().to_owned()),
            programme_id: self.programme_id,
            kommunkod: self.kommunkod,
            subject_id: self.subject_id,
        }
    }

    /// What it gives, as a wish.
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

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

/// Everything that a person holds, held or will hold, whoever asks.
pub fn of_person(db: &mut Db, person_id: Id) -> Result<Vec<AssignmentRow>, Problem> {
    let rows = role_assignments::table
        .filter(role_assignments::person_id.eq(person_id))
        .order((role_assignments::created_at, role_assignments::id));
    Ok(rows.select(AssignmentRow::as_select()).load(db)?)
}

/// Who holds a role in a place today, whoever asks.
pub fn holders(
    rx: &mut Rx<'_>,
    role: Role,
    programme_id: Id,
    kommunkod: Option<&str>,
) -> Result<Vec<AssignmentRow>, Problem> {
    let today = rx.ctx.today();
    let mut query = role_assignments::table
        .filter(role_assignments::programme_id.assume_not_null().eq(programme_id))
        .filter(role_assignments::role.eq(role))
        .filter(role_assignments::valid_from.le(today))
        .filter(
            role_assignments::valid_to.is_null().or(role_assignments::valid_to.assume_not_null().ge(today)),
        )
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

/// Whether somebody who can log in is a system administrator today, whoever asks.
pub(super) fn has_administrator(rx: &mut Rx<'_>) -> Result<bool, Problem> {
    let today = rx.ctx.today();
    let active = people::table.filter(people::status.eq(PersonState::Active)).select(people::id);
    let held = role_assignments::table
        .filter(role_assignments::role.eq(Role::SystemAdmin))
        .filter(role_assignments::valid_from.le(today))
        .filter(
            role_assignments::valid_to.is_null().or(role_assignments::valid_to.assume_not_null().ge(today)),
        )
        .filter(role_assignments::person_id.eq_any(active));
    Ok(diesel::select(diesel::dsl::exists(held)).get_result(rx.db)?)
}

/// Who holds some of a programme's roles on a day or later, the owner's people or those of kommuner; whoever asks.
pub fn held_from(
    rx: &mut Rx<'_>,
    programme_id: Id,
    roles: &[Role],
    is_owners: bool,
    day: Day,
) -> Result<Vec<AssignmentRow>, Problem> {
    let query = role_assignments::table
        .filter(role_assignments::programme_id.assume_not_null().eq(programme_id))
        .filter(role_assignments::role.eq_any(roles.to_vec()))
        .filter(role_assignments::kommunkod.is_null().eq(is_owners))
        .filter(role_assignments::valid_to.is_null().or(role_assignments::valid_to.assume_not_null().ge(day)))
        .order((role_assignments::created_at, role_assignments::id));
    Ok(query.select(AssignmentRow::as_select()).load(rx.db)?)
}

/// An assignment that already gives what is wanted.
pub(super) fn same(rx: &mut Rx<'_>, wanted: &Wanted) -> Result<Option<AssignmentRow>, Problem> {
    let today = rx.ctx.today();
    let rows = role_assignments::table
        .filter(role_assignments::person_id.eq(wanted.person_id))
        .filter(role_assignments::role.eq(wanted.role))
        .filter(
            role_assignments::valid_to.is_null().or(role_assignments::valid_to.assume_not_null().ge(today)),
        )
        .select(AssignmentRow::as_select())
        .load(rx.db)?;
    Ok(rows.into_iter().find(|row| {
        (row.programme_id, row.kommunkod.as_ref(), row.subject_id, row.signer_role)
            == (wanted.programme_id, wanted.kommunkod.as_ref(), wanted.subject_id, wanted.signer_role)
            && row.valid_from <= wanted.valid_from
            && row.valid_to.is_none_or(|last| wanted.valid_to.is_some_and(|to| to <= last))
    }))
}

/// Whether there is such a programme. Programmes are an area above this one; only their key is asked for.
pub fn has_programme(db: &mut Db, id: Id) -> Result<bool, Problem> {
    Ok(diesel::select(diesel::dsl::exists(programmes::table.find(id))).get_result(db)?)
}
