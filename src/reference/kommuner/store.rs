//! The queries of the register of kommuner.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::{Kommun, KommunFacts, SizeBand, SkrGroup};
use crate::identity::policy::RegisterRead;
use crate::platform::auth::action::{Action as _, ActionRow};
use crate::platform::auth::found::Resource;
use crate::platform::auth::scope::{AuthzKeys, HasKeys, Scope};
use crate::platform::auth::scoped::Scoped;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::{Db, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::reference::identity::{KommunId, Register};
use crate::reference::lan::Nuts2;
use crate::reference::{Kommunkod, LanCode};
use crate::schema::kommuner;

/// A row of the register.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = kommuner)]
pub struct KommunRow {
    /// SCB's four digits.
    pub kommunkod: String,
    /// Short form.
    pub name: String,
    /// Län, two digits.
    pub lan_code: String,
    /// Name of the län.
    pub lan_name: String,
    /// NUTS 2 area.
    pub nuts2: Nuts2,
    /// Inhabitants.
    pub population: i32,
    /// Year of the population.
    pub population_year: i32,
    /// Size by inhabitants.
    pub size_band: SizeBand,
    /// SKR kommungrupp.
    pub skr_group: SkrGroup,
    /// Year of the classification.
    pub skr_group_year: i32,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// The name as a key in Swedish order.
    pub sort_name: String,
    /// Raised when the register is updated.
    pub version: i32,
    /// When the facts were loaded.
    pub created_at: Instant,
    /// When the facts were last updated.
    pub updated_at: Instant,
}

crate::list! {
    /// `GET /kommuner`.
    pub struct KommunList: kommuner as KommunRow, shown as Kommun, by kommunkod: String, default "name" {
        id: kommunkod => KommunId [filter];
        kommunkod: kommunkod => Kommunkod [filter, sort];
        name: sort_name => String [sort];
        lanCode: lan_code => LanCode [filter];
        nuts2: nuts2 => Nuts2 [filter];
        sizeBand: size_band => SizeBand [filter];
        skrGroup: skr_group => SkrGroup [filter];
        population: population => i32 [range, sort];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
    search search_text
}

impl HasKeys for KommunRow {
    fn keys(&self) -> AuthzKeys<'_> {
        AuthzKeys { kommunkod: Some(&self.kommunkod), ..AuthzKeys::default() }
    }
}

impl Scoped for KommunRow {
    fn find(db: &mut Db, _: &Scope, id: Id) -> Result<Option<Self>, Problem> {
        find(db, &Register::Kommuner.code_of(&id.to_string(), 4))
    }
}

impl Resource for KommunRow {
    /// The kommunkod.
    type Key = String;
    type Parent = ();
    const PATH: &'static str = "/kommuner/{kommunkod}";
    const READ: &'static ActionRow = RegisterRead::ROW;

    /// From the four digits, or from the id.
    fn key<'p>(parameter: impl Fn(&str) -> Option<&'p str>) -> Option<String> {
        let code = Register::Kommuner.code_of(parameter("kommunkod")?, 4);
        (code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
    }

    fn find_by_key(rx: &mut Rx<'_>, _: &Scope, kommunkod: &String) -> Result<Option<Self>, Problem> {
        find(rx.db, kommunkod)
    }

    fn belongs_to(&self, (): &()) -> bool {
        true
    }
}

/// All rows: the register is open to anyone.
pub fn visible() -> kommuner::BoxedQuery<'static, MultiBackend> {
    kommuner::table.into_boxed()
}

/// Every kommun, by kommunkod.
pub fn all(db: &mut Db) -> Result<Vec<KommunRow>, Problem> {
    Ok(kommuner::table.order(kommuner::kommunkod).select(KommunRow::as_select()).load(db)?)
}

/// Brings the register to a new register year, whose own row is the audited one. Every kommun is changed, because the year is.
pub fn take_facts(tx: &mut Tx<'_>, year: i32, facts: &[KommunFacts]) -> Result<(), Problem> {
    for fact in facts {
        let values = (
            kommuner::population.eq(fact.population),
            kommuner::population_year.eq(year),
            kommuner::size_band.eq(SizeBand::of(fact.population)),
            kommuner::skr_group.eq(fact.skr_group),
            kommuner::skr_group_year.eq(fact.skr_group_year),
            kommuner::version.eq(kommuner::version + 1),
            kommuner::updated_at.eq(tx.ctx.written),
        );
        let kommun = kommuner::table.filter(kommuner::kommunkod.eq(fact.kommunkod.clone()));
        diesel::update(kommun).set(values).kept().execute(tx.db)?;
    }
    Ok(())
}

/// The kommun with this code.
pub fn find(db: &mut Db, kommunkod: &str) -> Result<Option<KommunRow>, Problem> {
    let row = visible()
        .filter(kommuner::kommunkod.eq(kommunkod.to_owned()))
        .select(KommunRow::as_select())
        .first(db);
    Ok(row.optional()?)
}

/// The kommuner with these codes, as the register has them now.
pub fn those(db: &mut Db, kommunkoder: Vec<String>) -> Result<Vec<KommunRow>, Problem> {
    let these = kommuner::table.filter(kommuner::kommunkod.one_of(kommunkoder)).order(kommuner::kommunkod);
    Ok(these.select(KommunRow::as_select()).load(db)?)
}

/// Whether the code is in the register.
pub fn exists(db: &mut Db, kommunkod: &str) -> Result<bool, Problem> {
    Ok(find(db, kommunkod)?.is_some())
}

/// The name of a kommun that is known to exist.
pub fn name_of(db: &mut Db, kommunkod: &str) -> Result<String, Problem> {
    Ok(kommuner::table.find(kommunkod).select(kommuner::name).first(db)?)
}

/// The names of several kommuner.
pub fn names(db: &mut Db, kommunkoder: Vec<String>) -> Result<Vec<(String, String)>, Problem> {
    let rows = kommuner::table.filter(kommuner::kommunkod.one_of(kommunkoder));
    Ok(rows.select((kommuner::kommunkod, kommuner::name)).load(db)?)
}

/// The names of the kommuner in one answer.
#[derive(Clone, Debug, Default)]
pub struct KommunNames(HashMap<String, String>);

impl KommunNames {
    /// Loads them, by kommunkod.
    pub fn of<'k>(db: &mut Db, kommunkoder: impl IntoIterator<Item = &'k str>) -> Result<Self, Problem> {
        let asked: BTreeSet<String> = kommunkoder.into_iter().map(str::to_owned).collect();
        if asked.is_empty() {
            return Ok(Self::default());
        }
        Ok(Self(names(db, asked.into_iter().collect())?.into_iter().collect()))
    }

    /// The name of one of them.
    pub fn get(&self, kommunkod: &str) -> Option<String> {
        self.0.get(kommunkod).cloned()
    }
}
