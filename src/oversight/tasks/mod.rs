//! What waits for the caller right now, over all areas: applications to answer, letters to sign, time to confirm, months
//! to submit, milestones to review (`/me/tasks`). Everyone who has logged in sees their own.
//!
//! A task is no stored thing: it is found each time from the states of what it is about, and is gone when that has been
//! done. Where the dated roles leave an action without an allowed person, that is a task too (guide §1).

mod calls;
mod collect;
mod goals;
pub mod routes;
mod rules;
mod staffing;
mod store;
mod time;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;

/// What it brings to the program.
pub const PART: Part = Part { routes: routes::routes, code_lists: &[TaskCode::LIST], ..Part::NONE };

crate::codes! {
    /// What can wait for somebody.
    pub enum TaskCode as "taskCodes" {
        /// The programme is a draft.
        ProgrammeToSchedule = "programmeToSchedule", "Programmet är utkast: planera det", "The programme is a draft: schedule it";
        /// There are places for all who qualified.
        ProgrammeToDecide = "programmeToDecide", "Platserna räcker: ta in alla kvalificerade", "There are places for all: take all qualified in";
        /// The places are given, the work can begin.
        ProgrammeToStart = "programmeToStart", "Platserna är givna: starta programmet", "The places are given: start the programme";
        /// The last day of work has passed.
        ProgrammeToComplete = "programmeToComplete", "Sista dagen har passerat: avsluta programmet", "The last day has passed: complete the programme";
        /// The dated roles leave an action without an allowed person.
        StaffingGap = "staffingGap", "Någon saknas", "Somebody is missing";
        /// Applications wait for an answer.
        ApplicationsToAnswer = "applicationsToAnswer", "Intresseanmälningar att besvara", "Applications to answer";
        /// The application is to be completed.
        ApplicationToComplete = "applicationToComplete", "Intresseanmälan ska kompletteras", "The application is to be completed";
        /// Is the kommun still interested?
        InterestToConfirm = "interestToConfirm", "Bekräfta intresset eller tacka nej", "Confirm the interest or decline";
        /// The letter is not begun.
        LetterToWrite = "letterToWrite", "Avsiktsförklaring att skriva", "Avsiktsförklaring to write";
        /// The letter is written but not sent to its signers.
        LetterToSend = "letterToSend", "Avsiktsförklaring att skicka för underskrift", "Avsiktsförklaring to send for signature";
        /// The letter came back.
        LetterToRework = "letterToRework", "Avsiktsförklaring att göra om", "Avsiktsförklaring to rework";
        /// The letter waits for a signature.
        LetterToSign = "letterToSign", "Avsiktsförklaring att underteckna", "Avsiktsförklaring to sign";
        /// Proposed time.
        EntriesToConfirm = "entriesToConfirm", "Föreslagen tid att bekräfta", "Proposed time to confirm";
        /// The month has ended.
        ReportToSign = "reportToSign", "Tidrapport att underteckna", "Time report to sign";
        /// The report came back.
        ReportReturned = "reportReturned", "Återsänd tidrapport", "Time report returned";
        /// Signed reports of others.
        ReportsToAttest = "reportsToAttest", "Tidrapporter att attestera", "Time reports to attest";
        /// Reports are ready to submit.
        MonthToSubmit = "monthToSubmit", "Månad att lämna in", "Month to submit";
        /// Submitted reports.
        ReportsToApprove = "reportsToApprove", "Tidrapporter att godkänna", "Time reports to approve";
        /// Closed months.
        MonthsToLock = "monthsToLock", "Månader att låsa", "Months to lock";
        /// The milestone's day has passed.
        MilestoneLate = "milestoneLate", "Försenad milstolpe", "Late milestone";
        /// The milestone came back.
        MilestoneReturned = "milestoneReturned", "Återlämnad milstolpe", "Milestone returned";
        /// The milestone's day is near.
        MilestoneDue = "milestoneDue", "Milstolpe att lämna in", "Milestone to submit";
        /// Submitted milestones.
        MilestonesToReview = "milestonesToReview", "Milstolpar att granska", "Milestones to review";
    }
}

/// Something that waits for the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Task::example)]
pub struct Task {
    /// What kind of task.
    pub code: TaskCode,
    /// For people, in the language asked for.
    pub title: String,
    /// When it should be done.
    pub due_at: Option<Instant>,
    /// Where to do it, or the list of what waits.
    pub href: String,
    /// How many things wait.
    pub count: i64,
    /// The programme that it lies in.
    pub programme_id: Option<Id>,
    /// The kommun that it is about.
    pub kommunkod: Option<String>,
}
