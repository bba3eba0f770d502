//! How wide a text is, and its lines. Who looks at a drawing chooses the font, so widths are those of Arial (and Helvetica and
//! Liberation Sans, which are as wide), and somewhat more.

/// The fonts of a drawing: each system has one of them.
pub const FONTS: &str = "Arial, Helvetica, 'Liberation Sans', sans-serif";

/// Width of a letter in thousandths of the font's size.
fn thousandths(letter: char) -> u32 {
    match letter {
        'i' | 'j' | 'l' | '\'' | '|' => 222,
        ' ' | '\u{a0}' | '.' | ',' | ':' | ';' | 'f' | 't' | 'I' | '/' | '!' | '[' | ']' => 278,
        '(' | ')' | '-' | 'r' | '`' | '"' | '°' => 345,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' | 'ç' => 500,
        'm' | 'M' | '@' | '—' => 860,
        'w' | 'C' | 'D' | 'H' | 'N' | 'R' | 'U' => 722,
        'G' | 'O' | 'Q' | 'Ö' => 778,
        'A' | 'B' | 'E' | 'K' | 'P' | 'S' | 'V' | 'X' | 'Y' | 'Å' | 'Ä' | 'É' | '&' => 667,
        'F' | 'T' | 'Z' | 'L' => 611,
        'W' | '%' => 944,
        'a'
        | 'b'
        | 'd'
        | 'e'
        | 'g'
        | 'h'
        | 'n'
        | 'o'
        | 'p'
        | 'q'
        | 'u'
        | 'å'
        | 'ä'
        | 'ö'
        | 'é'
        | '0'..='9' => 556,
        letter if letter.is_ascii() => 584,
        letter if letter.is_alphabetic() => 700,
        _ => 1000,
    }
}

/// The width of a text in units, with a twentieth to spare for other fonts and for bold.
pub fn width(text: &str, size: f64) -> f64 {
    let sum: u32 = text.chars().map(thousandths).sum();
    f64::from(sum) * size * 1.05 / 1000.0
}

/// The text in lines that are no wider; a single word may be.
pub fn wrapped(text: &str, size: f64, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(" ", size) + width(word, size) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hold_what_fits_and_lose_no_word() {
        let text = "Sorsele, Storuman, Upplands\u{a0}Väsby och Örnsköldsvik";
        let lines = wrapped(text, 12.0, 120.0);
        assert_eq!(lines.join(" "), text);
        assert!(lines.len() > 1 && lines.iter().all(|line| width(line, 12.0) <= 120.0), "{lines:?}");
        assert_eq!(wrapped("Örnsköldsvik", 12.0, 10.0), ["Örnsköldsvik"]);
    }
}
