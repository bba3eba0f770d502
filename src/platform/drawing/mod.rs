//! What all drawings (SVG) have in common: the frame with what a screen reader says, colours, letters, and where labels go.
//!
//! A drawing is an askama template that extends `templates/drawing.svg`, with a method `frame`; the template escapes all text. Drawings have no script,
//! no font of their own and no `style`: a policy that forbids styles in the page leaves them as they are. Their bytes depend only
//! on what is drawn, so coordinates come from the four operations, roots and `libm`, and are written with one decimal.

pub mod labels;
pub mod letters;
pub mod shapes;

use crate::platform::text::Language;

/// The media type of a drawing.
pub const MEDIA_TYPE: &str = "image/svg+xml";

/// Dark blue, for what the drawing is about. On white 7.4:1, and dark in grey too.
pub const STRONG: &str = "#0b4f8a";
/// Text. On white 16:1.
pub const INK: &str = "#1c1c1c";
/// Text of second rank, and marks that are compared with strong ones. On white 7:1.
pub const QUIET: &str = "#595959";
/// Lines that only help the eye.
pub const FAINT: &str = "#c4c4c4";

/// What every drawing has around its body.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Begins the ids inside, so that two drawings can stand in one page.
    pub name: &'static str,
    /// `img` if its parts mean nothing alone, else `group`.
    pub role: &'static str,
    /// The language of its texts.
    pub language: Language,
    /// Width in units.
    pub width: f64,
    /// Height in units.
    pub height: f64,
    /// The name of the drawing, for screen readers and as a tooltip.
    pub title: String,
    /// What there is to see, in words.
    pub description: String,
}

/// The text without what XML cannot hold at all, even escaped: control characters and the two last of each plane.
pub fn plain(text: &str) -> String {
    let is_allowed = |letter: &char| {
        let is_noncharacter = matches!(letter, '\u{fffe}' | '\u{ffff}');
        !is_noncharacter && (!letter.is_control() || matches!(letter, '\t' | '\n' | '\r'))
    };
    text.chars().filter(is_allowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.1 relative luminance of `#rrggbb`.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn texts_and_marks_stand_out_from_white() {
        for colour in [STRONG, INK, QUIET] {
            let contrast = 1.05 / (luminance(colour) + 0.05);
            assert!(contrast >= 4.5, "{colour}: {contrast}");
        }
    }

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(plain("A\u{0}\u{8}\u{ffff} & \u{e5}"), "A & \u{e5}");
    }
}
