//! A milestone's states, what each kind of step must show, and when it is late (guide §5). Pure.

use super::MilestoneState::{self, *};
use super::store::{ChainStep, MilestoneRow};
use crate::goals::milestone_templates::MilestoneKind;
use crate::identity::policy::Role;
use crate::platform::codes::Codes as _;
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::{Transition, Workflow};

const COORDINATOR: &[&str] = &[Role::Coordinator.as_str()];
const MANAGER: &[&str] = &[Role::ProgrammeManager.as_str()];
const REVIEWERS: &[&str] = &[Role::ProcessSupporter.as_str(), Role::ProgrammeManager.as_str()];

/// The states in which a step still has to be submitted: its evidence and due date can be changed, and it can be late.
pub const UNSUBMITTED: &[MilestoneState] = &[Planned, InProgress, Returned];

/// The table of a milestone's states.
pub const WORKFLOW: Workflow<MilestoneState> = Workflow {
    initial: &[Planned],
    end: &[],
    transitions: &[
        Transition::by(&[Planned], InProgress, COORDINATOR),
        Transition::by(&[InProgress, Returned], Submitted, COORDINATOR),
        Transition::by(&[Submitted], Approved, REVIEWERS),
        Transition::by(&[Submitted], Returned, REVIEWERS).with_comment(),
        Transition::by(UNSUBMITTED, NotApplicable, MANAGER).with_comment(),
        // The manager revokes an approval, or finds that a step applies after all.
        Transition::by(&[Approved, NotApplicable], InProgress, MANAGER).with_comment(),
        Transition::effect(UNSUBMITTED, NotApplicable, "the kommun's leaving the programme"),
    ],
};

/// Whether the step's last day has passed and it is not submitted.
pub fn is_late(status: MilestoneState, due_on: Day, today: Day) -> bool {
    UNSUBMITTED.contains(&status) && due_on < today
}

/// 403 when the caller would judge their own work: what they submitted themselves, or their kommun did while they are one
/// of its coordinators. That a step does not apply is judged like a submission. `held`: the caller's roles here.
pub fn refuse_own_work(
    row: &MilestoneRow,
    to: MilestoneState,
    caller: Option<Id>,
    held: &[&str],
) -> Result<(), Problem> {
    let is_judged = is_judgement(row.status, to) || to == NotApplicable;
    let is_own = caller.is_some() && row.submitted_by == caller;
    if is_judged && (is_own || held.contains(&Role::Coordinator.as_str())) {
        return Err(Problem::new(Code::OwnWork).detail(
            "Kommunens koordinator, och den som lämnade in milstolpen, granskar den inte.",
            "The kommun's coordinator, and whoever submitted the milestone, do not review it.",
        ));
    }
    Ok(())
}

/// Whether a step of the workflow judges somebody's submission.
pub fn is_judgement(from: MilestoneState, to: MilestoneState) -> bool {
    from == Submitted && matches!(to, Approved | Returned)
}

/// What kinds of evidence there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Decision,
    StaffInvolvement,
    Description,
    Departments,
    Partners,
}

/// The least that a description says, in characters.
const SHORTEST_DESCRIPTION: usize = 20;

/// What each kind of step must show. `needsInventory` and `business` will be shown by their own resources; until then
/// by a description. Documents are asked for as soon as they can be uploaded.
const fn needs(kind: MilestoneKind) -> &'static [Needs] {
    match kind {
        MilestoneKind::NeedsInventory | MilestoneKind::Business => &[Needs::Description],
        MilestoneKind::Anchoring => &[Needs::Decision, Needs::StaffInvolvement],
        MilestoneKind::PoliticalDirection | MilestoneKind::PolicyDocument | MilestoneKind::ActionPlan => {
            &[Needs::Decision]
        }
        MilestoneKind::InternalStructure => &[Needs::Description, Needs::Departments],
        MilestoneKind::ExternalStructure => &[Needs::Description, Needs::Partners],
    }
}

/// What is still missing before the step can be submitted, each thing by its field.
pub fn missing_evidence(row: &MilestoneRow) -> Vec<FieldError> {
    let evidence = &row.evidence.0;
    let described = evidence.description.as_deref().map_or(0, |text| text.trim().chars().count());
    let gaps = needs(row.kind).iter().filter_map(|need| {
        let (is_there, pointer, sv, en) = match need {
            Needs::Decision => {
                (row.decision.is_some(), "/decision", "Beslutet saknas.", "The decision is missing.")
            }
            Needs::StaffInvolvement => (
                evidence.staff_involvement.is_some(),
                "/staffInvolvement",
                "Hur medarbetarna har involverats saknas.",
                "How the staff were involved is missing.",
            ),
            Needs::Description => (
                described >= SHORTEST_DESCRIPTION,
                "/description",
                "En beskrivning på minst 20 tecken saknas.",
                "A description of at least 20 characters is missing.",
            ),
            Needs::Departments => (
                !evidence.departments.is_empty(),
                "/departments",
                "Deltagande förvaltningar saknas.",
                "The departments that take part are missing.",
            ),
            Needs::Partners => (
                !evidence.partners.is_empty(),
                "/partners",
                "Parterna utanför kommunen saknas.",
                "The partners outside of the kommun are missing.",
            ),
        };
        (!is_there).then(|| FieldError::new(pointer, "required", Localized::fixed(sv, en)))
    });
    gaps.collect()
}

/// What a submission after the step's last day lacks: why it is late. `row` is as it would be submitted.
pub fn missing_justification(row: &MilestoneRow, today: Day) -> Option<FieldError> {
    let is_given = row.lateness_justification.as_deref().is_some_and(|text| !text.trim().is_empty());
    (is_late(row.status, row.due_on, today) && !is_given).then(|| {
        FieldError::new(
            "/data/latenessJustification",
            "required",
            Localized::new(
                format!("Sista dag var {}; ange varför milstolpen lämnas in sent.", row.due_on),
                format!("The last day was {}; say why the milestone is submitted late.", row.due_on),
            ),
        )
    })
}

/// What is wrong with dates that lie in the future and with names that are empty or too long.
pub fn evidence_faults(row: &MilestoneRow, today: Day, at: &str) -> Vec<FieldError> {
    let evidence = &row.evidence.0;
    let involved = evidence.staff_involvement.as_ref();
    let decided = row.decision.as_ref().map(|decision| decision.0.decided_on);
    let days = [("decision/decidedOn", decided), ("staffInvolvement/date", involved.map(|staff| staff.date))];
    let mut faults: Vec<FieldError> = days
        .into_iter()
        .filter(|(_, day)| day.is_some_and(|day| today < day))
        .map(|(field, _)| {
            let words = Localized::fixed("Dagen ligger i framtiden.", "The day lies in the future.");
            FieldError::new(format!("{at}/{field}"), "inTheFuture", words)
        })
        .collect();
    let staff = involved.map_or(&[][..], |staff| staff.departments.as_slice());
    let lists = [
        ("departments", &evidence.departments[..]),
        ("partners", &evidence.partners[..]),
        ("staffInvolvement/departments", staff),
    ];
    for (field, names) in lists {
        faults.extend(names.iter().enumerate().filter(|(_, name)| !is_a_name(name)).map(|(index, _)| {
            let words = Localized::fixed("Ett namn på 1–200 tecken.", "A name of 1–200 characters.");
            FieldError::new(format!("{at}/{field}/{index}"), "invalidLength", words)
        }));
    }
    faults
}

fn is_a_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= 200
}

/// The earlier steps of the chain that are neither submitted, approved nor left out. They warn while this one is worked
/// on; they never block.
pub fn missing_before(row: &MilestoneRow, chain: &[ChainStep]) -> Vec<MilestoneKind> {
    if !matches!(row.status, InProgress | Submitted | Returned) {
        return Vec::new();
    }
    let same_chain =
        |step: &&ChainStep| step.programme_id == row.programme_id && step.kommunkod == row.kommunkod;
    let before = chain.iter().filter(same_chain).filter(|step| step.position < row.position);
    before.filter(|step| UNSUBMITTED.contains(&step.status)).map(|step| step.kind).collect()
}

/// The warning about steps that should have come first.
pub fn predecessor_words(missing: &[MilestoneKind]) -> Localized {
    let labels: Vec<Localized> = missing.iter().map(|kind| kind.label()).collect();
    let sv: Vec<&str> = labels.iter().map(|words| words.sv.as_ref()).collect();
    let en: Vec<&str> = labels.iter().map(|words| words.en.as_ref()).collect();
    Localized::new(
        format!("Tidigare i kedjan och ännu inte inlämnat: {}.", sv.join(", ")),
        format!("Earlier in the chain and not submitted yet: {}.", en.join(", ")),
    )
}

/// How long a kommun that joins after a step's date has for it, in days.
const DAYS_WHEN_PASSED: i64 = 30;

/// The date of a kommun's step: the template's; 30 days on when that has passed at the kommun's start; never after the
/// programme's last day.
pub fn first_due(template: Day, starts_on: Day, ends_on: Day, today: Day) -> Day {
    let due = if template < today { today.plus_days(DAYS_WHEN_PASSED) } else { template };
    due.max(starts_on).min(ends_on)
}

#[cfg(test)]
mod tests {
    use super::super::{Evidence, StaffInvolvement};
    use super::*;
    use crate::platform::context::Context;
    use crate::platform::db::sql::Json;
    use crate::programmes::programme::Decision;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn row(kind: MilestoneKind, status: MilestoneState) -> MilestoneRow {
        let ctx = Context::example();
        MilestoneRow {
            id: ctx.new_id(),
            programme_id: ctx.new_id(),
            kommunkod: "2582".into(),
            kind,
            position: 4,
            status,
            due_on: day("2021-12-31"),
            submitted_at: None,
            submitted_by: None,
            lateness_justification: None,
            decision: None,
            evidence: Json(Evidence::default()),
            document_version_ids: Json(Vec::new()),
            reason: None,
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
        }
    }

    fn decision(decided_on: &str) -> Json<Decision> {
        Json(Decision {
            body: "Kommunstyrelsen".into(),
            decided_on: day(decided_on),
            paragraph: None,
            registry_number: "KS 2021/12".into(),
        })
    }

    fn pointers(faults: &[FieldError]) -> Vec<&str> {
        faults.iter().map(|fault| fault.pointer.as_str()).collect()
    }

    #[test]
    fn a_step_is_late_from_the_day_after_and_only_until_submitted() {
        let due = day("2021-12-31");
        assert!(!is_late(Planned, due, due));
        assert!(is_late(Planned, due, due.plus_days(1)));
        assert!(is_late(Returned, due, due.plus_days(1)));
        assert!(![Submitted, Approved, NotApplicable].into_iter().any(|state| is_late(
            state,
            due,
            due.plus_days(1)
        )));
    }

    #[test]
    fn anchoring_needs_a_decision_and_the_staff() {
        let mut anchoring = row(MilestoneKind::Anchoring, InProgress);
        assert_eq!(pointers(&missing_evidence(&anchoring)), ["/decision", "/staffInvolvement"]);
        anchoring.decision = Some(decision("2021-03-01"));
        anchoring.evidence.0.staff_involvement = Some(StaffInvolvement {
            date: day("2021-03-02"),
            departments: vec!["Socialförvaltningen".into()],
            number: 12,
        });
        assert!(missing_evidence(&anchoring).is_empty());
    }

    #[test]
    fn every_kind_needs_something_and_a_short_description_is_none() {
        for kind in MilestoneKind::ALL {
            let mut bare = row(*kind, InProgress);
            bare.evidence.0.description = Some("Klart.".into());
            assert!(!missing_evidence(&bare).is_empty(), "{kind}");
        }
    }

    #[test]
    fn future_days_and_empty_names_are_named() {
        let mut wrong = row(MilestoneKind::Anchoring, InProgress);
        wrong.decision = Some(decision("2021-03-02"));
        wrong.evidence.0.partners = vec!["Kooperativet".into(), " ".into()];
        let faults = evidence_faults(&wrong, day("2021-03-01"), "");
        assert_eq!(pointers(&faults), ["/decision/decidedOn", "/partners/1"]);
        assert_eq!(pointers(&evidence_faults(&wrong, day("2021-03-02"), "")), ["/partners/1"]);
    }

    #[test]
    fn a_late_submission_says_why() {
        let mut late = row(MilestoneKind::PolicyDocument, InProgress);
        assert!(missing_justification(&late, late.due_on).is_none());
        let after = late.due_on.plus_days(1);
        late.lateness_justification = Some("  ".into());
        assert!(missing_justification(&late, after).is_some());
        late.lateness_justification = Some("Nämnden sköt upp ärendet.".into());
        assert!(missing_justification(&late, after).is_none());
    }

    #[test]
    fn nobody_judges_what_they_submitted() {
        let mut submitted = row(MilestoneKind::PolicyDocument, Submitted);
        submitted.submitted_by = Some(submitted.id);
        for to in [Approved, Returned] {
            assert!(refuse_own_work(&submitted, to, submitted.submitted_by, &[]).is_err());
            assert!(refuse_own_work(&submitted, to, Some(submitted.programme_id), REVIEWERS).is_ok());
        }
        submitted.status = Returned;
        assert!(refuse_own_work(&submitted, Submitted, submitted.submitted_by, COORDINATOR).is_ok());
    }

    #[test]
    fn no_coordinator_of_the_kommun_judges_its_steps() {
        let both = [COORDINATOR, REVIEWERS].concat();
        for from in MilestoneState::ALL {
            let step = row(MilestoneKind::PolicyDocument, *from);
            for to in WORKFLOW.allowed(*from, REVIEWERS) {
                let to = MilestoneState::from_code(&to.to).unwrap();
                assert!(refuse_own_work(&step, to, Some(step.id), REVIEWERS).is_ok());
                let is_refused = refuse_own_work(&step, to, Some(step.id), &both).is_err();
                // What is left is opening a settled step again.
                assert_eq!(is_refused, to != InProgress, "{from} to {to}");
            }
        }
    }

    #[test]
    fn earlier_steps_of_the_same_chain_warn_while_this_is_worked_on() {
        let own = row(MilestoneKind::PolicyDocument, InProgress);
        let step = |kommunkod: &str, kind, position, status| ChainStep {
            programme_id: own.programme_id,
            kommunkod: kommunkod.into(),
            kind,
            position,
            status,
        };
        let chain = [
            step("2582", MilestoneKind::NeedsInventory, 1, Submitted),
            step("2582", MilestoneKind::Anchoring, 2, Returned),
            step("0114", MilestoneKind::PoliticalDirection, 3, Planned),
            step("2582", MilestoneKind::ActionPlan, 5, Planned),
        ];
        assert_eq!(missing_before(&own, &chain), [MilestoneKind::Anchoring]);
        let planned = MilestoneRow { status: Planned, ..own };
        assert!(missing_before(&planned, &chain).is_empty());
    }

    proptest! {
        #[test]
        fn a_new_due_date_lies_in_the_programme_and_not_before_today(template in 0_i64..800, today in -100_i64..729) {
            let (from, to) = (day("2021-01-01"), day("2022-12-31"));
            let (template, today) = (from.plus_days(template), from.plus_days(today));
            let due = first_due(template, from, to, today);
            prop_assert!((from..=to).contains(&due));
            prop_assert!(due >= today.min(to));
            prop_assert!(!is_late(Planned, due, today));
        }

        #[test]
        fn late_is_exactly_after_the_due_day(due in 0_i64..1000, today in 0_i64..1000) {
            let start = day("2021-01-01");
            prop_assert_eq!(is_late(InProgress, start.plus_days(due), start.plus_days(today)), today > due);
        }
    }
}
