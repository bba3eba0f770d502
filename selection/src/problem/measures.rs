//! Distances and lottery numbers.

use sha2::{Digest as _, Sha256};

/// The mean radius of the earth in metres.
const RADIUS: f64 = 6_371_008.8;

/// The great-circle distance (haversine) between two points (latitude, longitude in degrees), in whole metres. The functions
/// come from a library and not from the machine, which may round otherwise.
pub fn distance(from: (f64, f64), to: (f64, f64)) -> i64 {
    let (from_latitude, to_latitude) = (from.0.to_radians(), to.0.to_radians());
    let (north, east) = (to_latitude - from_latitude, to.1.to_radians() - from.1.to_radians());
    let square = |x: f64| x * x;
    let haversine = square(libm::sin(north / 2.0))
        + libm::cos(from_latitude) * libm::cos(to_latitude) * square(libm::sin(east / 2.0));
    let metres = 2.0 * RADIUS * libm::asin(libm::sqrt(haversine).min(1.0));
    // Half of the earth's circumference is far below what i64 holds.
    libm::floor(metres + 0.5) as i64
}

/// The lottery number of a kommun, 0 to 999 999: the first eight digits of the SHA-256 of `seed:kommunkod`, modulo a million.
pub(crate) fn lottery_number(seed: &str, kommunkod: &str) -> i64 {
    let digest = Sha256::digest(format!("{seed}:{kommunkod}"));
    let first = digest.iter().take(4).fold(0, |number, byte| number << 8 | i64::from(*byte));
    first % 1_000_000
}

#[cfg(test)]
mod tests {
    use super::{distance, lottery_number};

    #[test]
    fn distances_are_those_of_the_formula() {
        // A quarter of a great circle, half of one, and a degree of latitude: R times π/2, π and π/180.
        assert_eq!(distance((0.0, 0.0), (90.0, 0.0)), 10_007_557);
        assert_eq!(distance((0.0, 0.0), (0.0, 180.0)), 20_015_114);
        assert_eq!(distance((59.0, 18.0), (60.0, 18.0)), 111_195);
        assert_eq!(distance((59.0, 18.0), (59.0, 18.0)), 0);
        assert_eq!(distance((59.3, 18.1), (65.8, 21.7)), distance((65.8, 21.7), (59.3, 18.1)));
    }

    #[test]
    fn lottery_numbers_come_from_the_hash() {
        // printf '%s' 00112233445566778899aabbccddeeff:0114 | sha256sum | cut -c1-8, modulo 1 000 000
        assert_eq!(lottery_number("00112233445566778899aabbccddeeff", "0114"), 674092);
    }
}
