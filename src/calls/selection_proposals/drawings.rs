//! What people look at: the explanations, the map and the distribution of a proposal.

use actix_web::get;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::explanations::SelectionExplanations;
use super::since::SinceAnnouncement;
use super::store::ProposalRow;
use super::telling::Told;
use crate::calls::drawing::distribution::{self, CategoryShare, DimensionShare};
use crate::calls::drawing::map;
use crate::identity::policy::SelectionRead;
use crate::platform::auth::found::Found;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::only::{OneParameter, Only};
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;

crate::codes! {
    /// As what the distribution is answered.
    pub enum DrawnAs as "drawnAs" {
        /// Figures.
        Json = "json", "siffror", "figures";
        /// A drawing.
        Svg = "svg", "en bild", "a drawing";
    }
}

/// As what the distribution is asked for.
pub struct Format;

impl OneParameter for Format {
    type Value = DrawnAs;
    const NAME: &'static str = "format";
    const ABOUT: &'static str =
        "Siffror (json, det vanliga) eller en bild (svg). / Figures (json, the default) or a drawing (svg).";
}

type Asked = Only<Format>;

/// How the chosen are spread.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = SelectionDistribution::example)]
pub struct SelectionDistribution {
    /// How many kommuner are in the pool.
    pub pool: usize,
    /// How many are chosen.
    pub chosen: usize,
    /// The chosen against the pool, for each dimension, as the selection was decided.
    pub dimensions: Vec<DimensionShare>,
    /// What has changed since the announcement; null before it, and while all chosen kommuner have their places.
    pub since_announcement: Option<SinceAnnouncement>,
}

impl SelectionDistribution {
    fn example() -> Value {
        let categories = vec![CategoryShare {
            category: "from25kTo50k".to_owned(),
            label: "25 000–49 999 invånare".to_owned(),
            pool: 9,
            chosen: 3,
            is_pool_only: false,
        }];
        let dimension = DimensionShare {
            dimension: selection::Dimension::SizeBand,
            label: "Storlek".to_owned(),
            categories,
        };
        json!(Self { pool: 40, chosen: 12, dimensions: vec![dimension], since_announcement: None })
    }
}

/// Get the explanations
///
/// Varför just dessa: vad varje mål har nått, och för varje kommun vad som skulle bli sämre om det vore tvärtom, i siffror och i
/// en mening. `isComplete` säger om alla är klara.
///
/// Why these: what each goal has reached, and for each kommun what would get worse otherwise, in numbers and in a sentence.
/// `isComplete` tells whether all are there.
#[utoipa::path(
    tag = "selection",
    operation_id = "getSelectionExplanations",
    security(("bearer" = ["selectionProposal.read"])),
    responses((status = 200, description = "The explanations", body = SelectionExplanations)),
)]
#[get("/selection-proposals/{selectionProposalId}/explanations")]
async fn explanations(
    InOrder((permit, proposal)): InOrder<(Permit<SelectionRead>, Found<ProposalRow>)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| Answer::json(&SelectionExplanations::of(rx, &proposal)?));
    Ok(answer.await?.tagged())
}

/// Get the map
///
/// En karta i SVG: de utvalda, reserverna och de andra som sökte, och efter beskedet vilka som har lämnat och fått plats sedan
/// dess. Svensk eller engelsk efter Accept-Language; med titel och beskrivning för skärmläsare.
///
/// A map as SVG: the chosen, the reserves and the others that applied, and after the announcement who has left and been given a
/// place since. In Swedish or English by Accept-Language; with a title and a description for screen readers.
#[utoipa::path(
    tag = "selection",
    operation_id = "getSelectionMap",
    security(("bearer" = ["selectionProposal.read"])),
    responses((status = 200, description = "The map", body = String, content_type = "image/svg+xml")),
)]
#[get("/selection-proposals/{selectionProposalId}/map")]
async fn map_of(
    InOrder((permit, proposal)): InOrder<(Permit<SelectionRead>, Found<ProposalRow>)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let drawn = map::map(&Told::of(rx, &proposal)?.map(), rx.ctx.language());
        Ok(Answer::svg(drawn.map_err(Problem::internal)?))
    });
    Ok(answer.await?.tagged())
}

/// Get the distribution
///
/// Hur de utvalda fördelar sig mot alla som sökte, för varje egenskap; som siffror eller som en bild (`format=svg`).
///
/// How the chosen are spread against all that applied, for each dimension; as figures or as a drawing (`format=svg`).
#[utoipa::path(
    tag = "selection",
    operation_id = "getSelectionDistribution",
    params(Asked),
    security(("bearer" = ["selectionProposal.read"])),
    responses((status = 200, description = "The distribution", content(
        (SelectionDistribution = "application/json"),
        (String = "image/svg+xml"),
    ))),
)]
#[get("/selection-proposals/{selectionProposalId}/distribution")]
async fn distribution_of(
    InOrder((permit, proposal, asked)): InOrder<(Permit<SelectionRead>, Found<ProposalRow>, Asked)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let language = rx.ctx.language();
        let told = Told::of(rx, &proposal)?;
        let data = told.distribution(language);
        if asked.0 == Some(DrawnAs::Svg) {
            let drawn = distribution::distribution(&data, language);
            return Ok(Answer::svg(drawn.map_err(Problem::internal)?));
        }
        let (pool, chosen, dimensions) = (data.pool, data.chosen, data.dimensions);
        let since_announcement = told.since.shown(|code| told.known_name(code), language);
        Answer::json(&SelectionDistribution { pool, chosen, dimensions, since_announcement })
    });
    Ok(answer.await?.tagged())
}

/// The operations.
pub fn routes(cfg: &mut Operations) {
    cfg.service(explanations).service(map_of).service(distribution_of);
}
