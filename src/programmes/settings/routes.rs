//! `/programmes/{programmeId}/settings`: list, get, enter from a day, change before that day.

use std::borrow::Cow;

use actix_web::{get, post, put};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use validator::Validate;

use super::SettingsContent;
use super::store::{self, SettingsList, SettingsRow};
use crate::identity::policy::{SettingsManage, SettingsRead};
use crate::platform::auth::found::Found;
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::answer::{Answer, Link, Representation};
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::{Code, Problem};
use crate::platform::stored::Stored as _;
use crate::programmes::programme::{Profile, ProgrammeRow, ProgrammeState};

/// Settings that hold from a day on.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = ProgrammeSettings::example)]
pub struct ProgrammeSettings {
    /// Identity.
    pub id: Id,
    /// The programme whose settings they are.
    pub programme_id: Id,
    /// The first day on which they hold.
    pub valid_from: Day,
    /// The settings themselves.
    #[serde(flatten)]
    pub content: SettingsContent,
    /// When they were entered.
    pub created_at: Instant,
    /// When they were last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// Settings to enter, whole. A day that has passed is refused: what was decided by them stays.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
pub struct NewSettings {
    /// The first day on which they hold.
    pub valid_from: Day,
    /// The settings themselves.
    #[serde(flatten)]
    pub content: SettingsContent,
}

// Written by hand: utoipa makes a flattened field a part of its own that refuses the other's fields. Here is one object,
// closed to unknown fields as the content is.
impl PartialSchema for NewSettings {
    fn schema() -> RefOr<Schema> {
        let RefOr::T(Schema::Object(mut object)) = SettingsContent::schema() else {
            return SettingsContent::schema();
        };
        let day = Ref::builder()
            .ref_location_from_schema_name(Day::name())
            .description(Some("The first day on which they hold."));
        object.properties.shift_insert(0, "validFrom".to_owned(), day.into());
        object.required.insert(0, "validFrom".to_owned());
        object.description = Some(
            "Settings to enter, whole. A day that has passed is refused: what was decided by them stays."
                .to_owned(),
        );
        object.example = Some(Self::example());
        RefOr::T(Schema::Object(object))
    }
}

impl ToSchema for NewSettings {
    fn name() -> Cow<'static, str> {
        "NewSettings".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Day::name().into(), Day::schema()));
        SettingsContent::schemas(schemas);
    }
}

impl NewSettings {
    fn example() -> Value {
        let mut example = json!(SettingsContent::of(Profile::Esf20142020));
        if let Some(members) = example.as_object_mut() {
            members.insert("validFrom".to_owned(), json!("2021-01-01"));
        }
        example
    }
}

impl ProgrammeSettings {
    fn new(ctx: &Context, row: SettingsRow) -> Self {
        let path = format!("/programmes/{}/settings/{}", row.programme_id, row.id);
        Self {
            id: row.id,
            programme_id: row.programme_id,
            valid_from: row.valid_from,
            content: row.content.0,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links: vec![Link::to_self(ctx, &path)],
        }
    }

    fn example() -> Value {
        let ctx = Context::example();
        json!(Self::new(
            &ctx,
            SettingsRow {
                id: ctx.new_id(),
                programme_id: ctx.new_id(),
                valid_from: ctx.today(),
                content: Json(SettingsContent::of(Profile::Esf20142020)),
                created_at: ctx.now,
                updated_at: ctx.now,
                version: 1,
            }
        ))
    }
}

impl Representation for ProgrammeSettings {
    fn version(&self) -> i32 {
        self.version
    }

    fn path(&self) -> String {
        format!("/programmes/{}/settings/{}", self.programme_id, self.id)
    }
}

/// List a programme's settings
///
/// Alla daterade inställningar; den rad gäller som är den nyaste från och med dagen eller tidigare.
///
/// All dated settings; the row that holds is the newest from that day or before.
#[utoipa::path(
    tag = "programmes",
    operation_id = "listProgrammeSettings",
    params(("programmeId" = Id, Path, description = "Programmets id / the programme's id"), SettingsList),
    security(("bearer" = ["programmeSettings.read"])),
    responses((status = 200, description = "A page of settings", body = Listing<ProgrammeSettings>)),
)]
#[get("/programmes/{programmeId}/settings")]
async fn list(
    InOrder((permit, programme, list)): InOrder<(Permit<SettingsRead>, Found<ProgrammeRow>, SettingsList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::of_programme(programme.id))?;
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
    params(
        ("programmeId" = Id, Path, description = "Programmets id / the programme's id"),
        ("settingsId" = Id, Path, description = "Inställningarnas id / the settings' id"),
    ),
    security(("bearer" = ["programmeSettings.read"])),
    responses((status = 200, description = "The settings", body = ProgrammeSettings)),
)]
#[get("/programmes/{programmeId}/settings/{settingsId}")]
async fn get(
    InOrder((permit, programme)): InOrder<(Permit<SettingsRead>, Found<ProgrammeRow>)>,
    path: actix_web::web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let id: Id = path.1.parse().map_err(|_| Problem::not_found())?;
    permit
        .read(move |rx| {
            let row = store::find(rx.db, programme.id, id)?.ok_or_else(Problem::not_found)?;
            Answer::one(&ProgrammeSettings::new(rx.ctx, row))
        })
        .await
}

/// Enter settings from a day
///
/// Lägger in inställningar från och med en dag som inte har passerat. Profilen är programmets. När programmet inte längre är
/// utkast ska inställningarna vara fullständiga.
///
/// Enters settings from a day that has not passed. The profile is the programme's. Once the programme is no longer a draft
/// the settings must be complete.
#[utoipa::path(
    tag = "programmes",
    operation_id = "createProgrammeSettings",
    params(("programmeId" = Id, Path, description = "Programmets id / the programme's id")),
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
            let programme = ProgrammeRow::locked(tx, programme.id)?;
            check(tx.ctx, &programme, &new)?;
            let row = SettingsRow {
                id: tx.ctx.new_id(),
                programme_id: programme.id,
                valid_from: new.valid_from,
                content: Json(new.content.clone()),
                created_at: tx.ctx.now,
                updated_at: tx.ctx.now,
                version: 1,
            };
            tx.insert(&row)?;
            Answer::created(tx.ctx, &ProgrammeSettings::new(tx.ctx, row))
        })
        .await
}

/// Replace settings
///
/// Ersätter inställningar som inte har börjat gälla, eller i ett program som ännu är utkast.
///
/// Replaces settings that have not begun to hold, or of a programme that is still a draft.
#[utoipa::path(
    tag = "programmes",
    operation_id = "replaceProgrammeSettings",
    params(
        ("programmeId" = Id, Path, description = "Programmets id / the programme's id"),
        ("settingsId" = Id, Path, description = "Inställningarnas id / the settings' id"),
    ),
    request_body = NewSettings,
    security(("bearer" = ["programmeSettings.manage"])),
    extensions(("x-problem-codes" = json!(["stateConflict", "settingsIncomplete", "alreadyExists"]))),
    responses((status = 200, description = "The changed settings", body = ProgrammeSettings)),
)]
#[put("/programmes/{programmeId}/settings/{settingsId}")]
async fn replace(
    InOrder((permit, programme, body)): InOrder<(
        Permit<SettingsManage>,
        Found<ProgrammeRow>,
        Body<NewSettings>,
    )>,
    path: actix_web::web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let id: Id = path.1.parse().map_err(|_| Problem::not_found())?;
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let programme = ProgrammeRow::locked(tx, programme.id)?;
            store::find(tx.db, programme.id, id)?.ok_or_else(Problem::not_found)?;
            let changed = tx.change(id, "changed", |tx, before: &SettingsRow| {
                check(tx.ctx, &programme, &new)?;
                if before.valid_from <= tx.ctx.today() && programme.status != ProgrammeState::Draft {
                    return Err(Problem::new(Code::StateConflict).detail(
                        "Inställningarna gäller redan; lägg in nya från en senare dag.",
                        "The settings hold already; enter new ones from a later day.",
                    ));
                }
                let mut after = before.clone();
                after.valid_from = new.valid_from;
                after.content = Json(new.content.clone());
                Ok(after)
            })?;
            Answer::one(&ProgrammeSettings::new(tx.ctx, changed.after))
        })
        .await
}

fn check(ctx: &Context, programme: &ProgrammeRow, new: &NewSettings) -> Result<(), Problem> {
    Code::InvalidInput.refuse_any(new.content.faults(programme.profile))?;
    if programme.status == ProgrammeState::Draft {
        return Ok(());
    }
    Code::SettingsIncomplete.refuse_any(new.content.gaps())?;
    if new.valid_from < ctx.today() {
        return Err(Problem::new(Code::StateConflict).detail(
            "Dagen har passerat; vad som har avgjorts efter de gamla inställningarna står fast.",
            "The day has passed; what was decided by the old settings stands.",
        ));
    }
    Ok(())
}

/// The operations on settings.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(replace);
}
