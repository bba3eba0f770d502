//! Passwords. They are stored as argon2id hashes, so that a stolen database does not reveal them. Passwords that are
//! easy to guess are refused. Length counts, not special characters (NIST SP 800-63B): a sentence is a good password.

use std::borrow::Cow;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};

use crate::platform::ids::Ids;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::text::{Localized, composed};

/// The shortest password, in characters (Unicode scalar values).
pub const MIN_CHARACTERS: usize = 12;

/// The longest password, in characters.
pub const MAX_CHARACTERS: usize = 256;

/// Common passwords of at least [`MIN_CHARACTERS`] (shorter ones are refused anyway): one per line, sorted, and
/// normalized by [`normalized`].
const COMMON: &str = include_str!("common_passwords.txt");

/// Keyboard runs, with Swedish letters normalized. Each is checked forwards and backwards.
const KEYBOARD: [&str; 4] = [
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertyuiopaasdfghjkloazxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p",
    "1q2w3e4r5t6y7u8i9o0p",
];

/// The cost of computing one hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl PasswordCost {
    /// For production: OWASP's recommendation for argon2id, 19 MiB and 2 passes.
    pub const STANDARD: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };

    /// For tests, which log in often.
    pub const CHEAP: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    fn hasher(self) -> Result<Argon2<'static>, Problem> {
        let params =
            Params::new(self.memory_kib, self.passes, self.lanes, None).map_err(Problem::internal)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// The hash to store, of the password in NFC; it contains its salt and cost (PHC string). It takes tens of milliseconds, so never call it on a
/// thread that serves requests.
pub fn hash(password: &str, ids: &Ids, cost: PasswordCost) -> Result<String, Problem> {
    let hasher = cost.hasher()?;
    let hash = hasher.hash_password_with_salt(composed(password).as_bytes(), &ids.bytes::<16>());
    hash.map(|hash| hash.to_string()).map_err(Problem::internal)
}

/// Whether the password matches the stored hash, as it was sent or else in NFC: older hashes are of what was sent. It takes as
/// long as [`hash`] did, or twice as long for a password that is not in NFC.
pub fn verify(password: &str, stored: &str) -> bool {
    // The stored hash contains its cost, so old hashes keep working when the standard cost is raised.
    let Ok(stored) = PasswordHash::new(stored) else { return false };
    tries(password).iter().any(|tried| Argon2::default().verify_password(tried.as_bytes(), &stored).is_ok())
}

/// The password as sent, and in NFC if that is another text.
fn tries(password: &str) -> Vec<Cow<'_, str>> {
    let composed = composed(password);
    if composed == password { vec![composed] } else { vec![Cow::Borrowed(password), composed] }
}

/// Takes as long as [`verify`] and returns false. For unknown users, so that the time does not reveal who exists.
pub fn verify_against_nothing(password: &str, cost: PasswordCost) -> bool {
    if let Ok(hasher) = cost.hasher() {
        for tried in tries(password) {
            let hash = hasher.hash_password_with_salt(tried.as_bytes(), &[0; 16]);
            // Without this the compiler might remove the work, because nobody reads its result.
            std::hint::black_box(hash).ok();
        }
    }
    false
}

/// All reasons why the password is too weak for this person; empty when it is strong enough. `pointer` points to the
/// password in the body.
pub fn weaknesses(password: &str, email: &str, pointer: &str) -> Vec<FieldError> {
    let password = composed(password);
    let mut faults = Vec::new();
    let mut found = |code, sv, en| faults.push(FieldError::new(pointer, code, Localized::fixed(sv, en)));
    let length = password.chars().count();
    if length < MIN_CHARACTERS {
        found(
            "tooShort",
            "Minst 12 tecken krävs; en mening går bra.",
            "At least 12 characters; a sentence will do.",
        );
    }
    if length > MAX_CHARACTERS {
        found("tooLong", "Högst 256 tecken.", "At most 256 characters.");
        // The comparisons below would be slow for a text of megabytes.
        return faults;
    }
    let password = normalized(&password);
    if is_email(&password, &normalized(email)) {
        found(
            "sameAsEmail",
            "Lösenordet får inte vara e-postadressen eller en del av den.",
            "The password may not be the e-mail address or a part of it.",
        );
    }
    if is_common(&password) {
        found(
            "commonPassword",
            "Lösenordet är ett av de vanligaste och går att gissa; välj ett annat.",
            "The password is one of the most common ones and can be guessed; choose another.",
        );
    }
    if is_repetition(&password) || is_sequence(&password) {
        found(
            "tooSimple",
            "Lösenordet är en upprepning eller en enkel följd av tecken.",
            "The password is a repetition or a simple sequence of characters.",
        );
    }
    faults
}

/// Lower case, without the most common diacritics: `Lösenord` becomes `losenord`.
fn normalized(text: &str) -> String {
    let fold = |c| match c {
        'å' | 'ä' | 'á' | 'à' => 'a',
        'ö' | 'ó' | 'ø' => 'o',
        'é' | 'è' => 'e',
        'ü' => 'u',
        'ñ' => 'n',
        other => other,
    };
    text.chars().flat_map(char::to_lowercase).map(fold).collect()
}

/// Whether it is the address, its local part or its domain, apart from digits and signs before or after.
fn is_email(password: &str, email: &str) -> bool {
    let bare = |text: &str| text.trim_matches(|c: char| !c.is_alphabetic()).to_owned();
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let password_bare = bare(password);
    [email, local, domain].into_iter().filter(|part| !part.is_empty()).any(|part| {
        let part_bare = bare(part);
        password == part || (!part_bare.is_empty() && password_bare == part_bare)
    })
}

/// Whether it is in the list: unchanged, without signs at the ends, or with letters for look-alikes (`p4ssw0rd`).
fn is_common(password: &str) -> bool {
    let word = password.trim_end_matches(|c: char| !c.is_alphabetic());
    let end = password.strip_prefix(word).unwrap_or_default();
    let spelled: String = word.chars().map(letter_of_lookalike).chain(end.chars()).collect();
    let stripped = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let forms = [password.to_owned(), stripped(password), stripped(&spelled), spelled];
    COMMON.lines().any(|common| forms.iter().any(|form| form == common))
}

fn letter_of_lookalike(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Whether a few characters are repeated; the last repetition may be incomplete.
fn is_repetition(password: &str) -> bool {
    let all: Vec<char> = password.chars().collect();
    let longest = all.len() / 2;
    (1..=longest).any(|length| all.iter().zip(all.iter().skip(length)).all(|(a, b)| a == b))
}

/// Whether it runs up or down the alphabet or the digits, or along the keyboard.
fn is_sequence(password: &str) -> bool {
    let backwards: String = password.chars().rev().collect();
    let steps_up = |text: &str| text.chars().zip(text.chars().skip(1)).all(|(a, b)| follows(a, b));
    let along = |text: &str| KEYBOARD.iter().any(|row| row.contains(text));
    [password, &backwards].into_iter().any(|text| text.chars().count() > 2 && (steps_up(text) || along(text)))
}

fn follows(a: char, b: char) -> bool {
    (a == '9' && b == '0') || (a == 'z' && b == 'a') || u32::from(a) + 1 == u32::from(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(password: &str) -> Vec<&'static str> {
        weaknesses(password, "anna.lindqvist@boden.example", "/password")
            .iter()
            .map(|fault| fault.code)
            .collect()
    }

    #[test]
    fn a_password_is_tried_as_sent_and_composed() {
        let (sent, composed) = ("A\u{30a}tta fa\u{30a}glar", "Åtta fåglar");
        let new = hash(sent, &Ids::seeded(1), PasswordCost::CHEAP).unwrap();
        assert!(verify(sent, &new) && verify(composed, &new));
        // A hash that was made before passwords were composed.
        let hasher = PasswordCost::CHEAP.hasher().unwrap();
        let old = hasher.hash_password_with_salt(sent.as_bytes(), &[7; 16]).unwrap().to_string();
        assert!(verify(sent, &old) && !verify(composed, &old));
    }

    #[test]
    fn a_hash_is_argon2id_and_matches_only_its_password() {
        let ids = Ids::seeded(1);
        let stored = hash("Åtta fåglar på en gren", &ids, PasswordCost::CHEAP).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{stored}");
        assert!(verify("Åtta fåglar på en gren", &stored));
        assert!(!verify("åtta fåglar på en gren", &stored));
        assert!(!verify("", &stored));
        assert_ne!(
            stored,
            hash("Åtta fåglar på en gren", &ids, PasswordCost::CHEAP).unwrap(),
            "each hash has its own salt"
        );
    }

    #[test]
    fn the_standard_cost_is_owasps() {
        let stored = hash("Åtta fåglar på en gren", &Ids::seeded(1), PasswordCost::STANDARD).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("Åtta fåglar på en gren", &stored));
    }

    #[test]
    fn an_invalid_hash_matches_no_password() {
        for stored in ["", "x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$", "$2b$12$abcdefghijklmnopqrstuv"]
        {
            assert!(!verify("", stored) && !verify("x", stored), "{stored}");
        }
        assert!(!verify_against_nothing("Åtta fåglar på en gren", PasswordCost::CHEAP));
    }

    #[test]
    fn an_impossible_cost_is_an_error_and_not_a_panic() {
        let none = PasswordCost { memory_kib: 0, passes: 0, lanes: 0 };
        assert!(hash("x", &Ids::seeded(1), none).is_err());
        assert!(!verify_against_nothing("x", none));
    }

    #[test]
    fn sentences_and_random_characters_are_accepted() {
        for good in
            ["Åtta fåglar på en gren", "h7Kp-2mQx-9rTz", "blå cykel och regn", "🐟🐠🐡🦈🐙🐚🦀🦞🦐🦑🐬🐳"]
        {
            assert_eq!(codes(good), Vec::<&str>::new(), "{good}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(codes("åäöåäöxyzkq"), ["tooShort"]);
        assert!(!codes("åäöåäöxyzkqw").contains(&"tooShort"));
        let words = "fisk kaffe moln berg ".repeat(13);
        assert!(!codes(&words.chars().take(256).collect::<String>()).contains(&"tooLong"));
        assert_eq!(codes(&words.chars().take(257).collect::<String>()), ["tooLong"]);
        assert_eq!(codes(""), ["tooShort"]);
    }

    #[test]
    fn variants_of_the_own_address_are_refused() {
        for own in [
            "anna.lindqvist@boden.example",
            "Anna.Lindqvist",
            "anna.lindqvist1!",
            "2021anna.lindqvist",
            "boden.example",
        ] {
            assert!(codes(own).contains(&"sameAsEmail"), "{own}");
        }
        assert!(codes("anna.lindqvist cyklar hem").is_empty());
        assert!(weaknesses("h7Kp-2mQx-9rTz", "", "/password").is_empty());
        assert!(weaknesses("584930217745", "123@boden.example", "/password").is_empty());
    }

    #[test]
    fn variants_of_common_passwords_are_refused() {
        for common in [
            "password1234",
            "Password1234",
            "P@ssw0rd1234",
            "password1234!",
            "Lösenord1234",
            "l0senord1234",
            "Sommar2024!!",
            "välkommen123",
            "samverkan123",
            "correcthorsebatterystaple",
            "Djurgården123",
        ] {
            assert_eq!(codes(common), ["commonPassword"], "{common}");
        }
    }

    #[test]
    fn repetitions_and_sequences_are_refused() {
        for simple in [
            "aaaaaaaaaaaa",
            "            ",
            "ÄÄÄÄÄÄÄÄÄÄÄÄ",
            "121212121212",
            "abcabcabcabca",
            "hejsan hejsan hejsan",
            "frölundafrölunda",
            "456789012345",
            "098765432109",
            "ghijklmnopqr",
            "zyxwvutsrqpo",
            "qwertyuiopåasd",
            "mnbvcxzlkjhgf",
            "1qaz2wsx3edc4",
        ] {
            assert!(codes(simple).contains(&"tooSimple"), "{simple}");
        }
        assert!(codes("ab ba ab ab ba x").is_empty());
    }

    #[test]
    fn the_list_of_common_passwords_is_sorted_and_normalized() {
        let lines: Vec<_> = COMMON.lines().collect();
        assert!(lines.len() > 1000);
        assert!(lines.is_sorted_by(|a, b| a < b), "sorted, without duplicates");
        for line in &lines {
            assert!(line.chars().count() >= MIN_CHARACTERS && *line == normalized(line), "{line}");
        }
        for line in lines.iter().step_by(50) {
            assert!(codes(line).contains(&"commonPassword"), "{line}");
        }
    }

    #[test]
    fn errors_have_a_pointer_and_both_languages() {
        let fault = weaknesses("kort", "", "/newPassword").remove(0);
        assert_eq!((fault.pointer.as_str(), fault.code), ("/newPassword", "tooShort"));
        assert!(fault.detail.sv.contains("12") && fault.detail.en.contains("12"));
    }
}
