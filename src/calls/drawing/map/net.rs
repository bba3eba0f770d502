//! The net of latitudes and longitudes, with the degrees at its left and lower edge.

use super::projection::Projection;
use crate::platform::drawing::shapes::{Area, Point, Units};

/// The latitudes and the longitudes of the net.
const LATITUDES: [i32; 9] = [54, 56, 58, 60, 62, 64, 66, 68, 70];
const LONGITUDES: [i32; 7] = [4, 8, 12, 16, 20, 24, 28];

/// A line of the net.
pub struct NetLine {
    /// The points of an SVG polyline.
    pub points: String,
    /// Its degrees.
    pub degrees: i32,
    /// Whether it is a latitude.
    pub is_latitude: bool,
    /// Where it crosses the edge: a latitude the left one, a longitude the lower one.
    pub crossing: Option<Point>,
}

/// The lines of the net. They go on beyond the frame, which cuts them off.
pub fn lines(projection: &Projection, frame: &Area) -> Vec<NetLine> {
    let latitudes = LATITUDES.iter().map(|degrees| {
        let points: Vec<Point> = steps(0, 70).map(|east| projection.at(f64::from(*degrees), east)).collect();
        NetLine {
            crossing: crossing(&points, |point| point.x - frame.at.x),
            points: polyline(&points),
            degrees: *degrees,
            is_latitude: true,
        }
    });
    let longitudes = LONGITUDES.iter().map(|degrees| {
        let points: Vec<Point> =
            steps(106, 142).map(|north| projection.at(north, f64::from(*degrees))).collect();
        NetLine {
            crossing: crossing(&points, |point| point.y - frame.bottom()),
            points: polyline(&points),
            degrees: *degrees,
            is_latitude: false,
        }
    });
    let is_seen = |line: &NetLine| line.crossing.is_none_or(|point| frame.nearest(point) == point);
    latitudes.chain(longitudes).filter(is_seen).collect()
}

/// Half degrees, from and to.
fn steps(from: i32, to: i32) -> impl Iterator<Item = f64> {
    (from..=to).map(|half| f64::from(half) / 2.0)
}

/// Where a line crosses an edge, from which `beyond` measures.
fn crossing(points: &[Point], beyond: impl Fn(&Point) -> f64) -> Option<Point> {
    points.iter().zip(points.iter().skip(1)).find_map(|(one, other)| {
        let (before, after) = (beyond(one), beyond(other));
        let share = before / (before - after);
        ((before < 0.0) != (after < 0.0))
            .then(|| one.moved((other.x - one.x) * share, (other.y - one.y) * share))
    })
}

fn polyline(points: &[Point]) -> String {
    let points: Vec<String> =
        points.iter().map(|point| format!("{},{}", Units(point.x), Units(point.y))).collect();
    points.join(" ")
}
