//! Collects the tasks of each role that the caller has today.

use std::sync::Arc;

use super::rules::{Waiting, urgency};
use super::{Task, calls, goals, selection, staffing, time};
use crate::identity::policy::Role;
use crate::platform::auth::caller::Caller;
use crate::platform::context::Context;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::programme::{self, ProgrammeRow};

/// The place of one of the caller's roles.
pub struct Here {
    /// The programme.
    pub programme: ProgrammeRow,
    /// The kommun; none for the staff of the programme and the owner's own staff.
    pub kommunkod: Option<String>,
    /// The object of the role (the letter of a signatory).
    pub subject_id: Option<Id>,
    /// The caller.
    pub person_id: Id,
}

impl Here {
    /// The kommuner of the programme that the caller coordinates. Nobody reviews the work of their own kommun.
    pub fn own_kommuner(&self, caller: &Caller) -> Vec<String> {
        let here = caller.assignments.iter().filter(|held| {
            held.role == Role::Coordinator.as_str() && held.programme_id == Some(self.programme.id)
        });
        here.filter_map(|held| held.kommunkod.clone()).collect()
    }

    /// The path of a list, filtered by the place and by `more`.
    pub fn list(&self, path: &str, more: &str) -> String {
        let kommun = self.kommunkod.as_ref().map_or(String::new(), |kommun| format!("&kommunkod={kommun}"));
        format!("{path}?programmeId={}{kommun}{more}", self.programme.id)
    }
}

/// All tasks of the caller, the most urgent first. An API client has no tasks.
pub fn of_caller(rx: &mut Rx<'_>) -> Result<Vec<Task>, Problem> {
    let caller = Arc::clone(&rx.ctx.caller);
    let Some(person_id) = caller.person_id() else { return Ok(Vec::new()) };
    let mut found: Vec<(Waiting, Here)> = Vec::new();
    let mut seen = Vec::new();
    for assignment in &caller.assignments {
        let (Some(role), Some(programme_id)) = (Role::from_code(&assignment.role), assignment.programme_id)
        else {
            continue;
        };
        let key = (role, programme_id, assignment.kommunkod.clone(), assignment.subject_id);
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let here = |programme| Here {
            programme,
            kommunkod: assignment.kommunkod.clone(),
            subject_id: assignment.subject_id,
            person_id,
        };
        let programme = programme::unscoped_by_id(rx.db, programme_id)?;
        for waiting in of_role(rx, role, &here(programme.clone()))? {
            found.push((waiting, here(programme.clone())));
        }
    }
    found.sort_by_key(|(waiting, _)| urgency(waiting));
    Ok(found.into_iter().map(|(waiting, here)| task(rx.ctx, waiting, here)).collect())
}

fn of_role(rx: &mut Rx<'_>, role: Role, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let mut waiting = Vec::new();
    match role {
        Role::ProgrammeManager => {
            waiting.extend(calls::for_manager(rx, here)?);
            waiting.extend(selection::for_manager(rx, here)?);
            waiting.extend(staffing::for_manager(rx, here)?);
            waiting.extend(goals::to_review(rx, here)?);
            waiting.extend(time::for_manager(rx, here)?);
        }
        Role::Economist => waiting.extend(time::for_economist(rx, here)?),
        Role::ProcessSupporter => waiting.extend(goals::to_review(rx, here)?),
        Role::Applicant => waiting.extend(calls::for_applicant(rx, here)?),
        Role::Signatory => waiting.extend(calls::for_signatory(rx, here)?),
        Role::Coordinator => {
            waiting.extend(goals::for_coordinator(rx, here)?);
            waiting.extend(time::to_submit(rx, here)?);
            waiting.extend(staffing::for_coordinator(rx, here)?);
        }
        Role::Attester => waiting.extend(time::to_attest(rx, here)?),
        Role::Participant => waiting.extend(time::own(rx, here)?),
        Role::SystemAdmin
        | Role::MethodDeveloper
        | Role::Auditor
        | Role::KommunReader
        | Role::Registrar
        | Role::HrIntegration => {}
    }
    Ok(waiting)
}

fn task(ctx: &Context, waiting: Waiting, here: Here) -> Task {
    let identity = identity(&waiting, &here);
    let kommunkod = waiting.kommunkod.clone().or(here.kommunkod);
    Task {
        id: sha256_hex(&identity),
        code: waiting.code,
        title: waiting.title().get(ctx.language()).to_owned(),
        due_at: waiting.due_at,
        href: ctx.href(&waiting.path),
        rel: waiting.by.0,
        to: waiting.by.1,
        count: waiting.count,
        programme_id: Some(here.programme.id),
        kommunkod,
    }
}

/// What stays the same for as long as the task waits. A task with a part is one for all that it counts: neither the kommuner that its
/// list names nor the only one of them belong to it.
fn identity(waiting: &Waiting, here: &Here) -> String {
    let list = waiting.path.split('?').next().unwrap_or_default();
    let (kommun, path) = match waiting.part {
        "" => (waiting.kommunkod.as_deref().or(here.kommunkod.as_deref()), waiting.path.as_str()),
        _ => (here.kommunkod.as_deref(), list),
    };
    let programme = here.programme.id.to_string();
    [programme.as_str(), waiting.code.as_str(), waiting.part, kommun.unwrap_or_default(), path].join("\n")
}
