//! `/programmes/{programmeId}/settings`: list, get, enter from a day, replace before that day.

use actix_web::{get, post, put};

use super::requests::NewSettings;
use super::store::{self, SettingsList, SettingsRow};
use super::{ProgrammeSettings, commands};
use crate::identity::policy::{SettingsManage, SettingsRead};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;
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
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(ProgrammeSettings::new(rx.ctx, row)))
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
/// Lägger in inställningar från och med en dag som inte har passerat. Profilen är programmets. När programmet inte längre är
/// utkast ska inställningarna vara fullständiga.
///
/// Enters settings that are valid from a day that has not passed. The profile must be the programme's. Once the programme is
/// no longer a draft, the settings must be complete.
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

/// The operations on settings.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(replace);
}
