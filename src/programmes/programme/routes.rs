//! `/programmes`: list, get, add, change, and the changes of state.

use actix_web::{get, patch, post};
use serde_json::{Value, json};
use std::sync::Arc;

use super::requests::{NewProgramme, ProgrammeChangeData, ProgrammePatch};
use super::rules::{self, WORKFLOW};
use super::staffing::{self, Gap};
use super::store::{self, ProgrammeList, ProgrammeRow};
use super::{Programme, ProgrammeState, Warning, keys};
use crate::identity::policy::{
    ProgrammeChangeStatus, ProgrammeCreate, ProgrammeRead, ProgrammeUpdate, Role, SettingsRead,
};
use crate::identity::roles::{self, Wanted};
use crate::platform::auth::found::{Found, IntoRepresentation, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::{Id, hex, sha256_hex};
use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};

use crate::platform::workflow::status_changes::{ChangeStatus, StatusChangeDocs};
use crate::platform::workflow::{self, Step};
use crate::programmes::{ProgrammeListener, settings};

impl Programme {
    fn new(rx: &mut Rx<'_>, row: ProgrammeRow) -> Result<Self, Problem> {
        let may_see = rx.ctx.may::<SettingsRead>(&keys(row.id));
        let warnings = if may_see { staffing_warnings(rx, &row)? } else { Vec::new() };
        Ok(Self::shown(rx.ctx, row, warnings))
    }

    fn shown(ctx: &Context, row: ProgrammeRow, warnings: Vec<Warning>) -> Self {
        let roles = ctx.roles_for::<ProgrammeChangeStatus>(&keys(row.id));
        let links = links(ctx, &row);
        let mut allowed_transitions = WORKFLOW.allowed(row.status, &roles);
        let is_over = rules::is_over(&row, ctx.today());
        allowed_transitions.retain(|step| is_over || step.to != ProgrammeState::Completed.as_str());
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            status: row.status,
            allowed_transitions,
            profile: row.profile,
            places: row.places,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            opens_at: row.opens_at,
            interest_deadline: row.interest_deadline,
            info_meeting_at: row.info_meeting_at,
            confirmation_deadline: row.confirmation_deadline,
            avsiktsforklaring_deadline: row.avsiktsforklaring_deadline,
            seed_sha256: row.seed_sha256,
            seed: row.seed.filter(|_| row.seed_shown_at.is_some()),
            decision: row.esf_decision.map(|decision| decision.0),
            cancellation_reason: row.cancellation_reason,
            warnings,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let new = serde_json::from_value::<NewProgramme>(NewProgramme::example()).map_err(Problem::internal);
        let row = new.and_then(|new| new.into_row(&ctx));
        row.map_or(Value::Null, |row| json!(Self::shown(&ctx, row, Vec::new())))
    }
}

fn links(ctx: &Context, row: &ProgrammeRow) -> Vec<Link> {
    let path = format!("/programmes/{}", row.id);
    let mut links = vec![Link::to_self(ctx, &path)];
    if ctx.may::<SettingsRead>(&keys(row.id)) {
        links.push(Link::new(ctx, "GET", "statusChanges", &format!("{path}/status-changes")));
        links.push(Link::new(ctx, "GET", "settings", &format!("{path}/settings")));
    }
    if row.status == ProgrammeState::Open {
        links.push(Link::new(ctx, "POST", "apply", &format!("{path}/applications")));
    }
    links
}

/// Actions that the dated roles leave without an allowed person (guide §1).
fn staffing_warnings(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<Vec<Warning>, Problem> {
    let gaps = staffing::owner_gaps(rx, programme)?;
    let (today, language) = (rx.ctx.today(), rx.ctx.language());
    let warning = |(gap, from): (Gap, Day)| Warning {
        code: gap.code().to_owned(),
        detail: gap.words(from, today).get(language).to_owned(),
    };
    Ok(gaps.into_iter().map(warning).collect())
}

impl IntoRepresentation for ProgrammeRow {
    type As = Programme;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<Programme, Problem> {
        Programme::new(rx, self)
    }
}

impl ChangeStatus for ProgrammeRow {
    type Data = ProgrammeChangeData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &workflow::Wanted<ProgrammeState, ProgrammeChangeData>,
    ) -> Result<Self, Problem> {
        let changed = tx.step(seen.id, wanted, |tx, before: &Self, step| prepared(tx, before, step))?;
        tell(tx, &changed.before, &changed.after)?;
        Ok(changed.after)
    }
}

/// List programmes
///
/// Programmen: de som har öppnat för alla, också om de sedan har ställts in; utkast och planerade för den som har en roll i dem.
///
/// The programmes: from the day they open for anyone, also when they are called off later; drafts and scheduled ones for those who hold a role in them.
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
        Answer::list(rx.ctx, &list.0, rows, |row| Programme::new(rx, row))
    });
    answer.await
}

/// Get a programme
///
/// Ett program med dess datum, platser och tillstånd. Lottningsfröets SHA-256 visas i den öppna utlysningen, fröet självt
/// från och med `selecting`.
///
/// A programme with its dates, places and state. The lottery seed's SHA-256 is shown in the open call, the seed itself
/// from `selecting` on, also if the programme is then called off.
#[utoipa::path(
    tag = "programmes",
    operation_id = "getProgramme",
    params(("programmeId" = Id, Path, description = "Programmets id / the programme's id")),
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
/// i det nya programmet.
///
/// Adds a programme as a draft, with settings by its profile. A programme manager who adds it gets the role in the new
/// programme.
#[utoipa::path(
    tag = "programmes",
    operation_id = "createProgramme",
    request_body = NewProgramme,
    security(("bearer" = ["programme.create"])),
    responses((status = 201, description = "The new programme", body = Programme)),
)]
#[post("/programmes")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<ProgrammeCreate>, Body<NewProgramme>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let row = new.clone().into_row(tx.ctx)?;
            tx.insert(&row)?;
            settings::add_first(tx, &row)?;
            let is_manager =
                tx.ctx.scope.grants.iter().any(|grant| grant.role == Role::ProgrammeManager.as_str());
            let mut ctx = tx.ctx.clone();
            if let Some(person) = tx.ctx.caller.person_id().filter(|_| is_manager) {
                roles::grant(tx, &Wanted::new(person, Role::ProgrammeManager, row.id, None, tx.ctx.today()))?;
                // What they may do next, they may do by the role that they have just got.
                ctx = ctx.holding(roles::held_now(&mut tx.as_read(), person)?);
            }
            Answer::created(&ctx, &Programme::new(&mut Rx { db: tx.db, ctx: &ctx }, row)?)
        })
        .await
}

/// Change a programme
///
/// Datum och platser medan programmet är utkast eller planerat; namn och beskrivning när som helst.
///
/// Dates and places while the programme is a draft or scheduled; name and description at any time.
#[utoipa::path(
    tag = "programmes",
    operation_id = "updateProgramme",
    params(("programmeId" = Id, Path, description = "Programmets id / the programme's id")),
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
            let changed = tx.change(programme.id, "changed", |tx, before: &ProgrammeRow| {
                patch.clone().apply(before.clone(), tx.ctx.now)
            })?;
            Answer::one(&Programme::new(&mut tx.as_read(), changed.after)?)
        })
        .await
}

/// What the step itself asks for and changes; 409 or 422 with all that stands in its way.
fn prepared(
    tx: &mut Tx<'_>,
    before: &ProgrammeRow,
    wanted: &Step<'_, ProgrammeState, ProgrammeChangeData>,
) -> Result<ProgrammeRow, Problem> {
    let mut after = before.clone();
    match wanted.to {
        ProgrammeState::Scheduled => {
            Code::StateConflict.refuse_any(rules::scheduling_faults(before, tx.ctx.now))?;
            Code::SettingsIncomplete.refuse_any(settings::gaps(&mut tx.as_read(), before)?)?;
            let seed = hex(&tx.ctx.ids.bytes::<16>());
            after.seed_sha256 = Some(sha256_hex(&seed));
            after.seed = Some(seed);
        }
        ProgrammeState::Running => {
            let decision = wanted.data.and_then(|data| data.decision.clone());
            let words = Localized::fixed("ESF:s beslut behövs.", "ESF's decision is needed.");
            let missing = || {
                Problem::new(Code::InvalidInput).errors(vec![FieldError::new(
                    "/data/decision",
                    "required",
                    words,
                )])
            };
            let decision = decision.ok_or_else(missing)?;
            Code::InvalidInput.refuse_any(rules::decision_faults(&decision, tx.ctx.today()))?;
            after.esf_decision = Some(Json(decision));
        }
        ProgrammeState::Completed if !rules::is_over(before, tx.ctx.today()) => {
            let words = Localized::fixed(
                "Sista arbetsdagen har inte passerat.",
                "The last day of work has not passed.",
            );
            return Err(
                Problem::new(Code::StateConflict).errors(vec![FieldError::new("/endsOn", "notYet", words)])
            );
        }
        ProgrammeState::Cancelled => after.cancellation_reason = wanted.comment.map(str::to_owned),
        _ => {}
    }
    let hooks = Arc::clone(&tx.ctx.hooks);
    for listener in hooks.of::<dyn ProgrammeListener>() {
        Code::StateConflict.refuse_any(listener.obstacles(tx, before, wanted.to)?)?;
    }
    Ok(after)
}

/// Tells the areas above what has happened, inside the same transaction.
pub(super) fn tell(tx: &mut Tx<'_>, before: &ProgrammeRow, after: &ProgrammeRow) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    for listener in hooks.of::<dyn ProgrammeListener>() {
        listener.changed(tx, before, after)?;
    }
    Ok(())
}

/// Its steps, as OpenAPI tells of them.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "programmes",
    many: "programmes",
    steps: Localized::fixed(
        "Projektledaren för programmet vidare. `decided` tar in alla kvalificerade när platserna räcker, `running` tar ESF:s beslut i `data.decision`, `cancelled` kräver en kommentar. Klockan öppnar och stänger.",
        "The programme manager moves the programme on. `decided` takes all qualified ones in when there are places for all, `running` takes ESF's decision in `data.decision`, `cancelled` needs a comment. The clock opens and closes.",
    ),
    problems: &[Code::SettingsIncomplete, Code::NotEnoughPlaces],
    example: || json!({"to": "scheduled"}),
};

/// The operations on programmes.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update);
    cfg.status_changes::<ProgrammeRow, ProgrammeRead, ProgrammeChangeStatus>(&STATUS_CHANGES);
}
