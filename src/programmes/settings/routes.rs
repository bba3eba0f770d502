//! `/programmes/{programmeId}/settings`: list, get, enter from a day, replace before that day.

use actix_web::{get, post, put};
use serde_json::json;

use super::requests::NewSettings;
use super::store::{self, SettingsList, SettingsRow};
use super::view::Related;
use super::{ProgrammeSettings, commands};
use crate::identity::policy::{SettingsManage, SettingsRead};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::status_changes::StatusChangeDocs;
use crate::programmes::programme::ProgrammeRow;

/// List a programme's settings
///
/// Alla daterade inställningar; den rad gäller som är den nyaste från och med dagen eller tidigare.
///
/// All dated settings. On a day the newest row that begins on that day or before is valid.
#[utoipa::path(
    tag = "programmes",
    operation_id = "listProgrammeSettings",
    params(SettingsList),
    security(("bearer" = ["programmeSettings.read"])),
    responses((status = 200, description = "A page of settings", body = Listing<ProgrammeSettings>)),
)]
#[get("/programmes/{programmeId}/settings")]
async fn list(
    InOrder((permit, programme, list)): InOrder<(Permit<SettingsRead>, Found<ProgrammeRow>, SettingsList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::unscoped_within(programme.id))?;
        let related = Related::of(rx, &rows.rows)?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(ProgrammeSettings::new(ctx, row, &related)))
    });
    answer.await
}

/// Get a programme's settings
///
/// En rad inställningar.
///
/// One row of settings.
#[utoipa::path(
    tag = "programmes",
    operation_id = "getProgrammeSettings",
    security(("bearer" = ["programmeSettings.read"])),
    responses((status = 200, description = "The settings", body = ProgrammeSettings)),
)]
#[get("/programmes/{programmeId}/settings/{settingsId}")]
async fn get(
    InOrder((_permit, _programme, settings)): InOrder<(
        Permit<SettingsRead>,
        Found<ProgrammeRow>,
        Show<SettingsRow>,
    )>,
) -> Answer {
    settings.into_answer()
}

/// Enter settings from a day
///
/// Lägger in inställningar från och med en dag. Profilen är programmets. När programmet inte längre är utkast ska de vara
/// fullständiga. Tills programmet pågår, och från den första i en månad som inte har börjat, gäller de genast. Från den första
/// i en månad som har börjat och där ingen tid är godkänd blir de ett förslag (`proposed`) som den andra av rollerna ekonom
/// och projektledare antar.
///
/// Enters settings that are valid from a day. The profile must be the programme's. Once the programme is no longer a draft,
/// they must be complete. Until the programme runs, and from the first of a month that has not begun, they are adopted at
/// once. From the first of a month that has begun and in which no time is approved they become a proposal (`proposed`), which
/// the other one of the roles economist and programmeManager adopts.
#[utoipa::path(
    tag = "programmes",
    operation_id = "createProgrammeSettings",
    request_body = NewSettings,
    security(("bearer" = ["programmeSettings.manage"])),
    extensions(("x-problem-codes" = json!(["stateConflict", "settingsIncomplete", "alreadyExists"]))),
    responses((status = 201, description = "The new settings", body = ProgrammeSettings)),
)]
#[post("/programmes/{programmeId}/settings")]
async fn create(
    InOrder((permit, programme, body)): InOrder<(
        Permit<SettingsManage>,
        Found<ProgrammeRow>,
        Body<NewSettings>,
    )>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let row = commands::create(tx, programme.id, new.clone())?;
            tx.answer_created(row)
        })
        .await
}

/// Replace settings
///
/// Ersätter inställningar som inte har börjat gälla, eller i ett program som ännu är utkast.
///
/// Replaces settings that are not valid yet, or those of a programme that is still a draft.
#[utoipa::path(
    tag = "programmes",
    operation_id = "replaceProgrammeSettings",
    request_body = NewSettings,
    security(("bearer" = ["programmeSettings.manage"])),
    extensions(("x-problem-codes" = json!(["stateConflict", "settingsIncomplete", "alreadyExists"]))),
    responses((status = 200, description = "The changed settings", body = ProgrammeSettings)),
)]
#[put("/programmes/{programmeId}/settings/{settingsId}")]
async fn replace(
    InOrder((permit, _programme, settings, body)): InOrder<(
        Permit<SettingsManage>,
        Found<ProgrammeRow>,
        Found<SettingsRow>,
        Body<NewSettings>,
    )>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let after = commands::replace(tx, &settings, new.clone())?;
            tx.answer(after)
        })
        .await
}

/// The texts of its status changes in OpenAPI.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "programmes",
    many: "settings",
    steps: Localized::fixed(
        "Ett förslag antas (`adopted`) av den andra av rollerna ekonom och projektledare, aldrig av den som lade det, så länge \
         ingen tid från och med den månaden är godkänd. Båda rollerna kan avslå det (`rejected`, med kommentar).",
        "A proposal is adopted (`adopted`) by the other one of the roles economist and programmeManager, never by its author, \
         as long as no time from that month on is approved. Both roles may reject it (`rejected`, with a comment).",
    ),
    problems: &[Code::StateConflict],
    example: || json!({"to": "adopted"}),
};

/// The operations on settings.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(replace);
    cfg.status_changes::<SettingsRow, SettingsRead, SettingsManage>(&STATUS_CHANGES);
}
