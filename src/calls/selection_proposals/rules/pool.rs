//! The pool that a proposal was computed for, against the pool as it is now.

use std::collections::BTreeMap;

use super::Facts;
use crate::calls::selection_proposals::ProposalState;
use crate::calls::selection_proposals::store::ProposalRow;
use crate::platform::problem::{Code, Problem};

/// The kommuner of a pool, by code, with what the application of each says that the choice depends on: its maturity. Everything
/// else that the engine reads of a kommun is from the register, which has its years: a recorded input keeps the year that it was
/// made with (guide §3, and the announcement is of that input), so a newer year changes no pool.
pub type Pool = BTreeMap<String, i64>;

/// What has become of the pool since a proposal was computed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolChange {
    /// The chosen kommuner that have left.
    pub left: Vec<String>,
    /// The kommuner that have come, and that nobody has weighed.
    pub joined: Vec<String>,
    /// The kommuner, chosen or not, whose application says something else now: they were weighed by what it said before.
    pub changed: Vec<String>,
}

/// How the pool differs from the one that the proposal chose from. One that was not chosen may leave: the choice is the best
/// without it too, unless `balance` counted a category of its own.
pub fn pool_change(row: &ProposalRow, facts: &Facts) -> PoolChange {
    let left = row.selected().iter().filter(|kommun| !facts.pool.contains_key(*kommun)).cloned().collect();
    let mut change = PoolChange { left, ..PoolChange::default() };
    for (kommun, said) in &facts.pool {
        match facts.computed_for.get(kommun) {
            None => change.joined.push(kommun.clone()),
            Some(before) if before != said => change.changed.push(kommun.clone()),
            Some(_) => {}
        }
    }
    change
}

/// 409 when a chosen kommun has left the pool, another one has come, or one says something else of itself.
pub fn check_pool(row: &ProposalRow, facts: &Facts) -> Result<(), Problem> {
    let change = pool_change(row, facts);
    if change == PoolChange::default() {
        return Ok(());
    }
    let PoolChange { left, joined, changed } = change;
    let words =
        |kommuner: &[String]| if kommuner.is_empty() { "–".to_owned() } else { kommuner.join(", ") };
    let [gone, come, other] = [&left, &joined, &changed].map(|kommuner| words(kommuner));
    let (next, next_en) = match row.status {
        ProposalState::Computed => {
            ("Gör förslaget till utkast och beräkna på nytt.", "Make the proposal a draft and compute again.")
        }
        _ => (
            "Dra tillbaka förslaget, gör ett nytt och beräkna det.",
            "Withdraw the proposal, make a new one and compute it.",
        ),
    };
    Err(Problem::new(Code::PoolChanged)
        .detail(
            format!(
                "Utvalda som har lämnat: {gone}. Nya bland de kvalificerade: {come}. Med andra uppgifter: {other}. {next}"
            ),
            format!(
                "Chosen that have left: {gone}. New in the pool: {come}. With other facts: {other}. {next_en}"
            ),
        )
        .member("left", left)
        .member("joined", joined)
        .member("changed", changed))
}
