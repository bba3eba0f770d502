//! `/programmes`: list, get, add, change, and the changes of state.

use actix_web::{get, patch, post};
use serde_json::json;

use super::requests::{NewProgramme, ProgrammePatch};
use super::store::{self, ProgrammeList, ProgrammeRow};
use super::{Programme, commands};
use crate::identity::policy::{
    ProgrammeChangeStatus, ProgrammeCreate, ProgrammeRead, ProgrammeUpdate, SettingsRead,
};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Rx;
use crate::platform::workflow::status_changes::StatusChangeDocs;

/// List programmes
///
/// Programmen: de som har öppnat för alla, också om de sedan har ställts in; utkast och planerade för den som har en
/// roll i dem.
///
/// Everyone sees the programmes that have opened, also those that were called off later. Drafts and scheduled programmes
/// are listed for those who hold a role in them.
#[utoipa::path(
    tag = "programmes",
    operation_id = "listProgrammes",
    params(ProgrammeList),
    security(("bearer" = ["programme.read"])),
    responses((status = 200, description = "A page of programmes", body = Listing<Programme>)),
)]
#[get("/programmes")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<ProgrammeRead>, ProgrammeList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Programme::show(&mut Rx { db: rx.db, ctx }, row))
    });
    answer.await
}

/// Get a programme
///
/// Ett program med dess datum, platser och tillstånd. Lottningsfröets SHA-256 visas i den öppna utlysningen, fröet självt
/// från och med `selecting`. Urvalsplanen nämner i förväg med vilka mål, kvoter och låsningar platserna ges; alla kan läsa den
/// från det att utlysningen öppnar, och den ändras inte efter det.
///
/// A programme with its dates, places and state. The SHA-256 of the lottery seed is shown during the open call, the seed
/// itself from `selecting` onwards, also if the programme is then called off. The selection plan names beforehand by which goals,
/// quotas and pins the places are given: anyone reads it from the day the call opens, and it does not change after that.
#[utoipa::path(
    tag = "programmes",
    operation_id = "getProgramme",
    security(("bearer" = ["programme.read"])),
    responses((status = 200, description = "The programme", body = Programme)),
)]
#[get("/programmes/{programmeId}")]
async fn get(InOrder((_permit, programme)): InOrder<(Permit<ProgrammeRead>, Show<ProgrammeRow>)>) -> Answer {
    programme.into_answer()
}

/// Add a programme
///
/// Lägger upp ett program som utkast, med inställningar efter sin profil. En projektledare som lägger upp det får rollen
/// i det nya programmet; en systemadministratör nämner projektledaren i `manager` och bjuder därmed in hen. Med `copyFrom` får
/// det i stället ett äldre programs senaste antagna inställningar, milstolpsmallar, mål och kvoter.
///
/// Adds a programme as a draft, with the settings of its profile. A programme manager who adds it gets the role in the
/// new programme; a system administrator names its manager in `manager`, who is thereby invited. With `copyFrom` it gets an
/// older programme's newest adopted settings, milestone templates, goals and quotas instead.
#[utoipa::path(
    tag = "programmes",
    operation_id = "createProgramme",
    request_body = NewProgramme,
    security(("bearer" = ["programme.create"])),
    extensions(("x-problem-codes" = json!(["notFound", "notYours", "ownWork", "stateConflict"]))),
    responses((status = 201, description = "The new programme", body = Programme)),
)]
#[post("/programmes")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<ProgrammeCreate>, Body<NewProgramme>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let (row, ctx) = commands::create(tx, new.clone())?;
            Answer::created(&ctx, &Programme::show(&mut Rx { db: tx.db, ctx: &ctx }, row)?)
        })
        .await
}

/// Change a programme
///
/// Datum, platser och urvalsplan medan programmet är utkast eller planerat; namn och beskrivning när som helst.
///
/// Dates, places and the selection plan can be changed while the programme is a draft or scheduled; name and description at
/// any time.
#[utoipa::path(
    tag = "programmes",
    operation_id = "updateProgramme",
    request_body = ProgrammePatch,
    security(("bearer" = ["programme.update"])),
    extensions(("x-problem-codes" = json!(["stateConflict"]))),
    responses((status = 200, description = "The changed programme", body = Programme)),
)]
#[patch("/programmes/{programmeId}")]
async fn update(
    InOrder((permit, programme, body)): InOrder<(
        Permit<ProgrammeUpdate>,
        Found<ProgrammeRow>,
        Body<ProgrammePatch>,
    )>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit
        .write(move |tx| {
            let after = commands::change(tx, programme.id, patch.clone())?;
            tx.answer(after)
        })
        .await
}

/// What OpenAPI says of the status changes.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "programmes",
    many: "programmes",
    steps: Localized::fixed(
        "Projektledaren för programmet vidare. `decided` tar in alla kvalificerade när platserna räcker, `running` \
         tar ESF:s beslut i `data.decision`, `cancelled` kräver en kommentar. Klockan öppnar och stänger.",
        "The programme manager moves the programme on. `decided` gives all qualified kommuner a place when there are \
         enough places, `running` takes ESF's decision in `data.decision`, `cancelled` needs a comment. The clock \
         opens and closes the programme.",
    ),
    problems: &[Code::SettingsIncomplete, Code::NotEnoughPlaces],
    example: || json!({"to": "scheduled"}),
};

/// The operations on programmes.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update);
    cfg.status_changes::<ProgrammeRow, SettingsRead, ProgrammeChangeStatus>(&STATUS_CHANGES);
}
