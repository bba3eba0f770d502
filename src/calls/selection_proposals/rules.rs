//! A proposal's states, what each step requires, and how its pool and its plan are compared (guide §3 "Selection"). Pure.

mod pool;

use super::ProposalState::{self, *};
use super::differences::{self, Rules};
use super::store::ProposalRow;
use crate::identity::policy::Role;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::{Need, Transition, Workflow};
use crate::programmes::programme::{Decision, ProgrammeRow, ProgrammeState, SelectionPlan};

pub use pool::{Pool, check_pool};

const MANAGER: &[&str] = &[Role::ProgrammeManager.as_str()];

/// The member of `data` that says why an answer that is not proved to be the best is adopted.
pub const UNPROVEN: &str = "unprovenReason";

/// The states of a proposal and the transitions between them. To `computed` begins a computation and is answered with 202; to
/// `draft` cancels it, or opens a computed proposal for changes. Who proposes does not adopt.
pub const WORKFLOW: Workflow<ProposalState> = Workflow {
    initial: &[Draft],
    end: &[Announced, Withdrawn],
    transitions: &[
        Transition::by(&[Draft], Computed, MANAGER).no_decision(),
        Transition::effect(&[Draft], Computed, "the end of its computation"),
        Transition::by(&[Draft, Computed], Draft, MANAGER).no_decision(),
        Transition::by(&[Computed], Proposed, MANAGER).no_decision(),
        Transition::by(&[Proposed], Adopted, MANAGER).requiring(&[
            Need::always("decision"),
            Need::when(UNPROVEN, "the answer is not proved to be the best"),
        ]),
        Transition::by(&[Adopted], Announced, MANAGER).no_decision(),
        Transition::by(&[Computed, Proposed, Adopted], Withdrawn, MANAGER).with_comment().no_decision(),
    ],
};

/// What the steps of a proposal depend on besides its row.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The state of its programme.
    pub programme: ProgrammeState,
    /// Whether its choice is being computed.
    pub is_computing: bool,
    /// Whether its explanations are all there.
    pub is_explained: bool,
    /// The pool that it was computed for; empty before.
    pub computed_for: Pool,
    /// The pool as it is now.
    pub pool: Pool,
    /// Whether another proposal of the programme is adopted.
    pub is_another_adopted: bool,
    /// What the engine finds wrong with a draft and the pool as it is now.
    pub input_faults: Vec<FieldError>,
}

/// Whether the row and its surroundings allow a step that the workflow has; the reason is told by [`check_step`].
pub fn is_possible(row: &ProposalRow, facts: &Facts, to: ProposalState) -> bool {
    check_step(row, facts, to).is_ok()
}

/// 409 when something else than the proposal's own state forbids a step that the workflow has.
pub fn check_step(row: &ProposalRow, facts: &Facts, to: ProposalState) -> Result<(), Problem> {
    match to {
        Computed if facts.is_computing => Err(Problem::new(Code::ComputationRunning)),
        Computed => {
            check_programme(row, facts.programme)?;
            Code::StateConflict.refuse_any(facts.input_faults.clone())
        }
        Draft if row.status == Draft && !facts.is_computing => Err(nothing_to_cancel()),
        Proposed | Adopted | Announced => {
            check_real(row)?;
            check_programme(row, facts.programme)?;
            check_pool(row, facts)?;
            match to {
                Adopted if !facts.is_explained => Err(unexplained()),
                Adopted if facts.is_another_adopted => Err(adopted_already()),
                _ => Ok(()),
            }
        }
        Draft | Withdrawn => Ok(()),
    }
}

fn nothing_to_cancel() -> Problem {
    let words = Localized::fixed("Ingen beräkning pågår.", "No computation is running.");
    Problem::new(Code::StateConflict).errors(vec![FieldError::new("/computation", "notRunning", words)])
}

fn unexplained() -> Problem {
    let words =
        Localized::fixed("Förklaringarna är inte klara än.", "The explanations are not complete yet.");
    Problem::new(Code::StateConflict).errors(vec![FieldError::new("/explanation", "notDone", words)])
}

/// One decision in a programme. The database sees to it also when two managers adopt in the same moment.
fn adopted_already() -> Problem {
    Problem::new(Code::AlreadyExists).detail(
        "Ett urval är redan antaget i programmet; återkalla det först.",
        "A selection is already adopted in the programme; withdraw it first.",
    )
}

/// 409 for a what-if run: it is never proposed, adopted or announced.
fn check_real(row: &ProposalRow) -> Result<(), Problem> {
    if !row.is_what_if {
        return Ok(());
    }
    let words = Localized::fixed(
        "Det är en provberäkning; den kan aldrig föreslås eller antas.",
        "This is a what-if run; it can never be proposed or adopted.",
    );
    Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new("/isWhatIf", "whatIf", words)]))
}

/// 409 unless the programme is in a state in which the proposal can be worked on: `selecting`, when the pool and the seed are
/// known. A what-if run with a seed of its own may be made from the day that the call opens.
pub fn check_programme(row: &ProposalRow, programme: ProgrammeState) -> Result<(), Problem> {
    use ProgrammeState as P;
    let may = match programme {
        P::Selecting => true,
        P::Open | P::Closed => row.is_what_if,
        P::Draft | P::Scheduled | P::Decided | P::Running | P::Completed | P::Cancelled => false,
    };
    if may {
        return Ok(());
    }
    let words = Localized::new(
        format!("Programmet är {programme}; urvalet görs när det är selecting."),
        format!("The programme is {programme}; the places are given while it is selecting."),
    );
    Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new(
        "/programme/status",
        "wrongState",
        words,
    )]))
}

/// 409 unless the proposal is a draft that is not being computed: only then it changes.
pub fn check_changeable(row: &ProposalRow, is_computing: bool) -> Result<(), Problem> {
    if is_computing {
        return Err(Problem::new(Code::ComputationRunning));
    }
    if row.status == Draft {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict)
        .detail(
            "Ett beräknat förslag ändras inte; gör det till utkast (to: draft) först.",
            "A computed proposal does not change; make it a draft (to: draft) first.",
        )
        .member("currentStatus", row.status.as_str()))
}

/// 409 unless the proposal is a draft that was never computed: computations are kept, and count in the decision's record.
pub fn check_deletable(row: &ProposalRow) -> Result<(), Problem> {
    if row.status == Draft && row.computation_id.is_none() {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict)
        .detail(
            "Bara ett utkast som aldrig har beräknats kan tas bort; beräkningar bevaras.",
            "Only a draft that was never computed can be deleted; computations are kept.",
        )
        .member("currentStatus", row.status.as_str()))
}

/// The errors of a proposal against its programme: what only a what-if run may have, and a deviation without its reason. The
/// lists `unread` were sent with something that the call cannot have named.
pub fn faults(
    row: &ProposalRow,
    programme: &ProgrammeRow,
    plan: &SelectionPlan,
    unread: &[&'static str],
) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let only =
        Localized::fixed("Bara en provberäkning får ha ett annat.", "Only a what-if run may have another.");
    if !row.is_what_if && row.places != programme.places {
        faults.push(FieldError::new("/places", "whatIfOnly", only.clone()));
    }
    if !row.is_what_if && programme.seed.as_ref().is_some_and(|seed| *seed != row.seed) {
        faults.push(FieldError::new("/seed", "whatIfOnly", only));
    }
    let differing = differences::between(&Rules::of_plan(plan), &Rules::of_proposal(row)).names;
    let other: Vec<&str> = differing.iter().map(AsRef::as_ref).chain(unread.iter().copied()).collect();
    if !row.is_what_if && !other.is_empty() && row.deviation_reason.is_none() {
        let names = other.join(", ");
        let words = Localized::new(
            format!("Utlysningen angav annat ({names}); ange varför det ändras."),
            format!("The open call named others ({names}); say why they change."),
        );
        faults.push(FieldError::new("/deviationReason", "required", words));
    }
    faults
}

/// The errors of a new real proposal, or of a what-if run that would use the seed before anyone may know it.
pub fn check_seed_known(
    is_what_if: bool,
    has_own_seed: bool,
    programme: &ProgrammeRow,
) -> Result<(), Problem> {
    if programme.seed_shown_at.is_some() || (is_what_if && has_own_seed) {
        return Ok(());
    }
    let words = Localized::new(
        format!(
            "Programmet är {}; lottfröet visas från selecting. En provberäkning anger ett eget (seed).",
            programme.status
        ),
        format!(
            "The programme is {}; its seed is shown from selecting on. A what-if run gives its own (seed).",
            programme.status
        ),
    );
    Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new(
        "/programme/status",
        "wrongState",
        words,
    )]))
}

/// The errors of the decision to adopt: its day lies in the future, or before the proposal was made.
pub fn decision_faults(decision: &Decision, made_at: Instant, today: Day) -> Vec<FieldError> {
    let future = Localized::fixed("Ligger i framtiden.", "Lies in the future.");
    let early = Localized::fixed("Ligger före förslaget.", "Lies before the proposal.");
    let faults = [
        (decision.decided_on > today, "inTheFuture", future),
        (decision.decided_on < made_at.day(), "wrongOrder", early),
    ];
    let found = faults.into_iter().filter(|(is_wrong, ..)| *is_wrong);
    found.map(|(_, code, words)| FieldError::new("/data/decision/decidedOn", code, words)).collect()
}

#[cfg(test)]
mod tests {
    use super::pool::pool_change;
    use super::*;
    use crate::platform::context::Context;
    use crate::platform::db::sql::Json;

    /// Kommuner that all say the same of themselves.
    fn codes(kommuner: &[&str]) -> Pool {
        kommuner.iter().map(|code| ((*code).to_owned(), 3)).collect()
    }

    /// A proposal that chose 0114 and 2582 of three kommuner, and what its steps depend on.
    fn chosen(status: ProposalState) -> (ProposalRow, Facts, ProgrammeRow) {
        let ctx = Context::example();
        let mut programme = ProgrammeRow::example(&ctx).unwrap();
        programme.places = 2;
        let mut row = ProposalRow::example(&ctx, &programme);
        row.status = status;
        row.answer = Some(Json(selection::Answer::Optimal {
            goal_values: vec![2],
            selected: vec!["0114".to_owned(), "2582".to_owned()],
            proven_optimal: true,
        }));
        let pool = codes(&["0114", "2518", "2582"]);
        let facts = Facts {
            programme: ProgrammeState::Selecting,
            is_computing: false,
            is_explained: true,
            computed_for: pool.clone(),
            pool,
            is_another_adopted: false,
            input_faults: Vec::new(),
        };
        (row, facts, programme)
    }

    #[test]
    fn a_chosen_one_that_leaves_and_one_that_comes_stop_every_step_but_back() {
        let (row, mut facts, _) = chosen(Adopted);
        assert!(is_possible(&row, &facts, Announced));
        facts.pool = codes(&["0114", "2582"]);
        assert!(is_possible(&row, &facts, Announced), "who was not chosen may leave");
        facts.pool = codes(&["0114", "1480", "2518"]);
        let change = pool_change(&row, &facts);
        assert_eq!((change.left, change.joined), (vec!["2582".to_owned()], vec!["1480".to_owned()]));
        assert_eq!(check_step(&row, &facts, Announced).unwrap_err().code, Code::PoolChanged);
        assert!(is_possible(&row, &facts, Withdrawn));
    }

    #[test]
    fn one_that_says_something_else_stops_it_chosen_or_not() {
        let (row, mut facts, _) = chosen(Adopted);
        facts.pool.insert("2518".to_owned(), 4);
        assert_eq!(pool_change(&row, &facts).changed, ["2518"]);
        for to in [Proposed, Adopted, Announced] {
            assert_eq!(check_step(&row, &facts, to).unwrap_err().code, Code::PoolChanged);
        }
        // It has left: what it said does not matter any more.
        facts.pool.remove("2518");
        assert!(is_possible(&row, &facts, Announced));
    }

    #[test]
    fn only_one_is_adopted_and_only_an_uncomputed_draft_is_deleted() {
        let (mut row, mut facts, _) = chosen(Proposed);
        facts.is_another_adopted = true;
        assert_eq!(check_step(&row, &facts, Adopted).unwrap_err().code, Code::AlreadyExists);
        assert!(is_possible(&row, &facts, Announced) && check_deletable(&row).is_err());
        row.status = Draft;
        assert!(check_deletable(&row).is_ok());
        row.computation_id = Some(row.id);
        assert!(check_deletable(&row).is_err());
    }

    #[test]
    fn a_draft_that_the_engine_would_refuse_is_not_computed() {
        let (row, mut facts, _) = chosen(Draft);
        let words = Localized::fixed("För få.", "Too few.");
        facts.input_faults = vec![FieldError::new("/applicants", "tooFew", words)];
        assert_eq!(check_step(&row, &facts, Computed).unwrap_err().code, Code::StateConflict);
    }

    #[test]
    fn a_what_if_run_is_computed_and_goes_no_further() {
        let (mut row, facts, _) = chosen(Computed);
        row.is_what_if = true;
        for to in [Proposed, Adopted, Announced] {
            assert!(!is_possible(&row, &facts, to));
        }
        assert!(is_possible(&row, &facts, Draft) && is_possible(&row, &facts, Withdrawn));
        let open = Facts { programme: ProgrammeState::Open, ..facts.clone() };
        assert!(is_possible(&row, &open, Computed), "with a seed of its own");
        row.is_what_if = false;
        assert!(!is_possible(&row, &open, Computed));
    }

    #[test]
    fn nothing_is_adopted_before_it_is_explained() {
        let (row, mut facts, _) = chosen(Proposed);
        assert!(is_possible(&row, &facts, Adopted));
        facts.is_explained = false;
        assert!(!is_possible(&row, &facts, Adopted));
    }

    #[test]
    fn only_a_running_computation_is_cancelled_and_only_one_runs() {
        let (row, mut facts, _) = chosen(Draft);
        assert!(is_possible(&row, &facts, Computed) && !is_possible(&row, &facts, Draft));
        facts.is_computing = true;
        assert_eq!(check_step(&row, &facts, Computed).unwrap_err().code, Code::ComputationRunning);
        assert!(is_possible(&row, &facts, Draft));
        assert!(check_changeable(&row, true).is_err() && check_changeable(&row, false).is_ok());
    }

    #[test]
    fn another_plan_than_that_of_the_call_needs_a_reason() {
        let (mut row, _, programme) = chosen(Draft);
        let plan = SelectionPlan::default();
        row.places = 2;
        assert!(faults(&row, &programme, &plan, &[]).is_empty());
        // A list that could not be read is none that the call named.
        assert_eq!(faults(&row, &programme, &plan, &["quotas"])[0].pointer, "/deviationReason");
        row.goals.0.reverse();
        assert_eq!(faults(&row, &programme, &plan, &[]).len(), 1);
        row.deviation_reason = Some("Beslutat i styrgruppen.".to_owned());
        assert!(faults(&row, &programme, &plan, &[]).is_empty());
        row.places = 3;
        assert_eq!(faults(&row, &programme, &plan, &[])[0].pointer, "/places");
        row.is_what_if = true;
        assert!(faults(&row, &programme, &plan, &[]).is_empty());
    }
}
