//! `/milestone-templates`: list, get, add, change, delete.

use actix_web::{delete, get, patch, post};
use serde_json::{Value, json};

use super::MilestoneTemplate;
use super::requests::{NewTemplate, TemplatePatch};
use super::rules;
use super::store::{self, TemplateList, TemplateRow};
use crate::goals::milestones;
use crate::identity::policy::{MilestoneRead, MilestoneTemplateManage, MilestoneTemplateRead};
use crate::platform::auth::action::Action as _;
use crate::platform::auth::found::{Found, IntoRepresentation, Show, seen};
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::http::answer::{Answer, Link};
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme::{self, ProgrammeRow};

impl MilestoneTemplate {
    fn new(ctx: &Context, row: TemplateRow) -> Self {
        let path = format!("/milestone-templates/{}", row.id);
        let milestones = format!("/milestones?programmeId={}&kind={}", row.programme_id, row.kind);
        let mut links = vec![
            Link::to_self(ctx, &path),
            Link::new(ctx, "GET", "programme", &format!("/programmes/{}", row.programme_id)),
        ];
        if ctx.may_in::<MilestoneRead>(row.programme_id) {
            links.push(Link::new(ctx, "GET", "milestones", &milestones));
        }
        if ctx.may::<MilestoneTemplateManage>(&programme::keys(row.programme_id)) {
            links.push(Link::new(ctx, "PATCH", "update", &path));
        }
        let TemplateRow {
            id,
            programme_id,
            kind,
            position,
            due_on,
            instructions,
            created_at,
            updated_at,
            version,
        } = row;
        Self {
            id,
            programme_id,
            kind,
            position,
            due_on,
            instructions,
            created_at,
            updated_at,
            version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let new = serde_json::from_value::<NewTemplate>(NewTemplate::example()).map_err(Problem::internal);
        new.map_or(Value::Null, |new| json!(Self::new(&ctx, new.into_row(&ctx))))
    }
}

impl IntoRepresentation for TemplateRow {
    type As = MilestoneTemplate;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<MilestoneTemplate, Problem> {
        Ok(MilestoneTemplate::new(rx.ctx, self))
    }
}

/// List milestone templates
///
/// Kedjan av milstolpar i de program där man arbetar, i ordning.
///
/// The chain of milestones in the programmes where one works, in order.
#[utoipa::path(
    tag = "goals",
    operation_id = "listMilestoneTemplates",
    params(TemplateList),
    security(("bearer" = ["milestoneTemplate.read"])),
    responses((status = 200, description = "A page of templates", body = Listing<MilestoneTemplate>)),
)]
#[get("/milestone-templates")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<MilestoneTemplateRead>, TemplateList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(MilestoneTemplate::new(rx.ctx, row)))
    });
    answer.await
}

/// Get a milestone template
///
/// En milstolpe som programmet begär av varje kommun.
///
/// A milestone that the programme asks of each kommun.
#[utoipa::path(
    tag = "goals",
    operation_id = "getMilestoneTemplate",
    params(("milestoneTemplateId" = Id, Path, description = "Mallens id / the template's id")),
    security(("bearer" = ["milestoneTemplate.read"])),
    responses((status = 200, description = "The template", body = MilestoneTemplate)),
)]
#[get("/milestone-templates/{milestoneTemplateId}")]
async fn get(
    InOrder((_permit, template)): InOrder<(Permit<MilestoneTemplateRead>, Show<TemplateRow>)>,
) -> Answer {
    template.into_answer()
}

/// Add a milestone template
///
/// Lägger till en milstolpe i programmets kedja, medan ingen kommun har fått sina milstolpar. Varje slag finns högst en
/// gång.
///
/// Adds a milestone to the programme's chain, while no kommun has got its milestones. Each kind exists at most once.
#[utoipa::path(
    tag = "goals",
    operation_id = "createMilestoneTemplate",
    request_body = NewTemplate,
    security(("bearer" = ["milestoneTemplate.manage"])),
    extensions(("x-problem-codes" = json!(["notFound", "notYours", "stateConflict", "alreadyExists"]))),
    responses((status = 201, description = "The new template", body = MilestoneTemplate)),
)]
#[post("/milestone-templates")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<MilestoneTemplateManage>, Body<NewTemplate>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let programme = programme_to_extend(tx, new.programme_id)?;
            let row = new.clone().into_row(tx.ctx);
            check_date(&row, &programme)?;
            check_programme(&programme)?;
            check_unused(tx, &programme)?;
            tx.insert(&row)?;
            Answer::created(tx.ctx, &MilestoneTemplate::new(tx.ctx, row))
        })
        .await
}

/// Change a milestone template
///
/// Plats, datum och text. Ett nytt datum gäller kommuner som får sina milstolpar senare; de som har sina behåller dem.
///
/// Position, date and text. A new date holds for kommuner that get their milestones later; those that have theirs keep
/// them.
#[utoipa::path(
    tag = "goals",
    operation_id = "updateMilestoneTemplate",
    params(("milestoneTemplateId" = Id, Path, description = "Mallens id / the template's id")),
    request_body = TemplatePatch,
    security(("bearer" = ["milestoneTemplate.manage"])),
    extensions(("x-problem-codes" = json!(["stateConflict"]))),
    responses((status = 200, description = "The changed template", body = MilestoneTemplate)),
)]
#[patch("/milestone-templates/{milestoneTemplateId}")]
async fn update(
    InOrder((permit, template, body)): InOrder<(
        Permit<MilestoneTemplateManage>,
        Found<TemplateRow>,
        Body<TemplatePatch>,
    )>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit
        .write(move |tx| {
            let changed = tx.change(template.id, "changed", |tx, before: &TemplateRow| {
                let programme = programme::by_id(tx.db, before.programme_id)?;
                let after = patch.clone().apply(before.clone());
                if after.due_on != before.due_on {
                    check_date(&after, &programme)?;
                }
                check_programme(&programme)?;
                Ok(after)
            })?;
            Answer::one(&MilestoneTemplate::new(tx.ctx, changed.after))
        })
        .await
}

/// Delete a milestone template
///
/// Tar bort en milstolpe ur kedjan, medan ingen kommun har fått sina milstolpar.
///
/// Takes a milestone out of the chain, while no kommun has got its milestones.
#[utoipa::path(
    tag = "goals",
    operation_id = "deleteMilestoneTemplate",
    params(("milestoneTemplateId" = Id, Path, description = "Mallens id / the template's id")),
    security(("bearer" = ["milestoneTemplate.manage"])),
    extensions(("x-problem-codes" = json!(["stateConflict"]))),
    responses((status = 204, description = "Deleted")),
)]
#[delete("/milestone-templates/{milestoneTemplateId}")]
async fn remove(
    InOrder((permit, template)): InOrder<(Permit<MilestoneTemplateManage>, Found<TemplateRow>)>,
) -> Result<Answer, Problem> {
    permit
        .write(move |tx| {
            tx.delete(template.id, |tx, row: &TemplateRow| {
                let programme = programme::by_id(tx.db, row.programme_id)?;
                check_programme(&programme)?;
                check_unused(tx, &programme)
            })?;
            Ok(Answer::no_content())
        })
        .await
}

/// The programme that a new template names, locked: 404 when the caller does not see it, 403 when the caller sees it but
/// does not manage it.
fn programme_to_extend(tx: &mut Tx<'_>, id: Id) -> Result<ProgrammeRow, Problem> {
    seen::<ProgrammeRow>(tx, &id)?;
    if tx.ctx.scope.role_for(&programme::keys(id)).is_some() {
        return ProgrammeRow::locked(tx, id);
    }
    let roles = MilestoneTemplateManage::ROW.role_names();
    Err(Problem::new(Code::NotYours).detail(
        format!("Programmets kedja anges av: {roles}."),
        format!("The programme's chain is entered by: {roles}."),
    ))
}

fn check_date(row: &TemplateRow, programme: &ProgrammeRow) -> Result<(), Problem> {
    let fault = rules::outside_programme("/dueOn", row.due_on, programme.starts_on, programme.ends_on);
    Code::InvalidInput.refuse_any(fault.into_iter().collect())
}

fn check_programme(programme: &ProgrammeRow) -> Result<(), Problem> {
    if rules::is_changeable(programme.status) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict)
        .detail("Programmet är slut; kedjan ligger fast.", "The programme is over; its chain stands.")
        .member("currentStatus", programme.status.as_str()))
}

fn check_unused(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    if !milestones::exist_in(&mut tx.as_read(), programme.id)? {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict).detail(
        "Kommuner har redan fått sina milstolpar; kedjan får inte fler eller färre.",
        "Kommuner have got their milestones already; the chain gets no more and no fewer.",
    ))
}

/// The operations on milestone templates.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update).service(remove);
}
