//! The engine against an independent way of solving: each goal as a mixed integer linear programme, with the values of the
//! goals before it fixed, where that solver finishes.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "in a test a panic is the report")]

mod support;

use good_lp::solvers::microlp::microlp;
use good_lp::{
    Constraint, Expression, ProblemVariables, ResolutionError, Solution as _, SolutionStatus,
    SolverModel as _, Variable, WithTimeLimit as _, constraint, variable,
};
use selection::{Answer, Dimension, Goal, Input, NoWatch, Problem, goal_values, solve};
use support::Chance;

/// How long the solver may take for one goal.
const PATIENCE: f64 = 2.0;

/// A formulation under construction: one binary variable per applicant.
struct Model<'a> {
    input: &'a Input,
    variables: ProblemVariables,
    chosen: Vec<Variable>,
    constraints: Vec<Constraint>,
}

impl<'a> Model<'a> {
    fn new(input: &'a Input) -> Self {
        let mut variables = ProblemVariables::new();
        let chosen = variables.add_vector(variable().binary(), input.applicants.len());
        let mut model = Model { input, variables, chosen, constraints: Vec::new() };
        let all = model.sum(|_| true);
        model.constraints.push(constraint!(all == f64::from(input.places)));
        for quota in &input.quotas {
            let count = model.count(quota.dimension, &quota.category);
            if let Some(min) = quota.min {
                model.constraints.push(constraint!(count.clone() >= f64::from(min)));
            }
            if let Some(max) = quota.max {
                model.constraints.push(constraint!(count <= f64::from(max)));
            }
        }
        for pin in &input.pins {
            let pinned = model.sum(|at| input.applicants[at].kommunkod == pin.kommunkod);
            model.constraints.push(constraint!(pinned == f64::from(u8::from(pin.is_in))));
        }
        model
    }

    /// The same with quotas that may be broken, and by how much they are broken in all, negated.
    fn with_broken_quotas(input: &'a Input, without: &'a Input) -> (Self, Expression) {
        let mut model = Model::new(without);
        let mut broken = Expression::default();
        for quota in &input.quotas {
            let by = model.variables.add(variable().min(0.0));
            let count = model.count(quota.dimension, &quota.category);
            if let Some(min) = quota.min {
                model.constraints.push(constraint!(count.clone() + by >= f64::from(min)));
            }
            if let Some(max) = quota.max {
                model.constraints.push(constraint!(count - by <= f64::from(max)));
            }
            broken -= by;
        }
        (model, broken)
    }

    fn sum(&self, is_in: impl Fn(usize) -> bool) -> Expression {
        let members = self.chosen.iter().enumerate().filter(|(at, _)| is_in(*at));
        members.map(|(_, variable)| *variable).sum()
    }

    fn count(&self, dimension: Dimension, category: &str) -> Expression {
        self.sum(|at| self.input.applicants[at].category(dimension) == category)
    }

    fn categories(&self, dimension: Dimension) -> Vec<String> {
        let mut names: Vec<_> =
            self.input.applicants.iter().map(|applicant| applicant.category(dimension)).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The value of a goal that is a sum; the greater the better, so balance is negated.
    fn value(&mut self, goal: Goal) -> Expression {
        match goal {
            Goal::Coverage(dimension) => {
                let mut value = Expression::default();
                for category in self.categories(dimension) {
                    let is_there = self.variables.add(variable().binary());
                    let count = self.count(dimension, &category);
                    self.constraints.push(constraint!(is_there <= count));
                    value += is_there;
                }
                value
            }
            Goal::Balance(dimension) => {
                let categories = self.categories(dimension);
                let (k, places) = (categories.len() as f64, f64::from(self.input.places));
                let mut value = Expression::default();
                for category in &categories {
                    let deviation = self.variables.add(variable().min(0.0));
                    let count = self.count(dimension, category);
                    self.constraints.push(constraint!(k * count.clone() - places <= deviation));
                    self.constraints.push(constraint!(places - k * count <= deviation));
                    value -= deviation;
                }
                value
            }
            Goal::Lottery => {
                let input = self.input;
                let number = |at: usize| lottery(&input.seed, &input.applicants[at].kommunkod) as f64;
                self.chosen.iter().enumerate().map(|(at, variable)| number(at) * *variable).sum()
            }
            Goal::Dispersion => Expression::default(),
        }
    }

    /// At most one of each group of applicants that are all nearer to each other than `metres`.
    fn keep_apart(&mut self, metres: &[Vec<i64>], least: i64) {
        let all = 0..self.chosen.len();
        let is_near = |a: usize, b: usize| a != b && metres[a][b] < least;
        let mut covered = vec![vec![false; all.len()]; all.len()];
        for a in all.clone() {
            for b in all.clone().skip(a + 1) {
                if covered[a][b] || !is_near(a, b) {
                    continue;
                }
                let mut group = vec![a, b];
                for c in all.clone() {
                    if !group.contains(&c) && group.iter().all(|other| is_near(*other, c)) {
                        group.push(c);
                    }
                }
                for one in &group {
                    group.iter().for_each(|other| covered[*one][*other] = true);
                }
                let sum = self.sum(|at| group.contains(&at));
                self.constraints.push(constraint!(sum <= 1.0));
            }
        }
    }

    /// Demands that a goal has at least this value.
    fn demand(&mut self, goal: Goal, value: i64, metres: &[Vec<i64>]) {
        if goal == Goal::Dispersion {
            return self.keep_apart(metres, value);
        }
        let own = self.value(goal);
        let least = if matches!(goal, Goal::Balance(_)) { -value } else { value } as f64;
        self.constraints.push(constraint!(own >= least - 0.001));
    }

    /// The greatest value of an expression, with whom it chooses; `Some(None)` when nothing is possible, `None` when the solver
    /// does not finish.
    fn greatest(self, objective: Expression) -> Option<Option<(i64, Vec<String>)>> {
        let mut model = self.variables.maximise(objective.clone()).using(microlp).with_time_limit(PATIENCE);
        for constraint in self.constraints {
            model.add_constraint(constraint);
        }
        match model.solve() {
            Ok(solution) if matches!(solution.status(), SolutionStatus::Optimal) => {
                let chosen = self.chosen.iter().zip(&self.input.applicants);
                let chosen = chosen.filter(|(variable, _)| solution.value(**variable) > 0.5);
                let mut codes: Vec<_> = chosen.map(|(_, applicant)| applicant.kommunkod.clone()).collect();
                codes.sort();
                Some(Some((solution.eval(&objective).round() as i64, codes)))
            }
            Err(ResolutionError::Infeasible) => Some(None),
            _ => None,
        }
    }
}

fn lottery(seed: &str, code: &str) -> i64 {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(format!("{seed}:{code}"));
    i64::from(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])) % 1_000_000
}

/// The distances between all, as the dispersion of sets of two.
fn metres(input: &Input) -> Vec<Vec<i64>> {
    let two =
        Input { goals: Some(vec![Goal::Dispersion]), quotas: Vec::new(), pins: Vec::new(), ..input.clone() };
    let problem = Problem::new(&two).expect("no fault");
    let code = |at: usize| input.applicants[at].kommunkod.clone();
    let between =
        |a: usize, b: usize| goal_values(&problem, &[code(a), code(b)]).map_or(0, |values| values[0]);
    let all = 0..input.applicants.len();
    all.clone().map(|a| all.clone().map(|b| if a == b { 0 } else { between(a, b) }).collect()).collect()
}

/// A pool of 12 to 60, with goals in any order in a third of the cases.
fn medium(round: u64) -> Input {
    let mut chance = Chance::new(round + 3_000_000);
    let applicants = 12 + chance.below(49);
    let places = 2 + chance.below(applicants.min(16) - 2);
    let mut input = support::pool(round, applicants, places, chance.is(50));
    if chance.is(33) {
        let mut goals = selection::DEFAULT_GOALS.to_vec();
        goals.push(Goal::Balance(Dimension::Lan));
        chance.shuffle(&mut goals);
        goals.truncate(3 + chance.below(4));
        input.goals = Some(goals);
    }
    input
}

/// Compares one pool; how many of its goals the solver finished.
fn compare(round: u64) -> usize {
    let input = medium(round);
    let Ok(problem) = Problem::new(&input) else { return 0 };
    let metres = metres(&input);
    let (values, selected) = match solve(&problem, &NoWatch).expect("not cancelled") {
        Answer::Optimal { goal_values, selected, .. } => (goal_values, selected),
        Answer::Infeasible { .. } => {
            let told = Model::new(&input).greatest(Expression::default());
            assert!(told.is_none_or(|told| told.is_none()), "round {round}: the solver finds a set");
            return 1;
        }
        open @ Answer::Feasible { .. } => panic!("round {round}: {open:?}"),
    };
    let mut finished = 0;
    for (at, goal) in input.goals().iter().enumerate() {
        let mut model = Model::new(&input);
        for (earlier, value) in input.goals().iter().zip(&values).take(at) {
            model.demand(*earlier, *value, &metres);
        }
        if *goal == Goal::Dispersion {
            model.keep_apart(&metres, values[at] + 1);
        }
        let objective = model.value(*goal);
        let Some(told) = model.greatest(objective) else { continue };
        finished += 1;
        match (goal, told) {
            (Goal::Dispersion, told) => {
                assert_eq!(told, None, "round {round}: a greater distance is possible")
            }
            (goal, Some((value, codes))) => {
                let value = if matches!(goal, Goal::Balance(_)) { -value } else { value };
                assert_eq!(value, values[at], "round {round}: {goal:?}");
                if *goal == Goal::Lottery && at + 1 == input.goals().len() {
                    assert_eq!(codes, selected, "round {round}");
                }
            }
            (goal, None) => panic!("round {round}: {goal:?} is impossible, says the solver"),
        }
    }
    finished
}

/// A pool of 30 to 60 with so many quotas that hardly any set keeps them all.
fn crowded(round: u64) -> Input {
    let mut chance = Chance::new(round + 5_000_000);
    let (applicants, places) = (30 + chance.below(31), 8 + chance.below(6));
    let mut input = support::pool(round, applicants, places, false);
    let dimensions = match round % 3 {
        0 => Dimension::ALL.to_vec(),
        1 => vec![Dimension::Lan, Dimension::SizeBand, Dimension::Maturity],
        _ => vec![Dimension::Nuts2, Dimension::SkrGroup, Dimension::Maturity],
    };
    let mut categories: Vec<(Dimension, String)> = Vec::new();
    for dimension in dimensions {
        categories.extend(input.applicants.iter().map(|one| (dimension, one.category(dimension))));
    }
    categories.sort();
    categories.dedup();
    chance.shuffle(&mut categories);
    categories.truncate(10 + chance.below(12));
    input.quotas = categories
        .into_iter()
        .map(|(dimension, category)| {
            let min = chance.is(60).then(|| 1 + chance.below(3) as u32);
            let max = (min.is_none() || chance.is(30)).then(|| min.unwrap_or(0) + chance.below(2) as u32);
            selection::Quota { dimension, category, min, max }
        })
        .collect();
    input
}

/// Compares the smallest relaxation of one crowded pool; whether there was one and the solver finished.
fn compare_relaxation(round: u64) -> bool {
    let input = crowded(round);
    // More minimums than places are a fault of the input.
    let Ok(problem) = Problem::new(&input) else { return false };
    let answer = solve(&problem, &NoWatch).expect("not cancelled");
    let Answer::Infeasible { relaxation, .. } = answer else { return false };
    let Some(relaxation) = relaxation else { return false };
    let without = Input { quotas: Vec::new(), ..input.clone() };
    let (model, broken) = Model::with_broken_quotas(&input, &without);
    let Some(told) = model.greatest(broken) else { return false };
    let (total, _) = told.expect("without quotas a set is always possible");
    assert_eq!(relaxation.total as i64, -total, "round {round}: {relaxation:?}");
    true
}

#[test]
fn crowded_quotas_give_way_by_no_more_than_a_milp_solver_finds() {
    let rounds: u64 =
        std::env::var("SAMVERKAN_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let finished = (0..rounds * 40).filter(|round| compare_relaxation(*round)).count();
    assert!(finished as u64 > rounds * 5, "the solver finished only {finished} pools");
}

/// Twelve pools; `scripts/long` asks for 300.
#[test]
fn each_goal_has_the_value_that_a_milp_solver_finds() {
    let rounds: u64 =
        std::env::var("SAMVERKAN_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let finished: usize = (0..rounds * 12).map(compare).sum();
    assert!(finished as u64 > rounds * 24, "the solver finished only {finished} goals");
}
