//! What has become of the places of an announced selection since: who has left, and who came.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::ProposalState;
use super::replacements::ReplacementKommun;
use super::store::ProposalRow;
use crate::calls::applications::{self, ApplicationState};
use crate::platform::phrases::listed;
use crate::platform::problem::Problem;
use crate::platform::text::{Language, Localized};
use crate::platform::tx::Rx;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};

/// Who has left and who came, by kommunkod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// Those that had a place and have none any more.
    pub left: Vec<String>,
    /// Those that were given a place later, and have it.
    pub came: Vec<String>,
}

/// What has changed since the announcement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "left": [{"kommunkod": "2518", "kommunName": "Övertorneå"}],
    "came": [{"kommunkod": "2582", "kommunName": "Boden"}],
    "text": "Sedan urvalet meddelades har Övertorneå lämnat och Boden fått plats."
}))]
pub struct SinceAnnouncement {
    /// The kommuner that had a place and have left.
    pub left: Vec<ReplacementKommun>,
    /// The kommuner that were given a place later, and have it.
    pub came: Vec<ReplacementKommun>,
    /// The same in words.
    pub text: String,
}

/// Whether a kommun has a place.
pub fn has_place(states: &[(String, ApplicationState)], kommunkod: &str) -> bool {
    use ApplicationState::{Completed, Participating, Selected};
    let holds = |state: &ApplicationState| matches!(state, Selected | Participating | Completed);
    states.iter().any(|(kommun, state)| kommun == kommunkod && holds(state))
}

/// Those that the announcement, or a later step, gave a place, and that have none any more.
pub fn left(proposal: &ProposalRow, states: &[(String, ApplicationState)]) -> Vec<String> {
    let later = proposal.replacements.0.iter().map(|given| &given.kommunkod);
    let all: BTreeSet<&String> = proposal.selected().iter().chain(later).collect();
    all.into_iter().filter(|code| !has_place(states, code)).cloned().collect()
}

impl Since {
    /// Nothing before the announcement. In a cancelled programme nobody has left: it has ended for all.
    pub fn of(rx: &mut Rx<'_>, proposal: &ProposalRow, programme: &ProgrammeRow) -> Result<Self, Problem> {
        if proposal.status != ProposalState::Announced || programme.status == ProgrammeState::Cancelled {
            return Ok(Self::default());
        }
        let states = applications::unscoped_states_in(rx, proposal.programme_id)?;
        let later: BTreeSet<&String> = proposal.replacements.0.iter().map(|given| &given.kommunkod).collect();
        let came = later.into_iter().filter(|code| !proposal.selected().contains(code));
        Ok(Self {
            left: left(proposal, &states),
            came: came.filter(|code| has_place(&states, code)).cloned().collect(),
        })
    }

    /// In words; nothing if nothing has changed.
    pub fn text(&self, name: impl Fn(&str) -> String) -> Option<Localized> {
        let names = |codes: &[String], language| {
            listed(&codes.iter().map(|code| name(code)).collect::<Vec<_>>(), language)
        };
        let (left, came) = (names(&self.left, Language::Sv), names(&self.came, Language::Sv));
        let (left_en, came_en) = (names(&self.left, Language::En), names(&self.came, Language::En));
        let have = |codes: &[String]| if codes.len() == 1 { "has" } else { "have" };
        let (have_left, have_come) = (have(&self.left), have(&self.came));
        match (self.left.is_empty(), self.came.is_empty()) {
            (true, true) => None,
            (false, true) => Some(Localized::new(
                format!("Sedan urvalet meddelades har {left} lämnat."),
                format!("Since the selection was announced, {left_en} {have_left} left."),
            )),
            (true, false) => Some(Localized::new(
                format!("Sedan urvalet meddelades har {came} fått plats."),
                format!("Since the selection was announced, {came_en} {have_come} been given a place."),
            )),
            (false, false) => Some(Localized::new(
                format!("Sedan urvalet meddelades har {left} lämnat och {came} fått plats."),
                format!(
                    "Since the selection was announced, {left_en} {have_left} left and {came_en} {have_come} been given a place."
                ),
            )),
        }
    }

    /// As a reader sees it; nothing if nothing has changed.
    pub fn shown(
        &self,
        name: impl Fn(&str) -> Option<String>,
        language: Language,
    ) -> Option<SinceAnnouncement> {
        let text = self.text(|code| name(code).unwrap_or_else(|| code.to_owned()))?;
        let named = |codes: &[String]| {
            let kommun =
                |code: &String| ReplacementKommun { kommunkod: code.clone(), kommun_name: name(code) };
            codes.iter().map(kommun).collect()
        };
        Some(SinceAnnouncement {
            left: named(&self.left),
            came: named(&self.came),
            text: text.get(language).to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(left: &[&str], came: &[&str]) -> Option<Localized> {
        let codes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Since { left: codes(left), came: codes(came) }.text(str::to_owned)
    }

    #[test]
    fn who_has_left_and_who_came_is_said_only_when_somebody_has() {
        assert_eq!(told(&[], &[]), None);
        assert_eq!(
            told(&["Ale"], &["Boden", "Luleå"]),
            Some(Localized::fixed(
                "Sedan urvalet meddelades har Ale lämnat och Boden och Luleå fått plats.",
                "Since the selection was announced, Ale has left and Boden and Luleå have been given a place.",
            ))
        );
        assert_eq!(
            told(&["Ale", "Gagnef"], &[]),
            Some(Localized::fixed(
                "Sedan urvalet meddelades har Ale och Gagnef lämnat.",
                "Since the selection was announced, Ale and Gagnef have left.",
            ))
        );
        assert_eq!(
            told(&[], &["Boden"]),
            Some(Localized::fixed(
                "Sedan urvalet meddelades har Boden fått plats.",
                "Since the selection was announced, Boden has been given a place.",
            ))
        );
    }
}
