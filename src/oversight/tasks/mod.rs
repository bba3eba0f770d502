//! The caller's present tasks in all areas: applications to answer, letters to sign, time to confirm, months to submit,
//! milestones to review (`/me/tasks`). Callers who have logged in see their own tasks.
//!
//! Tasks are not stored. Each request derives them from the states of other resources, so a task disappears when the work is
//! done. An action that no person may do, because of the dates of the roles, is a task too (guide §1).

mod calls;
mod collect;
mod goals;
pub mod routes;
mod rules;
mod selection;
mod staffing;
mod store;
mod time;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;

/// What tasks bring to the program.
pub const PART: Part = Part { routes: routes::routes, code_lists: &[TaskCode::LIST], ..Part::NONE };

crate::codes! {
    /// The kinds of tasks.
    pub enum TaskCode as "taskCodes" {
        /// The programme is a draft.
        ProgrammeToSchedule = "programmeToSchedule", "Programmet är utkast: planera det", "The programme is a draft: schedule it";
        /// There are places for all who have qualified.
        ProgrammeToDecide = "programmeToDecide", "Platserna räcker: ta in alla kvalificerade", "There are places for all: accept all who have qualified";
        /// More have qualified than there are places.
        SelectionToCompute = "selectionToCompute", "Fler kvalificerade än platser: gör ett urval", "More have qualified than there are places: make a selection";
        /// A selection is computed.
        SelectionToPropose = "selectionToPropose", "Beräknat urval att föreslå", "Computed selection to propose";
        /// Another manager has proposed a selection.
        SelectionToAdopt = "selectionToAdopt", "Föreslaget urval att anta", "Proposed selection to adopt";
        /// A selection is adopted, but nobody has been told.
        SelectionToAnnounce = "selectionToAnnounce", "Antaget urval att meddela", "Adopted selection to announce";
        /// A kommun has given its place back.
        PlaceToFill = "placeToFill", "Ledig plats: den bästa ersättaren", "Free place: the best replacement";
        /// The places have been assigned; the work can begin.
        ProgrammeToStart = "programmeToStart", "Platserna är givna: starta programmet", "The places have been assigned: start the programme";
        /// The last day of work has passed.
        ProgrammeToComplete = "programmeToComplete", "Sista dagen har passerat: avsluta programmet", "The last day has passed: complete the programme";
        /// Because of the dates of the roles, no person may do an action.
        StaffingGap = "staffingGap", "Någon saknas", "Somebody is missing";
        /// Applications wait for an answer.
        ApplicationsToAnswer = "applicationsToAnswer", "Intresseanmälningar att besvara", "Applications to answer";
        /// Interest was expressed again, from another address than the contact's.
        ContactToReview = "contactToReview", "Senare intresse från en annan adress: pröva vem som är kontaktperson", "Later interest from another address: decide who the contact is";
        /// The applicant must complete the application.
        ApplicationToComplete = "applicationToComplete", "Intresseanmälan ska kompletteras", "Application to complete";
        /// The kommun must say whether it is still interested.
        InterestToConfirm = "interestToConfirm", "Bekräfta intresset eller tacka nej", "Confirm the interest or decline";
        /// The letter has not been begun.
        LetterToWrite = "letterToWrite", "Avsiktsförklaring att skriva", "Avsiktsförklaring to write";
        /// The letter is written but has not been sent to the signers.
        LetterToSend = "letterToSend", "Avsiktsförklaring att skicka för underskrift", "Avsiktsförklaring to send for signature";
        /// The letter was returned or declined.
        LetterToRework = "letterToRework", "Avsiktsförklaring att göra om", "Avsiktsförklaring to rework";
        /// The letter waits for a signature.
        LetterToSign = "letterToSign", "Avsiktsförklaring att underteckna", "Avsiktsförklaring to sign";
        /// There are proposed time entries.
        EntriesToConfirm = "entriesToConfirm", "Föreslagen tid att bekräfta", "Proposed time to confirm";
        /// There are recorded entries that do not say what was done.
        EntriesToDescribe = "entriesToDescribe", "Tid att beskriva", "Time to describe";
        /// The month has ended and the report, whose entries are complete, is not signed.
        ReportToSign = "reportToSign", "Tidrapport att underteckna", "Time report to sign";
        /// The month has ended and the report has no time.
        ReportToDeclareEmpty = "reportToDeclareEmpty", "Tidrapport utan tid: förklara den tom", "Time report without time: declare it empty";
        /// The report was returned.
        ReportReturned = "reportReturned", "Återsänd tidrapport", "Time report returned";
        /// There are signed reports of other people.
        ReportsToAttest = "reportsToAttest", "Tidrapporter att attestera", "Time reports to attest";
        /// Reports are ready to submit.
        MonthToSubmit = "monthToSubmit", "Månad att lämna in", "Month to submit";
        /// There are submitted reports.
        ReportsToApprove = "reportsToApprove", "Tidrapporter att godkänna", "Time reports to approve";
        /// There are closed months.
        MonthsToLock = "monthsToLock", "Månader att låsa", "Months to lock";
        /// The due date of the milestone has passed.
        MilestoneLate = "milestoneLate", "Försenad milstolpe", "Late milestone";
        /// The milestone was returned.
        MilestoneReturned = "milestoneReturned", "Återlämnad milstolpe", "Milestone returned";
        /// The due date of the milestone is near.
        MilestoneDue = "milestoneDue", "Milstolpe att lämna in", "Milestone to submit";
        /// There are submitted milestones.
        MilestonesToReview = "milestonesToReview", "Milstolpar att granska", "Milestones to review";
    }
}

/// A task of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Task::example)]
pub struct Task {
    /// Identity: the same in every answer for as long as the task waits.
    pub id: String,
    /// The kind of task.
    pub code: TaskCode,
    /// A title for people, in the language of the request.
    pub title: String,
    /// When the task should be done.
    pub due_at: Option<Instant>,
    /// The object to work on, or the list of such objects.
    pub href: String,
    /// The relation of the link that does it, in `_links` of the object or of each object in the list; null when it is done
    /// elsewhere.
    pub rel: Option<&'static str>,
    /// With `changeStatus`: the step, one of the `allowedTransitions`; null when there is a choice.
    pub to: Option<&'static str>,
    /// How many objects the task is about.
    pub count: i64,
    /// The programme that the task belongs to.
    pub programme_id: Option<Id>,
    /// The kommun that the task is about.
    pub kommunkod: Option<String>,
}
