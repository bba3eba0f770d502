//! Points, boxes and lines, in the units of a drawing: x grows to the right, y downwards.

use std::fmt;

/// A length as a drawing has it: with one decimal, and none if that is zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Units(pub f64);

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.1}", self.0);
        let text = text.strip_suffix(".0").unwrap_or(&text);
        f.write_str(if text == "-0" { "0" } else { text })
    }
}

/// A point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

impl Point {
    /// The point this far away.
    pub fn moved(self, right: f64, down: f64) -> Self {
        Self { x: self.x + right, y: self.y + down }
    }
}

/// A box with upright sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Its upper left corner.
    pub at: Point,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Area {
    /// The square around a point.
    pub fn around(middle: Point, radius: f64) -> Self {
        Self { at: middle.moved(-radius, -radius), width: 2.0 * radius, height: 2.0 * radius }
    }

    /// The point in its middle.
    pub fn middle(&self) -> Point {
        self.at.moved(self.width / 2.0, self.height / 2.0)
    }

    /// The x of its right side.
    pub fn right(&self) -> f64 {
        self.at.x + self.width
    }

    /// The y of its lower side.
    pub fn bottom(&self) -> f64 {
        self.at.y + self.height
    }

    /// Whether the other lies in it.
    pub fn holds(&self, other: &Self) -> bool {
        self.at.x <= other.at.x
            && self.at.y <= other.at.y
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }

    /// How much of both is common to them, in square units.
    pub fn overlap(&self, other: &Self) -> f64 {
        let width = self.right().min(other.right()) - self.at.x.max(other.at.x);
        let height = self.bottom().min(other.bottom()) - self.at.y.max(other.at.y);
        width.max(0.0) * height.max(0.0)
    }

    /// The point of the box that is nearest to a point.
    pub fn nearest(&self, to: Point) -> Point {
        Point { x: to.x.max(self.at.x).min(self.right()), y: to.y.max(self.at.y).min(self.bottom()) }
    }
}

/// A straight line between two points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Where it begins.
    pub from: Point,
    /// Where it ends.
    pub to: Point,
}

impl Line {
    /// On which side of the line a point lies: the sign; zero on it.
    fn side(&self, point: Point) -> f64 {
        (self.to.x - self.from.x) * (point.y - self.from.y)
            - (self.to.y - self.from.y) * (point.x - self.from.x)
    }

    /// Whether two lines cross.
    pub fn crosses(&self, other: &Self) -> bool {
        self.side(other.from) * self.side(other.to) < 0.0 && other.side(self.from) * other.side(self.to) < 0.0
    }

    /// Whether some of the line lies in the box.
    pub fn meets(&self, area: &Area) -> bool {
        let (right, bottom) = (area.right(), area.bottom());
        let is_inside = |point: Point| area.nearest(point) == point;
        let diagonals = [
            Self { from: area.at, to: Point { x: right, y: bottom } },
            Self { from: Point { x: right, y: area.at.y }, to: Point { x: area.at.x, y: bottom } },
        ];
        is_inside(self.from) || is_inside(self.to) || diagonals.iter().any(|diagonal| self.crosses(diagonal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Area = Area { at: Point { x: 0.0, y: 0.0 }, width: 10.0, height: 4.0 };

    #[test]
    fn units_have_one_decimal_at_most() {
        let texts = [12.0, 12.25, -0.04, 0.96, -3.5].map(|length| Units(length).to_string());
        assert_eq!(texts, ["12", "12.2", "0", "1", "-3.5"]);
    }

    #[test]
    fn boxes_overlap_by_their_common_part() {
        let other = Area { at: Point { x: 8.0, y: 3.0 }, ..BOX };
        assert_eq!((BOX.overlap(&other), other.overlap(&BOX)), (2.0, 2.0));
        assert_eq!(BOX.overlap(&Area { at: Point { x: 10.0, y: 0.0 }, ..BOX }), 0.0);
        assert!(BOX.holds(&BOX) && !BOX.holds(&other));
    }

    #[test]
    fn a_line_meets_a_box_that_it_enters_or_passes_through() {
        let line = |x, y, to_x, to_y| Line { from: Point { x, y }, to: Point { x: to_x, y: to_y } };
        assert!(line(5.0, -5.0, 5.0, 9.0).meets(&BOX));
        assert!(line(-5.0, 2.0, 15.0, 2.5).meets(&BOX));
        assert!(line(1.0, 1.0, 2.0, 2.0).meets(&BOX));
        assert!(!line(-5.0, 5.0, 15.0, 5.0).meets(&BOX));
        assert!(!line(11.0, -5.0, 11.0, 9.0).meets(&BOX));
    }
}
