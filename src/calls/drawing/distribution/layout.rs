//! Where everything of the drawing is.

use askama::Template;

use super::words::Words;
use super::{CategoryShare, DimensionShare, DistributionData};
use crate::platform::drawing::letters::wrapped;
use crate::platform::drawing::shapes::Units;
use crate::platform::drawing::{Frame, INK, QUIET, STRONG, plain};
use crate::platform::text::Language;

const WIDTH: f64 = 1000.0;
const MARGIN: f64 = 20.0;
const HEADING: f64 = 24.0;
const SIZE: f64 = 13.0;
const LINE: f64 = 16.0;
/// The heading of a dimension, and how much wider bold letters are.
const SECTION: f64 = 15.0;
const BOLD: f64 = 1.08;
/// Where the bars begin, and how long the longest is.
const LEFT: f64 = 340.0;
const LONGEST: f64 = 540.0;
const THICK: f64 = 13.0;

/// A text on one or more lines.
pub struct Lines {
    lines: Vec<(Units, String)>,
}

/// A dimension.
pub struct Section {
    name: String,
    label: Lines,
    reached_at: Units,
    reached: String,
    rows: Vec<Row>,
}

/// A category with its bar.
pub struct Row {
    label: Lines,
    bar: Units,
    text: Units,
    pool: Units,
    chosen: Units,
    figures: String,
    figures_in_full: String,
}

/// The drawing, ready for its template.
#[derive(Template)]
#[template(path = "distribution.svg")]
pub struct Bars {
    frame: Frame,
    heading: Lines,
    subtitle: (Units, String),
    since: Lines,
    legend: [(Units, String); 2],
    note: String,
    legend_bar: Units,
    legend_text: Units,
    sections: Vec<Section>,
}

impl Bars {
    /// Lays out a drawing.
    pub fn new(data: &DistributionData, language: Language) -> Self {
        let words = Words::new(data, language);
        let mut y = MARGIN + HEADING;
        let lines = wrapped(&plain(&data.programme), HEADING, WIDTH - 2.0 * MARGIN);
        let heading = Lines::new(lines, &mut y, HEADING * 1.2);
        let subtitle = (Units(y - 2.0), words.subtitle());
        y += 18.0;
        let since = words.since().map(|since| wrapped(&plain(&since), SIZE, WIDTH - 2.0 * MARGIN));
        let since = Lines::new(since.unwrap_or_default(), &mut y, LINE);
        y += 12.0;
        let [chosen, all, note] = words.legend();
        let (legend_bar, legend_text) = (Units(y - 11.0), Units(y));
        y += 16.0;
        let sections = data.dimensions.iter().map(|share| Section::new(share, &words, &mut y)).collect();
        let frame = Frame {
            name: "distribution",
            role: "group",
            language,
            width: WIDTH,
            height: (y + MARGIN).round(),
            title: plain(&words.title()),
            description: plain(&words.description()),
        };
        let legend = [(Units(MARGIN), chosen), (Units(MARGIN + 120.0), all)];
        Self { frame, heading, subtitle, since, legend, note, legend_bar, legend_text, sections }
    }

    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Lines {
    /// The lines from this baseline on; it ends at the baseline of what follows.
    fn new(lines: Vec<String>, y: &mut f64, height: f64) -> Self {
        let mut placed = Vec::new();
        for line in lines {
            placed.push((Units(*y), line));
            *y += height;
        }
        Self { lines: placed }
    }
}

impl Section {
    fn new(share: &DimensionShare, words: &Words<'_>, y: &mut f64) -> Self {
        *y += 32.0;
        // As wide as the labels of the rows; what is reached stands beside the first line.
        let reached_at = Units(*y);
        let lines = wrapped(&plain(&share.label), SECTION * BOLD, LEFT - MARGIN - 14.0);
        let label = Lines::new(lines, y, SECTION * 1.2);
        *y += 8.0 - SECTION * 1.2;
        let most = share.categories.iter().map(|category| category.pool).max().unwrap_or_default().max(1);
        let unit = LONGEST / most as f64;
        Self {
            name: plain(&share.label),
            label,
            reached_at,
            reached: words.reached(share),
            rows: share.categories.iter().map(|category| Row::new(category, words, unit, y)).collect(),
        }
    }
}

impl Row {
    fn new(share: &CategoryShare, words: &Words<'_>, unit: f64, y: &mut f64) -> Self {
        *y += LINE;
        let first = *y;
        let lines = wrapped(&plain(&share.label), SIZE, LEFT - MARGIN - 14.0);
        // The bar is as high as the middle of the label's lines.
        let middle = first + (lines.len().max(1) - 1) as f64 * LINE / 2.0;
        let label = Lines::new(lines, y, LINE);
        *y += 4.0 - LINE;
        Self {
            label,
            bar: Units(middle - 11.0),
            text: Units(middle),
            pool: Units(share.pool as f64 * unit),
            chosen: Units(share.chosen as f64 * unit),
            figures: words.figures(share),
            figures_in_full: words.figures_in_full(share),
        }
    }

    /// Where the figures stand: right of the bar.
    fn right(&self) -> Units {
        Units(LEFT + self.pool.0 + 8.0)
    }
}
