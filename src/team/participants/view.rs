//! A participant as its readers see it.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::store::ParticipantRow;
use super::{Participant, rules};
use crate::identity::people::{self, PersonRow};
use crate::identity::policy::{EmploymentRead, ParticipantRead, ParticipantUpdate, Role};
use crate::platform::auth::action::Action as _;
use crate::platform::auth::scope::Place;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::Standing;
use crate::platform::tx::Rx;
use crate::platform::workflow::Offer;
use crate::programmes::programme::{self, check_not_over};
use crate::reference::kommuner::KommunNames;
use crate::team::{FinancingForm, Organisation, Places};

/// What belongs to the participants of one answer.
#[derive(Default)]
pub struct Related {
    kommuner: KommunNames,
    /// Those that the caller may change now.
    changeable: HashSet<Id>,
}

impl Related {
    /// Loads it; what may be changed only for answers that say so.
    pub fn of(rx: &mut Rx<'_>, rows: &[ParticipantRow], has_links: bool) -> Result<Self, Problem> {
        Ok(Self {
            kommuner: KommunNames::of(rx.db, rows.iter().filter_map(|row| row.kommunkod.as_deref()))?,
            changeable: if has_links { changeable(rx, rows)? } else { HashSet::new() },
        })
    }
}

impl Participant {
    /// One participant, as far as the caller may see it.
    pub fn show(rx: &mut Rx<'_>, row: ParticipantRow) -> Result<Self, Problem> {
        let person = people::unscoped_by_id(rx.db, row.person_id)?;
        let related = Related::of(rx, std::slice::from_ref(&row), true)?;
        Ok(Self::shown(rx.ctx, row, &person, &related))
    }

    /// A participant with its person's name and address.
    pub fn shown(ctx: &Context, row: ParticipantRow, person: &PersonRow, related: &Related) -> Self {
        let (name, email) = row.shown_as(person);
        let (name, email) = (name.to_owned(), email.to_owned());
        let is_colleague = row.is_coordinator && coordinates_in(ctx, row.programme_id);
        let roles = ctx.roles_for::<ParticipantRead>(&row);
        let sight = rules::sight(&roles, ctx.caller.is_person(row.person_id), is_colleague);
        let links = links(ctx, &row, related.changeable.contains(&row.id));
        Self {
            id: row.id,
            programme_id: row.programme_id,
            organisation: row.organisation,
            kommun_name: row.kommunkod.as_deref().and_then(|code| related.kommuner.get(code)),
            kommunkod: row.kommunkod,
            financing_form: row.financing_form,
            person_id: row.person_id,
            name,
            email: sight.email.then_some(email),
            function: row.function,
            department: row.department,
            is_coordinator: row.is_coordinator,
            employee_number: row.employee_number.filter(|_| sight.employee_number),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let row = ParticipantRow::example(&ctx);
        json!(Self::shown(
            &ctx,
            row,
            &PersonRow::new(&ctx, "Maja Lind", "maja.lind@boden.example"),
            &Related::default()
        ))
    }
}

impl ParticipantRow {
    /// An example for OpenAPI and tests.
    pub fn example(ctx: &Context) -> Self {
        Self {
            id: ctx.new_id(),
            programme_id: ctx.new_id(),
            organisation: Organisation::Kommun,
            kommunkod: Some("2582".to_owned()),
            financing_form: FinancingForm::CoFinancing,
            person_id: ctx.new_id(),
            function: "Enhetschef".to_owned(),
            department: "Socialförvaltningen".to_owned(),
            is_coordinator: false,
            employee_number: Some("104233".to_owned()),
            valid_from: ctx.today(),
            valid_to: None,
            sort_name: String::new(),
            search_text: String::new(),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
            given_name: None,
            given_email: None,
        }
    }
}

/// Whether the caller coordinates some kommun in the programme.
fn coordinates_in(ctx: &Context, programme_id: Id) -> bool {
    let scope = ctx.scope_of(ParticipantRead::ROW);
    let mut grants = scope.grants.iter().filter(|grant| grant.role == Role::Coordinator.as_str());
    grants.any(|grant| matches!(&grant.place, Place::Kommun(programme, _) if *programme == programme_id))
}

/// Those of the participants that the caller may change now: not their own case, in a programme and a kommun whose teams still
/// change.
fn changeable(rx: &mut Rx<'_>, rows: &[ParticipantRow]) -> Result<HashSet<Id>, Problem> {
    let ctx = rx.ctx;
    let standing = Standing::for_action::<ParticipantUpdate, _>(rx, rows)?;
    let theirs = rows.iter().filter(|row| standing.may::<ParticipantUpdate, _>(ctx, *row));
    let theirs: Vec<&ParticipantRow> = theirs.collect();
    let programmes = theirs.iter().map(|row| row.programme_id).collect();
    let found = programme::unscoped_by_ids(rx.db, &programmes)?;
    let places = if theirs.is_empty() { Places::default() } else { Places::of(rx, &programmes)? };
    let has_open_team = |row: &&&ParticipantRow| {
        found.of(row.programme_id).is_ok_and(|programme| check_not_over(programme).is_ok())
            && row.kommunkod.as_deref().is_none_or(|kommun| places.has(row.programme_id, kommun))
    };
    Ok(theirs.iter().filter(has_open_team).map(|row| row.id).collect())
}

fn links(ctx: &Context, row: &ParticipantRow, update: bool) -> Vec<Link> {
    let path = format!("/participants/{}", row.id);
    let employments = format!("/employments?programmeId={}&personId={}", row.programme_id, row.person_id);
    let mut links = vec![Link::to_self(ctx, &path)];
    if ctx.may::<EmploymentRead>(row) {
        links.push(Link::new(ctx, "GET", "employments", &employments));
    }
    links.extend(Offer { update, ..Offer::default() }.links(ctx, &path));
    links
}
