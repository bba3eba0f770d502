//! The queries of people.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Serialize;

use super::information::INFORMATION_VERSION;
use super::rules::WORKFLOW;
use super::{Person, PersonState};
use crate::identity::policy::PersonRead;
use crate::platform::auth::scope::{AuthzKeys, HasKeys, Place, SELF, Scope};
use crate::platform::context::Context;
use crate::platform::db::columns::Whole as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::together::Rows;
use crate::platform::db::{AnyOf, Db, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::reference::swedish_key;
use crate::schema::{invitations, people, role_assignments};

/// A person as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = people, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PersonRow {
    /// Identity.
    pub id: Id,
    /// Name.
    pub name: String,
    /// Work e-mail, lower case.
    pub email: String,
    /// Login state.
    pub status: PersonState,
    /// argon2id in its standard text form; it never leaves the database, not even for the audit trail.
    #[serde(skip)]
    pub password_hash: Option<String>,
    /// When the password was chosen.
    pub password_set_at: Option<Instant>,
    /// Version of the information text (GDPR art. 13) that the person was given last.
    pub information_version: Option<String>,
    /// The name as a key in Swedish order.
    #[serde(skip)]
    pub sort_name: String,
    /// Lower-case name and e-mail.
    #[serde(skip)]
    pub search_text: String,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Who added the person; empty when the program did.
    pub added_by: Option<Id>,
    /// The name that was held for a day when the name was last changed.
    pub earlier_name: Option<String>,
    /// When the name was last changed.
    pub renamed_at: Option<Instant>,
}

crate::stored! {
    PersonRow in people as "person" ("person", "person"),
    chain |_row| Chain::Installation,
    actions ["changed", "informed", "passwordSet"],
    workflow WORKFLOW: PersonState,
    callers |before| before.is_some(),
    composed with_keys,
}

crate::resource!(PersonRow as Person at "/people/{personId}", read by PersonRead);

/// The time in the id of every person. The id is shown to whoever adds somebody to a team by address, and the time would tell
/// whether the account is new.
const UNTOLD: Instant = Instant::from_millis(0);

impl PersonRow {
    /// A person who is invited and has no password yet.
    pub fn new(ctx: &Context, name: &str, email: &str) -> Self {
        let mut row = Self {
            id: ctx.ids.id(UNTOLD),
            name: name.to_owned(),
            email: email.to_lowercase(),
            status: PersonState::Invited,
            password_hash: None,
            password_set_at: None,
            information_version: Some(INFORMATION_VERSION.to_owned()),
            sort_name: String::new(),
            search_text: String::new(),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
            added_by: ctx.caller.person_id(),
            earlier_name: None,
            renamed_at: None,
        };
        row.set_sort_and_search();
        row
    }

    /// The name for signatures at an instant: one that was held for at least a day before it, so that nobody signs under a name
    /// that they take for the moment. A new person has only one.
    pub fn settled_name(&self, now: Instant) -> &str {
        let is_new = self.renamed_at.is_some_and(|at| now < at.plus_days(1));
        self.earlier_name.as_deref().filter(|_| is_new).unwrap_or(&self.name)
    }

    /// Remembers the settled name of the row as it was, if the name has changed.
    pub fn renamed_from(&mut self, before: &Self, now: Instant) {
        if self.name != before.name {
            self.earlier_name = Some(before.settled_name(now).to_owned());
            self.renamed_at = Some(now);
        }
    }

    /// Fills the columns for sorting and searching from name and address.
    pub fn set_sort_and_search(&mut self) {
        self.sort_name = swedish_key(&self.name);
        self.search_text = format!("{} {}", self.name.to_lowercase(), self.email);
    }
}

/// The row with its columns for sorting and searching computed again.
fn with_keys(mut row: PersonRow, _: &PersonRow, _: &mut Rx<'_>) -> Result<PersonRow, Problem> {
    row.set_sort_and_search();
    Ok(row)
}

crate::list! {
    /// `GET /people`.
    pub struct PersonList: people as PersonRow, shown as Person, by id: Id, default "name" {
        name: sort_name => String [sort, personal];
        status: status => PersonState [filter];
        createdAt: created_at => Instant [sort, range];
        updatedSince: updated_at => Instant [since];
    }
    search search_text
}

/// The rows within a scope: the caller's own; for staff also people who hold or have held a role where the staff role
/// reaches, and people whom the caller has added or invited, who may have no role yet. A person who was found by an address is
/// seen only when they have logged in or accepted since.
pub fn visible(scope: &Scope) -> people::BoxedQuery<'static, MultiBackend> {
    let query = people::table.into_boxed();
    if scope.is_everywhere() {
        return query;
    }
    let is_staff = scope.grants.iter().any(|grant| grant.role != SELF);
    let mut condition: AnyOf<people::table> = AnyOf::nothing();
    for grant in &scope.grants {
        let holders = role_assignments::table
            .filter(role_assignments::acknowledged_at.is_not_null())
            .select(role_assignments::person_id);
        condition = match &grant.place {
            Place::Person(id) if is_staff => {
                let added = people::added_by.assume_not_null().eq(*id);
                let invited = invitations::table
                    .filter(invitations::person_id.eq(*id))
                    .filter(invitations::acknowledged_at.is_not_null())
                    .select(invitations::invited_id);
                condition
                    .or(people::id.eq(*id))
                    .or(added.and(people::password_set_at.is_not_null()))
                    .or(people::id.eq_any(invited))
            }
            Place::Person(id) => condition.or(people::id.eq(*id)),
            Place::Programme(programme) => {
                let there = role_assignments::programme_id.assume_not_null().eq(*programme);
                condition.or(people::id.eq_any(holders.filter(there)))
            }
            Place::Kommun(programme, kommun) => {
                let there = role_assignments::programme_id.assume_not_null().eq(*programme);
                let here = role_assignments::kommunkod.assume_not_null().eq(kommun.clone());
                condition.or(people::id.eq_any(holders.filter(there.and(here))))
            }
            Place::Everywhere
            | Place::Owner(_)
            | Place::Member(..)
            | Place::Subject(_)
            | Place::Client(_) => condition,
        };
    }
    query.filter(condition.condition())
}

impl HasKeys for PersonRow {
    const COLUMNS: &'static [&'static str] = &["person_id"];

    fn keys(&self) -> AuthzKeys<'_> {
        AuthzKeys { person_id: Some(self.id), ..AuthzKeys::default() }
    }
}

crate::find_visible!(PersonRow in people);

/// A person who is known to exist.
pub fn unscoped_by_id(db: &mut Db, id: Id) -> Result<PersonRow, Problem> {
    Ok(people::table.find(id).select(PersonRow::as_select()).first(db)?)
}

/// The person with this address.
pub fn unscoped_by_email(db: &mut Db, email: &str) -> Result<Option<PersonRow>, Problem> {
    let query = people::table.filter(people::email.eq(email.to_lowercase()));
    Ok(query.select(PersonRow::as_select()).first(db).optional()?)
}

/// Several people, in no particular order.
pub fn unscoped_by_ids(db: &mut Db, ids: Vec<Id>) -> Result<Vec<PersonRow>, Problem> {
    Ok(unscoped_among(&ids.into_iter().collect()).load(db)?)
}

/// The people with these ids.
pub fn unscoped_among(ids: &BTreeSet<Id>) -> Rows<PersonRow> {
    let these = people::table.filter(people::id.one_of(ids.iter().copied()));
    Rows::of(these.select(PersonRow::whole()))
}

/// Whether the table has any row; it has none at the first start.
pub fn unscoped_any(rx: &mut Rx<'_>) -> Result<bool, Problem> {
    Ok(diesel::select(diesel::dsl::exists(people::table.select(people::id))).get_result(rx.db)?)
}
