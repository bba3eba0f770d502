//! Team: who takes part, for a kommun or for the programme's owner, and how they are employed. The time area listens to
//! changes of participants and employments; the area of calls tells whether a kommun has a place in the programme.

pub mod employments;
mod numbers;
pub mod participants;
mod period;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use validator::ValidationError;

use crate::platform::auth::scope::AuthzKeys;
use crate::platform::db::Db;
use crate::platform::http::body::broken_at;
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::platform::part::Part;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};
use crate::reference::kommuner;
use employments::EmploymentRow;
use participants::ParticipantRow;

pub use numbers::{EmployeeNumber, OrganisationNumber};
pub use period::Period;

/// What the area's resources bring to the program.
pub const PARTS: &[Part] = &[participants::PART, employments::PART];

crate::codes! {
    /// Who somebody works for in the programme.
    pub enum Organisation as "organisations" {
        /// A kommun.
        Kommun = "kommun", "kommun", "kommun";
        /// The programme's owner (SKR).
        Owner = "owner", "projektägaren", "the programme owner";
    }
}

crate::codes! {
    /// How a person's time is paid for (guide §4).
    pub enum FinancingForm as "financingForms" {
        /// The kommun's contribution in kind; never a payment.
        CoFinancing = "coFinancing", "medfinansiering", "co-financing";
        /// The owner's own cost.
        DirectCost = "directCost", "direkt kostnad", "direct cost";
    }
}

crate::codes! {
    /// Kinds of employers.
    pub enum EmployerKind as "employerKinds" {
        /// The kommun itself.
        Kommun = "kommun", "kommun", "kommun";
        /// A company that the kommun owns.
        MunicipalCompany = "municipalCompany", "kommunalt bolag", "municipal company";
        /// Kommunalförbund.
        MunicipalAssociation = "municipalAssociation", "kommunalförbund", "municipal association";
        /// The programme's owner.
        Owner = "owner", "projektägaren", "the programme owner";
    }
}

/// Tells whether a kommun has a place in a programme. The area of calls implements it.
pub trait Membership: Send + Sync {
    /// The kommuner that take part in one of these programmes or have been given a place, each with the programme.
    fn with_place(
        &self,
        rx: &mut Rx<'_>,
        programmes: &BTreeSet<Id>,
    ) -> Result<HashSet<(Id, String)>, Problem>;

    /// The kommuner that have left the programme early, each with its last day.
    fn left(&self, tx: &mut Tx<'_>, programme_id: Id) -> Result<Vec<(String, Day)>, Problem>;
}

/// The kommuner with a place in some programmes, as each implementation of [`Membership`] tells.
#[derive(Default)]
struct Places(Vec<HashSet<(Id, String)>>);

impl Places {
    /// Loads those of these programmes.
    fn of(rx: &mut Rx<'_>, programmes: &BTreeSet<Id>) -> Result<Self, Problem> {
        let hooks = Arc::clone(&rx.ctx.hooks);
        let told =
            hooks.of::<dyn Membership>().iter().map(|membership| membership.with_place(rx, programmes));
        Ok(Self(told.collect::<Result<_, _>>()?))
    }

    /// Whether the kommun has a place in the programme.
    fn has(&self, programme_id: Id, kommunkod: &str) -> bool {
        let place = (programme_id, kommunkod.to_owned());
        self.0.iter().all(|told| told.contains(&place))
    }
}

/// The kommuner that have left a programme early, each with its last day, according to the implementations of [`Membership`].
fn left(tx: &mut Tx<'_>, programme_id: Id) -> Result<Vec<(String, Day)>, Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    let mut left = Vec::new();
    for membership in hooks.of::<dyn Membership>() {
        left.extend(membership.left(tx, programme_id)?);
    }
    Ok(left)
}

/// How higher areas react when a participant is added or changed. Runs inside the same transaction.
pub trait ParticipantListener: Send + Sync {
    /// Everything that prevents it, such as a last day before the last day of entered time. `before` is none for a new
    /// participant.
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<Vec<FieldError>, Problem> {
        let _ = (tx, before, after);
        Ok(Vec::new())
    }

    /// Locks what `changed` may change for these participants, in the order of the ids, before any of them changes.
    fn lock(&self, tx: &mut Tx<'_>, participants: &BTreeSet<Id>) -> Result<(), Problem> {
        let _ = (tx, participants);
        Ok(())
    }

    /// What follows from it, such as the time reports of months that have begun. `before` is none for a new participant.
    fn changed(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<(), Problem>;
}

/// What higher areas know of the time of employed people.
pub trait EmploymentListener: Send + Sync {
    /// The entered time outside the person's employments in this team, by day, in minutes. Called after an employment is
    /// registered or changed and before that is committed, so that the store shows the employments as they would be: a new
    /// one may have ended an earlier one.
    fn time_without(&self, tx: &mut Tx<'_>, after: &EmploymentRow) -> Result<Vec<(Day, i64)>, Problem>;
}

/// The authorization keys of a kommun's team, or of the owner's staff.
pub fn place(programme_id: Id, organisation: Organisation, kommunkod: Option<&str>) -> AuthzKeys<'_> {
    AuthzKeys {
        programme_id: Some(programme_id),
        kommunkod,
        belongs_to_owner: organisation == Organisation::Owner,
        ..AuthzKeys::default()
    }
}

/// An error unless a kommun is named for a kommun's people, and none for the owner's staff.
pub fn place_fault(organisation: Organisation, kommunkod: Option<&str>) -> Result<(), ValidationError> {
    match (organisation, kommunkod) {
        (Organisation::Kommun, None) => {
            Err(broken_at("kommunkod", "required", "Ange kommunen", "Name the kommun"))
        }
        (Organisation::Owner, Some(_)) => Err(broken_at(
            "kommunkod",
            "wrongPlace",
            "Projektägarens medarbetare hör inte till en kommun",
            "The owner's staff does not belong to a kommun",
        )),
        _ => Ok(()),
    }
}

/// An error for a last day before the first one.
fn order_fault(period: Period) -> Option<FieldError> {
    let words = Localized::fixed("Sista dagen ligger före den första.", "The last day is before the first.");
    period.to.is_some_and(|last| last < period.from).then(|| FieldError::new("/validTo", "wrongOrder", words))
}

/// An error for a kommunkod that the register does not have.
pub fn unknown_kommun(db: &mut Db, kommunkod: Option<&str>) -> Result<Option<FieldError>, Problem> {
    let is_unknown = match kommunkod {
        Some(kommunkod) => !kommuner::exists(db, kommunkod)?,
        None => false,
    };
    let words = Localized::fixed("Kommunkoden finns inte i registret.", "The code is not in the register.");
    Ok(is_unknown.then(|| FieldError::new("/kommunkod", "unknown", words)))
}
