//! What a letter proves of itself: its hash is that of its text, and its signatures cover that hash.

use super::store::LetterRow;
use crate::identity::signatures;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::tx::Rx;

/// The letters of these that do not prove it, each with its fault.
pub fn unproven(rx: &mut Rx<'_>, ids: &[Id]) -> Result<Vec<(Id, &'static str)>, Problem> {
    let letters = LetterRow::these(rx, ids)?;
    let wrong = letters.iter().filter(|letter| sha256_hex(&letter.text) != letter.text_sha256);
    let mut found: Vec<(Id, &'static str)> = wrong.map(|letter| (letter.id, "content")).collect();
    let contents = letters.iter().map(|letter| (letter.id, letter.text_sha256.as_str())).collect();
    found.extend(signatures::unproven(rx, &contents)?.into_iter().map(|id| (id, "signature")));
    Ok(found)
}
