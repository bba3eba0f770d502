//! The one place that says which characters cannot be seen. A name with such a character could look like another name, and a
//! text of nothing else looks like no text.

/// How many characters of a text can be seen, without the space around it.
pub fn visible_length(text: &str) -> usize {
    text.trim().chars().filter(|letter| !is_invisible(*letter)).count()
}

/// Whether a text has no visible character.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|letter| letter.is_whitespace() || is_invisible(letter))
}

/// Characters that are not drawn or that change how others are drawn: Unicode's control characters (general category Cc), line and
/// paragraph separators (Zl, Zp), the marks of direction (`Bidi_Control`), all `Default_Ignorable_Code_Point` of
/// `DerivedCoreProperties.txt` of Unicode 16.0 (some are letters: the Hangul fillers), and the empty Braille cell.
pub fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
