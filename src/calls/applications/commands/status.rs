//! The changes of state that a person asks for: one application or many, by one path.

use std::collections::{BTreeSet, HashMap};

use super::automatic::{lock_leaving, make_next, tell};
use crate::calls::applications::ApplicationState;
use crate::calls::applications::ApplicationState::Selected;
use crate::calls::applications::facts::{facts, selection_stage};
use crate::calls::applications::requests::ApplicationChangeData;
use crate::calls::applications::rules::{self, Facts};
use crate::calls::applications::selections::{SelectionPlaces, TakenIn, announced, replacements, taken_in};
use crate::calls::applications::store::{self, ApplicationRow};
use crate::identity::policy::ApplicationChangeStatus;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::platform::workflow::steps::{ItemOf, JudgeSteps, StepOf};
use crate::platform::workflow::{StepItem, TakenStep};
use crate::programmes::programme::{self, ProgrammeRow, Programmes};
use crate::programmes::settings::SelectionStage;

/// What the steps of applications depend on, with the steps that were judged before.
pub struct StepFacts {
    programmes: Programmes,
    /// When each programme's pool is taken.
    stages: HashMap<Id, SelectionStage>,
    /// How many places of each programme are taken.
    taken: HashMap<Id, i64>,
    /// What is known about the letters of those whose step depends on it.
    letters: HashMap<Id, Facts>,
    /// Who got the places of each programme by its announced selection.
    announced: HashMap<Id, SelectionPlaces>,
    /// Who should get the free place of each programme in which a selection was announced.
    replacements: HashMap<Id, Vec<String>>,
    /// Why each of these applications gets a place, in the words that all kommuner of the call read.
    public_reasons: HashMap<Id, String>,
    /// The automatic step that follows each step.
    next: HashMap<Id, ApplicationState>,
}

impl StepFacts {
    fn taken(&self, programme: &ProgrammeRow) -> i64 {
        self.taken.get(&programme.id).copied().unwrap_or_default()
    }
}

impl JudgeSteps for ApplicationRow {
    type Data = ApplicationChangeData;
    type Change = ApplicationChangeStatus;
    type Facts = StepFacts;

    /// A programme is locked when a step takes one of its places or ends the work of a team: two managers must not give away
    /// the last place twice, and nobody may join a team that ends.
    fn load(tx: &mut Tx<'_>, steps: &[ItemOf<Self>]) -> Result<(Vec<Self>, StepFacts), Problem> {
        use ApplicationState::{Confirmed, Qualified, Selected, Terminated};
        let seen = tx.visible_among::<Self>(StepItem::ids(steps))?;
        let to = |id: Id| steps.iter().find(|step| step.id == id).map(|step| step.wanted.to);
        let locking = seen.iter().filter(|row| matches!(to(row.id), Some(Qualified | Selected | Terminated)));
        let locking: BTreeSet<Id> = locking.map(|row| row.programme_id).collect();
        tx.lock_all::<ProgrammeRow>(locking)?;
        let ids: BTreeSet<Id> = seen.iter().map(|row| row.programme_id).collect();
        let programmes = programme::unscoped_by_ids(tx.db, &ids)?;
        let rows = tx.locked_all::<Self>(seen.iter().map(|row| row.id).collect())?;
        let leaving: Vec<&Self> = rows.iter().filter(|row| to(row.id) == Some(Terminated)).collect();
        lock_leaving(tx, &leaving)?;
        let (mut stages, mut taken, mut letters) = (HashMap::new(), HashMap::new(), HashMap::new());
        let mut by_selection = HashMap::new();
        for id in ids {
            stages.insert(id, selection_stage(&mut tx.as_read(), programmes.of(id)?)?);
            by_selection.extend(announced(&mut tx.as_read(), id)?.map(|places| (id, places)));
            taken.insert(id, store::unscoped_count_in(tx.db, id, &rules::HOLDS_A_PLACE)?);
        }
        let reason = |step: &ItemOf<Self>| {
            let given = step.wanted.data.as_ref()?.public_reason.clone()?;
            Some((step.id, String::from(given)))
        };
        let public_reasons = steps.iter().filter_map(reason).collect();
        let mut best = HashMap::new();
        for row in &rows {
            let programme = programmes.of(row.programme_id)?;
            if to(row.id) == Some(Selected) && !best.contains_key(&programme.id) {
                let found = replacements(&mut tx.as_read(), programme)?;
                best.extend(found.map(|found| (programme.id, found)));
            }
            match to(row.id) {
                Some(Selected) => letters.insert(row.id, facts(&mut tx.as_read(), row, programme)?),
                // It may qualify at once.
                Some(Confirmed) => {
                    let confirmed = Self { status: Confirmed, ..row.clone() };
                    letters.insert(row.id, facts(&mut tx.as_read(), &confirmed, programme)?)
                }
                _ => None,
            };
        }
        Ok((
            rows,
            StepFacts {
                programmes,
                stages,
                taken,
                letters,
                announced: by_selection,
                replacements: best,
                public_reasons,
                next: HashMap::new(),
            },
        ))
    }

    fn judge(
        facts: &StepFacts,
        ctx: &Context,
        before: &Self,
        step: &StepOf<'_, Self>,
    ) -> Result<Self, Problem> {
        let programme = facts.programmes.of(before.programme_id)?;
        let mut after = rules::without_end_reason(before);
        let is_late = rules::needs_later_answer(before, programme, ctx.now);
        let best = facts.replacements.get(&programme.id).map(Vec::as_slice);
        let has_reason = step.data.is_some_and(|data| data.public_reason.is_some());
        let is_place_free = rules::check_free_place(facts.taken(programme), programme).is_ok();
        let mut faults = step.missing(|member| member == rules::ANSWER && is_late);
        let reason = (has_reason, is_place_free);
        faults.extend(rules::public_reason_faults(step.to, &before.kommunkod, best, reason));
        Code::InvalidInput.refuse_any(faults)?;
        if let Some(respond_by) = step.data.and_then(|data| data.respond_by) {
            let faults = rules::invitation_faults(step.to, respond_by.0, programme, ctx.now);
            Code::InvalidInput.refuse_any(faults)?;
            after.respond_by = Some(respond_by.0);
        }
        let stage = facts.stages.get(&programme.id).copied().ok_or_else(lost)?;
        rules::allow(&after, programme, stage, step.to, ctx.now)?;
        if step.to == ApplicationState::Selected {
            rules::check_free_place(facts.taken(programme), programme)?;
            rules::check_letter(facts.letters.get(&before.id).ok_or_else(lost)?, programme, ctx.now)?;
        }
        if step.to == ApplicationState::Terminated {
            after.reason = step.comment.map(str::to_owned);
        }
        Ok(after)
    }

    /// Counts the places that the step takes or frees, and chooses the automatic step that follows it.
    fn join(facts: &mut StepFacts, step: &TakenStep<Self>) -> Result<(), Problem> {
        let (before, after) = (&step.before, &step.after);
        let programme = facts.programmes.of(after.programme_id)?;
        let holds = |status| i64::from(rules::HOLDS_A_PLACE.contains(&status));
        let mut taken = facts.taken(programme) + holds(after.status) - holds(before.status);
        let letter_in_time = facts.letters.get(&after.id).is_some_and(|letters| letters.letter_in_time);
        let places = facts.announced.get(&programme.id);
        let may_return = places.is_none_or(|places| places.selected.contains(&after.kommunkod));
        let is_free = may_return && taken < i64::from(programme.places);
        if let Some(next) = rules::next(after.status, programme.status, letter_in_time, is_free) {
            taken += holds(next) - holds(after.status);
            facts.next.insert(after.id, next);
        }
        facts.taken.insert(after.programme_id, taken);
        Ok(())
    }

    fn follow(
        facts: &mut StepFacts,
        tx: &mut Tx<'_>,
        steps: Vec<TakenStep<Self>>,
    ) -> Result<Vec<Self>, Problem> {
        let mut rows = Vec::with_capacity(steps.len());
        let given = steps.iter().filter(|step| step.after.status == Selected);
        let given: BTreeSet<String> = given.map(|step| step.after.kommunkod.clone()).collect();
        for TakenStep { before, after, comment, .. } in steps {
            let programme = facts.programmes.of(after.programme_id)?;
            tell(tx, programme, &before, &after, comment.as_deref())?;
            if let Some(best) = facts.replacements.get(&programme.id).filter(|_| after.status == Selected) {
                let kommunkod = after.kommunkod.as_str();
                let reason = facts.public_reasons.get(&after.id).map(String::as_str);
                // Of the best ones, itself; else the first that this set passes over.
                let passed_over = best.iter().find(|code| !given.contains(*code));
                let proposed =
                    best.iter().find(|code| *code == kommunkod).or(passed_over).map(String::as_str);
                taken_in(tx, programme.id, TakenIn { kommunkod, proposed, reason })?;
            }
            rows.push(match facts.next.get(&after.id) {
                Some(next) => make_next(tx, programme, &after, *next)?,
                None => after,
            });
        }
        Ok(rows)
    }
}

fn lost() -> Problem {
    Problem::internal("an application whose facts were not loaded")
}
