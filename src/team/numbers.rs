//! Numbers that Swedish authorities assign: organisation numbers, which are checked, and personnummer, which are recognised
//! in order to refuse them, because they must never be stored (guide §6).

use validator::ValidationError;

use crate::platform::http::body::broken;
use crate::platform::moment::Day;
use crate::platform::values::check_line;

crate::text_value! {
    /// The organisation number of an employer: ten digits, the third at least 2, the last a Luhn check digit (guide §5).
    pub struct OrganisationNumber;
    schema |schema| schema
        .min_length(Some(1))
        .max_length(Some(20))
        .description(Some("An organisation number: ten digits without a hyphen, the last a Luhn check digit."));
    rule |text| organisation_number_fault(text);
}

crate::text_value! {
    /// An employee number at the employer, never a personnummer: 1–40 characters.
    pub struct EmployeeNumber;
    schema |schema| schema
        .min_length(Some(1))
        .max_length(Some(40))
        .description(Some("The employee number at the employer; never a personnummer."));
    rule |text| check_line(text).and_then(|()| personnummer_fault(text));
}

/// Luhn's checksum: every second digit from the right is doubled and its digits are added; the sum ends in 0.
fn has_luhn_checksum(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            let value = u32::from(*digit) * if index % 2 == 1 { 2 } else { 1 };
            value / 10 + value % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

fn digits(text: &str) -> Option<Vec<u8>> {
    text.bytes().map(|byte| byte.is_ascii_digit().then_some(byte.saturating_sub(b'0'))).collect()
}

/// The error of a text that is not an organisation number: ten digits, the third at least 2, the last a Luhn check digit
/// (guide §5).
fn organisation_number_fault(text: &str) -> Result<(), ValidationError> {
    let digits = digits(text).filter(|digits| digits.len() == 10);
    let Some(digits) = digits else {
        return Err(broken(
            "wrongFormat",
            "Ange tio siffror utan bindestreck",
            "Give ten digits without a hyphen",
        ));
    };
    if digits.get(2).is_none_or(|third| *third < 2) {
        return Err(broken(
            "notAnOrganisation",
            "Tredje siffran i ett organisationsnummer är minst 2",
            "The third digit of an organisation number is at least 2",
        ));
    }
    if !has_luhn_checksum(&digits) {
        return Err(broken("wrongChecksum", "Kontrollsiffran stämmer inte", "The check digit is wrong"));
    }
    Ok(())
}

/// The error of a text that looks like a personnummer or samordningsnummer: no such number is stored here.
fn personnummer_fault(text: &str) -> Result<(), ValidationError> {
    if !looks_like_personnummer(text) {
        return Ok(());
    }
    Err(broken(
        "personalNumber",
        "Personnummer lagras inte här; ange anställningsnumret hos arbetsgivaren",
        "Personal identity numbers are not stored here; give the employer's employee number",
    ))
}

/// Whether it is ten or twelve digits, with or without a sign before the last four, that form a date (in a samordningsnummer
/// with 60 added to the day) and end with a Luhn check digit.
fn looks_like_personnummer(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| !matches!(c, '-' | '+' | ' ')).collect();
    let Some(digits) = digits(&plain) else { return false };
    let (century, short) = match digits.as_slice() {
        [c1, c2, short @ ..] if short.len() == 10 => (Some(i32::from(*c1) * 10 + i32::from(*c2)), short),
        short if short.len() == 10 => (None, short),
        _ => return false,
    };
    let pair = |index: usize| {
        let tens = short.get(index).copied().unwrap_or_default();
        u32::from(tens) * 10 + u32::from(short.get(index + 1).copied().unwrap_or_default())
    };
    let (month, day) = (pair(2), pair(4));
    let day = if day > 60 { day - 60 } else { day };
    let year = i32::try_from(pair(0)).unwrap_or_default();
    let centuries = century.map_or(vec![19, 20], |century| vec![century]);
    has_luhn_checksum(short)
        && centuries.iter().any(|century| Day::new(century * 100 + year, month, day).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> Option<String> {
        organisation_number_fault(text).err().map(|error| error.code.to_string())
    }

    #[test]
    fn real_organisation_numbers_are_accepted() {
        // Bodens kommun, Luleå kommun, SKR.
        for number in ["2120002767", "2120002742", "2220000315"] {
            assert_eq!(code(number), None, "{number}");
        }
    }

    #[test]
    fn each_error_has_its_code() {
        assert_eq!(code("212000-2767").as_deref(), Some("wrongFormat"));
        assert_eq!(code("21200027").as_deref(), Some("wrongFormat"));
        assert_eq!(code("２120002767").as_deref(), Some("wrongFormat"));
        assert_eq!(code("8112189876").as_deref(), Some("notAnOrganisation"));
        assert_eq!(code("2120002768").as_deref(), Some("wrongChecksum"));
    }

    #[test]
    fn a_personnummer_is_recognised_however_it_is_written() {
        for text in ["8112189876", "811218-9876", "19811218-9876", "198112189876", "811278-9873"] {
            assert!(looks_like_personnummer(text), "{text}");
        }
        for text in ["12345", "A8112189876", "8113189875", "2120002767", "8112189877", "198112189877"] {
            assert!(!looks_like_personnummer(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nine_digits_have_exactly_one_check_digit(head in "[0-9]{2}[2-9][0-9]{6}") {
            let fitting = (0..10).filter(|last| code(&format!("{head}{last}")).is_none()).count();
            prop_assert_eq!(fitting, 1);
        }

        #[test]
        fn one_wrong_digit_is_found(head in "[0-9]{2}[2-9][0-9]{6}", at in 3_usize..10, other in 1_u8..10) {
            let number = (0..10).map(|last| format!("{head}{last}")).find(|n| code(n).is_none()).unwrap();
            let mut bytes = number.into_bytes();
            bytes[at] = b'0' + (bytes[at] - b'0' + other) % 10;
            let code = code(std::str::from_utf8(&bytes).unwrap());
            prop_assert_eq!(code.as_deref(), Some("wrongChecksum"));
        }

        #[test]
        fn no_text_makes_the_checks_fail(text in ".{0,20}") {
            let _ = (code(&text), looks_like_personnummer(&text));
        }
    }
}
