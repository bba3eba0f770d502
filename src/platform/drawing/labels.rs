//! Where labels go: beside their marks if there is room, else at the end of a thin line. Each label tries many places; each
//! place costs what it covers, and labels move, one after the other, until none finds a cheaper place. The same marks always
//! give the same places.

use super::shapes::{Area, Line, Point};

/// A label that looks for a place.
#[derive(Clone, Copy, Debug)]
pub struct Label {
    /// The middle of its mark.
    pub mark: Point,
    /// The radius of its mark; 0 for a label without one, whose own middle lies at the point if there is room.
    pub radius: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// Something that a label should not cover.
#[derive(Clone, Copy, Debug)]
pub struct Obstacle {
    /// Where it is.
    pub area: Area,
    /// What covering it costs; covering a label costs [`LABEL`].
    pub weight: f64,
}

/// Where a label went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Its box.
    pub area: Area,
    /// The line to its mark, if it is not beside it.
    pub leader: Option<Line>,
}

/// What covering another label costs.
pub const LABEL: f64 = 1000.0;
/// What a line through a label, or through another line, costs.
const CROSSING: f64 = 300.0;
/// What any line costs: a label beside its mark is easier to read.
const LEADER: f64 = 25.0;
/// Between a mark and its label.
const GAP: f64 = 3.0;
/// How often all labels may move. They settle after a few rounds.
const ROUNDS: usize = 30;

/// The directions beside a mark, the best first: right and left of it, then above and below.
const BESIDE: [(f64, f64); 8] =
    [(1.0, 0.0), (-1.0, 0.0), (0.7, -0.7), (0.7, 0.7), (-0.7, -0.7), (-0.7, 0.7), (0.0, -1.0), (0.0, 1.0)];

/// How far the labels with lines may be from their marks.
const DISTANCES: [f64; 8] = [14.0, 22.0, 32.0, 44.0, 58.0, 74.0, 94.0, 120.0];

/// How far a label without a mark may be from its point.
const OFF: [f64; 12] = [5.0, 10.0, 15.0, 20.0, 26.0, 32.0, 39.0, 46.0, 55.0, 66.0, 80.0, 110.0];

/// The directions of the lines.
const AWAY: [(f64, f64); 16] = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.92, -0.38),
    (0.92, 0.38),
    (-0.92, -0.38),
    (-0.92, 0.38),
    (0.71, -0.71),
    (0.71, 0.71),
    (-0.71, -0.71),
    (-0.71, 0.71),
    (0.38, -0.92),
    (0.38, 0.92),
    (-0.38, -0.92),
    (-0.38, 0.92),
    (0.0, -1.0),
    (0.0, 1.0),
];

#[derive(Clone, Copy)]
struct Candidate {
    place: Place,
    cost: f64,
}

/// A place for each label, inside the frame. Obstacles stay where they are.
pub fn placed(labels: &[Label], obstacles: &[Obstacle], frame: &Area) -> Vec<Place> {
    let candidates: Vec<Vec<Candidate>> =
        labels.iter().map(|label| candidates(label, obstacles, frame)).collect();
    let mut places: Vec<Place> = Vec::new();
    for candidates in &candidates {
        places.extend(best(candidates, &places));
    }
    for _ in 0..ROUNDS {
        let mut is_settled = true;
        for (index, candidates) in candidates.iter().enumerate() {
            let others: Vec<Place> = places
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != index)
                .map(|(_, place)| *place)
                .collect();
            if let (Some(better), Some(place)) = (best(candidates, &others), places.get_mut(index))
                && better != *place
            {
                *place = better;
                is_settled = false;
            }
        }
        if is_settled {
            break;
        }
    }
    places
}

/// The cheapest place; of equal ones the first. The candidates are in order of what they cost by themselves.
fn best(candidates: &[Candidate], others: &[Place]) -> Option<Place> {
    let mut best: Option<(f64, Place)> = None;
    for candidate in candidates {
        let known = best.map_or(f64::INFINITY, |(cost, _)| cost);
        if candidate.cost >= known {
            break;
        }
        let cost = candidate.cost + others.iter().map(|other| conflict(&candidate.place, other)).sum::<f64>();
        if cost < known {
            best = Some((cost, candidate.place));
        }
    }
    best.map(|(_, place)| place)
}

/// What two labels with these places cost.
fn conflict(one: &Place, other: &Place) -> f64 {
    let covered = cover(&one.area, &Obstacle { area: other.area, weight: LABEL });
    let through = |line: Option<Line>, area: &Area| line.is_some_and(|line| line.meets(area));
    let both = one.leader.zip(other.leader).is_some_and(|(one, other)| one.crosses(&other));
    let crossings = [through(one.leader, &other.area), through(other.leader, &one.area), both];
    covered + crossings.into_iter().map(|is_crossed| if is_crossed { CROSSING } else { 0.0 }).sum::<f64>()
}

/// What covering an obstacle costs: most of it for the first unit, the rest by how much of it is covered.
fn cover(area: &Area, obstacle: &Obstacle) -> f64 {
    let common = area.overlap(&obstacle.area);
    let whole = obstacle.area.width * obstacle.area.height;
    if common <= 0.0 { 0.0 } else { obstacle.weight * (0.6 + 0.4 * common / whole.max(1.0)) }
}

fn candidates(label: &Label, obstacles: &[Obstacle], frame: &Area) -> Vec<Candidate> {
    let near = in_reach(label, obstacles);
    let mut found = Vec::new();
    let all = if label.radius > 0.0 { beside(label) } else { around(label) };
    for (place, liking) in all {
        let area = pushed_inside(place.area, frame);
        // A label with a line may be pushed into the frame; one beside its mark would cover it.
        if area != place.area && place.leader.is_none() {
            continue;
        }
        let leader = place.leader.map(|line| Line { to: area.nearest(line.from), ..line });
        let crosses = |obstacle: &Obstacle| leader.is_some_and(|line| line.meets(&obstacle.area));
        let costs = near.iter().map(|obstacle| {
            cover(&area, obstacle) + if crosses(obstacle) { 0.3 * obstacle.weight } else { 0.0 }
        });
        found.push(Candidate { cost: liking + costs.sum::<f64>(), place: Place { area, leader } });
    }
    if found.is_empty() {
        let area = pushed_inside(centred(label, label.mark), frame);
        found.push(Candidate { place: Place { area, leader: None }, cost: 0.0 });
    }
    found.sort_by(|one, other| one.cost.total_cmp(&other.cost));
    found
}

/// The obstacles that some place of the label could meet, without the label's own mark.
fn in_reach<'o>(label: &Label, obstacles: &'o [Obstacle]) -> Vec<&'o Obstacle> {
    let farthest = DISTANCES.iter().chain(&OFF).copied().fold(0.0, f64::max);
    let reach = Area::around(label.mark, label.radius + farthest + label.width.max(label.height));
    let is_own = |area: &Area| {
        let middle = area.middle();
        let (right, down) = (middle.x - label.mark.x, middle.y - label.mark.y);
        label.radius > 0.0 && right.abs() < 0.01 && down.abs() < 0.01
    };
    obstacles
        .iter()
        .filter(|obstacle| reach.overlap(&obstacle.area) > 0.0 && !is_own(&obstacle.area))
        .collect()
}

/// The places of a label with a mark, each with what it costs by itself.
fn beside(label: &Label) -> Vec<(Place, f64)> {
    let reach = |gap: f64, (right, down): (f64, f64)| {
        let distance = label.radius + gap;
        let middle = label.mark.moved(
            right * distance + sign(right) * label.width / 2.0,
            down * distance + sign(down) * label.height / 2.0,
        );
        // To the right and left the middle of the label is as high as the mark.
        centred(label, middle)
    };
    let near = BESIDE
        .iter()
        .enumerate()
        .map(|(rank, direction)| (Place { area: reach(GAP, *direction), leader: None }, rank as f64 * 1.5));
    let far = DISTANCES.iter().flat_map(|gap| {
        AWAY.iter().enumerate().map(move |(rank, direction)| {
            let area = reach(*gap, *direction);
            let leader = Line { from: label.mark, to: area.nearest(label.mark) };
            (Place { area, leader: Some(leader) }, LEADER + gap * 0.6 + rank as f64 * 0.2)
        })
    });
    near.chain(far).collect()
}

/// The places of a label without a mark: at its point, or a little off, the nearest first.
fn around(label: &Label) -> Vec<(Place, f64)> {
    let here = (Place { area: centred(label, label.mark), leader: None }, 0.0);
    let off = OFF.into_iter().flat_map(|distance| {
        AWAY.iter().map(move |(right, down)| {
            let area = centred(label, label.mark.moved(right * distance, down * distance));
            (Place { area, leader: None }, distance * 0.8)
        })
    });
    std::iter::once(here).chain(off).collect()
}

fn sign(number: f64) -> f64 {
    if number > 0.0 {
        1.0
    } else if number < 0.0 {
        -1.0
    } else {
        0.0
    }
}

fn centred(label: &Label, middle: Point) -> Area {
    Area {
        at: middle.moved(-label.width / 2.0, -label.height / 2.0),
        width: label.width,
        height: label.height,
    }
}

fn pushed_inside(area: Area, frame: &Area) -> Area {
    let x = area.at.x.min(frame.right() - area.width).max(frame.at.x);
    let y = area.at.y.min(frame.bottom() - area.height).max(frame.at.y);
    Area { at: Point { x, y }, ..area }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Area = Area { at: Point { x: 0.0, y: 0.0 }, width: 400.0, height: 300.0 };

    fn label(x: f64, y: f64) -> Label {
        Label { mark: Point { x, y }, radius: 5.0, width: 60.0, height: 14.0 }
    }

    fn overlaps(places: &[Place]) -> usize {
        let pairs = places
            .iter()
            .enumerate()
            .flat_map(|(at, one)| places[at + 1..].iter().map(move |other| (one, other)));
        pairs.filter(|(one, other)| one.area.overlap(&other.area) > 0.0).count()
    }

    #[test]
    fn a_lonely_label_is_right_of_its_mark() {
        let [place] = placed(&[label(100.0, 100.0)], &[], &FRAME)[..] else { panic!("one place") };
        assert_eq!(
            place,
            Place { area: Area { at: Point { x: 108.0, y: 93.0 }, width: 60.0, height: 14.0 }, leader: None }
        );
    }

    #[test]
    fn a_label_at_the_edge_goes_to_the_other_side() {
        let [place] = placed(&[label(390.0, 100.0)], &[], &FRAME)[..] else { panic!("one place") };
        assert!(
            place.leader.is_none() && place.area.right() < 390.0 && FRAME.holds(&place.area),
            "{place:?}"
        );
    }

    #[test]
    fn twenty_marks_on_a_heap_get_labels_that_do_not_overlap() {
        let labels: Vec<Label> = (0..20)
            .map(|index| label(180.0 + f64::from(index % 5) * 9.0, 140.0 + f64::from(index / 5) * 9.0))
            .collect();
        let places = placed(&labels, &[], &FRAME);
        assert_eq!((places.len(), overlaps(&places)), (20, 0), "{places:?}");
        assert!(places.iter().all(|place| FRAME.holds(&place.area)));
        assert!(places.iter().any(|place| place.leader.is_some()));
        assert_eq!(places, placed(&labels, &[], &FRAME), "the same places again");
    }

    #[test]
    fn a_label_avoids_what_it_should_not_cover() {
        let wall = Obstacle {
            area: Area { at: Point { x: 106.0, y: 80.0 }, width: 80.0, height: 40.0 },
            weight: LABEL,
        };
        let [place] = placed(&[label(100.0, 100.0)], &[wall], &FRAME)[..] else { panic!("one place") };
        assert_eq!(place.area.overlap(&wall.area), 0.0, "{place:?}");
    }

    #[test]
    fn a_label_without_a_mark_stays_at_its_point_if_it_can() {
        let free = Label { radius: 0.0, ..label(100.0, 100.0) };
        let [place] = placed(&[free], &[], &FRAME)[..] else { panic!("one place") };
        assert_eq!(place.area.middle(), free.mark);
    }
}
