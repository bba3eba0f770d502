//! The steps of a report's workflow: what each requires and what follows from it. One report or many, by one path.

use std::collections::HashMap;

use super::sheets;
use super::signing::{self, Signer};
use crate::identity::people::{self, PersonRow};
use crate::identity::policy::TimeReportChangeStatus;
use crate::identity::signatures::{self, SignatureRow, Subject};
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::relations::Standing;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow::steps::{ItemOf, JudgeSteps, StepOf};
use crate::platform::workflow::{Step, StepItem, TakenStep, Wanted};
use crate::time::month_exceptions::{self, ExceptionRow};
use crate::time::months::{self, MonthState};
use crate::time::time_entries::{self, EntryRow};
use crate::time::time_reports::requests::TimeReportChangeData;
use crate::time::time_reports::store::TimeReportRow;
use crate::time::time_reports::view::{Related, comes_late};
use crate::time::time_reports::{TimeReportState, content, rules};

/// What the steps of reports depend on.
pub struct StepFacts {
    /// What their readers see, too.
    pub related: Related,
    /// Every entry of the reports that are signed, attested or declared empty, by day and id.
    entries: HashMap<Id, Vec<EntryRow>>,
    /// The exception that is used, if the month takes the person's time only because of it; or the refusal. For the reports
    /// whose steps depend on their month.
    months: HashMap<Id, Result<Option<ExceptionRow>, Problem>>,
    /// Those who may sign: the people of the reports, and the caller.
    people: HashMap<Id, PersonRow>,
    /// Who has checked the paper sheets, by report.
    checkers: HashMap<Id, String>,
}

impl StepFacts {
    /// The entries of a report that is signed, attested or declared empty.
    pub fn entries(&self, report: &TimeReportRow) -> &[EntryRow] {
        self.entries.get(&report.id).map_or(&[], Vec::as_slice)
    }

    /// One of those who may sign.
    pub fn person(&self, id: Id) -> Result<&PersonRow, Problem> {
        self.people.get(&id).ok_or_else(|| Problem::internal("a signer who was not loaded"))
    }
}

/// A refusal of one's own case with the relation that bars it.
fn named(
    refused: Problem,
    standing: &Standing,
    before: &TimeReportRow,
    to: TimeReportState,
    held: &[&str],
) -> Problem {
    let step = rules::WORKFLOW.row(before.status, to, held).filter(|_| refused.code == Code::OwnWork);
    step.and_then(|(step, _)| standing.check(before.id, step.deed).err()).unwrap_or(refused)
}

impl JudgeSteps for TimeReportRow {
    type Data = TimeReportChangeData;
    type Change = TimeReportChangeStatus;
    type Facts = StepFacts;

    fn load(tx: &mut Tx<'_>, steps: &[ItemOf<Self>]) -> Result<(Vec<Self>, StepFacts), Problem> {
        use TimeReportState::{Attested, Empty, Signed};
        let rows = tx.visible_locked::<Self>(StepItem::ids(steps))?;
        let related = Related::of(&mut tx.as_read(), &rows)?;
        let to: HashMap<Id, TimeReportState> = steps.iter().map(|step| (step.id, step.wanted.to)).collect();
        let to = |row: &Self| to.get(&row.id).copied().unwrap_or(row.status);
        let read = rows.iter().filter(|row| matches!(to(row), Signed | Attested | Empty));
        let entries = time_entries::unscoped_of_reports(tx.db, read.map(|row| row.id).collect())?;
        let signed = rows.iter().filter(|row| matches!(to(row), Signed | Attested));
        let signers = signed.map(|row| row.person_id).chain(tx.ctx.caller.person_id());
        let people = people::unscoped_by_ids(tx.db, signers.collect())?;
        let mut months = HashMap::new();
        for row in rows.iter().filter(|row| depends_on_month(row, to(row))) {
            months.insert(row.id, month_of(tx, row, &related)?);
        }
        let people = people.into_iter().map(|person| (person.id, person)).collect();
        let checker = |step: &ItemOf<Self>| {
            let data = step.wanted.data.as_ref()?;
            Some((step.id, String::from(data.checked_by.clone()?)))
        };
        let checkers = steps.iter().filter_map(checker).collect();
        Ok((rows, StepFacts { related, entries, months, people, checkers }))
    }

    fn standing(facts: &StepFacts) -> Option<&Standing> {
        Some(facts.related.standing())
    }

    fn requested<'w>(
        facts: &StepFacts,
        ctx: &Context,
        _: &Standing,
        before: &Self,
        wanted: &'w Wanted<TimeReportState, TimeReportChangeData>,
    ) -> Result<StepOf<'w, Self>, Problem> {
        let (to, comment) = (wanted.to, wanted.comment.as_deref());
        let held = ctx.scope.roles_for(before);
        let of_report = facts.related.facts(ctx, before)?;
        let (row, role) = rules::requested(before.status, to, &held, comment, of_report)
            .map_err(|refused| named(refused, facts.related.standing(), before, to, &held))?;
        Ok(Step::new(row, role, wanted))
    }

    /// Everyone signs what they saw. A report's version does not move when its entries do, so signing names the content, and so
    /// does whoever registers a sheet; a signed report has no other content in the same version.
    fn unread(
        _: &Self,
        wanted: &Wanted<TimeReportState, TimeReportChangeData>,
        names_version: bool,
    ) -> Option<Problem> {
        use TimeReportState::{Approved, Attested, Signed};
        let names_content = wanted.data.as_ref().is_some_and(|data| data.sha256.is_some());
        let is_said = match wanted.to {
            Signed => names_content,
            Attested | Approved => names_content || names_version,
            _ => true,
        };
        let problem = || {
            let signs = (wanted.to == Signed).then(|| rules::READ.fault());
            Problem::new(Code::PreconditionRequired).detail(
                "Ange i data.sha256 rapportens contentSha256 som du läste den; attest och godkännande godtar också version eller \
                 If-Match.",
                "Send in data.sha256 the report's contentSha256 as you read it; attest and approval also accept version or \
                 If-Match.",
            )
            .errors(signs.into_iter().collect())
        };
        (!is_said).then(problem)
    }

    fn judge(
        facts: &StepFacts,
        ctx: &Context,
        before: &Self,
        step: &StepOf<'_, Self>,
    ) -> Result<Self, Problem> {
        use TimeReportState::{Approved, Attested, Empty, Open, Returned, Signed, Unsigned};
        rules::check_possible(before.status, step.to, facts.related.facts(ctx, before)?)?;
        let none = TimeReportChangeData::default();
        let data = step.data.unwrap_or(&none);
        let mut after = before.clone();
        let signer = signer(ctx, facts, before, step.to, data)?;
        if let Some(Err(closed)) = facts.months.get(&before.id) {
            return Err(closed.clone());
        }
        match (before.status, step.to) {
            (_, Signed) => after = signing::signed(ctx, facts, before, data, signer)?,
            (_, Attested) => after = signing::attested(ctx, facts, before, data, step.comment)?,
            (_, Approved) => signing::check_content(before, data)?,
            (Signed, Open) => after = rules::without_signatures(after),
            (_, Returned) => {
                let days = facts.related.settings(before)?.returned_working_days;
                after = rules::without_signatures(after);
                after.editable_until = Some(months::working_day_limit(ctx.today(), days));
                after.reason = step.comment.map(str::to_owned);
            }
            (_, Empty) => {
                check_no_entries(facts.entries(before))?;
                after.reason = None;
            }
            (Unsigned, Open) => after.reason = None,
            (_, Unsigned) => {
                after.editable_until = None;
                after.reason = step.comment.map(str::to_owned);
            }
            _ => {}
        }
        Ok(after)
    }

    fn follow(
        facts: &mut StepFacts,
        tx: &mut Tx<'_>,
        steps: Vec<TakenStep<Self>>,
    ) -> Result<Vec<Self>, Problem> {
        use TimeReportState::{Open, Returned, Signed, Unsigned};
        let (mut given, mut voided): (Vec<(Subject, SignatureRow)>, Vec<Subject>) = (Vec::new(), Vec::new());
        for TakenStep { before, after, .. } in &steps {
            if let Some(Ok(Some(exception))) = facts.months.get(&before.id) {
                month_exceptions::note_use(tx, exception)?;
            }
            let checked_by = facts.checkers.get(&before.id).map(String::as_str);
            if let Some(signature) = signing::signature(tx.ctx, facts, before, after, checked_by)? {
                given.push((Subject::of(before), signature));
            }
            if (before.status, after.status) == (Unsigned, Signed) {
                sheets::tell(tx, facts.person(after.person_id)?, after, checked_by)?;
            }
            match (before.status, after.status) {
                (Signed, Open) | (_, Returned) => voided.push(Subject::of(before)),
                // Nobody is left to confirm proposed entries, and a paper sheet that comes later is signed for what was
                // recorded.
                (_, Unsigned) => time_entries::void_proposed(tx, before.id)?,
                _ => {}
            }
        }
        signatures::insert_all(tx, &given)?;
        signatures::void_all(tx, &voided)?;
        locked_at_once(tx, steps.into_iter().map(|step| step.after).collect())
    }
}

fn depends_on_month(report: &TimeReportRow, to: TimeReportState) -> bool {
    rules::depends_on_month(report.status, to, report.sign_round > 1)
}

/// What the month of a report says about steps that depend on it. A report that was left unsigned may come late (see
/// [`comes_late`]).
fn month_of(
    tx: &mut Tx<'_>,
    report: &TimeReportRow,
    related: &Related,
) -> Result<Result<Option<ExceptionRow>, Problem>, Problem> {
    let mut rx = tx.as_read();
    let row = months::unscoped_by_month(rx.db, report.programme_id, report.month)?;
    if comes_late(report, row.as_ref()) {
        return Ok(Ok(None));
    }
    let participant = related.participant(report)?;
    months::exception_needed(&mut rx, participant, report.month, row.as_ref(), Some(report))
}

/// How the person signs: with their account, or, for a report that was left unsigned, on a paper sheet on the day that was
/// sent.
fn signer(
    ctx: &Context,
    facts: &StepFacts,
    before: &TimeReportRow,
    to: TimeReportState,
    data: &TimeReportChangeData,
) -> Result<Signer, Problem> {
    if (before.status, to) != (TimeReportState::Unsigned, TimeReportState::Signed) {
        return Ok(Signer::WithAccount);
    }
    let last_worked = content::last_worked(facts.entries(before));
    Ok(Signer::OnPaper(data.day_signed(last_worked, ctx.today())?))
}

/// 409 with every entry that is not voided.
fn check_no_entries(entries: &[EntryRow]) -> Result<(), Problem> {
    let fault = |line: &rules::Line| {
        let words = Localized::new(
            format!("Raden {} finns kvar: makulera den först.", line.work_date),
            format!("The entry of {} is still there: void it first.", line.work_date),
        );
        FieldError::new(format!("/timeEntries/{}", line.id), "hasTime", words)
    };
    Code::StateConflict.refuse_any(content::lines(entries).iter().map(fault).collect())
}

/// Locks those reports that were approved in a month that is locked already. Returns all reports.
fn locked_at_once(tx: &mut Tx<'_>, mut reports: Vec<TimeReportRow>) -> Result<Vec<TimeReportRow>, Problem> {
    let approved = || reports.iter().filter(|report| report.status == TimeReportState::Approved);
    let programmes = approved().map(|report| report.programme_id).collect();
    let months = approved().map(|report| report.month).collect();
    if approved().next().is_none() {
        return Ok(reports);
    }
    let months = months::unscoped_among(&programmes, &months).load(tx.db)?;
    let is_locked = |report: &&TimeReportRow| {
        let theirs = |month: &&months::MonthRow| {
            (month.programme_id, month.month) == (report.programme_id, report.month)
        };
        months.iter().find(theirs).is_some_and(|month| month.status == MonthState::Locked)
    };
    let late: Vec<TimeReportRow> = approved().filter(is_locked).cloned().collect();
    for locked in move_to_locked(tx, &late)? {
        if let Some(report) = reports.iter_mut().find(|report| report.id == locked.id) {
            *report = locked;
        }
    }
    Ok(reports)
}

/// Moves approved reports, whose rows are locked, to the state `locked`. Returns them as they are then.
pub fn move_to_locked(tx: &mut Tx<'_>, reports: &[TimeReportRow]) -> Result<Vec<TimeReportRow>, Problem> {
    let locked =
        |report: &TimeReportRow| tx.automatic_step(report, report.clone(), TimeReportState::Locked, None);
    let steps = reports.iter().map(locked).collect::<Result<Vec<_>, _>>()?;
    tx.take_steps(&steps)?;
    Ok(steps.into_iter().map(|step| step.after).collect())
}

/// Submits reports with the month of their team. The caller has locked the rows and checked that they are ready.
pub fn submit_all(tx: &mut Tx<'_>, reports: &[&TimeReportRow], submission_id: Id) -> Result<(), Problem> {
    let submitted = |before: &TimeReportRow| {
        let after = TimeReportRow { submission_id: Some(submission_id), ..before.clone() };
        tx.automatic_step(before, after, TimeReportState::Reported, None)
    };
    let steps = reports.iter().copied().map(submitted).collect::<Result<Vec<_>, _>>()?;
    tx.take_steps(&steps)
}
