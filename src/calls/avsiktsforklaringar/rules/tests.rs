//! Tests of the rules of letters, with examples and with generated values.

use proptest::prelude::*;

use super::*;
use crate::platform::ids::Ids;
use crate::platform::moment::Day;
use crate::platform::workflow::By;

const NOW: Instant = Instant::from_millis(1_605_200_000_000);

fn signer(signer_role: SignerRole, email: &str) -> Signer {
    Signer {
        signer_role,
        name: "Kommundirektör Boden".into(),
        title: "Kommundirektör".into(),
        email: email.into(),
    }
}

fn both() -> Vec<Signer> {
    vec![signer(SIGNER_ROLES[0], "direktor@example.org"), signer(SIGNER_ROLES[1], "ordforande@example.org")]
}

fn signature(signer_role: SignerRole, version: i32, is_void: bool) -> SignatureRow {
    let id = Ids::seeded(1).id(NOW);
    SignatureRow {
        id,
        subject_type: "avsiktsforklaring".into(),
        subject_id: id,
        subject_version: version,
        signer_role,
        person_id: Some(id),
        name: String::new(),
        title: None,
        method: SignatureMethod::Account,
        sha256: String::new(),
        statement_version: STATEMENT_VERSION.into(),
        delegation_ref: None,
        evidence_file_id: None,
        signed_at: NOW,
        received_at: None,
        is_void,
        checked_by: None,
    }
}

fn codes(faults: Vec<FieldError>) -> Vec<(String, &'static str)> {
    faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn sending_needs_both_signers() {
    assert!(sending_faults(&both(), &["sokande@example.org".into()]).is_empty());
    assert_eq!(sending_faults(&[], &[]).len(), 2);
    assert_eq!(codes(sending_faults(&both()[..1], &[])), [("/signers".into(), "required")]);
}

#[test]
fn signers_are_two_people_and_neither_is_an_applicant() {
    let same = [signer(SIGNER_ROLES[0], "A@example.org"), signer(SIGNER_ROLES[1], "a@example.org")];
    assert_eq!(codes(signer_faults(&same, &[])), [("/signers/1/email".into(), "notUnique")]);
    let own = signer_faults(&both(), &["Direktor@Example.org".into()]);
    assert_eq!(codes(own), [("/signers/0/email".into(), "applicantsOwn")]);
    let wrong = [signer(SignerRole::Delegate, "x@example.org")];
    assert_eq!(codes(signer_faults(&wrong, &[])), [("/signers/0/signerRole".into(), "invalidValue")]);
}

#[test]
fn only_the_method_account_is_accepted_here() {
    let all = SignatureMethod::ALL;
    assert!(check_method(SignatureMethod::Account, all).is_ok());
    assert!(check_method(SignatureMethod::Account, &[SignatureMethod::InkScan]).is_err());
    for method in [SignatureMethod::InkScan, SignatureMethod::AdesPdf, SignatureMethod::BankId] {
        assert_eq!(check_method(method, all).unwrap_err().code, Code::InvalidInput, "{method}");
    }
}

#[test]
fn void_and_older_signatures_do_not_count() {
    let [director, chair] = SIGNER_ROLES;
    let given = [signature(director, 1, false), signature(director, 2, true)];
    assert!(!completes(&given, 2, chair));
    assert!(completes(&given, 1, chair));
    let other = Ids::seeded(2).id(NOW);
    assert!(has_signed(&given, 1, director, other) && !has_signed(&given, 1, chair, other));
    assert!(
        has_signed(&given, 1, chair, given[0].person_id.unwrap()),
        "one person signs once, in whatever role"
    );
}

#[test]
fn a_registration_names_both_signers_and_their_days() {
    let paper = |signer_role: SignerRole, day| PaperSigner {
        signer_role,
        name: format!("{signer_role} {day}").as_str().into(),
        title: None,
        delegation_ref: None,
        signed_on: Day::new(2020, 11, day).unwrap(),
    };
    let [director, chair] = SIGNER_ROLES;
    let complete = [paper(director, 10), paper(chair, 11)];
    assert!(paper_faults(NOW, &complete, &[], NOW).is_empty());
    assert!(paper_faults(NOW, &complete[..1], &[&signature(chair, 1, false)], NOW).is_empty());
    assert_eq!(codes(paper_faults(NOW, &complete[..1], &[], NOW)), [("/data/signers".into(), "required")]);
    let wrong = [paper(director, 30), paper(director, 1)];
    let pointers: Vec<_> =
        paper_faults(NOW.plus_minutes(1), &wrong, &[], NOW).into_iter().map(|f| f.pointer).collect();
    assert_eq!(
        pointers,
        ["/data/signers/1/signerRole", "/data/signers", "/data/receivedAt", "/data/signers/0/signedOn"]
    );
}

#[test]
fn one_person_does_not_sign_paper_twice() {
    let [director, chair] = SIGNER_ROLES;
    let paper = |signer_role, name: &str| PaperSigner {
        signer_role,
        name: name.into(),
        title: None,
        delegation_ref: None,
        signed_on: Day::new(2020, 11, 10).unwrap(),
    };
    let twice = [paper(director, "Maja Lind"), paper(chair, " maja  LIND ")];
    assert_eq!(codes(paper_faults(NOW, &twice, &[], NOW)), [("/data/signers/1/name".into(), "notUnique")]);
    let mut account = signature(director, 1, false);
    account.name = "Maja Lind".into();
    account.signed_at = NOW.plus_minutes(5);
    let given = [account];
    let as_chair = [paper(chair, "Maja Lind")];
    let beside: Vec<_> = beside_paper(&given, 1, &as_chair).collect();
    assert_eq!(
        codes(paper_faults(NOW, &as_chair, &beside, NOW)),
        [("/data/signers/0/name".into(), "notUnique")]
    );
    assert_eq!(complete_at(NOW, beside.into_iter()), NOW.plus_minutes(5), "both signatures are there");
    // A person who signs also the paper in the same role has signed once.
    let as_director = [paper(director, "Maja Lind"), paper(chair, "Bo Ek")];
    assert_eq!(beside_paper(&given, 1, &as_director).count(), 0);
}

#[test]
fn a_late_letter_needs_a_reason() {
    assert!(check_lateness(NOW, NOW, None).is_ok());
    assert!(check_lateness(NOW.plus_millis(1), NOW, Some(" ")).is_err());
    assert!(check_lateness(NOW.plus_millis(1), NOW, Some("Posten var försenad")).is_ok());
}

#[test]
fn exactly_the_letters_under_way_expire_at_the_deadline() {
    for state in LetterState::ALL.iter().copied() {
        assert_eq!(WORKFLOW.automatic(state, Expired).is_ok(), UNDER_WAY.contains(&state), "{state}");
        assert_eq!(is_due(state, NOW, NOW), UNDER_WAY.contains(&state), "{state}");
        assert!(!is_due(state, NOW.plus_millis(1), NOW), "{state}");
    }
}

#[test]
fn only_the_manager_and_signatures_make_a_letter_received() {
    for row in WORKFLOW.transitions.iter().filter(|row| row.to == Received) {
        assert!(matches!(row.by, By::Roles(MANAGER) | By::Effect(_)));
    }
    for end in [Revoked, Superseded] {
        assert!(WORKFLOW.transitions.iter().all(|row| !row.from.contains(&end)), "{end} is an end");
    }
}

proptest! {
    /// A letter can be sent only when each role is named once, with different addresses, none of them the applicant's.
    #[test]
    fn a_letter_that_can_be_sent_names_two_others(given in proptest::collection::vec((0_usize..5, 0_usize..4), 0..4)) {
        let addresses = ["a@example.org", "B@example.org", "b@example.org", "sokande@example.org"];
        let signers: Vec<_> = given.iter().map(|(role, address)| signer(SignerRole::ALL[*role], addresses[*address])).collect();
        if sending_faults(&signers, &["sokande@example.org".to_owned()]).is_empty() {
            prop_assert_eq!(signers.len(), 2);
            let emails: Vec<_> = signers.iter().map(|signer| signer.email.to_lowercase()).collect();
            prop_assert_ne!(&emails[0], &emails[1]);
            prop_assert!(SIGNER_ROLES.iter().all(|role| signers.iter().any(|signer| signer.signer_role == *role)));
            prop_assert!(!emails.contains(&"sokande@example.org".to_owned()));
        }
    }

    /// In whatever order the signatures come, the letter is complete exactly when both roles have a valid one.
    #[test]
    fn a_letter_is_complete_when_both_roles_have_signed(given in proptest::collection::vec((0_usize..2, any::<bool>(), 1_i32..3), 0..5), last in 0_usize..2) {
        let rows: Vec<_> = given.iter().map(|(role, is_void, version)| signature(SIGNER_ROLES[*role], *version, *is_void)).collect();
        let other = 1 - last;
        let has_other = given.iter().any(|(role, is_void, version)| *role == other && !is_void && *version == 2);
        prop_assert_eq!(completes(&rows, 2, SIGNER_ROLES[last]), has_other);
    }
}
