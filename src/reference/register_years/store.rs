//! The rows of register years, and their queries. The first year is no row: the program brings it (see [`base`](super::base)).

use diesel::prelude::*;
use serde::Serialize;

use super::RegisterYear;
use super::base::base;
use crate::identity::policy::RegisterRead;
use crate::platform::auth::action::{Action as _, ActionRow};
use crate::platform::auth::found::Resource;
use crate::platform::auth::scope::{AuthzKeys, HasKeys, Scope};
use crate::platform::auth::scoped::Scoped;
use crate::platform::context::Context;
use crate::platform::db::Db;
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::reference::kommuner::{KommunFacts, SkrGroup};
use crate::schema::register_years;

/// A register year as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = register_years, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RegisterYearRow {
    /// Identity.
    pub id: Id,
    /// The year.
    pub year: i32,
    /// The day whose population it has.
    pub population_on: Day,
    /// Where the facts come from.
    pub source: String,
    /// What it says of every kommun, by kommunkod.
    pub facts: Json<Vec<KommunFacts>>,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    RegisterYearRow in register_years as "registerYear" ("registerår", "register year"),
    chain |_row| Chain::Installation,
    actions ["corrected"],
}

crate::represented!(RegisterYearRow as RegisterYear by |rx, row| RegisterYear::show(rx, row));

impl HasKeys for RegisterYearRow {
    fn keys(&self) -> AuthzKeys<'_> {
        AuthzKeys::default()
    }
}

impl Scoped for RegisterYearRow {
    /// The register is open to anyone.
    fn find(db: &mut Db, _: &Scope, id: Id) -> Result<Option<Self>, Problem> {
        Ok(all(db)?.into_iter().find(|row| row.id == id))
    }
}

impl Resource for RegisterYearRow {
    /// The year.
    type Key = i32;
    type Parent = ();
    const PATH: &'static str = "/register-years/{year}";
    const READ: &'static ActionRow = RegisterRead::ROW;

    /// From the four digits.
    fn key<'p>(parameter: impl Fn(&str) -> Option<&'p str>) -> Option<i32> {
        let year = parameter("year")?;
        (year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit())).then(|| year.parse().ok())?
    }

    fn find_by_key(rx: &mut Rx<'_>, _: &Scope, year: &i32) -> Result<Option<Self>, Problem> {
        Ok(all(rx.db)?.into_iter().find(|row| row.year == *year))
    }

    fn belongs_to(&self, (): &()) -> bool {
        true
    }
}

impl RegisterYearRow {
    /// An example for OpenAPI and tests: the first year, with one kommun.
    pub fn example(ctx: &Context) -> Self {
        let boden = KommunFacts {
            kommunkod: "2582".to_owned(),
            population: 28_080,
            skr_group: SkrGroup::B5,
            skr_group_year: 2023,
        };
        Self {
            id: ctx.new_id(),
            year: 2019,
            population_on: Day::new(2019, 12, 31).unwrap_or_else(|| ctx.today()),
            source: "SCB, folkmängd 31 december 2019.".to_owned(),
            facts: Json(vec![boden]),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

/// The years that were added, the oldest first.
pub fn stored(db: &mut Db) -> Result<Vec<RegisterYearRow>, Problem> {
    Ok(register_years::table.order(register_years::year).select(RegisterYearRow::as_select()).load(db)?)
}

/// All years, the oldest first; never empty.
pub fn all(db: &mut Db) -> Result<Vec<RegisterYearRow>, Problem> {
    let mut all = vec![base()?.clone()];
    all.extend(stored(db)?);
    Ok(all)
}
