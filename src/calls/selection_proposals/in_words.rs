//! What the representation of a proposal says in sentences: why there is no choice, why a place went to whom it went, and who
//! has left since the announcement.

use super::ProposalState;
use super::given::PlaceGiven;
use super::since::SinceAnnouncement;
use super::store::ProposalRow;
use super::telling::Told;
use crate::calls::reasons::Replaced;
use crate::platform::problem::Problem;
use crate::platform::text::{Language, Localized};
use crate::platform::tx::Rx;

/// The sentences of one proposal, in the language of the answer.
#[derive(Clone, Debug, Default)]
pub struct InWords {
    /// Why there is no choice; none if there is one, or none was computed.
    pub infeasible: Option<String>,
    /// Why each place that was given after the announcement went to its kommun, in their order.
    pub given: Vec<String>,
    /// What has changed since the announcement.
    pub since: Option<SinceAnnouncement>,
}

impl InWords {
    /// Loads what is needed for them. Most proposals have none, and need nothing.
    pub fn of(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<Self, Problem> {
        let is_infeasible = proposal.answer.is_some() && proposal.selected().is_empty();
        if !is_infeasible && proposal.status != ProposalState::Announced {
            return Ok(Self::default());
        }
        let told = Told::of_any(rx, proposal)?;
        Ok(Self::with(proposal, &told, rx.ctx.language()))
    }

    /// The sentences of a proposal whose input and answer are loaded.
    pub fn with(proposal: &ProposalRow, told: &Told, language: Language) -> Self {
        let teller = told.teller();
        let given = proposal.replacements.0.iter().map(|place| {
            let why = match place.is_deviation {
                true => deviation(place, |code| told.name(code)),
                false => teller.replacement(&Replaced {
                    kommunkod: &place.kommunkod,
                    goal_values: &place.goal_values,
                    next: place.next.as_ref().map(|next| next.goal_values.as_slice()),
                }),
            };
            why.get(language).to_owned()
        });
        Self {
            infeasible: teller.impossible().map(|why| why.get(language).to_owned()),
            given: given.collect(),
            since: told.since.shown(|code| told.known_name(code), language),
        }
    }
}

/// Why another kommun than the best replacement got the place. When several are free, the best one can get one of the others:
/// it is not said that it came instead of it.
fn deviation(place: &PlaceGiven, name: impl Fn(&str) -> String) -> Localized {
    let kommun = name(&place.kommunkod);
    let reason = place.reason.as_deref().unwrap_or_default().trim().trim_end_matches('.');
    match &place.proposed {
        Some(best) => {
            let best = name(best);
            Localized::new(
                format!("{kommun} fick en ledig plats, fast {best} var den bästa ersättaren: ”{reason}”."),
                format!(
                    "{kommun} was given a free place, although {best} was the best replacement: “{reason}”."
                ),
            )
        }
        None => Localized::new(
            format!("{kommun} fick en ledig plats fast ingen ersättare hade räknats fram: ”{reason}”."),
            format!("{kommun} was given a free place although no replacement had been computed: “{reason}”."),
        ),
    }
}
