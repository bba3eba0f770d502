//! A sharper bound than the number of cliques. When every clique must give somebody, a clique of one decides who that is, which
//! takes candidates from the other cliques, which decides more, until a clique is empty: then those that took part cannot
//! all give somebody. Each such group of cliques, none of which shares a clique with another, lowers the bound by one. (Known
//! from the search for maximum cliques, where it is called incremental MaxSAT reasoning.)

#![expect(clippy::indexing_slicing, reason = "the hot part: positions and cliques come from the same node")]

use super::space::Space;
use crate::problem::Bits;

/// Cliques with more members than these are not tried: it costs more than it finds.
const MAX_TRIED: usize = 8;

/// Whether groups of cliques are found that show that less than `needed` of them can give somebody.
pub(super) fn is_contradictory(space: &Space, cliques: &[Bits], needed: usize) -> bool {
    let Some(mut spare) = cliques.len().checked_sub(needed) else { return true };
    let mut free: Bits = Bits::first_of(cliques.len());
    let mut by_size: Vec<usize> = (0..cliques.len()).collect();
    by_size.sort_by_key(|clique| cliques[*clique].len());
    for clique in by_size {
        // Too few are left to lower the bound enough, when each group takes at least two.
        if free.len() < 2 * (spare + 1) || cliques[clique].len() > MAX_TRIED {
            return false;
        }
        if !free.contains(clique) {
            continue;
        }
        let Some(group) = group_of(space, cliques, free, clique) else { continue };
        free = free.minus(&group);
        match spare.checked_sub(1) {
            Some(less) => spare = less,
            None => return true,
        }
    }
    false
}

/// The cliques that cannot all give somebody, whoever of `clique` is taken; `None` when no such group is seen.
fn group_of(space: &Space, cliques: &[Bits], free: Bits, clique: usize) -> Option<Bits> {
    let mut group: Bits = std::iter::once(clique).collect();
    for position in cliques[clique].iter() {
        group = group.or(&failure(space, cliques, free, (clique, position))?);
    }
    Some(group)
}

/// Takes one of a clique, and whatever follows from it; the cliques that take part when one of them becomes empty.
fn failure(space: &Space, cliques: &[Bits], free: Bits, first: (usize, usize)) -> Option<Bits> {
    let mut left: Vec<Bits> = cliques.to_vec();
    // By clique: which cliques took candidates from it, and theirs.
    let mut reasons: Vec<Bits> = vec![Bits::default(); cliques.len()];
    let mut open = free;
    let mut queue = vec![first];
    open.remove(first.0);
    reasons[first.0].insert(first.0);
    while let Some((taken, position)) = queue.pop() {
        let conflicts = &space.conflicts[position];
        for other in open.iter() {
            let without = left[other].minus(conflicts);
            if without == left[other] {
                continue;
            }
            left[other] = without;
            let mut reason = reasons[other].or(&reasons[taken]);
            reason.insert(other);
            reasons[other] = reason;
            match (without.first(), without.len()) {
                (None, _) => return Some(reasons[other]),
                (Some(only), 1) => {
                    open.remove(other);
                    queue.push((other, only));
                }
                _ => {}
            }
        }
    }
    None
}
