//! A milestone's states, who may change what, the evidence that each kind of step needs, and when a step is late (guide
//! §5). Pure functions.

use super::MilestoneState::{self, *};
use super::requests::{MilestoneChangeData, MilestonePatch};
use super::store::{ChainStep, MilestoneRow};
use crate::goals::milestone_templates::MilestoneKind;
use crate::identity::policy::Role;
use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::visible::visible_length;
use crate::platform::workflow::{Need, Transition, Workflow};

const COORDINATOR: &[&str] = &[Role::Coordinator.as_str()];
const MANAGER: &[&str] = &[Role::ProgrammeManager.as_str()];
const REVIEWERS: &[&str] = &[Role::ProcessSupporter.as_str(), Role::ProgrammeManager.as_str()];

/// The states before a submission: evidence and due date can be changed, and the step can be late.
pub const UNSUBMITTED: &[MilestoneState] = &[Planned, InProgress, Returned];

/// The evidence that may be sent with a submission.
const DECIDED: &str = "decision";
const JUSTIFIED: &str = "latenessJustification";

/// The states of a milestone and the transitions between them.
pub const WORKFLOW: Workflow<MilestoneState> = Workflow {
    initial: &[Planned],
    end: &[],
    transitions: &[
        Transition::by(&[Planned], InProgress, COORDINATOR).no_decision(),
        Transition::by(&[InProgress, Returned], Submitted, COORDINATOR).no_decision().requiring(&[
            Need::when(DECIDED, "its kind needs a decision and none is entered"),
            Need::when(JUSTIFIED, "its last day has passed and no justification is entered"),
        ]),
        Transition::by(&[Submitted], Approved, REVIEWERS),
        Transition::by(&[Submitted], Returned, REVIEWERS).with_comment(),
        Transition::by(UNSUBMITTED, NotApplicable, MANAGER).with_comment(),
        // The manager revokes an approval, or finds that a step applies after all.
        Transition::by(&[Approved, NotApplicable], InProgress, MANAGER).with_comment(),
        Transition::effect(UNSUBMITTED, NotApplicable, "the kommun's early departure from the programme"),
    ],
};

/// Whether the step's last day has passed and it is not submitted.
pub fn is_late(status: MilestoneState, due_on: Day, today: Day) -> bool {
    UNSUBMITTED.contains(&status) && due_on < today
}

/// Whether a change of state is the review of a submission.
pub fn is_review(from: MilestoneState, to: MilestoneState) -> bool {
    from == Submitted && matches!(to, Approved | Returned)
}

/// 403 when the patch has a field that only another role may change. `roles`: the caller's roles for the milestone.
pub fn check_roles(patch: &MilestonePatch, roles: &[&str]) -> Result<(), Problem> {
    let fields = [
        (!patch.due_on.is_keep(), Role::ProgrammeManager, "Sista dagen", "The last day"),
        (patch.has_evidence(), Role::Coordinator, "Underlaget", "The evidence"),
    ];
    let refused = fields.into_iter().find(|(is_sent, role, ..)| *is_sent && !roles.contains(&role.as_str()));
    let Some((_, role, sv, en)) = refused else { return Ok(()) };
    Err(Problem::new(Code::NotYours).detail(
        format!("{sv} ändras av rollen {role} här."),
        format!("{en} can be changed only by the role {role}."),
    ))
}

/// 409 unless the milestone can still be changed.
pub fn check_unsubmitted(row: &MilestoneRow) -> Result<(), Problem> {
    if UNSUBMITTED.contains(&row.status) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict)
        .detail(
            "Milstolpen är inlämnad eller avgjord; den ändras bara efter att ha lämnats åter eller öppnats igen.",
            "The milestone is submitted or settled; it can be changed after it is returned or opened again.",
        )
        .member("currentStatus", row.status.as_str()))
}

/// The errors of `data` that is sent with another change than a submission.
pub fn unexpected_data(data: &MilestoneChangeData, to: MilestoneState) -> Vec<FieldError> {
    let fields = [
        ("/data/decision", data.decision.is_some()),
        ("/data/latenessJustification", data.lateness_justification.is_some()),
    ];
    let unexpected = fields.into_iter().filter(|(_, is_sent)| *is_sent && to != Submitted);
    let words = Localized::fixed(
        "Anges bara när milstolpen lämnas in.",
        "Can be sent only when the milestone is submitted.",
    );
    unexpected.map(|(pointer, _)| FieldError::new(pointer, "notForThisStep", words.clone())).collect()
}

/// What a submission needs: 422 with everything when fields of the request are wrong or `lacking`, else 409 for missing
/// evidence. `row` is the milestone as it would be submitted.
pub fn check_submission(row: &MilestoneRow, lacking: Vec<FieldError>, today: Day) -> Result<(), Problem> {
    let mut faults = evidence_faults(row, today, "/data");
    faults.extend(lacking);
    let missing = gaps(row, today).into_iter().filter(|fault| !is_sent_with_submission(fault)).collect();
    if faults.is_empty() {
        return Code::StateConflict.refuse_any(missing);
    }
    faults.extend(missing);
    Code::InvalidInput.refuse_any(faults)
}

/// Whether a submission can be complete: what is still missing can be sent with it.
pub fn may_be_submitted(row: &MilestoneRow, today: Day) -> bool {
    gaps(row, today).iter().all(is_sent_with_submission)
}

/// Whether a submission of the milestone needs this member of `data`.
pub fn is_needed(row: &MilestoneRow, member: &str, today: Day) -> bool {
    gaps(row, today).iter().any(|fault| fault.pointer.strip_prefix('/') == Some(member))
}

fn is_sent_with_submission(fault: &FieldError) -> bool {
    [DECIDED, JUSTIFIED].iter().any(|member| fault.pointer.strip_prefix('/') == Some(*member))
}

/// What a submission of the milestone still needs, one error for each field: evidence, and why it is late.
pub fn gaps(row: &MilestoneRow, today: Day) -> Vec<FieldError> {
    let mut gaps = missing_evidence(row);
    gaps.extend(missing_justification(row, today));
    gaps
}

/// The error of a late submission that does not say why it is late.
fn missing_justification(row: &MilestoneRow, today: Day) -> Option<FieldError> {
    let is_missing = is_late(row.status, row.due_on, today) && row.lateness_justification.is_none();
    is_missing.then(|| {
        FieldError::new(
            format!("/{JUSTIFIED}"),
            "required",
            Localized::new(
                format!("Sista dag var {}; ange varför milstolpen lämnas in sent.", row.due_on),
                format!("The last day was {}; say why the milestone is submitted late.", row.due_on),
            ),
        )
    })
}

/// The errors of evidence that is dated in the future. `at`: the JSON pointer of the object that contains the fields.
pub fn evidence_faults(row: &MilestoneRow, today: Day, at: &str) -> Vec<FieldError> {
    let decided = row.decision.as_ref().map(|decision| decision.0.decided_on);
    let involved = row.evidence.0.staff_involvement.as_ref().map(|staff| staff.date);
    let days = [("decision/decidedOn", decided), ("staffInvolvement/date", involved)];
    let future = days.into_iter().filter(|(_, day)| day.is_some_and(|day| today < day));
    let words = Localized::fixed("Dagen ligger i framtiden.", "The day is in the future.");
    future.map(|(field, _)| FieldError::new(format!("{at}/{field}"), "inTheFuture", words.clone())).collect()
}

/// The evidence that is missing, one error for each field. `needsInventory` and `business` will get resources of their
/// own; until then a description is their evidence. Documents will be required when they can be uploaded.
fn missing_evidence(row: &MilestoneRow) -> Vec<FieldError> {
    use MilestoneKind as Kind;
    let evidence = &row.evidence.0;
    let length = evidence.description.as_deref().map_or(0, visible_length);
    let decision = (row.decision.is_some(), "/decision", "Beslutet saknas.", "The decision is missing.");
    let staff = (
        evidence.staff_involvement.is_some(),
        "/staffInvolvement",
        "Hur medarbetarna har involverats saknas.",
        "The involvement of the staff is missing.",
    );
    let description = (
        length >= 20,
        "/description",
        "En beskrivning på minst 20 tecken saknas.",
        "A description of at least 20 characters is missing.",
    );
    let departments = (
        !evidence.departments.is_empty(),
        "/departments",
        "Deltagande förvaltningar saknas.",
        "The departments that take part are missing.",
    );
    let partners = (
        !evidence.partners.is_empty(),
        "/partners",
        "Parterna utanför kommunen saknas.",
        "The partners outside the kommun are missing.",
    );
    let needed = match row.kind {
        Kind::NeedsInventory | Kind::Business => vec![description],
        Kind::Anchoring => vec![decision, staff],
        Kind::PoliticalDirection | Kind::PolicyDocument | Kind::ActionPlan => vec![decision],
        Kind::InternalStructure => vec![description, departments],
        Kind::ExternalStructure => vec![description, partners],
    };
    let missing = needed.into_iter().filter(|(is_there, ..)| !is_there);
    missing.map(|(_, at, sv, en)| FieldError::new(at, "required", Localized::fixed(sv, en))).collect()
}

/// The earlier steps of the same chain that are not submitted yet. Empty unless the milestone itself is being worked on or
/// reviewed. `chains` may contain other chains too.
pub fn unsubmitted_predecessors(row: &MilestoneRow, chains: &[ChainStep]) -> Vec<MilestoneKind> {
    let is_missing = |step: &&ChainStep| {
        (step.programme_id, &step.kommunkod) == (row.programme_id, &row.kommunkod)
            && step.position < row.position
            && UNSUBMITTED.contains(&step.status)
    };
    let is_under_way = matches!(row.status, InProgress | Submitted | Returned);
    chains.iter().filter(|step| is_under_way && is_missing(step)).map(|step| step.kind).collect()
}

/// The warning about earlier steps that are missing; none when there are none.
pub fn predecessor_warning(missing: &[MilestoneKind]) -> Option<Localized> {
    let labels: Vec<Localized> = missing.iter().map(|kind| kind.label()).collect();
    let sv: Vec<&str> = labels.iter().map(|label| label.sv.as_ref()).collect();
    let en: Vec<&str> = labels.iter().map(|label| label.en.as_ref()).collect();
    (!missing.is_empty()).then(|| {
        Localized::new(
            format!("Tidigare i kedjan och ännu inte inlämnat: {}.", sv.join(", ")),
            format!("Earlier in the chain and not submitted yet: {}.", en.join(", ")),
        )
    })
}

/// How many days a kommun gets for a step whose due date has passed before the kommun begins to take part.
const DAYS_WHEN_PASSED: i64 = 30;

/// The due date of a new milestone: the template's date, or 30 days from today if the template's date has passed. It is
/// moved into the programme if it lies outside.
pub fn first_due(template: Day, starts_on: Day, ends_on: Day, today: Day) -> Day {
    let due = if template < today { today.plus_days(DAYS_WHEN_PASSED) } else { template };
    due.max(starts_on).min(ends_on)
}

#[cfg(test)]
mod tests {
    use super::super::StaffInvolvement;
    use super::*;
    use crate::goals::milestone_templates::TemplateRow;
    use crate::platform::context::Context;
    use crate::platform::db::sql::Json;
    use crate::programmes::programme::Decision;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn row(kind: MilestoneKind, status: MilestoneState) -> MilestoneRow {
        let ctx = Context::example();
        let planned = MilestoneRow::planned(&ctx, &TemplateRow::example(&ctx), "2582", day("2021-12-31"));
        MilestoneRow { kind, status, ..planned }
    }

    fn decision(decided_on: &str) -> Option<Json<Decision>> {
        let example: Decision = serde_json::from_value(Decision::example()).unwrap();
        Some(Json(Decision { decided_on: day(decided_on), ..example }))
    }

    fn pointers(faults: &[FieldError]) -> Vec<&str> {
        faults.iter().map(|fault| fault.pointer.as_str()).collect()
    }

    #[test]
    fn a_step_is_late_after_its_due_date_until_it_is_submitted() {
        let due = day("2021-12-31");
        assert!(!is_late(Planned, due, due));
        assert!(is_late(Planned, due, due.plus_days(1)));
        assert!(is_late(Returned, due, due.plus_days(1)));
        for settled in [Submitted, Approved, NotApplicable] {
            assert!(!is_late(settled, due, due.plus_days(1)), "{settled}");
        }
    }

    #[test]
    fn anchoring_needs_a_decision_and_the_staff() {
        let mut anchoring = row(MilestoneKind::Anchoring, InProgress);
        assert_eq!(pointers(&missing_evidence(&anchoring)), ["/decision", "/staffInvolvement"]);
        anchoring.decision = decision("2021-03-01");
        anchoring.evidence.0.staff_involvement = Some(StaffInvolvement {
            date: day("2021-03-02"),
            departments: vec!["Socialförvaltningen".into()],
            number: 12,
        });
        assert!(missing_evidence(&anchoring).is_empty());
    }

    #[test]
    fn every_kind_needs_evidence_and_a_short_description_is_not_enough() {
        for kind in MilestoneKind::ALL {
            let mut bare = row(*kind, InProgress);
            bare.evidence.0.description = Some("Klart.".into());
            assert!(!missing_evidence(&bare).is_empty(), "{kind}");
        }
    }

    #[test]
    fn evidence_from_the_future_is_refused() {
        let mut wrong = row(MilestoneKind::Anchoring, InProgress);
        wrong.decision = decision("2021-03-02");
        assert_eq!(pointers(&evidence_faults(&wrong, day("2021-03-01"), "")), ["/decision/decidedOn"]);
        assert!(evidence_faults(&wrong, day("2021-03-02"), "").is_empty());
    }

    #[test]
    fn a_late_submission_must_say_why() {
        let mut late = row(MilestoneKind::PolicyDocument, InProgress);
        assert!(missing_justification(&late, late.due_on).is_none());
        let after = late.due_on.plus_days(1);
        assert!(missing_justification(&late, after).is_some());
        late.lateness_justification = Some("Nämnden sköt upp ärendet.".into());
        assert!(missing_justification(&late, after).is_none());
    }

    #[test]
    fn missing_earlier_steps_of_the_same_chain_are_warned_of() {
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
        assert_eq!(unsubmitted_predecessors(&own, &chain), [MilestoneKind::Anchoring]);
        let planned = MilestoneRow { status: Planned, ..own };
        assert!(unsubmitted_predecessors(&planned, &chain).is_empty());
    }

    proptest! {
        #[test]
        fn the_first_due_date_lies_in_the_programme_and_not_before_today(template in 0_i64..800, today in -100_i64..729) {
            let (from, to) = (day("2021-01-01"), day("2022-12-31"));
            let (template, today) = (from.plus_days(template), from.plus_days(today));
            let due = first_due(template, from, to, today);
            prop_assert!((from..=to).contains(&due));
            prop_assert!(due >= today.min(to));
            prop_assert!(!is_late(Planned, due, today));
        }

        #[test]
        fn a_step_is_late_exactly_after_its_due_date(due in 0_i64..1000, today in 0_i64..1000) {
            let start = day("2021-01-01");
            prop_assert_eq!(is_late(InProgress, start.plus_days(due), start.plus_days(today)), today > due);
        }
    }
}
