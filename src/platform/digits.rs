//! Decimal numbers at fixed places of a text, for days and instants. Written by hand, because all days and instants of an
//! answer pass through here: with `format!` they took a fifth of the time for serializing a list.

use std::ops::Range;

/// The text with these numbers written into their places.
pub fn with_numbers<const LENGTH: usize, const COUNT: usize>(
    mut text: [u8; LENGTH],
    numbers: [(Range<usize>, u32); COUNT],
) -> [u8; LENGTH] {
    for (places, mut number) in numbers {
        for place in text.get_mut(places).unwrap_or_default().iter_mut().rev() {
            *place = b'0' + (number % 10) as u8;
            number /= 10;
        }
    }
    text
}

/// ASCII bytes as text.
pub fn ascii(text: &[u8]) -> &str {
    str::from_utf8(text).unwrap_or_default()
}

/// The number that these digits are; none if one of them is no digit.
pub fn number(digits: &[u8]) -> Option<u32> {
    let next = |number, digit: &u8| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'));
    digits.iter().try_fold(0, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fill_their_places_and_are_read_again() {
        assert_eq!(ascii(&with_numbers(*b"0000-00", [(0..4, 870), (5..7, 12)])), "0870-12");
        assert_eq!((number(b"0870"), number(b"+1"), number(b"1a")), (Some(870), None, None));
    }
}
