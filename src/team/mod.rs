//! Team: who takes part, of a kommun or of the programme's owner, and how they are employed. Time is entered by
//! participants; what a change of theirs means for time, the time area says as a listener. Whether a kommun has a place
//! in the programme, the area of calls says.

pub mod employments;
mod numbers;
pub mod participants;
mod period;

use crate::platform::part::Part;
use std::sync::Arc;

use validator::ValidationError;

use crate::platform::auth::action::Action;
use crate::platform::auth::found::covered;
use crate::platform::auth::permit::PermitFacts;
use crate::platform::auth::scope::AuthzKeys;
use crate::platform::context::Context;
use crate::platform::http::body::broken_at;
use crate::platform::ids::Id;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use employments::EmploymentRow;
use participants::ParticipantRow;

pub use numbers::{organisation_number_fault, personnummer_fault};
pub use period::Period;

/// What the area's resources bring to the program.
pub const PARTS: &[Part] = &[participants::PART, employments::PART];

crate::codes! {
    /// Whose people somebody belongs to.
    pub enum Organisation as "organisations" {
        /// A kommun's.
        Kommun = "kommun", "kommun", "kommun";
        /// The programme owner's (SKR's).
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
    /// What kind of employer it is.
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

/// Whether a kommun has a place in a programme, which the area of calls knows (wired in
/// `calls::hooks`).
pub trait Membership: Send + Sync {
    /// Whether the kommun takes part, or has been given a place.
    fn takes_part(&self, tx: &mut Tx<'_>, programme_id: Id, kommunkod: &str) -> Result<bool, Problem>;
}

/// Whether a kommun has a place, as far as somebody above knows.
fn takes_part(tx: &mut Tx<'_>, programme_id: Id, kommunkod: &str) -> Result<bool, Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    for membership in hooks.of::<dyn Membership>() {
        if !membership.takes_part(tx, programme_id, kommunkod)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What areas above do when a participant is added or changed; runs inside the same transaction (wired in `app.rs`).
pub trait ParticipantListener: Send + Sync {
    /// What stands in the way, all of it: such as a last day before the last day of entered time. `before` is none for a
    /// participant that is being added.
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<Vec<FieldError>, Problem> {
        let _ = (tx, before, after);
        Ok(Vec::new())
    }

    /// What follows from it: such as the time reports of months that have begun. `before` is none for a participant that
    /// was added.
    fn changed(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<(), Problem>;
}

/// What areas above say to an employment that is registered or changed; runs inside the same transaction.
pub trait EmploymentListener: Send + Sync {
    /// What stands in the way, all of it: such as entered time outside the person's employments. Asked when the change is
    /// written and before it is committed, so that the store shows the person's employments as they would be (a new one
    /// may have ended the one before it). `before` is none for an employment that is being registered.
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&EmploymentRow>,
        after: &EmploymentRow,
    ) -> Result<Vec<FieldError>, Problem>;
}

/// What something of a person's says of itself to permits.
pub fn keys(
    programme_id: Id,
    organisation: Organisation,
    kommunkod: Option<&str>,
    person_id: Id,
) -> AuthzKeys {
    AuthzKeys { person_id: Some(person_id), ..place(programme_id, organisation, kommunkod) }
}

/// What the team of a kommun, or of the owner, says of itself to permits.
pub fn place(programme_id: Id, organisation: Organisation, kommunkod: Option<&str>) -> AuthzKeys {
    AuthzKeys {
        programme_id: Some(programme_id),
        kommunkod: kommunkod.map(str::to_owned),
        is_owners: organisation == Organisation::Owner,
        ..AuthzKeys::default()
    }
}

/// A kommun's people name their kommun, the owner's do not. For the bodies that add something of a person's.
fn place_fault(organisation: Organisation, kommunkod: Option<&str>) -> Result<(), ValidationError> {
    match (organisation, kommunkod) {
        (Organisation::Kommun, None) => {
            Err(broken_at("kommunkod", "required", "Ange kommunen", "Name the kommun"))
        }
        (Organisation::Owner, Some(_)) => Err(broken_at(
            "kommunkod",
            "wrongPlace",
            "Projektägarens medarbetare hör inte till en kommun",
            "The owner's people do not belong to a kommun",
        )),
        _ => Ok(()),
    }
}

/// A last day before the first one.
fn order_fault(period: Period) -> Option<FieldError> {
    let words = Localized::fixed("Sista dagen ligger före den första.", "The last day is before the first.");
    period.to.is_some_and(|last| last < period.from).then(|| FieldError::new("/validTo", "wrongOrder", words))
}

/// 403 when the permit of the present action does not reach a team that a body names.
fn check_reach<A: Action>(ctx: &Context, keys: &AuthzKeys) -> Result<(), Problem> {
    covered(&PermitFacts { row: A::ROW, scope: Arc::clone(&ctx.scope) }, keys)
}
