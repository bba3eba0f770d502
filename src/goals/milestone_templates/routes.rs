//! `/milestone-templates`: list, get, add, change, delete.

use actix_web::{delete, get, patch, post};

use super::requests::{NewTemplate, TemplatePatch};
use super::store::{self, TemplateList, TemplateRow};
use super::view::Related;
use super::{MilestoneTemplate, commands};
use crate::identity::policy::{MilestoneTemplateManage, MilestoneTemplateRead};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;

/// List milestone templates
///
/// Kedjan av milstolpar i de program där man arbetar, i ordning.
///
/// The chain of milestones of the programmes in which the caller works, in order.
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
        let related = if list.0.has_links() { Related::of(rx, &rows.rows)? } else { Related::default() };
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(MilestoneTemplate::new(ctx, row, &related)))
    });
    answer.await
}

/// Get a milestone template
///
/// En milstolpe som programmet begär av varje kommun.
///
/// A milestone that the programme requires of each kommun.
#[utoipa::path(
    tag = "goals",
    operation_id = "getMilestoneTemplate",
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
/// Adds a milestone to the programme's chain, while no kommun has its milestones. Each kind exists at most once.
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
            let row = commands::create(tx, new.clone())?;
            tx.answer_created(row)
        })
        .await
}

/// Change a milestone template
///
/// Plats, datum och text. Ett nytt datum gäller kommuner som får sina milstolpar senare; de som har sina behåller dem.
///
/// Position, date and instructions. A new date applies to kommuner that get their milestones later; the others keep
/// their dates.
#[utoipa::path(
    tag = "goals",
    operation_id = "updateMilestoneTemplate",
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
            let after = commands::change(tx, template.id, patch.clone())?;
            tx.answer(after)
        })
        .await
}

/// Delete a milestone template
///
/// Tar bort en milstolpe ur kedjan, medan ingen kommun har fått sina milstolpar.
///
/// Removes a milestone from the chain, while no kommun has its milestones.
#[utoipa::path(
    tag = "goals",
    operation_id = "deleteMilestoneTemplate",
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
            commands::delete(tx, template.id)?;
            Ok(Answer::no_content())
        })
        .await
}

/// The operations on milestone templates.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update).service(remove);
}
