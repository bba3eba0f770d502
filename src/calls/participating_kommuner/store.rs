//! The queries of those who take part: rows of the register, chosen by the states of applications.

use std::collections::HashMap;

use diesel::prelude::*;

use super::ParticipatingKommun;
use crate::calls::applications::{self, ApplicationState};
use crate::platform::db::MultiBackend;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::platform::workflow;
use crate::programmes::programme::{ANNOUNCED_STATES, ProgrammeRow};
use crate::reference::kommuner::{KommunRow, SizeBand, SkrGroup};
use crate::reference::lan::Nuts2;
use crate::reference::{KommunId, Kommunkod, LanCode};
use crate::schema::kommuner;

crate::list! {
    /// `GET /programmes/{programmeId}/participating-kommuner`.
    pub struct ParticipatingList: kommuner as KommunRow, shown as ParticipatingKommun, by kommunkod: String, default "name" {
        id: kommunkod => KommunId [filter];
        kommunkod: kommunkod => Kommunkod [filter, sort];
        name: sort_name => String [sort];
        lanCode: lan_code => LanCode [filter];
        nuts2: nuts2 => Nuts2 [filter];
        sizeBand: size_band => SizeBand [filter];
        skrGroup: skr_group => SkrGroup [filter];
    }
    search search_text
}

/// What a kommun's application says of its place.
#[derive(Clone, Debug)]
pub struct PlaceGiven {
    /// Its state, one of those that hold a place.
    pub status: ApplicationState,
    /// When it became `selected`.
    pub selected_at: Option<Instant>,
}

/// The places of a programme whose scope was checked, by kommunkod; none before they are announced.
pub fn unscoped_places(
    rx: &mut Rx<'_>,
    programme: &ProgrammeRow,
) -> Result<HashMap<String, PlaceGiven>, Problem> {
    if !ANNOUNCED_STATES.contains(&programme.status) {
        return Ok(HashMap::new());
    }
    let rows = applications::unscoped_places(rx, programme.id)?;
    let ids = rows.iter().map(|(id, ..)| *id).collect();
    let selected = workflow::last_taken(rx, ids, ApplicationState::Selected.as_str())?;
    let place = |(id, kommunkod, status): (Id, String, ApplicationState)| {
        (kommunkod, PlaceGiven { status, selected_at: selected.get(&id).copied() })
    };
    Ok(rows.into_iter().map(place).collect())
}

/// These kommuner of the register.
pub fn unscoped_with(places: &HashMap<String, PlaceGiven>) -> kommuner::BoxedQuery<'static, MultiBackend> {
    kommuner::table.filter(kommuner::kommunkod.one_of(places.keys().cloned())).into_boxed()
}
