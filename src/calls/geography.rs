//! Distances between kommuner, as the goal `dispersion` measures them (design/selection.md).

use libm::{asin, cos, floor, sin, sqrt};

/// Mean radius of the earth in metres.
const RADIUS: f64 = 6_371_008.8;

/// A point on the earth: degrees north and degrees east (WGS 84).
pub type Position = (f64, f64);

/// The great-circle distance in whole metres, by the haversine formula. `libm` gives the same on every machine.
pub fn metres(one: Position, other: Position) -> i64 {
    let (north, south) = (one.0.to_radians(), other.0.to_radians());
    let half = |difference: f64| sin(difference.to_radians() / 2.0);
    let (up, along) = (half(other.0 - one.0), half(other.1 - one.1));
    let square = up * up + cos(north) * cos(south) * along * along;
    floor(2.0 * RADIUS * asin(sqrt(square.min(1.0))) + 0.5) as i64
}

/// The two that are closest to each other, with their distance in metres; of equally close ones the first.
pub fn closest<T>(things: &[T], position: impl Fn(&T) -> Position) -> Option<(&T, &T, i64)> {
    let mut best: Option<(&T, &T, i64)> = None;
    for (index, one) in things.iter().enumerate() {
        for other in things.iter().skip(index + 1) {
            let distance = metres(position(one), position(other));
            if best.is_none_or(|(_, _, least)| distance < least) {
                best = Some((one, other, distance));
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_of_a_meridian_is_111_195_metres() {
        assert_eq!(metres((60.0, 15.0), (61.0, 15.0)), 111_195);
        assert_eq!(metres((60.0, 15.0), (60.0, 15.0)), 0);
        assert_eq!(metres((0.0, 0.0), (0.0, 180.0)), 20_015_114);
    }

    #[test]
    fn the_closest_two_are_found() {
        let places = [(55.0, 13.0), (59.0, 18.0), (59.1, 18.0), (65.0, 22.0)];
        let (one, other, metres) = closest(&places, |place| *place).unwrap();
        assert_eq!((one, other, metres), (&places[1], &places[2], 11_120));
        assert!(closest(&places[..1], |place| *place).is_none());
    }
}
