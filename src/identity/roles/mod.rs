//! Role assignments: dated, several per person. Who may grant which role stands in [`rules`] (guide §1, "Granting").

mod granting;
mod requests;
pub mod routes;
mod rules;
mod store;

use serde::Serialize;
use utoipa::ToSchema;

use crate::identity::policy::Role;
use crate::platform::audit::Audited as _;
use crate::platform::context::Context;
use crate::platform::db::statements;
use crate::platform::http::answer::{Link, Representation};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::tx::{Rx, Tx};

pub use granting::by_hand;
pub use requests::NewRoleAssignment;
pub use rules::GRANTS;
pub use store::{AssignmentRow, has_programme, held_from, held_now, holders, of_person};

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[Role::LIST, SignerRole::LIST],
    audited: &[AssignmentRow::AUDITED],
    ..Part::NONE
};

crate::codes! {
    /// In which capacity somebody signs (guide §3).
    pub enum SignerRole as "signerRoles" {
        /// Kommunchef, kommundirektör, stadsdirektör.
        MunicipalDirector = "municipalDirector", "kommunchef", "municipal director";
        /// Kommunstyrelsens ordförande.
        ExecutiveBoardChair = "executiveBoardChair", "kommunstyrelsens ordförande", "chair of the executive board";
        /// Holds the kommun's delegation.
        Delegate = "delegate", "delegat", "delegate";
        /// The person whose time it is.
        Employee = "employee", "medarbetare", "employee";
        /// Attests a colleague's time.
        Attester = "attester", "attestant", "attester";
    }
}

/// A role that a person holds, has held or will hold.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = RoleAssignment::example)]
pub struct RoleAssignment {
    /// Identity.
    pub id: Id,
    /// The person who holds the role.
    pub person_id: Id,
    /// The role.
    pub role: Role,
    /// For a signatory: in which capacity.
    pub signer_role: Option<SignerRole>,
    /// The programme it holds in; absent for the installation.
    pub programme_id: Option<Id>,
    /// The kommun it holds in; absent for the programme or the owner.
    pub kommunkod: Option<String>,
    /// The letter it holds for (signatory).
    pub subject_id: Option<Id>,
    /// First day.
    pub valid_from: Day,
    /// Last day; absent while open.
    pub valid_to: Option<Day>,
    /// When it was granted.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

impl Representation for RoleAssignment {
    fn version(&self) -> i32 {
        self.version
    }

    fn path(&self) -> String {
        format!("/people/{}/role-assignments/{}", self.person_id, self.id)
    }
}

/// A role to grant.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// To whom.
    pub person_id: Id,
    /// Which.
    pub role: Role,
    /// In which capacity (signatory).
    pub signer_role: Option<SignerRole>,
    /// In which programme.
    pub programme_id: Option<Id>,
    /// In which kommun.
    pub kommunkod: Option<String>,
    /// For which letter.
    pub subject_id: Option<Id>,
    /// From which day.
    pub valid_from: Day,
    /// To which day.
    pub valid_to: Option<Day>,
}

/// What areas above have against a role that somebody grants or ends by hand, because it comes with something of theirs;
/// runs inside the same transaction (wired in `app.rs`).
pub trait AssignmentListener: Send + Sync {
    /// What stands in the way, all of it. `before` is none for a role that is being granted.
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&AssignmentRow>,
        wanted: &Wanted,
    ) -> Result<Vec<FieldError>, Problem>;
}

impl Wanted {
    /// A role in a kommun of a programme (without kommun: in the programme, or among the owner's people), from `day` on.
    pub fn new(person_id: Id, role: Role, programme_id: Id, kommunkod: Option<&str>, day: Day) -> Self {
        Self {
            person_id,
            role,
            signer_role: None,
            programme_id: Some(programme_id),
            kommunkod: kommunkod.map(str::to_owned),
            subject_id: None,
            valid_from: day,
            valid_to: None,
        }
    }
}

/// Does what may take an administrator away, and refuses it when none would be left: 409. Two administrators who take the
/// role from each other at the same time follow one another here.
pub fn keeping_an_administrator<T>(
    tx: &mut Tx<'_>,
    change: impl FnOnce(&mut Tx<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    statements::lock_name(tx.db, "administrators")?;
    let changed = change(tx)?;
    if store::has_administrator(&mut tx.as_read())? {
        return Ok(changed);
    }
    Err(Problem::new(Code::StateConflict).detail(
        "Det finns ingen annan systemadministratör som kan logga in.",
        "There is no other system administrator who can log in.",
    ))
}

/// Grants a role, unless the person holds the very same now or later. Whether the caller may grant it is not asked here:
/// a rule of another resource grants it (a participant's role, a signatory's), or [`routes`] has asked.
pub fn grant(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<AssignmentRow, Problem> {
    let held = store::same(&mut Rx { db: tx.db, ctx: tx.ctx }, wanted)?;
    if let Some(held) = held {
        return Ok(held);
    }
    let row = row(tx.ctx, wanted);
    tx.insert(&row)?;
    Ok(row)
}

fn row(ctx: &Context, wanted: &Wanted) -> AssignmentRow {
    AssignmentRow {
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
        created_at: ctx.now,
        updated_at: ctx.now,
        version: 1,
    }
}

/// Ends a role after `last_day`.
pub fn end(tx: &mut Tx<'_>, row: AssignmentRow, last_day: Day) -> Result<AssignmentRow, Problem> {
    let mut after = row.clone();
    // A role that ends before it began never held: it keeps its first day and ends on the day before.
    after.valid_from = row.valid_from.min(last_day);
    after.valid_to = Some(last_day);
    tx.update("ended", &row, after)
}
