//! What the map says: its title, its description for those who do not see it, and the lists beside it.

use super::{Applicant, Lan, MapData, Place, Role};
use crate::calls::geography::closest;
use crate::platform::phrases::{Speaks, capitalized, distance, listed};
use crate::platform::text::{Language, Localized};
use crate::reference::swedish_key;

/// The chosen of a län.
pub struct Group<'d> {
    /// "Norrbottens län".
    pub lan: &'d str,
    /// The names of its chosen kommuner, in Swedish order.
    pub names: Vec<String>,
}

/// What the order of the reserves means, and what it does not.
pub const fn what_reserves_are() -> [Localized; 2] {
    [
        Localized::fixed(
            "Reserver, i den ordning de skulle få plats om det fanns fler platser",
            "Reserves, in the order in which they would get a place if there were more places",
        ),
        Localized::fixed(
            "Vem som ersätter en kommun som lämnar räknas fram på nytt",
            "Who replaces a kommun that leaves is computed anew",
        ),
    ]
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
        let (chosen, pool) = (self.data.decided().len(), self.data.applicants.len());
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
            let who = self.those_with_a_place();
            sentences.push(self.say(
                format!("{who}, län för län från norr till söder: {groups}"),
                format!("{who}, län by län from north to south: {groups}"),
            ));
        }
        sentences.extend(self.closest());
        sentences.extend(self.since().map(|since| since.trim_end_matches('.').to_owned()));
        let reserves = self.reserves();
        if !reserves.is_empty() {
            let reserves = reserves.join(", ");
            let [heading, note] = what_reserves_are().map(|words| words.get(self.language).to_owned());
            sentences.push(format!("{heading}: {reserves}"));
            sentences.push(note);
        }
        let others = self.data.others().len();
        if others > 0 {
            let number = self.count(others);
            let (is_one, names) = (others == 1, listed(&self.others(), self.language));
            sentences.push(self.say(
                format!(
                    "{number} {} är varken {} eller {}: {names}",
                    if is_one { "kvalificerad kommun" } else { "kvalificerade kommuner" },
                    if is_one { "vald" } else { "valda" },
                    if is_one { "reserv" } else { "reserver" }
                ),
                format!(
                    "{number} {} that qualified {} neither chosen nor {}: {names}",
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
        let chosen = self.data.decided();
        let (one, other, metres) = closest(&chosen, |place| (place.latitude, place.longitude))?;
        let far = distance(metres, self.language);
        let (one, other) = (&one.name, &other.name);
        if self.data.since.is_some() {
            return Some(self.say(
                format!("När urvalet beslutades låg {one} och {other} närmast varandra av de valda, {far} isär (fågelvägen mellan kommunernas mittpunkter)"),
                format!("When the selection was decided, {one} and {other} were the closest to each other of the chosen, {far} apart (as the crow flies between their midpoints)"),
            ));
        }
        Some(self.say(
            format!("Av de valda ligger {one} och {other} närmast varandra, {far} isär (fågelvägen mellan kommunernas mittpunkter)"),
            format!("Of the chosen, {one} and {other} are the closest to each other, {far} apart (as the crow flies between their midpoints)"),
        ))
    }

    /// Whose names stand beside the map by län.
    fn those_with_a_place(&self) -> String {
        match self.data.came().is_empty() {
            true => self.say("De valda", "The chosen"),
            false => self.say(
                "De valda och de som har fått plats sedan dess",
                "The chosen and those that have been given a place since",
            ),
        }
    }

    /// The names of the applicants that are neither chosen nor reserves, in Swedish order.
    pub fn others(&self) -> Vec<String> {
        let mut names: Vec<String> = self.data.others().iter().map(|place| place.name.clone()).collect();
        names.sort_by_key(|name| swedish_key(name));
        names
    }

    /// The chosen, and those that came later, by län, from north to south.
    pub fn groups(&self) -> Vec<Group<'d>> {
        let (left, came) = (self.data.of_role(Role::Left), self.data.came());
        let chosen: Vec<&Place> = self.data.decided().into_iter().chain(came.iter().copied()).collect();
        let is_in =
            |places: &[&Place], place: &Place| places.iter().any(|one| one.kommunkod == place.kommunkod);
        let name = |place: &&Place| match (is_in(&left, place), is_in(&came, place)) {
            (true, _) => {
                self.say(format!("{} (har lämnat)", place.name), format!("{} (has left)", place.name))
            }
            (false, true) => self
                .say(format!("{} (har fått plats)", place.name), format!("{} (has a place now)", place.name)),
            (false, false) => place.name.clone(),
        };
        let mut found: Vec<(f64, &'d Lan, Vec<String>)> = Vec::new();
        for lan in &self.data.lan {
            let of_lan = chosen.iter().filter(|place| place.lan_code == lan.code);
            let mut names: Vec<String> = of_lan.map(name).collect();
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

    /// What has changed since the announcement.
    pub fn since(&self) -> Option<String> {
        self.data.since.as_ref().map(|since| since.get(self.language).to_owned())
    }

    /// The reserves of the decision in order, each with its number behind its name, so that it cannot be read as a part of it.
    pub fn reserves(&self) -> Vec<String> {
        let number = |one: &'d Applicant| {
            let (rank, now) = match one.role {
                Role::Reserve(rank) => (rank, String::new()),
                // Otherwise its number would seem to be missing.
                Role::Came(Some(rank)) => (rank, self.say(", har fått plats", ", has a place now")),
                _ => return None,
            };
            let reserve = self.say("reserv", "reserve");
            Some((rank, format!("{} ({reserve}\u{a0}{rank}{now})", one.place.name)))
        };
        let mut all: Vec<(u32, String)> = self.data.applicants.iter().filter_map(number).collect();
        all.sort();
        all.into_iter().map(|(_, text)| text).collect()
    }

    /// What the order of the reserves means.
    pub fn reserves_note(&self) -> String {
        let [order, note] = what_reserves_are().map(|words| words.get(self.language).to_owned());
        format!("{order}. {note}.")
    }

    /// What the marks mean, each with how many there are: chosen, left, came, reserve, other applicant, other kommun.
    pub fn legend(&self) -> [(String, usize); 6] {
        let data = self.data;
        let number = |words: String, count: usize| (format!("{words} ({})", self.count(count)), count);
        [
            number(self.say("vald, med namn", "chosen, with its name"), data.chosen().len()),
            number(
                self.say("vald, men har lämnat sedan dess", "chosen, but has left since"),
                data.of_role(Role::Left).len(),
            ),
            number(self.say("har fått plats sedan dess", "has been given a place since"), data.came().len()),
            number(
                self.say("reserv, med sitt nummer i ram", "reserve, with its number in a frame"),
                data.reserves().len(),
            ),
            number(self.say("annan kvalificerad kommun", "other qualified kommun"), data.others().len()),
            (self.say("övrig kommun", "other kommun"), data.bystanders().count()),
        ]
    }

    /// The headings beside the map.
    pub fn headings(&self) -> [String; 4] {
        let who = self.those_with_a_place();
        [
            self.say("Teckenförklaring", "Legend"),
            self.say(format!("{who}, från norr till söder"), format!("{who}, from north to south")),
            self.say("Reserver", "Reserves"),
            self.say("Andra kvalificerade kommuner", "Other qualified kommuner"),
        ]
    }

    /// A latitude or longitude of the net: `60° N`, `16° Ö`.
    pub fn degrees(&self, number: i32, is_north: bool) -> String {
        let direction = if is_north { "N".to_owned() } else { self.say("Ö", "E") };
        format!("{number}°\u{a0}{direction}")
    }
}
