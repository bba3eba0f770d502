//! Numbers and lists as people write them in Swedish and English, for sentences and drawings.

use crate::platform::text::{Language, Localized};

/// The space that keeps a number and its unit, or the groups of its digits, on one line.
const HARD_SPACE: char = '\u{a0}';

/// Whoever speaks one language: a teller of sentences, the words of a drawing.
pub trait Speaks {
    /// The language.
    fn language(&self) -> Language;

    /// One of two texts.
    fn say(&self, sv: impl Into<String>, en: impl Into<String>) -> String {
        Localized::new(sv, en).get(self.language()).to_owned()
    }

    /// A whole number.
    fn number(&self, number: i64) -> String {
        whole(number, self.language())
    }

    /// A number of things.
    fn count(&self, number: usize) -> String {
        self.number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// A whole number with its thousands apart: `12 345` with hard spaces, `12,345`.
pub fn whole(number: i64, language: Language) -> String {
    let digits = number.unsigned_abs().to_string();
    let separator = match language {
        Language::Sv => HARD_SPACE,
        Language::En => ',',
    };
    let mut text = String::from(if number < 0 { "\u{2212}" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// A Swedish name in the genitive: `Bodens`, but `Borås` as it is, because no s follows an s, x or z.
pub fn genitive(name: &str) -> String {
    let has_own = name.ends_with(['s', 'x', 'z', 'S', 'X', 'Z']);
    if has_own { name.to_owned() } else { format!("{name}s") }
}

/// Tenths as a decimal number without a useless zero: 24 is `2,4` or `2.4`, 30 is `3`.
pub fn tenths(number: i64, language: Language) -> String {
    let sign = if number < 0 { "\u{2212}" } else { "" };
    let (units, tenth) = (number.unsigned_abs() / 10, number.unsigned_abs() % 10);
    let units = whole(i64::try_from(units).unwrap_or(i64::MAX), language);
    match (tenth, language) {
        (0, _) => format!("{sign}{units}"),
        (_, Language::Sv) => format!("{sign}{units},{tenth}"),
        (_, Language::En) => format!("{sign}{units}.{tenth}"),
    }
}

/// A distance in metres as people say it: `61 km`, below ten kilometres `4,2 km`.
pub fn distance(metres: i64, language: Language) -> String {
    let text =
        if metres < 10_000 { tenths((metres + 50) / 100, language) } else { whole_km(metres, language) };
    format!("{text}{HARD_SPACE}km")
}

/// Two distances in metres, so exact that they differ where the metres do: `61 km` and `48 km`, `61,2 km` and `61,1 km`,
/// `61 204 m` and `61 203 m`.
pub fn distances(one: i64, other: i64, language: Language) -> (String, String) {
    let forms: [fn(i64, Language) -> String; 3] = [distance, tenths_of_km, metres_in_full];
    let pairs = forms.map(|form| (form(one, language), form(other, language)));
    let [roughest, .., exact] = &pairs;
    let pair = pairs.iter().find(|(one, other)| one != other);
    if one == other { roughest } else { pair.unwrap_or(exact) }.clone()
}

fn whole_km(metres: i64, language: Language) -> String {
    whole((metres + 500) / 1000, language)
}

fn tenths_of_km(metres: i64, language: Language) -> String {
    format!("{}{HARD_SPACE}km", tenths((metres + 50) / 100, language))
}

fn metres_in_full(metres: i64, language: Language) -> String {
    format!("{}{HARD_SPACE}m", whole(metres, language))
}

/// A number with its noun in the language: the forms are Swedish one and many, English one and many.
pub fn counted(number: usize, language: Language, [sv_one, sv_many, en_one, en_many]: [&str; 4]) -> String {
    let noun = match (language, number) {
        (Language::Sv, 1) => sv_one,
        (Language::Sv, _) => sv_many,
        (Language::En, 1) => en_one,
        (Language::En, _) => en_many,
    };
    format!("{}{HARD_SPACE}{noun}", whole(i64::try_from(number).unwrap_or(i64::MAX), language))
}

/// The text with a large first letter, for the beginning of a sentence.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The text with a small first letter, for the middle of a sentence.
pub fn uncapitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Names in a row: `A`, `A och B`, `A, B och C`.
pub fn listed<T: AsRef<str>>(names: &[T], language: Language) -> String {
    let and = match language {
        Language::Sv => " och ",
        Language::En => " and ",
    };
    let Some((last, others)) = names.split_last() else { return String::new() };
    let others: Vec<&str> = others.iter().map(AsRef::as_ref).collect();
    if others.is_empty() { last.as_ref().to_owned() } else { others.join(", ") + and + last.as_ref() }
}

/// The text with hard spaces inside its numbers: "10 000 invånare" stays on one line.
pub fn kept_together(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let is_digit = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_digit);
    let keep = |(at, letter): (usize, &char)| {
        let is_inside = *letter == ' ' && is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
        if is_inside { HARD_SPACE } else { *letter }
    };
    letters.iter().enumerate().map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::Language::{En, Sv};
    use super::*;

    #[test]
    fn no_s_follows_an_s() {
        assert_eq!(
            ["Boden", "Borås", "Sotenäs", "Säffle"].map(genitive),
            ["Bodens", "Borås", "Sotenäs", "Säffles"]
        );
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        let both = |number| (whole(number, Sv), whole(number, En));
        assert_eq!(both(0), ("0".into(), "0".into()));
        assert_eq!(both(999), ("999".into(), "999".into()));
        assert_eq!(both(1000), ("1\u{a0}000".into(), "1,000".into()));
        assert_eq!(both(-12_345_678), ("\u{2212}12\u{a0}345\u{a0}678".into(), "\u{2212}12,345,678".into()));
    }

    #[test]
    fn decimals_have_a_comma_in_swedish_and_no_useless_zero() {
        assert_eq!((tenths(24, Sv), tenths(24, En)), ("2,4".into(), "2.4".into()));
        assert_eq!((tenths(30, Sv), tenths(-5, En)), ("3".into(), "\u{2212}0.5".into()));
    }

    #[test]
    fn two_distances_that_differ_are_told_apart() {
        let pair = |one, other| {
            let (one, other) = distances(one, other, Sv);
            format!("{one} {other}").replace('\u{a0}', "_")
        };
        assert_eq!(pair(61_400, 48_500), "61_km 49_km");
        assert_eq!(pair(61_400, 60_600), "61,4_km 60,6_km");
        assert_eq!(pair(61_204, 61_203), "61_204_m 61_203_m");
        assert_eq!(pair(4_240, 4_190), "4_240_m 4_190_m");
        assert_eq!(pair(4_240, 3_000), "4,2_km 3_km");
        assert_eq!(pair(61_400, 61_400), "61_km 61_km");
    }

    #[test]
    fn first_letters_are_large_or_small() {
        assert_eq!(
            (capitalized("återkallat"), uncapitalized("Ödets")),
            ("Återkallat".into(), "ödets".into())
        );
        assert_eq!(capitalized(""), "");
    }

    #[test]
    fn lists_end_with_and() {
        assert_eq!(listed::<&str>(&[], Sv), "");
        assert_eq!(listed(&["A"], Sv), "A");
        assert_eq!(listed(&["A", "B"], Sv), "A och B");
        assert_eq!(listed(&["A", "B", "C"], En), "A, B and C");
    }

    #[test]
    fn nouns_follow_their_number() {
        let forms = ["del", "delar", "part", "parts"];
        assert_eq!(counted(1, Sv, forms), "1\u{a0}del");
        assert_eq!(counted(8, Sv, forms), "8\u{a0}delar");
        assert_eq!(counted(1, En, forms), "1\u{a0}part");
        assert_eq!(counted(0, En, forms), "0\u{a0}parts");
    }

    #[test]
    fn only_spaces_between_digits_become_hard() {
        assert_eq!(kept_together("10 000–24 999 invånare"), "10\u{a0}000–24\u{a0}999 invånare");
    }
}
