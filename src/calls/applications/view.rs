//! An application as its readers see it: with what the caller may do next, and links.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::store::{self, ApplicationRow};
use super::{Application, ApplicationState, LatestLetter, LetterFacts};
use super::{facts, rules, selections};
use crate::identity::policy::{
    ApplicationChangeStatus, ApplicationDecideContact, ApplicationUpdate, LetterCreate, LetterRead, Role,
};
use crate::platform::auth::action::Action;
use crate::platform::context::Context;
use crate::platform::db::together::Together as _;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::relations::{Standing, Thing};
use crate::platform::tx::Rx;
use crate::platform::workflow::{AllowedTransition, Histories, Offer};
use crate::programmes::programme::{self, ProgrammeRow};
use crate::programmes::settings::{self, SelectionStage, SettingsRow};
use crate::reference::kommuner::KommunNames;

/// What steps depend on in an application's programme.
struct Call {
    row: ProgrammeRow,
    stage: SelectionStage,
    /// How many places are taken, if the caller may give one to somebody who waits.
    taken: i64,
    /// Who should get a free place, if a selection was announced and the caller may give it to somebody who waits.
    best: Option<Vec<String>>,
}

/// Whether the caller may give the application a place. What that depends on is asked only then: the best replacement is
/// computed anew, which the other readers of a page need not wait for.
fn may_give_a_place(ctx: &Context, row: &ApplicationRow) -> bool {
    let waits = matches!(row.status, ApplicationState::Reserve | ApplicationState::NotSelected);
    let steps = || rules::WORKFLOW.allowed(row.status, &ctx.roles_for::<ApplicationChangeStatus>(row));
    waits && steps().iter().any(|step| step.to == ApplicationState::Selected.as_str())
}

/// What the allowed transitions of the applications in one answer depend on.
#[derive(Default)]
pub struct Related {
    programmes: HashMap<Id, Call>,
    /// Those that wait for a place and cannot get one without a letter.
    without_letter: HashSet<Id>,
    /// What the caller is to them.
    standing: Standing,
    /// The same in every state, for changes that are no step.
    own: Standing,
    kommuner: KommunNames,
    histories: Histories,
    /// The newest letter by application.
    letters: HashMap<Id, LatestLetter>,
}

/// The programmes of these applications.
fn calls(rx: &mut Rx<'_>, rows: &[ApplicationRow]) -> Result<HashMap<Id, Call>, Problem> {
    let ids: BTreeSet<Id> = rows.iter().map(|row| row.programme_id).collect();
    let (programmes, adopted) =
        (programme::unscoped_among(&ids), settings::unscoped_of_programmes(&ids)).load(rx.db)?;
    let placed = rows.iter().filter(|row| may_give_a_place(rx.ctx, row)).map(|row| row.programme_id);
    let waited_for: BTreeSet<Id> = placed.collect();
    let taken = store::unscoped_places_taken(rx.db, &waited_for)?;
    let call = |rx: &mut Rx<'_>, row: ProgrammeRow| {
        let of_it: Vec<SettingsRow> =
            adopted.iter().filter(|held| held.programme_id == row.id).cloned().collect();
        let held = settings::holding(&of_it, rx.ctx.today())
            .ok_or_else(|| Problem::internal("a programme without settings"))?;
        let stage = held.content.0.selection_stage;
        let taken_here = taken.get(&row.id).copied();
        let is_free = waited_for.contains(&row.id) && taken_here.unwrap_or_default() < i64::from(row.places);
        let best = if is_free { selections::replacements(rx, &row)? } else { None };
        Ok((row.id, Call { stage, taken: taken_here.unwrap_or_default(), best, row }))
    };
    programmes.into_iter().map(|row| call(rx, row)).collect()
}

/// Those that wait for a place and cannot get one without a letter.
fn without_letter(
    rx: &mut Rx<'_>,
    rows: &[ApplicationRow],
    programmes: &HashMap<Id, Call>,
) -> Result<HashSet<Id>, Problem> {
    let mut found = HashSet::new();
    for (id, call) in programmes.iter().filter(|(_, call)| call.stage == SelectionStage::AfterMeeting) {
        let waits = |row: &&ApplicationRow| row.programme_id == *id && may_give_a_place(rx.ctx, row);
        let waiting: Vec<ApplicationRow> = rows.iter().filter(waits).cloned().collect();
        if waiting.is_empty() {
            continue;
        }
        let facts = facts::facts_of(rx, &waiting, &call.row, call.stage)?;
        let without = waiting
            .iter()
            .zip(facts)
            .filter(|(_, facts)| rules::check_letter(facts, &call.row, rx.ctx.now).is_err());
        found.extend(without.map(|(row, _)| row.id));
    }
    Ok(found)
}

impl Related {
    /// Loads it for these applications.
    pub fn of(rx: &mut Rx<'_>, rows: &[ApplicationRow]) -> Result<Self, Problem> {
        let programmes = calls(rx, rows)?;
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        let mut letters = HashMap::new();
        let hooks = Arc::clone(&rx.ctx.hooks);
        for facts in hooks.of::<dyn LetterFacts>() {
            letters.extend(facts.latest(rx, ids.clone())?);
        }
        Ok(Self {
            without_letter: without_letter(rx, rows, &programmes)?,
            programmes,
            standing: Standing::for_steps(rx, rows)?,
            own: Standing::of(rx, &rows.iter().map(Thing::of).collect::<Vec<_>>())?,
            kommuner: KommunNames::of(rx.db, rows.iter().map(|row| row.kommunkod.as_str()))?,
            histories: Histories::commented(rx, ids, [])?,
            letters,
        })
    }

    /// Whether time, programme and places allow the step. An invitation may give the kommun a later day for its answer.
    fn is_possible(&self, row: &ApplicationRow, call: &Call, to: ApplicationState, now: Instant) -> bool {
        let is_free = || {
            rules::check_free_place(call.taken, &call.row).is_ok() && !self.without_letter.contains(&row.id)
        };
        match to {
            ApplicationState::Invited => true,
            _ if rules::allow(row, &call.row, call.stage, to, now).is_err() => false,
            ApplicationState::Selected => is_free(),
            _ => true,
        }
    }

    /// The steps that the workflow (for these roles), what the caller is to the application, and the programme's state allow.
    fn allowed(&self, row: &ApplicationRow, roles: &[&str], now: Instant) -> Vec<AllowedTransition> {
        let mut allowed = self.standing.allowed(row, roles);
        let Some(call) = self.programmes.get(&row.programme_id) else { return allowed };
        allowed.retain(|step| step.to.parse().is_ok_and(|to| self.is_possible(row, call, to, now)));
        if !rules::is_deviation(&row.kommunkod, call.best.as_deref()) {
            allowed
                .iter_mut()
                .for_each(|step| step.requires.retain(|member| *member != rules::PUBLIC_REASON));
        }
        if !rules::needs_later_answer(row, &call.row, now) {
            allowed.iter_mut().for_each(|step| step.requires.retain(|member| *member != rules::ANSWER));
        }
        allowed
    }
}

impl Application {
    /// An application as the caller sees it, with what it needs of other rows.
    pub fn show(rx: &mut Rx<'_>, row: ApplicationRow) -> Result<Application, Problem> {
        let related = Related::of(rx, std::slice::from_ref(&row))?;
        Ok(Application::for_caller(rx.ctx, row, &related))
    }

    /// The application as the caller sees it.
    pub fn for_caller(ctx: &Context, row: ApplicationRow, related: &Related) -> Self {
        let roles = ctx.roles_for::<ApplicationChangeStatus>(&row);
        Self::for_roles(ctx, row, related, &roles)
    }

    /// The application as a caller with these roles sees it.
    pub fn for_roles(ctx: &Context, row: ApplicationRow, related: &Related, roles: &[&str]) -> Self {
        let allowed_transitions = related.allowed(&row, roles, ctx.now);
        let links = links(ctx, &row, &allowed_transitions, related);
        let latest_letter = related.letters.get(&row.id).filter(|_| ctx.may::<LetterRead>(&row)).cloned();
        Self {
            coordinator: row.coordinator(),
            id: row.id,
            programme_id: row.programme_id,
            kommun_name: related.kommuner.get(&row.kommunkod),
            last_comment: related.histories.last_comment(row.id, true),
            latest_letter,
            kommunkod: row.kommunkod,
            status: row.status,
            allowed_transitions,
            contact_name: row.contact_name,
            contact_email: row.contact_email,
            contact_person_id: row.contact_person_id,
            motivation: row.motivation,
            maturity: row.maturity,
            departments: row.departments.0,
            known_social_enterprises: row.known_social_enterprises.0,
            registry_number: row.registry_number,
            received_at: row.received_at,
            is_late: row.is_late,
            respond_by: row.respond_by,
            attended_info_meeting: row.attended_info_meeting,
            reason: row.reason,
            notes: row.notes.0,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    /// An example for OpenAPI.
    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let (related, manager) = (Related::default(), [Role::ProgrammeManager.as_str()]);
        json!(Self::for_roles(&ctx, ApplicationRow::example(&ctx), &related, &manager))
    }
}

/// The roles in which the caller may do `A` with the application, without those that a relation to it takes away.
fn roles<A: Action>(ctx: &Context, row: &ApplicationRow, related: &Related) -> Vec<&'static str> {
    let mut roles = ctx.roles_for::<A>(row);
    roles.retain(|role| !related.own.is_barred(row.id, A::ROW.deed(role)));
    roles
}

/// Whether the caller may begin a letter now: none is under way, and it would not expire at once.
fn may_write_letter(ctx: &Context, row: &ApplicationRow, related: &Related) -> bool {
    let roles = roles::<LetterCreate>(ctx, row, related);
    let is_under_way = related.letters.get(&row.id).is_some_and(|letter| letter.is_under_way);
    let deadline =
        related.programmes.get(&row.programme_id).map(|call| rules::letter_deadline(row, &call.row));
    let in_time = |at| rules::check_in_time_for_letter(at, &roles, ctx.now).is_ok();
    !roles.is_empty()
        && !is_under_way
        && rules::letter_may_be_written(row.status)
        && deadline.is_none_or(in_time)
}

fn links(ctx: &Context, row: &ApplicationRow, steps: &[AllowedTransition], related: &Related) -> Vec<Link> {
    let path = format!("/applications/{}", row.id);
    let mut links = vec![
        Link::to_self(ctx, &path),
        Link::new(ctx, "GET", "statusChanges", format_args!("{path}/status-changes")),
        Link::new(ctx, "GET", "programme", format_args!("/programmes/{}", row.programme_id)),
    ];
    let changing = roles::<ApplicationUpdate>(ctx, row, related);
    let update = rules::check_any_open(row.status, &changing).is_ok();
    links.extend(Offer { steps, update, ..Offer::default() }.links(ctx, &path));
    let is_open = rules::FieldGroup::ContactAddress.states().contains(&row.status);
    if is_open && ctx.may::<ApplicationDecideContact>(row) {
        links.push(Link::new(ctx, "POST", "decideContact", format_args!("{path}/contact-decisions")));
    }
    if may_write_letter(ctx, row, related) {
        links.push(Link::new(ctx, "POST", "writeLetter", "/avsiktsforklaringar"));
    }
    links
}
