//! The rules of a decision about an application's contact. The first interest whose address was proved holds the kommun, but a
//! proved address does not show that its owner works there. So each later interest of another address is decided by the manager.

use super::fields::{FieldGroup, check_open};
use crate::calls::applications::requests::NewContactDecision;
use crate::calls::applications::{ApplicationRow, ContactDecision, Note};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

/// Whether the note is a later interest of another address that the manager has not decided about.
fn is_undecided(row: &ApplicationRow, note: &Note) -> bool {
    let is_another = note.contact_email.as_ref().is_some_and(|email| !is_contact(row, email));
    note.application_id.is_some() && note.decision.is_none() && is_another
}

/// How many later interests of other addresses wait for a decision. None in a state in which the contact does not change.
pub fn undecided(row: &ApplicationRow) -> usize {
    if !FieldGroup::Contact.states().contains(&row.status) {
        return 0;
    }
    row.notes.0.iter().filter(|note| is_undecided(row, note)).count()
}

fn is_contact(row: &ApplicationRow, email: &str) -> bool {
    row.contact_email.to_lowercase() == email.to_lowercase()
}

/// Every error of a decision that needs no state: 422.
pub fn decision_faults(row: &ApplicationRow, new: &NewContactDecision) -> Vec<FieldError> {
    let fault = |pointer: &str, code, sv, en| vec![FieldError::new(pointer, code, Localized::fixed(sv, en))];
    match (new.decision, new.interest_id, &new.contact) {
        (_, Some(id), None) if interest(row, id).is_none() => fault(
            "/interestId",
            "unknown",
            "Inget senare intresse för kommunen har detta id.",
            "No later interest of the kommun has this id.",
        ),
        (ContactDecision::HandedOver, Some(id), None)
            if interest(row, id)
                .and_then(|note| note.contact_email.as_ref())
                .is_some_and(|email| is_contact(row, email)) =>
        {
            fault(
                "/interestId",
                "sameContact",
                "Den är redan kontaktperson.",
                "They are the contact already.",
            )
        }
        (_, Some(_), None) => Vec::new(),
        (ContactDecision::HandedOver, None, Some(contact)) if is_contact(row, &contact.email) => fault(
            "/contact/email",
            "sameContact",
            "Den är redan kontaktperson.",
            "They are the contact already.",
        ),
        (ContactDecision::HandedOver, None, Some(_)) => Vec::new(),
        (ContactDecision::HandedOver, ..) => fault(
            "/interestId",
            "oneOf",
            "Ange antingen interestId eller contact.",
            "Give either interestId or contact.",
        ),
        (ContactDecision::Kept, _, Some(_)) => fault(
            "/contact",
            "notHere",
            "contact anges bara vid handedOver.",
            "contact can be sent only with handedOver.",
        ),
        (ContactDecision::Kept, None, None) => fault(
            "/interestId",
            "required",
            "Ange vilket senare intresse det gäller.",
            "Name the later interest that it is about.",
        ),
    }
}

/// 409 in a state in which the contact does not change, and for an interest that is decided already.
pub fn check_undecided(row: &ApplicationRow, interest_id: Option<Id>) -> Result<(), Problem> {
    check_open(&[("/contactEmail", FieldGroup::ContactAddress)], row.status)?;
    let is_decided = interest_id.and_then(|id| interest(row, id)).is_some_and(|note| note.decision.is_some());
    let words = Localized::fixed("Är redan prövat.", "Is decided already.");
    let fault = is_decided.then(|| FieldError::new("/interestId", "decided", words));
    Code::StateConflict.refuse_any(fault.into_iter().collect())
}

fn interest(row: &ApplicationRow, id: Id) -> Option<&Note> {
    row.notes.0.iter().find(|note| note.application_id == Some(id))
}

/// The application after the decision. Handing over leaves a note on the contact before.
pub fn decided(row: &ApplicationRow, new: &NewContactDecision, now: Instant) -> ApplicationRow {
    let mut after = row.clone();
    let mut next =
        new.contact.as_ref().map(|contact| (contact.name.to_string(), contact.email.to_lowercase()));
    for note in after.notes.0.iter_mut().filter(|note| note.application_id.is_some()) {
        if note.application_id == new.interest_id {
            note.decision = Some(new.decision);
            note.decided_at = Some(now);
            note.reason = Some(new.reason.to_string());
            next = note.contact_name.clone().zip(note.contact_email.clone());
        }
    }
    let Some((name, email)) = next.filter(|_| new.decision == ContactDecision::HandedOver) else {
        return after;
    };
    after.notes.0.push(Note {
        at: now,
        application_id: None,
        contact_name: Some(row.contact_name.clone()),
        contact_email: Some(row.contact_email.clone()),
        text: new.reason.to_string(),
        decision: Some(ContactDecision::HandedOver),
        decided_at: Some(now),
        reason: None,
    });
    (after.contact_name, after.contact_email) = (name, email);
    // The account of the new contact comes with the role of applicant.
    after.contact_person_id = None;
    after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::applications::ApplicationState;
    use crate::platform::context::Context;

    fn later(id: u128, email: &str) -> Note {
        Note {
            at: Instant::from_millis(0),
            application_id: Some(Id(uuid::Uuid::from_u128(id))),
            contact_name: Some("En annan".to_owned()),
            contact_email: Some(email.to_owned()),
            text: "Vi vill.".to_owned(),
            decision: None,
            decided_at: None,
            reason: None,
        }
    }

    fn noted(notes: Vec<Note>) -> ApplicationRow {
        let mut row = ApplicationRow::example(&Context::example());
        row.notes.0 = notes;
        row
    }

    #[test]
    fn a_later_interest_of_another_address_waits_until_it_is_decided() {
        let mut row = noted(vec![later(1, "en.annan@boden.example.org")]);
        let same = row.contact_email.to_uppercase();
        row.notes.0.push(later(2, &same));
        assert_eq!(undecided(&row), 1, "not the contact's own");
        let registered = Note { application_id: None, ..later(3, "x@boden.example.org") };
        row.notes.0.push(registered);
        assert_eq!(undecided(&row), 1, "not the note on the registration");
        for ended in [ApplicationState::Withdrawn, ApplicationState::Rejected, ApplicationState::Terminated] {
            assert_eq!(undecided(&ApplicationRow { status: ended, ..row.clone() }), 0, "{ended}");
        }
        let new = NewContactDecision {
            decision: ContactDecision::HandedOver,
            interest_id: row.notes.0.first().and_then(|note| note.application_id),
            contact: None,
            reason: "Växeln känner inte den första.".into(),
        };
        assert!(decision_faults(&row, &new).is_empty());
        let after = decided(&row, &new, Instant::from_millis(7));
        assert_eq!(
            (after.contact_email.as_str(), after.contact_person_id),
            ("en.annan@boden.example.org", None)
        );
        // The earlier contact did not express interest later, and is no task.
        assert_eq!(
            after.notes.0.last().and_then(|note| note.contact_email.clone()),
            Some(row.contact_email.clone())
        );
        assert_eq!(undecided(&after), 1, "the own address of the earlier contact is another now");
        let kept = decided(
            &row,
            &NewContactDecision { decision: ContactDecision::Kept, ..new },
            Instant::from_millis(7),
        );
        assert_eq!((undecided(&kept), &kept.contact_email), (0, &row.contact_email));
    }
}
