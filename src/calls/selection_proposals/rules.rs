//! A proposal's states, what each step requires, and how its pool and its plan are compared (guide §3 "Selection"). Pure.

use std::collections::BTreeSet;

use super::ProposalState::{self, *};
use super::store::ProposalRow;
use crate::identity::policy::Role;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::{Need, Transition, Workflow};
use crate::programmes::programme::{Decision, ProgrammeRow, ProgrammeState, SelectionPlan};

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
    /// The kommuner of the pool that it was computed for; empty before.
    pub computed_for: BTreeSet<String>,
    /// The kommuner that are in the pool now.
    pub pool: BTreeSet<String>,
}

/// What has become of the pool since a proposal was computed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolChange {
    /// The chosen kommuner that have left.
    pub left: Vec<String>,
    /// The kommuner that have come, and that nobody has weighed.
    pub joined: Vec<String>,
}

/// How the pool differs from the one that the proposal chose from. One that was not chosen may leave: the choice is the best
/// without it too, unless `balance` counted a category of its own.
pub fn pool_change(row: &ProposalRow, facts: &Facts) -> PoolChange {
    let left = row.selected().iter().filter(|kommun| !facts.pool.contains(*kommun)).cloned().collect();
    PoolChange { left, joined: facts.pool.difference(&facts.computed_for).cloned().collect() }
}

/// 409 when a chosen kommun has left the pool, or another one has come.
pub fn check_pool(row: &ProposalRow, facts: &Facts) -> Result<(), Problem> {
    let PoolChange { left, joined } = pool_change(row, facts);
    if left.is_empty() && joined.is_empty() {
        return Ok(());
    }
    let words =
        |kommuner: &[String]| if kommuner.is_empty() { "–".to_owned() } else { kommuner.join(", ") };
    Err(Problem::new(Code::PoolChanged)
        .detail(
            format!(
                "Utvalda som har lämnat: {}. Nya bland de kvalificerade: {}. Beräkna på nytt.",
                words(&left),
                words(&joined)
            ),
            format!(
                "Chosen that have left: {}. New in the pool: {}. Compute again.",
                words(&left),
                words(&joined)
            ),
        )
        .member("left", left)
        .member("joined", joined))
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
            Code::StateConflict.refuse_any(pool_faults(row, &facts.pool))
        }
        Draft if row.status == Draft && !facts.is_computing => Err(nothing_to_cancel()),
        Proposed | Adopted | Announced => {
            check_real(row)?;
            check_programme(row, facts.programme)?;
            check_pool(row, facts)?;
            if to == Adopted && !facts.is_explained { Err(unexplained()) } else { Ok(()) }
        }
        Draft | Withdrawn => Ok(()),
    }
}

/// What keeps a proposal from being computed for a pool that has changed since it was entered: fewer kommuner than places, or one
/// that is in or out beforehand and is not there.
pub fn pool_faults(row: &ProposalRow, pool: &BTreeSet<String>) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if i64::try_from(pool.len()).unwrap_or(i64::MAX) < i64::from(row.places) {
        let words = Localized::new(
            format!("{} platser men bara {} att välja bland.", row.places, pool.len()),
            format!("{} places but only {} to choose from.", row.places, pool.len()),
        );
        faults.push(FieldError::new("/places", "tooFew", words));
    }
    for (index, pin) in row.pins.0.iter().enumerate() {
        if !pool.contains(&*pin.kommunkod) {
            let words = Localized::fixed(
                "Kommunen är inte bland de kvalificerade.",
                "The kommun is not in the pool.",
            );
            faults.push(FieldError::new(format!("/pins/{index}/kommunkod"), "notInPool", words));
        }
    }
    faults
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

/// The names of the parts that differ from what the open call named: `goals`, `quotas`, `pins`. The order of quotas and pins
/// means nothing.
pub fn differs(row: &ProposalRow, plan: &SelectionPlan) -> Vec<&'static str> {
    let as_set = |values: Vec<String>| values.into_iter().collect::<BTreeSet<_>>();
    let quotas = |list: &[_]| as_set(list.iter().map(|quota| format!("{quota:?}")).collect());
    let pins = |list: &[_]| as_set(list.iter().map(|pin| format!("{pin:?}")).collect());
    let parts = [
        ("goals", row.goals.0 != plan.goals),
        ("quotas", quotas(&row.quotas.0) != quotas(&plan.quotas)),
        ("pins", pins(&row.pins.0) != pins(&plan.pins)),
    ];
    parts.into_iter().filter(|(_, is_other)| *is_other).map(|(name, _)| name).collect()
}

/// The errors of a proposal against its programme: what only a what-if run may have, and a deviation without its reason.
pub fn faults(row: &ProposalRow, programme: &ProgrammeRow, plan: &SelectionPlan) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let only =
        Localized::fixed("Bara en provberäkning får ha ett annat.", "Only a what-if run may have another.");
    if !row.is_what_if && row.places != programme.places {
        faults.push(FieldError::new("/places", "whatIfOnly", only.clone()));
    }
    if !row.is_what_if && programme.seed.as_ref().is_some_and(|seed| *seed != row.seed) {
        faults.push(FieldError::new("/seed", "whatIfOnly", only));
    }
    let other = differs(row, plan);
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
    use super::*;
    use crate::platform::context::Context;
    use crate::platform::db::sql::Json;

    fn codes(kommuner: &[&str]) -> BTreeSet<String> {
        kommuner.iter().map(|code| (*code).to_owned()).collect()
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
        assert!(faults(&row, &programme, &plan).is_empty());
        row.goals.0.reverse();
        assert_eq!(differs(&row, &plan), ["goals"]);
        assert_eq!(faults(&row, &programme, &plan).len(), 1);
        row.deviation_reason = Some("Beslutat i styrgruppen.".to_owned());
        assert!(faults(&row, &programme, &plan).is_empty());
        row.places = 3;
        assert_eq!(faults(&row, &programme, &plan)[0].pointer, "/places");
        row.is_what_if = true;
        assert!(faults(&row, &programme, &plan).is_empty());
    }
}
