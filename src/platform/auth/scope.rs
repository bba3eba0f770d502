//! Where a permit reaches. The policy table gives an action's roles with a *reach*; together with the caller's
//! assignments that makes a *scope*: a list of grants that every store's `visible(scope)` turns into SQL and that
//! [`Scope::role_for`] compares with one object.

use crate::platform::auth::caller::{Caller, Subject};
use crate::platform::ids::Id;

/// How far a role reaches for one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The whole installation.
    Installation,
    /// All of the assignment's programme.
    Programme,
    /// The assignment's kommun in its programme.
    Kommun,
    /// The assignment's kommun in its programme; without a kommun, the owner's own people.
    Organisation,
    /// The owner's own people in the assignment's programme.
    Owner,
    /// What belongs to the person themself.
    Own,
    /// What belongs to the person themself in the assignment's kommun in its programme; without a kommun, among the
    /// owner's people. Reading one's own goes on where working has ended.
    OwnThere,
    /// The one thing that the assignment names (a letter).
    Subject,
    /// What the API client delivered.
    Client,
}

/// One place where the caller may do the action, and the role that gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: &'static str,
    /// Where.
    pub place: Place,
}

/// Where a grant holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Everywhere.
    Everywhere,
    /// In one programme.
    Programme(Id),
    /// In one kommun in one programme.
    Kommun(Id, String),
    /// Among the owner's own people in one programme.
    Owner(Id),
    /// With what belongs to this person.
    Person(Id),
    /// With what belongs to this person in one programme: in one kommun, or else among the owner's own people.
    Member(Id, Id, Option<String>),
    /// With this one thing.
    Subject(Id),
    /// With what this API client delivered.
    Client(Id),
}

/// Stands where a role would, for what everyone may do with what is their own.
pub const SELF: &str = "self";

/// What an object says of itself, to be compared with grants and to be kept out of reach of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthzKeys {
    /// The programme it lies in.
    pub programme_id: Option<Id>,
    /// The kommun it belongs to; none for the programme's own and the owner's.
    pub kommunkod: Option<String>,
    /// Whether it belongs to the owner's own staff.
    pub is_owners: bool,
    /// The person it belongs to.
    pub person_id: Option<Id>,
    /// Itself, for roles that hold for one thing only.
    pub subject_id: Option<Id>,
    /// The API client that delivered it.
    pub client_id: Option<Id>,
}

/// Where the caller may do one action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The places; empty means nowhere.
    pub grants: Vec<Grant>,
}

impl Place {
    /// Whether it is a programme, or a part of it.
    pub fn is_in(&self, programme: Id) -> bool {
        match self {
            Place::Everywhere => true,
            Place::Programme(id) | Place::Kommun(id, _) | Place::Owner(id) | Place::Member(_, id, _) => {
                *id == programme
            }
            Place::Person(_) | Place::Subject(_) | Place::Client(_) => false,
        }
    }

    /// Whether an object with these keys lies here.
    pub fn holds(&self, keys: &AuthzKeys) -> bool {
        match self {
            Place::Everywhere => true,
            Place::Programme(id) => keys.programme_id == Some(*id),
            Place::Kommun(id, kommun) => {
                keys.programme_id == Some(*id) && keys.kommunkod.as_deref() == Some(kommun.as_str())
            }
            Place::Owner(id) => keys.programme_id == Some(*id) && keys.is_owners,
            Place::Person(id) => keys.person_id == Some(*id),
            Place::Member(id, programme, kommun) => {
                let is_theirs = keys.person_id == Some(*id) && keys.programme_id == Some(*programme);
                is_theirs && keys.kommunkod == *kommun && keys.is_owners == kommun.is_none()
            }
            Place::Subject(id) => keys.subject_id == Some(*id),
            Place::Client(id) => keys.client_id == Some(*id),
        }
    }
}

/// One role of an action in the policy table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleGrant {
    /// Role code.
    pub role: &'static str,
    /// How far it reaches.
    pub reach: Reach,
}

impl Scope {
    /// No limits: the program itself, and reads that are open to all.
    pub fn everything() -> Self {
        Self { grants: vec![Grant { role: "system", place: Place::Everywhere }] }
    }

    /// What `caller` gets from the table's `roles`.
    pub fn of(caller: &Caller, roles: &[RoleGrant]) -> Self {
        if caller.subject == Subject::System {
            return Self::everything();
        }
        let mut grants: Vec<Grant> = Vec::new();
        for assignment in &caller.assignments {
            for RoleGrant { role, reach } in roles.iter().filter(|grant| grant.role == assignment.role) {
                let place = match (reach, assignment.programme_id, &assignment.kommunkod) {
                    (Reach::Installation, ..) => Some(Place::Everywhere),
                    (Reach::Programme, Some(programme), _) => Some(Place::Programme(programme)),
                    (Reach::Kommun | Reach::Organisation, Some(programme), Some(kommun)) => {
                        Some(Place::Kommun(programme, kommun.clone()))
                    }
                    (Reach::Organisation, Some(programme), None) => Some(Place::Owner(programme)),
                    (Reach::Owner, Some(programme), _) => Some(Place::Owner(programme)),
                    (Reach::Own, ..) => caller.person_id().map(Place::Person),
                    (Reach::OwnThere, Some(programme), kommun) => {
                        caller.person_id().map(|id| Place::Member(id, programme, kommun.clone()))
                    }
                    (Reach::Subject, ..) => assignment.subject_id.map(Place::Subject),
                    (Reach::Client, ..) => match caller.subject {
                        Subject::Client(id) => Some(Place::Client(id)),
                        _ => None,
                    },
                    _ => None,
                };
                let grant = place.map(|place| Grant { role, place });
                grants.extend(grant.filter(|grant| !grants.contains(grant)));
            }
        }
        Self { grants }
    }

    /// With what belongs to the caller themself, for actions that everyone who has logged in may do.
    pub fn with_own(mut self, caller: &Caller) -> Self {
        let place = match caller.subject {
            Subject::Person(id) => Place::Person(id),
            Subject::Client(id) => Place::Client(id),
            Subject::Anonymous | Subject::System => return self,
        };
        self.grants.push(Grant { role: SELF, place });
        self
    }

    /// The role by which the caller may act on an object with these keys.
    pub fn role_for(&self, keys: &AuthzKeys) -> Option<&'static str> {
        self.grants.iter().find(|grant| grant.place.holds(keys)).map(|grant| grant.role)
    }

    /// All roles by which the caller may act on such an object.
    pub fn roles_for(&self, keys: &AuthzKeys) -> Vec<&'static str> {
        self.grants.iter().filter(|grant| grant.place.holds(keys)).map(|grant| grant.role).collect()
    }

    /// Whether the caller may act on something in a programme, be it of one kommun only.
    pub fn reaches_into(&self, programme: Id) -> bool {
        self.grants.iter().any(|grant| grant.place.is_in(programme))
    }

    /// Whether the caller may act everywhere.
    pub fn is_everywhere(&self) -> bool {
        self.grants.iter().any(|grant| grant.place == Place::Everywhere)
    }
}
