//! A time report's states and who may take which step (guide §1, §4). Pure: the rules get what they need as [`Facts`].

use super::TimeReportRow;
use super::TimeReportState::{self, *};
use crate::identity::policy::Role;
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::relations::Deed;
use crate::platform::text::Localized;
use crate::platform::visible::is_blank;
use crate::platform::workflow::{AllowedTransition, Need, Transition, Workflow};
use crate::reference::calendar;
use crate::time::months::MissingReport;

const PARTICIPANT: &str = Role::Participant.as_str();
const ATTESTER: &str = Role::Attester.as_str();
const COORDINATOR: &str = Role::Coordinator.as_str();
const ECONOMIST: &str = Role::Economist.as_str();
const MANAGER: &str = Role::ProgrammeManager.as_str();

/// Whoever signs names the content that they have read: a report's version does not move when its entries do.
pub const READ: Need = Need::read("sha256");

/// The workflow of a time report. [`may_take`] decides in addition whether the holder of a role may take the step with a
/// particular report.
pub const WORKFLOW: Workflow<TimeReportState> = Workflow {
    initial: &[Open],
    end: &[],
    transitions: &[
        Transition::by(&[Open, Returned], Signed, &[PARTICIPANT]).no_decision().requiring(&[READ]),
        Transition::by(&[Unsigned], Signed, &[COORDINATOR, MANAGER]).on_behalf().requiring(&[
            READ,
            Need::always("checkedBy"),
            Need::always("signedOn"),
        ]),
        Transition::by(&[Signed], Open, &[PARTICIPANT]).no_decision(),
        Transition::by(&[Open, Returned], Empty, &[PARTICIPANT]).no_decision(),
        Transition::by(&[Empty], Open, &[PARTICIPANT]).no_decision(),
        Transition::by(&[Open, Returned], Unsigned, &[COORDINATOR, MANAGER]).with_comment().on_behalf(),
        Transition::by(&[Unsigned], Open, &[COORDINATOR, MANAGER]).on_behalf(),
        Transition::by(&[Signed], Attested, &[ATTESTER, MANAGER]).attest(),
        Transition::by(&[Signed], Returned, &[ATTESTER, ECONOMIST, MANAGER]).with_comment().attest(),
        Transition::by(&[Attested, Reported], Returned, &[ECONOMIST, MANAGER]).with_comment(),
        Transition::by(&[Reported], Approved, &[ECONOMIST, MANAGER]),
        // When the dates no longer cover the month, the report becomes empty. When they cover it again, it is opened.
        Transition::effect(&[Open, Returned], Empty, "the participant's dates"),
        Transition::effect(&[Empty], Open, "the participant's dates"),
        Transition::effect(&[Signed, Attested], Reported, "month-submissions"),
        Transition::effect(&[Approved], Locked, "months"),
        Transition::effect(&[Locked], Claimed, "payment-claims"),
        Transition::effect(&[Claimed], Locked, "payment-claims"),
    ],
};

/// The facts about one report, its person and the caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// A relation to the report keeps the caller from deciding about it.
    pub may_not_decide: bool,
    /// A relation to the report keeps the caller from attesting it, or from returning it instead.
    pub may_not_attest: bool,
    /// A relation to the report keeps the caller from registering something in the person's name.
    pub may_not_register: bool,
    /// The person works for the owner.
    pub belongs_to_owner: bool,
    /// The person works for the owner and was an economist of the programme when the report was made, and is one now.
    pub is_economists: bool,
    /// The person's signature is on a paper sheet that somebody else registered.
    pub is_on_paper: bool,
    /// The person's part in the programme has ended.
    pub has_left: bool,
    /// The person can log in, and the month of a report that was left unsigned takes their signature.
    pub can_still_sign: bool,
    /// Another person attests before the month is submitted (settings).
    pub requires_attest: bool,
    /// It has time on a weekend or public holiday, which is attested with a comment.
    pub has_rest_days: bool,
    /// It has been signed before.
    pub is_signed_before: bool,
    /// The month accepts no time of this person, so the steps that depend on it are refused (see [`depends_on_month`]).
    pub is_month_closed: bool,
    /// It has recorded time.
    pub has_time: bool,
    /// It has entries that are not voided.
    pub has_entries: bool,
    /// An entry waits for confirmation or does not say what was done.
    pub is_incomplete: bool,
}

/// Why the holder of a role that the workflow allows may still not take the step with this report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// Nobody attests, approves or reviews their own work.
    OwnWork,
    /// A manager steps in only for the owner's staff.
    NotOwners,
    /// A manager approves only an economist's report.
    NotEconomists,
}

/// Whether the holder of a role may take the step with this report, given that the workflow allows the role.
pub fn may_take(role: &str, step: &Transition<TimeReportState>, facts: Facts) -> Result<(), Bar> {
    let is_barred = match step.deed {
        Deed::NoDecision => false,
        Deed::OnBehalf => facts.may_not_register,
        Deed::Attest => facts.may_not_attest,
        Deed::Decision => facts.may_not_decide,
    };
    if is_barred {
        return Err(Bar::OwnWork);
    }
    match step.to {
        _ if role != MANAGER => Ok(()),
        Approved if !facts.is_economists => Err(Bar::NotEconomists),
        Returned if !facts.belongs_to_owner && !facts.is_economists => Err(Bar::NotOwners),
        Open | Signed | Attested | Unsigned if !facts.belongs_to_owner => Err(Bar::NotOwners),
        _ => Ok(()),
    }
}

/// The row of the table for a step, with the role that allows it; 403 with the reason.
pub fn requested(
    from: TimeReportState,
    to: TimeReportState,
    held: &[&'static str],
    comment: Option<&str>,
    facts: Facts,
) -> Result<(&'static Transition<TimeReportState>, &'static str), Problem> {
    let refused = match WORKFLOW.requested(from, to, &roles_that_count(from, to, held, facts), comment) {
        Err(problem) => problem,
        allowed => return allowed,
    };
    // A caller whose role does not count for this report is told why.
    let bar = held.iter().find_map(|role| may_take(role, WORKFLOW.row(from, to, &[role])?.0, facts).err());
    Err(bar.filter(|_| refused.code == Code::NotYours).map_or(refused, barred))
}

/// The roles that count for a step with this report.
fn roles_that_count(
    from: TimeReportState,
    to: TimeReportState,
    held: &[&'static str],
    facts: Facts,
) -> Vec<&'static str> {
    let counts = |role: &&str| {
        let step = WORKFLOW.row(from, to, &[role]);
        step.is_some_and(|(step, _)| may_take(role, step, facts).is_ok())
    };
    held.iter().copied().filter(counts).collect()
}

fn barred(bar: Bar) -> Problem {
    match bar {
        Bar::OwnWork => Problem::new(Code::OwnWork),
        Bar::NotOwners => Problem::new(Code::NotYours).detail(
            "Projektledaren gör detta bara för projektägarens egen personal.",
            "The programme manager does this only for the owner's own staff.",
        ),
        Bar::NotEconomists => Problem::new(Code::NotYours).detail(
            "En ekonom godkänner; projektledaren bara en ekonoms egen rapport.",
            "An economist approves reports; the programme manager approves only an economist's own report.",
        ),
    }
}

/// What the caller may do next with this report.
pub fn allowed(from: TimeReportState, held: &[&'static str], facts: Facts) -> Vec<AllowedTransition> {
    let is_let_through = |to| {
        let is_kept = facts.is_month_closed && depends_on_month(from, to, facts.is_signed_before);
        is_possible(from, to, facts) && suits_its_time(to, facts) && !is_kept
    };
    let steps = TimeReportState::ALL.iter().copied().filter(|to| is_let_through(*to));
    steps
        .flat_map(|to| {
            let roles = roles_that_count(from, to, held, facts);
            WORKFLOW.allowed(from, &roles).into_iter().filter(move |step| step.to == to.as_str())
        })
        .map(|step| {
            let is_about_rest_days = facts.has_rest_days && step.to == Attested.as_str();
            AllowedTransition { requires_comment: step.requires_comment || is_about_rest_days, ..step }
        })
        .collect()
}

/// Whether the report's entries allow the step: signing needs recorded time and complete entries, declaring it empty none. Only
/// `allowedTransitions` uses this. A requested step is checked elsewhere, with an error that names the entries.
fn suits_its_time(to: TimeReportState, facts: Facts) -> bool {
    match to {
        Signed => facts.has_time && !facts.is_incomplete,
        Empty => !facts.has_entries,
        _ => true,
    }
}

/// Whether the step is possible with this report, whoever takes it.
fn is_possible(from: TimeReportState, to: TimeReportState, facts: Facts) -> bool {
    match (from, to) {
        (_, Attested) => facts.requires_attest && (facts.has_left || !facts.is_on_paper),
        (_, Approved) => facts.has_left || !facts.is_on_paper,
        // A sheet signed by hand is for a person who can no longer log in to sign.
        (_, Unsigned) => facts.has_left,
        (Unsigned, Signed) => facts.has_left && !facts.can_still_sign,
        // Who has not left, or can still sign, continues with their own report.
        (Unsigned, Open) => !facts.has_left || facts.can_still_sign,
        _ => true,
    }
}

/// 409 when the step is not possible with this report.
pub fn check_possible(from: TimeReportState, to: TimeReportState, facts: Facts) -> Result<(), Problem> {
    if is_possible(from, to, facts) {
        return Ok(());
    }
    let problem = Problem::new(Code::StateConflict).member("currentStatus", from.as_str());
    Err(match to {
        Attested | Approved if facts.is_on_paper => problem.detail(
            "Bladet registrerades som om personen hade slutat: återsänd rapporten, så undertecknar personen själv.",
            "The sheet was registered as if the person had left: return the report, so that the person can sign it.",
        ),
        Attested => problem.detail(
            "Programmets inställningar kräver ingen attest: rapporten lämnas in som den är.",
            "The programme's settings do not require that reports are attested: it is submitted as it is.",
        ),
        Open => problem.detail(
            "Personen har slutat i projektet: registrera ett blad som är undertecknat för hand.",
            "The person has left the project: register a sheet that was signed by hand.",
        ),
        Signed => problem.detail(
            "Personen kan ännu underteckna själv: öppna rapporten igen.",
            "The person can still sign the report: open it again.",
        ),
        _ => problem.detail(
            "Bara för den som har slutat i projektet lämnas en rapport utan underskrift.",
            "A report can be left unsigned only for somebody who has left the project.",
        ),
    })
}

/// Whether the step depends on the month: a first signature, declaring a report empty and opening it again, and continuing with a
/// report that was left unsigned. A report that was signed before may be signed again as it is, and a returned report may be
/// declared empty.
pub fn depends_on_month(from: TimeReportState, to: TimeReportState, is_signed_before: bool) -> bool {
    match (from, to) {
        (Open, Signed) => !is_signed_before,
        (Open, Empty) | (Empty, Open) | (Unsigned, Signed | Open) => true,
        _ => false,
    }
}

/// Whether a report can be submitted with its month.
pub fn is_ready(status: TimeReportState, requires_attest: bool) -> bool {
    status == Attested || (status == Signed && !requires_attest)
}

/// Whether the report still needs a step at the kommun before it can be submitted.
pub fn is_missing(status: TimeReportState, requires_attest: bool) -> bool {
    matches!(status, Open | Returned) || (status == Signed && requires_attest)
}

/// Whether a month can be locked with the report in this state.
pub fn is_settled(status: TimeReportState) -> bool {
    status.is_approved() || matches!(status, Empty | Unsigned)
}

/// The errors in a list of participants whose reports a lock need not wait for. Each must be one that the month is waiting for,
/// and must be listed only once.
pub fn missing_faults(missing: &[MissingReport], awaited: &[Id]) -> Vec<FieldError> {
    let mut seen: Vec<Id> = Vec::new();
    let mut faults = Vec::new();
    for (index, listed) in missing.iter().enumerate() {
        let who = listed.participant_id;
        let wrong = if seen.contains(&who) {
            Some((
                "notUnique",
                Localized::fixed("Personen står redan i listan.", "The person is already in the list."),
            ))
        } else if awaited.contains(&who) {
            None
        } else {
            let words = Localized::fixed(
                "Månaden väntar inte på någon rapport från den här personen.",
                "The month is not waiting for a report from this person.",
            );
            Some(("notAwaited", words))
        };
        seen.push(who);
        faults.extend(wrong.map(|(code, words)| {
            FieldError::new(format!("/data/missing/{index}/participantId"), code, words)
        }));
    }
    faults
}

/// The version that counts for sums and for the lock: the newest approved one, else the first (guide §4, Correction).
/// `versions` are those of one participant and month, oldest first.
pub fn counting(versions: &[TimeReportRow]) -> Option<&TimeReportRow> {
    versions.iter().rev().find(|row| row.status.is_approved()).or_else(|| versions.first())
}

/// The part of an entry that signing needs.
#[derive(Clone, Debug)]
pub struct Line {
    /// The entry.
    pub id: Id,
    /// The day of work.
    pub work_date: Day,
    /// It waits for the person's confirmation.
    pub is_proposed: bool,
    /// It says what was done.
    pub has_description: bool,
}

/// What prevents signing a report: every entry that waits for confirmation or does not say what was done.
pub fn incomplete(lines: &[Line]) -> Vec<FieldError> {
    let mut faults = Vec::new();
    for line in lines {
        let pointer = format!("/timeEntries/{}", line.id);
        if line.is_proposed {
            let words = Localized::new(
                format!("Raden {} är bara föreslagen: bekräfta eller makulera den.", line.work_date),
                format!("The entry of {} is only proposed: confirm or void it.", line.work_date),
            );
            faults.push(FieldError::new(pointer.clone(), "proposed", words));
        }
        if !line.has_description {
            let words = Localized::new(
                format!("Raden {} saknar beskrivning.", line.work_date),
                format!("The entry of {} has no description.", line.work_date),
            );
            faults.push(FieldError::new(pointer, "descriptionMissing", words));
        }
    }
    faults
}

/// Whether a day is a Saturday, Sunday or public holiday.
pub fn is_rest_day(day: Day) -> bool {
    calendar::rest_day(day.0).is_some()
}

/// 422 when time on a weekend or public holiday is attested without a comment.
pub fn check_rest_days(lines: &[Line], comment: Option<&str>) -> Result<(), Problem> {
    if comment.is_some_and(|comment| !is_blank(comment)) {
        return Ok(());
    }
    let rest = lines.iter().filter_map(|line| Some((line.work_date, calendar::rest_day(line.work_date.0)?)));
    let (sv, en): (Vec<_>, Vec<_>) =
        rest.map(|(day, rest)| (format!("{day} ({})", rest.sv), format!("{day} ({})", rest.en))).unzip();
    if sv.is_empty() {
        return Ok(());
    }
    let words = Localized::new(
        format!("Tid på helg kräver en kommentar: {}.", sv.join(", ")),
        format!("Time on a weekend or public holiday needs a comment: {}.", en.join(", ")),
    );
    Err(Problem::new(Code::InvalidInput).errors(vec![FieldError::new("/comment", "required", words)]))
}

/// 409 when there is nothing to sign for.
pub fn check_minutes(minutes: i64) -> Result<(), Problem> {
    if minutes > 0 {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict).detail(
        "Rapporten har ingen tid: förklara den tom (empty) i stället.",
        "The report has no time: declare it empty instead.",
    ))
}

/// The report after a step back: without its signatures and its submission, and in a new signing round.
pub fn without_signatures(mut report: TimeReportRow) -> TimeReportRow {
    report.content_sha256 = None;
    report.signed_at = None;
    report.attested_at = None;
    report.attested_by = None;
    report.submission_id = None;
    report.sign_round += 1;
    report
}
