//! Scopes as a property: whatever a scope holds, SQL (`visible`) finds exactly the rows that the same rule in memory
//! admits. The rule compares the keys of the row; a resource with another rule states it again in its test module.

use std::any::type_name;
use std::collections::BTreeMap;

use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use proptest::prelude::*;
use proptest::sample::select;
use samverkan::calls::applications::ApplicationState;
use samverkan::calls::selection_proposals::{ProposalRow, ProposalState};
use samverkan::identity::policy::Role;
use samverkan::platform::auth::scope::{Grant, Place, SELF, Scope};
use samverkan::platform::auth::scoped::Scoped;
use samverkan::platform::codes::Codes as _;
use samverkan::platform::db::Db;
use samverkan::platform::db::sql_types::IdSql;
use samverkan::platform::ids::Id;
use samverkan::platform::stored::Stored;
use samverkan::programmes::programme;

use super::generated::sources;
use super::world::{World, offers};
use crate::both;
use crate::calls::applications::put_in;
use crate::goals::{BODEN, VASBY};
use crate::programmes::draft;
use crate::support::{TestApp, property};

/// The stored rows of a resource, and the rule of who finds them.
#[derive(Clone, Copy)]
pub struct Rows {
    row: fn() -> &'static str,
    table: &'static str,
    found: fn(&mut Db, &Scope, Id) -> Found,
}

/// Whether SQL finds a row within a scope, and whether the rule admits it.
struct Found {
    by_sql: bool,
    by_rule: bool,
}

/// A rule of visibility beyond the keys of a row, stated independently of the program's SQL.
pub trait Rule: Scoped {
    /// Whether the row is found within the scope.
    fn is_visible(&self, db: &mut Db, scope: &Scope) -> bool;
}

impl Rows {
    /// Rows that are visible when a grant of the scope covers their keys.
    pub const fn by_keys<R: Scoped + Stored>() -> Self {
        let found =
            |db: &mut Db, scope: &Scope, id| found(db, scope, id, |_, row: &R| scope.role_for(row).is_some());
        Self { row: type_name::<R>, table: R::TABLE, found }
    }

    /// Rows with their own rule.
    pub const fn by_rule<R: Rule + Stored>() -> Self {
        Self::by_rule_in::<R>(R::TABLE, type_name::<R>)
    }

    /// The same for rows that are not [`Stored`], because nobody changes them.
    pub const fn by_rule_in<R: Rule>(table: &'static str, row: fn() -> &'static str) -> Self {
        let found =
            |db: &mut Db, scope: &Scope, id| found(db, scope, id, |db, row: &R| row.is_visible(db, scope));
        Self { row, table, found }
    }

    /// The name of the row's type: `MilestoneRow`.
    fn name(&self) -> &'static str {
        (self.row)().rsplit("::").next().unwrap()
    }

    /// The ids of at most 40 rows, spread over the whole table.
    fn ids(&self, db: &mut Db) -> Vec<Id> {
        let all: Vec<OneId> =
            sql_query(format!("SELECT id FROM {} ORDER BY id", self.table)).load(db).unwrap();
        let step = all.len().div_ceil(40).max(1);
        all.into_iter().step_by(step).map(|one| one.id).collect()
    }
}

#[derive(QueryableByName)]
struct OneId {
    #[diesel(sql_type = IdSql)]
    id: Id,
}

fn found<R: Scoped>(db: &mut Db, scope: &Scope, id: Id, rule: impl FnOnce(&mut Db, &R) -> bool) -> Found {
    let row = R::find(db, &Scope::everything(), id).unwrap().expect("a row that was listed");
    Found { by_sql: R::find(db, scope, id).unwrap().is_some(), by_rule: rule(db, &row) }
}

/// The parts of generated scopes: ids of the world, another programme, and an id that does not exist.
#[derive(Clone)]
struct Parts {
    programmes: Vec<Id>,
    people: Vec<Id>,
    others: Vec<Id>,
}

impl Parts {
    fn of(world: &World, other: Id) -> Self {
        let nobodys: Id = "0175a2e1-7c00-7000-8000-00000000dead".parse().unwrap();
        let people = [&world.maja.client, &world.nils.client, &world.coordinator, &world.manager];
        let others = ["apiClientId", "avsiktsforklaringId", "applicationId", "timeReportId"];
        let ids = others.map(|parameter| world.id(parameter).parse().unwrap());
        Self {
            programmes: vec![world.programme, world.programme, other, nobodys],
            people: people.map(|person| person.id()).into_iter().chain([nobodys]).collect(),
            others: ids.into_iter().chain([nobodys]).collect(),
        }
    }

    fn place(&self) -> impl Strategy<Value = Place> + use<> {
        let Self { programmes, people, others } = self.clone();
        let (programme, person, other) = (select(programmes), select(people), select(others));
        let kommun = select(vec![BODEN, BODEN, VASBY, "0180"]).prop_map(str::to_owned);
        let member = (person.clone(), programme.clone(), proptest::option::of(kommun.clone()));
        prop_oneof![
            1 => Just(Place::Everywhere),
            4 => programme.clone().prop_map(Place::Programme),
            6 => (programme.clone(), kommun).prop_map(|(programme, kommun)| Place::Kommun(programme, kommun)),
            3 => programme.prop_map(Place::Owner),
            3 => person.prop_map(Place::Person),
            4 => member.prop_map(|(person, programme, kommun)| Place::Member(person, programme, kommun)),
            2 => other.clone().prop_map(Place::Subject),
            2 => other.prop_map(Place::Client),
        ]
    }

    fn scope(&self) -> impl Strategy<Value = Scope> + use<> {
        let roles: Vec<&'static str> =
            Role::ALL.iter().map(|role| role.code()).chain([SELF, "system"]).collect();
        // Roles with special rules are generated more often.
        let special = ["coordinator", "attester", "programmeManager", "systemAdmin"];
        let role = prop_oneof![select(roles), select(special.to_vec())];
        let grant = (role, self.place()).prop_map(|(role, place)| Grant { role, place });
        proptest::collection::vec(grant, 0..4).prop_map(|grants| Scope { grants })
    }
}

/// The rows of every resource, with their ids.
fn rows(t: &TestApp) -> Vec<(Rows, Vec<Id>)> {
    let all = offers().filter_map(|offer| offer.rows);
    all.map(|rows| (rows, t.db(|db| rows.ids(db)))).collect()
}

both!(sql_finds_exactly_the_rows_that_the_rule_admits, |t| {
    let other = draft(t);
    let world = World::new(t);
    let list = format!("/applications?kommunkod={VASBY}");
    let application = World::first(&world.manager, &list);
    put_in(t, &format!("/applications/{}", application.as_str().unwrap()), ApplicationState::Unverified);
    // A kommun finds an announced selection.
    t.write(|tx| {
        let programme = programme::unscoped_by_id(tx.db, world.programme)?;
        let draft = ProposalRow::example(tx.ctx, &programme);
        tx.insert(&ProposalRow { status: ProposalState::Announced, ..draft })
    });
    let rows = rows(t);
    // How often rows of each resource were hidden and found.
    let counts = std::cell::RefCell::new(BTreeMap::<&str, [usize; 2]>::new());
    property(64, &Parts::of(&world, other).scope(), |scope| {
        let faults = t.db(|db| {
            let mut faults = Vec::new();
            for (rows, id) in rows.iter().flat_map(|(rows, ids)| ids.iter().map(move |id| (rows, *id))) {
                let (name, Found { by_sql, by_rule }) = (rows.name(), (rows.found)(db, &scope, id));
                counts.borrow_mut().entry(name).or_default()[usize::from(by_sql)] += 1;
                if by_sql != by_rule {
                    faults.push(format!("{name} {id}: by SQL {by_sql}, by the rule {by_rule}"));
                }
            }
            faults
        });
        prop_assert!(faults.is_empty(), "{:?}\n{}", scope, faults.join("\n"));
        Ok(())
    });
    let counts = counts.into_inner();
    let idle: Vec<_> = counts.iter().filter(|(_, [hidden, found])| *hidden == 0 || *found == 0).collect();
    assert!(counts.len() == rows.len() && idle.is_empty(), "found always or never: {idle:?}");
});

/// Scoped rows that the property does not try, each with its reason.
const NOT_TRIED: &[(&str, &str)] = &[
    ("KommunRow", "the register is open to anyone"),
    ("RegisterYearRow", "the register is open to anyone"),
    ("Seen", "a person; its keys are made from the scope"),
];

#[test]
fn every_scoped_row_is_tried() {
    let mut declared = Vec::new();
    for (path, text) in sources("src").into_iter().filter(|(path, _)| !path.starts_with("src/platform/")) {
        let code =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        for start in ["crate::scope!(", "crate::find_visible!(", "Scoped for "] {
            for rest in code.split(start).skip(1) {
                let name = rest.split(|letter: char| !letter.is_alphanumeric()).find(|word| !word.is_empty());
                declared.push(name.unwrap_or_else(|| panic!("{path}: {start}")).to_owned());
            }
        }
    }
    let mut tried: Vec<String> =
        offers().filter_map(|offer| offer.rows).map(|rows| rows.name().to_owned()).collect();
    tried.extend(NOT_TRIED.iter().map(|(name, _)| (*name).to_owned()));
    declared.sort();
    tried.sort();
    assert_eq!(declared, tried, "a resource's test module offers its rows");
}
