//! Distances between kommuner, as the goal `dispersion` measures them (design/selection.md).

use selection::distance;

/// A point on the earth: degrees north and degrees east (WGS 84).
pub type Position = (f64, f64);

/// The two that are closest to each other, with their distance in metres; of equally close ones the first.
pub fn closest<T>(things: &[T], position: impl Fn(&T) -> Position) -> Option<(&T, &T, i64)> {
    let mut best: Option<(&T, &T, i64)> = None;
    for (index, one) in things.iter().enumerate() {
        for other in things.iter().skip(index + 1) {
            let apart = distance(position(one), position(other));
            if best.is_none_or(|(_, _, least)| apart < least) {
                best = Some((one, other, apart));
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_two_are_found() {
        let places = [(55.0, 13.0), (59.0, 18.0), (59.1, 18.0), (65.0, 22.0)];
        let (one, other, metres) = closest(&places, |place| *place).unwrap();
        assert_eq!((one, other, metres), (&places[1], &places[2], 11_120));
        assert!(closest(&places[..1], |place| *place).is_none());
    }
}
