//! What the map says: its title, its description for those who do not see it, and the lists beside it.

use super::{Lan, MapData};
use crate::calls::geography::closest;
use crate::platform::phrases::{Speaks, capitalized, distance, listed};
use crate::platform::text::Language;
use crate::reference::swedish_key;

/// The chosen of a län.
pub struct Group<'d> {
    /// "Norrbottens län".
    pub lan: &'d str,
    /// The names of its chosen kommuner, in Swedish order.
    pub names: Vec<&'d str>,
}

/// The texts of a map, in one language.
pub struct Words<'d> {
    data: &'d MapData,
    language: Language,
}

impl Speaks for Words<'_> {
    fn language(&self) -> Language {
        self.language
    }
}

impl<'d> Words<'d> {
    /// The texts of a map.
    pub fn new(data: &'d MapData, language: Language) -> Self {
        Self { data, language }
    }

    /// The name of the drawing.
    pub fn title(&self) -> String {
        let (programme, status) = (&self.data.programme, self.data.status.get(self.language));
        self.say(
            format!("Karta över valda kommuner ({status}): {programme}"),
            format!("Map of the chosen kommuner ({status}): {programme}"),
        )
    }

    /// Above the map, below the programme's name.
    pub fn subtitle(&self) -> String {
        format!("{}: {}", capitalized(self.data.status.get(self.language)), self.sum())
    }

    /// How many are chosen of how many.
    fn sum(&self) -> String {
        let (chosen, pool) = (self.data.chosen().len(), self.data.applicants.len());
        let (sv, en) = match (chosen, pool) {
            (1, 1) => ("kvalificerad kommun är vald", "kommun that qualified is chosen"),
            (1, _) => ("kvalificerade kommuner är vald", "kommuner that qualified is chosen"),
            (_, 1) => ("kvalificerad kommun är valda", "kommun that qualified are chosen"),
            _ => ("kvalificerade kommuner är valda", "kommuner that qualified are chosen"),
        };
        let (chosen, pool) = (self.count(chosen), self.count(pool));
        self.say(format!("{chosen} av {pool} {sv}"), format!("{chosen} of {pool} {en}"))
    }

    /// What there is to see, in words.
    pub fn description(&self) -> String {
        let mut sentences = vec![
            self.say(
                "Sverigekarta med en prick för varje kommun",
                "Map of Sweden with a dot for each kommun",
            ),
            self.sum(),
        ];
        let groups = self.groups();
        if !groups.is_empty() {
            let groups: Vec<String> = groups
                .iter()
                .map(|group| format!("{}: {}", group.lan, listed(&group.names, self.language)))
                .collect();
            let groups = groups.join("; ");
            sentences.push(self.say(
                format!("De valda, län för län från norr till söder: {groups}"),
                format!("The chosen, län by län from north to south: {groups}"),
            ));
        }
        sentences.extend(self.closest());
        let reserves = self.reserves();
        if !reserves.is_empty() {
            let reserves = reserves.join(", ");
            sentences.push(self.say(
                format!("Reserver, i turordning: {reserves}"),
                format!("Reserves, in order: {reserves}"),
            ));
        }
        let others = self.data.others().len();
        if others > 0 {
            let number = self.count(others);
            let is_one = others == 1;
            sentences.push(self.say(
                format!(
                    "{number} {} är varken {} eller {}",
                    if is_one { "kvalificerad kommun" } else { "kvalificerade kommuner" },
                    if is_one { "vald" } else { "valda" },
                    if is_one { "reserv" } else { "reserver" }
                ),
                format!(
                    "{number} {} that qualified {} neither chosen nor {}",
                    if is_one { "kommun" } else { "kommuner" },
                    if is_one { "is" } else { "are" },
                    if is_one { "a reserve" } else { "reserves" }
                ),
            ));
        }
        sentences.join(". ") + "."
    }

    /// Which two of the chosen are closest.
    pub fn closest(&self) -> Option<String> {
        let chosen = self.data.chosen();
        let (one, other, metres) = closest(&chosen, |place| (place.latitude, place.longitude))?;
        let far = distance(metres, self.language);
        let (one, other) = (&one.name, &other.name);
        Some(self.say(
            format!("Av de valda ligger {one} och {other} närmast varandra, {far} isär"),
            format!("Of the chosen, {one} and {other} are the closest to each other, {far} apart"),
        ))
    }

    /// The chosen by län, from north to south.
    pub fn groups(&self) -> Vec<Group<'d>> {
        let chosen = self.data.chosen();
        let mut found: Vec<(f64, &'d Lan, Vec<&'d str>)> = Vec::new();
        for lan in &self.data.lan {
            let mut names: Vec<&str> = chosen
                .iter()
                .filter(|place| place.lan_code == lan.code)
                .map(|place| place.name.as_str())
                .collect();
            names.sort_by_key(|name| swedish_key(name));
            if !names.is_empty() {
                found.push((self.latitude(lan), lan, names));
            }
        }
        found.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.code.cmp(&other.1.code)));
        found.into_iter().map(|(_, lan, names)| Group { lan: &lan.name, names }).collect()
    }

    /// How far north a län is: the mean of its kommuner.
    fn latitude(&self, lan: &Lan) -> f64 {
        let all: Vec<f64> = self
            .data
            .register
            .iter()
            .filter(|place| place.lan_code == lan.code)
            .map(|place| place.latitude)
            .collect();
        all.iter().sum::<f64>() / (all.len().max(1) as f64)
    }

    /// The reserves in order, each with its number.
    pub fn reserves(&self) -> Vec<String> {
        let reserves = self.data.reserves();
        reserves.into_iter().map(|(rank, place)| format!("{rank}\u{a0}{}", place.name)).collect()
    }

    /// What the marks mean, each with how many there are: chosen, reserve, other applicant, other kommun.
    pub fn legend(&self) -> [(String, usize); 4] {
        let data = self.data;
        let number = |words: String, count: usize| (format!("{words} ({})", self.count(count)), count);
        [
            number(self.say("vald, med namn", "chosen, with its name"), data.chosen().len()),
            number(self.say("reserv, med turnummer", "reserve, with its number"), data.reserves().len()),
            number(self.say("annan kvalificerad kommun", "other qualified kommun"), data.others().len()),
            (self.say("övrig kommun", "other kommun"), data.bystanders().count()),
        ]
    }

    /// The headings beside the map.
    pub fn headings(&self) -> [String; 3] {
        [
            self.say("Teckenförklaring", "Legend"),
            self.say("De valda, från norr till söder", "The chosen, from north to south"),
            self.say("Reserver, i turordning", "Reserves, in order"),
        ]
    }

    /// A latitude or longitude of the net: `60° N`, `16° Ö`.
    pub fn degrees(&self, number: i32, is_north: bool) -> String {
        let direction = if is_north { "N".to_owned() } else { self.say("Ö", "E") };
        format!("{number}°\u{a0}{direction}")
    }
}
