//! The shared test data ("world") of the contract tests: a running programme with two kommuner, and one resource of every type
//! in the kommun Boden. The test module of each resource type creates it (its "offer"); this module has only the programme, its
//! people and the order of the areas.

use samverkan::platform::ids::Id;
use serde_json::Value;

use super::scopes::Rows;
use crate::goals::{BODEN, Network, VASBY};
use crate::support::{Client, Response, TestApp};
use crate::time::{Member, member};
use crate::{calls, goals, identity, oversight, programmes, reference, team, time};

/// The areas in the order in which their resources can be created: a time entry needs a participant first, and an audit event
/// needs a change.
const AREAS: &[&[&[Offer]]] = &[
    identity::OFFERS,
    reference::OFFERS,
    programmes::OFFERS,
    team::OFFERS,
    time::OFFERS,
    calls::OFFERS,
    goals::OFFERS,
    oversight::OFFERS,
];

/// Declares the test modules of an area's resources and collects their offers, in the order in which they can be created.
#[macro_export]
macro_rules! resources {
    ($($resource:ident),+ $(,)?) => {
        $(pub mod $resource;)+

        /// What the area's resources offer to the world of the contract tests.
        pub const OFFERS: &[&[$crate::contract::world::Offer]] = &[$($resource::OFFERS),+];
    };
}

/// How the test module of a resource type creates its resource in the world, and what other tests need to know about it.
#[derive(Clone, Copy)]
pub struct Offer {
    /// The path parameter that names the resource, such as `milestoneId`.
    pub parameter: &'static str,
    /// Who the resource belongs to.
    pub owner: Owner,
    /// Creates or finds one resource and returns its id. If resources of this type belong to a kommun, it is in Boden.
    pub make: fn(&TestApp, &World) -> Value,
    /// Requests that create such a resource in Boden. Tests send them as callers from elsewhere, who must be refused.
    pub wishes: fn(&World) -> Vec<Wish>,
    /// Loads the stored rows, if their visibility depends on the caller.
    pub rows: Option<Rows>,
}

/// Who a resource belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// One kommun or one of its people. Other kommuner in the programme do not see it.
    Kommun,
    /// The programme. Other programmes do not see it.
    Programme,
    /// Nobody. It is open to everyone, or to everyone who has the secret of a mailed link.
    Anyone,
}

impl Offer {
    /// The defaults: no wishes and no rows.
    pub const NONE: Self = Self {
        parameter: "",
        owner: Owner::Anyone,
        make: |_, _| Value::Null,
        wishes: |_| Vec::new(),
        rows: None,
    };
}

/// A request that creates a resource in Boden.
pub struct Wish {
    pub method: &'static str,
    pub path: String,
    pub body: Value,
}

impl Wish {
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: "POST", path: path.into(), body }
    }

    pub fn put(path: impl Into<String>, body: Value) -> Self {
        Self { method: "PUT", path: path.into(), body }
    }

    /// Sends the request.
    pub fn send(&self, by: &Client) -> Response {
        by.send(self.method, &self.path, Some(("application/json", self.body.to_string())))
    }
}

/// The programme, its people, and the id of one resource of every type.
pub struct World {
    pub programme: Id,
    pub manager: Client,
    /// The coordinator of Boden.
    pub coordinator: Client,
    /// A member of Boden's team, whose report of January is submitted.
    pub maja: Member,
    /// A member of Upplands Väsby's team.
    pub nils: Member,
    ids: Vec<(&'static Offer, String)>,
}

impl World {
    /// Creates the world of Boden and Upplands Väsby. The clock is then at 31 January 2021.
    pub fn new(t: &TestApp) -> Self {
        let Network { programme, manager, coordinator, .. } = Network::new(t);
        let (maja, nils) = (member(t, programme, BODEN, 1), member(t, programme, VASBY, 1));
        t.at("2021-01-31T08:00:00+01:00");
        let mut world = Self { programme, manager, coordinator, maja, nils, ids: Vec::new() };
        for offer in offers() {
            let id = (offer.make)(t, &world);
            world.ids.push((offer, id.as_str().expect("an id").to_owned()));
        }
        world
    }

    /// The id of the first item in a list.
    #[track_caller]
    pub fn first(by: &Client, list: &str) -> Value {
        by.get(list).is(200)["items"][0]["id"].clone()
    }

    /// The id of Boden's first item in a list.
    #[track_caller]
    pub fn first_of_boden(&self, list: &str, filter: &str) -> Value {
        let list = self.manager.get(&format!("{list}?kommunkod={BODEN}&limit=1{filter}")).is(200);
        assert_eq!(list["items"][0]["kommunkod"], BODEN);
        list["items"][0]["id"].clone()
    }

    /// Whether a test module offers a resource for this path parameter.
    pub fn knows(&self, parameter: &str) -> bool {
        self.ids.iter().any(|(offer, _)| offer.parameter == parameter)
    }

    /// The value of a path parameter.
    #[track_caller]
    pub fn id(&self, parameter: &str) -> &str {
        let known = self.ids.iter().find(|(offer, _)| offer.parameter == parameter);
        &known.unwrap_or_else(|| panic!("{parameter}: no test module offers one")).1
    }

    /// A path template, filled in with the ids of this world.
    pub fn filled(&self, template: &str) -> String {
        parameters(template)
            .iter()
            .fold(template.to_owned(), |path, name| path.replace(&format!("{{{name}}}"), self.id(name)))
    }

    fn ids_of(&self, owners: &[Owner]) -> Vec<&str> {
        let theirs = self.ids.iter().filter(|(offer, _)| owners.contains(&offer.owner));
        theirs.map(|(_, id)| id.as_str()).collect()
    }

    /// The ids of the resources that belong to Boden.
    pub fn of_boden(&self) -> Vec<&str> {
        self.ids_of(&[Owner::Kommun])
    }

    /// The ids of everything that belongs to Boden or to the programme.
    pub fn of_the_programme(&self) -> Vec<&str> {
        self.ids_of(&[Owner::Kommun, Owner::Programme])
    }

    /// The wishes of all resources.
    pub fn wishes(&self) -> Vec<Wish> {
        offers().flat_map(|offer| (offer.wishes)(self)).collect()
    }
}

/// The offers of all resources, in the order in which they are made.
pub fn offers() -> impl Iterator<Item = &'static Offer> {
    AREAS.iter().copied().flatten().copied().flatten()
}

/// The names of a path's parameters.
pub fn parameters(template: &str) -> Vec<&str> {
    template.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

/// Whether a path names a resource that belongs to one kommun.
pub fn is_of_a_kommun(template: &str) -> bool {
    let names = parameters(template);
    offers().any(|offer| offer.owner == Owner::Kommun && names.contains(&offer.parameter))
}
