//! Tasks in a call, for the manager, the applicant and the signers.

use super::TaskCode;
use super::collect::Here;
use super::rules::{self, Waiting};
use super::store;
use crate::calls::applications::{self, ApplicationState};
use crate::calls::avsiktsforklaringar::{self, LetterState};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::tx::Rx;
use crate::programmes::programme::{self, ProgrammeState};
use crate::reference::kommuner;

/// Applications to answer, contacts to review, and the next status change of the programme.
pub fn for_manager(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let programme = &here.programme;
    let mut waiting = Vec::new();
    let submitted = store::unscoped_applications_in(rx, programme.id, ApplicationState::Submitted)?;
    let list = here.list("/applications", "&status=submitted");
    waiting.extend(Waiting::some(TaskCode::ApplicationsToAnswer, submitted, list));
    for (id, kommunkod, count) in applications::unscoped_with_undecided_contact(rx, programme.id)? {
        let name = kommuner::name_of(rx.db, &kommunkod)?;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let task = Waiting::some(TaskCode::ContactToReview, count, format!("/applications/{id}"));
        waiting.extend(
            task.map(|task| Waiting { kommunkod: Some(kommunkod), ..task.about(Localized::same(name)) }),
        );
    }
    let qualified = store::unscoped_applications_in(rx, programme.id, ApplicationState::Qualified)?;
    if let Some((code, due_at)) = rules::programme_step(programme, qualified, rx.ctx.today()) {
        let mut task = Waiting { due_at, ..Waiting::one(code, format!("/programmes/{}", programme.id)) };
        if code == TaskCode::ProgrammeToSchedule && programme::is_schedulable(rx, programme)? {
            task = task.by_step(ProgrammeState::Scheduled.as_str());
        }
        waiting.push(task);
    }
    Ok(waiting)
}

/// What the applicant must do with the kommun's application and letter.
pub fn for_applicant(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let Some(kommunkod) = here.kommunkod.as_deref() else { return Ok(Vec::new()) };
    let mut waiting = Vec::new();
    for (id, status, respond_by) in store::unscoped_applications_of(rx, here.programme.id, kommunkod)? {
        let answer_by = respond_by.unwrap_or(here.programme.confirmation_deadline);
        let meeting = here.programme.info_meeting_at;
        if let Some(code) = rules::application_step(status, meeting, answer_by, rx.ctx.now) {
            let due_at = (status == ApplicationState::Invited).then_some(answer_by);
            waiting.push(Waiting { due_at, ..Waiting::one(code, format!("/applications/{id}")) });
        }
        waiting.extend(letter(rx, here, id, status, respond_by)?);
    }
    Ok(waiting)
}

fn letter(
    rx: &mut Rx<'_>,
    here: &Here,
    application_id: Id,
    status: ApplicationState,
    respond_by: Option<Instant>,
) -> Result<Option<Waiting>, Problem> {
    let letters = store::unscoped_letters_of(rx, application_id)?;
    let states: Vec<LetterState> = letters.iter().map(|(_, state, _)| *state).collect();
    let Some(code) = rules::letter_step(status, &states) else { return Ok(None) };
    let at_hand = [LetterState::Draft, LetterState::Returned, LetterState::Declined];
    let present = letters.into_iter().find(|(_, state, _)| at_hand.contains(state));
    let mut is_complete = false;
    let (path, deadline) = match present {
        Some((id, _, deadline)) => {
            is_complete =
                code == TaskCode::LetterToSend && avsiktsforklaringar::unscoped_is_sendable(rx, id)?;
            (format!("/avsiktsforklaringar/{id}"), deadline)
        }
        None => {
            let deadline = here.programme.avsiktsforklaring_deadline;
            let later = respond_by.map_or(deadline, |respond_by| respond_by.max(deadline));
            (format!("/applications/{application_id}"), later)
        }
    };
    let task = Waiting::one(code, path).due(deadline);
    let task = if is_complete { task.by_step(LetterState::SentForSignature.as_str()) } else { task };
    Ok((rx.ctx.now < deadline).then_some(task))
}

/// The letter that the signer must sign.
pub fn for_signatory(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let Some(letter_id) = here.subject_id else { return Ok(Vec::new()) };
    let deadline = store::unscoped_letter_to_sign(rx, letter_id, here.person_id)?;
    let path = format!("/avsiktsforklaringar/{letter_id}");
    Ok(deadline
        .map(|deadline| Waiting::one(TaskCode::LetterToSign, path).due(deadline))
        .into_iter()
        .collect())
}
