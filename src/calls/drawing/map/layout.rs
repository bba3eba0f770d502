//! Where everything of the map is.

use askama::Template;

use super::column::{Column, Weight};
use super::net;
use super::projection::Projection;
use super::words::Words;
use super::{MapData, Role};
use crate::platform::drawing::labels::{LABEL, Label, Obstacle, Place, placed};
use crate::platform::drawing::letters::{self, width};
use crate::platform::drawing::shapes::{Area, Point, Units};
use crate::platform::drawing::{FAINT, Frame, INK, QUIET, STRONG, plain};
use crate::platform::text::Language;

/// An upright sheet of A4.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 1414.0;
const MARGIN: f64 = 20.0;
/// The column beside the map.
const COLUMN: f64 = 262.0;
const HEADING: f64 = 24.0;
/// Sizes of the names of kommuner and of län.
const NAME: f64 = 13.0;
const LAN: f64 = 12.0;
/// Around the number of a reserve, to the right and left of it.
const PILL: f64 = 8.0;
/// Between texts.
const PADDING: f64 = 2.0;
/// Between the texts and the edge.
const EDGE: f64 = 4.0;
/// Of more crosses than these, names cannot leave all uncovered without covering each other.
const CROWD: usize = 100;
/// What it costs to write the name of a län over a kommun.
const LAN_OVER_DOT: f64 = 12.0;
/// Radii of the marks.
const CHOSEN: f64 = 5.5;
const RESERVE: f64 = 5.0;
const OTHER: f64 = 3.5;
const DOT: f64 = 2.2;

/// A text on the map.
pub struct Name {
    x: Units,
    y: Units,
    text: String,
    leader: Option<[Units; 4]>,
    /// The frame around the number of a reserve: left, top, width, height.
    pill: Option<[Units; 4]>,
}

/// A mark on the map.
pub struct Dot {
    x: Units,
    y: Units,
    name: String,
}

/// The map, ready for its template.
#[derive(Template)]
#[template(path = "map.svg")]
pub struct Map {
    frame: Frame,
    heading: Vec<(Units, String)>,
    subtitle: (Units, String),
    column: Column,
    area: [Units; 4],
    net: Vec<net::NetLine>,
    degrees: Vec<Name>,
    bystanders: Vec<Dot>,
    others: Vec<Dot>,
    reserves: Vec<Dot>,
    left: Vec<Dot>,
    came: Vec<Dot>,
    chosen: Vec<Dot>,
    lan: Vec<Name>,
    names: Vec<Name>,
}

impl Map {
    /// Lays out a map.
    pub fn new(data: &MapData, language: Language) -> Self {
        let words = Words::new(data, language);
        let mut y = MARGIN;
        let programme = plain(&data.programme);
        let mut heading = Vec::new();
        for line in letters::wrapped(&programme, HEADING, WIDTH - 2.0 * MARGIN) {
            y += HEADING * 1.2;
            heading.push((Units(y - HEADING * 0.25), line));
        }
        y += 24.0;
        let subtitle = (Units(y - 4.0), words.subtitle());
        y += 16.0;
        let column = Column::new(&words, MARGIN, y, COLUMN);
        let height = HEIGHT.max(column.bottom + MARGIN);
        let left = 2.0 * MARGIN + COLUMN;
        let area =
            Area { at: Point { x: left, y }, width: WIDTH - MARGIN - left, height: HEIGHT - MARGIN - y };
        let projection = Projection::onto(area);
        let frame = Frame {
            name: "map",
            role: "img",
            language,
            width: WIDTH,
            height,
            title: plain(&words.title()),
            description: plain(&words.description()),
        };
        let net = net::lines(&projection, &area);
        let (names, lan) = texts(data, &projection, &area);
        let dots =
            |places: &[&super::Place]| places.iter().map(|place| Dot::new(&projection, place)).collect();
        Self {
            frame,
            heading,
            subtitle,
            column,
            area: [area.at.x, area.at.y, area.width, area.height].map(Units),
            degrees: net.iter().filter_map(|line| degrees(&words, line, &area)).collect(),
            net,
            bystanders: dots(&data.bystanders().collect::<Vec<_>>()),
            others: dots(&data.others()),
            reserves: dots(&data.reserves().into_iter().map(|(_, place)| place).collect::<Vec<_>>()),
            left: dots(&data.of_role(Role::Left)),
            came: dots(&data.came()),
            chosen: dots(&data.chosen()),
            lan: lan.into_iter().map(Name::new).collect(),
            names: names.into_iter().map(Name::new).collect(),
        }
    }

    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Name {
    fn new((wish, place): (Wish, Place)) -> Self {
        let middle = place.area.middle();
        Self {
            x: Units(middle.x),
            // Capitals are 0.7 of the size high, so that they stand this far below the middle of their box.
            y: Units(middle.y + 0.35 * wish.size),
            text: plain(&wish.text),
            leader: place.leader.map(|line| [line.from.x, line.from.y, line.to.x, line.to.y].map(Units)),
            pill: wish.is_number.then(|| {
                let area = place.area;
                [area.at.x, area.at.y, area.width, area.height].map(Units)
            }),
        }
    }
}

impl Dot {
    fn new(projection: &Projection, place: &super::Place) -> Self {
        let point = point(projection, place);
        Self { x: Units(point.x), y: Units(point.y), name: plain(&place.name) }
    }
}

fn point(projection: &Projection, place: &super::Place) -> Point {
    projection.at(place.latitude, place.longitude)
}

/// The degrees of a line, inside the frame.
fn degrees(words: &Words<'_>, line: &net::NetLine, area: &Area) -> Option<Name> {
    let crossing = line.crossing?;
    let at = if line.is_latitude { crossing.moved(4.0, -4.0) } else { crossing.moved(4.0, -6.0) };
    let text = words.degrees(line.degrees, line.is_latitude);
    let is_inside =
        at.y - 12.0 > area.at.y && at.x + width(&text, LAN) < area.right() && at.y < area.bottom();
    is_inside.then_some(Name { x: Units(at.x), y: Units(at.y), text, leader: None, pill: None })
}

/// A text that looks for its place.
struct Wish {
    label: Label,
    text: String,
    is_number: bool,
    size: f64,
}

impl Wish {
    fn new(mark: Point, radius: f64, text: String, size: f64, is_number: bool) -> Self {
        let around = if is_number { PILL } else { PADDING };
        let label = Label { mark, radius, width: width(&text, size) + around, height: size + PADDING };
        Self { label, text, is_number, size }
    }
}

/// The names of the chosen with the numbers of the reserves, then those of the län: these go where the others leave room.
fn texts(data: &MapData, projection: &Projection, area: &Area) -> (Vec<(Wish, Place)>, Vec<(Wish, Place)>) {
    let area = &Area {
        at: area.at.moved(EDGE, EDGE),
        width: area.width - 2.0 * EDGE,
        height: area.height - 2.0 * EDGE,
    };
    let mark = |place: &super::Place, radius: f64, weight: f64| Obstacle {
        area: Area::around(point(projection, place), radius),
        weight,
    };
    let mut obstacles: Vec<Obstacle> = Vec::new();
    let named = || data.decided().into_iter().chain(data.came());
    obstacles.extend(named().map(|place| mark(place, CHOSEN, LABEL)));
    obstacles.extend(data.reserves().into_iter().map(|(_, place)| mark(place, RESERVE + 1.0, 0.8 * LABEL)));
    let others = data.others();
    let weight = if others.len() > CROWD { 12.0 } else { 0.8 * LABEL };
    obstacles.extend(others.into_iter().map(|place| mark(place, OTHER + 0.5, weight)));
    obstacles.extend(data.bystanders().map(|place| mark(place, 1.5, 2.0)));
    let chosen =
        named().map(|place| Wish::new(point(projection, place), CHOSEN, place.name.clone(), NAME, false));
    let reserves = data
        .reserves()
        .into_iter()
        .map(|(rank, place)| Wish::new(point(projection, place), RESERVE + 1.0, rank.to_string(), LAN, true));
    let names = settled(chosen.chain(reserves).collect(), &mut obstacles, area);
    // The names of the län lie over nothing: a dot under one looks as if it were named so.
    let dots = data.register.iter().map(|place| mark(place, DOT, LAN_OVER_DOT));
    obstacles.extend(dots);
    let lan = data.lan.iter().filter_map(|lan| {
        let kommuner: Vec<Point> = data
            .register
            .iter()
            .filter(|place| place.lan_code == lan.code)
            .map(|place| point(projection, place))
            .collect();
        let share = 1.0 / kommuner.len().max(1) as f64;
        let sum = kommuner.iter().fold(Point { x: 0.0, y: 0.0 }, |sum, point| sum.moved(point.x, point.y));
        let middle = Point { x: sum.x * share, y: sum.y * share };
        (!kommuner.is_empty()).then(|| Wish::new(middle, 0.0, lan.name.clone(), LAN, false))
    });
    let lan = settled(lan.collect(), &mut obstacles, area);
    (names, lan)
}

/// The texts at their places, which are obstacles from then on.
fn settled(wishes: Vec<Wish>, obstacles: &mut Vec<Obstacle>, area: &Area) -> Vec<(Wish, Place)> {
    let labels: Vec<Label> = wishes.iter().map(|wish| wish.label).collect();
    let places = placed(&labels, obstacles, area);
    obstacles.extend(places.iter().map(|place| Obstacle { area: place.area, weight: LABEL }));
    wishes.into_iter().zip(places).collect()
}

/// Where the map is on a sheet with a heading of one line.
#[cfg(test)]
const SHEET: Area = Area { at: Point { x: 302.0, y: 88.0 }, width: 678.0, height: 1306.0 };

/// All kommuner with the boxes of their dots.
#[cfg(test)]
pub fn dots(data: &MapData) -> Vec<(String, Area)> {
    let projection = Projection::onto(SHEET);
    let dot = |place: &super::Place| (place.name.clone(), Area::around(point(&projection, place), 1.7));
    data.register.iter().map(dot).collect()
}

/// All texts of the map with their boxes.
#[cfg(test)]
pub fn names(data: &MapData) -> Vec<(String, Area)> {
    let area = SHEET;
    let (names, lan) = texts(data, &Projection::onto(area), &area);
    names.into_iter().chain(lan).map(|(wish, place)| (wish.text, place.area)).collect()
}
