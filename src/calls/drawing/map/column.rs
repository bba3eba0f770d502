//! What stands beside the map: the meaning of the marks, the chosen by län, the reserves.

use super::words::Words;
use crate::platform::drawing::letters::wrapped;
use crate::platform::drawing::shapes::Units;

/// Size of its text, and the height of a line.
const SIZE: f64 = 13.0;
const LINE: f64 = 17.0;
/// How many names of others find room; the description has all.
const MOST_OTHERS: usize = 60;

/// A line of text.
pub struct Line {
    /// Its left end.
    pub x: Units,
    /// Its baseline.
    pub y: Units,
    /// The text.
    pub text: String,
    /// Whether it is the heading of what follows, or of all.
    pub weight: Weight,
}

/// How a line stands out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Not at all.
    Plain,
    /// The name of a län.
    Bold,
    /// A heading.
    Heading,
}

/// A mark that the legend explains, with the middle of the mark.
pub struct Mark {
    /// Which: `chosen`, `left`, `came`, `reserve`, `other` or `bystander`.
    pub kind: &'static str,
    /// The middle of the mark.
    pub x: Units,
    /// The middle of the mark.
    pub y: Units,
}

/// The column.
pub struct Column {
    /// All its texts.
    pub lines: Vec<Line>,
    /// The marks of the legend.
    pub marks: Vec<Mark>,
    /// Where it ends.
    pub bottom: f64,
    x: f64,
    width: f64,
}

impl Column {
    /// The column of a map from this place on, this wide.
    pub fn new(words: &Words<'_>, x: f64, y: f64, width: f64) -> Self {
        let mut column = Self { lines: Vec::new(), marks: Vec::new(), bottom: y, x, width };
        let [legend, chosen, reserves, others] = words.headings();
        column.heading(legend);
        for (kind, (text, count)) in
            ["chosen", "left", "came", "reserve", "other", "bystander"].into_iter().zip(words.legend())
        {
            if count > 0 {
                column.marks.push(Mark { kind, x: Units(x + 9.0), y: Units(column.bottom + LINE - 4.5) });
                column.text(&text, 26.0, Weight::Plain);
                column.bottom += 4.0;
            }
        }
        let groups = words.groups();
        if !groups.is_empty() {
            column.heading(chosen);
        }
        for group in groups {
            column.text(group.lan, 0.0, Weight::Bold);
            column.text(&unbroken(&group.names).join(", "), 12.0, Weight::Plain);
            column.bottom += 3.0;
        }
        if let Some(closest) = words.closest() {
            column.bottom += 10.0;
            column.text(&(closest + "."), 0.0, Weight::Plain);
        }
        if let Some(since) = words.since() {
            column.bottom += 10.0;
            column.text(&since, 0.0, Weight::Plain);
        }
        let all = words.reserves();
        if !all.is_empty() {
            column.heading(reserves);
            column.text(&unbroken(&all).join(", "), 0.0, Weight::Plain);
            column.bottom += 5.0;
            column.text(&words.reserves_note(), 0.0, Weight::Plain);
        }
        let names = words.others();
        if (1..=MOST_OTHERS).contains(&names.len()) {
            column.heading(others);
            column.text(&unbroken(&names).join(", "), 0.0, Weight::Plain);
        }
        column
    }

    fn heading(&mut self, text: String) {
        self.bottom += if self.lines.is_empty() { 0.0 } else { 16.0 };
        self.text(&text, 0.0, Weight::Heading);
        self.bottom += 5.0;
    }

    /// The text, on as many lines as it needs.
    fn text(&mut self, text: &str, indent: f64, weight: Weight) {
        for text in wrapped(text, SIZE, self.width - indent) {
            self.bottom += LINE;
            self.lines.push(Line { x: Units(self.x + indent), y: Units(self.bottom), text, weight });
        }
    }
}

/// Names that stay on one line.
fn unbroken(names: &[impl AsRef<str>]) -> Vec<String> {
    names.iter().map(|name| name.as_ref().replace(' ', "\u{a0}")).collect()
}
