//! A scope is the set of objects with which a caller may do an action. The policy table gives each role of an action a
//! *reach*. The reach and the caller's assignments make the *scope*, a list of grants. A store's `visible(scope)` turns
//! it into SQL; [`Scope::role_for`] compares it with one object.

use crate::platform::auth::caller::{Caller, Subject};
use crate::platform::ids::Id;
use crate::platform::text::{Language, Localized};

/// How far a role reaches for one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The whole installation.
    Installation,
    /// The whole programme of the assignment.
    Programme,
    /// The kommun of the assignment, in its programme.
    Kommun,
    /// The kommun of the assignment, in its programme; for an assignment without kommun, the owner's staff.
    Organisation,
    /// The owner's staff in the programme of the assignment.
    Owner,
    /// The caller's own objects.
    Own,
    /// The caller's own objects, within the reach of `Organisation`. For writing; reading uses `Own`, which also
    /// reaches objects from an organisation where the person has stopped working.
    OwnInOrganisation,
    /// The object that the assignment names (a letter).
    Subject,
    /// The objects that the API client delivered.
    Client,
}

impl Reach {
    /// What a role reaches, for people: `programmeManager (the owner's staff)`.
    pub const fn words(self) -> Localized {
        match self {
            Self::Installation => Localized::fixed("allt", "everything"),
            Self::Programme => Localized::fixed("hela programmet", "the whole programme"),
            Self::Kommun => Localized::fixed("den egna kommunen", "their own kommun"),
            Self::Organisation => Localized::fixed(
                "den egna kommunen, eller ägarens personal",
                "their own kommun, or the owner's staff",
            ),
            Self::Owner => Localized::fixed("ägarens personal", "the owner's staff"),
            Self::Own => Localized::fixed("det egna", "their own"),
            Self::OwnInOrganisation => {
                Localized::fixed("det egna i organisationen", "their own, in the organisation")
            }
            Self::Subject => Localized::fixed("det som rollen gäller", "what the role is for"),
            Self::Client => Localized::fixed("det som klienten levererat", "what the client delivered"),
        }
    }
}

/// One place where the caller may do the action, and the role that allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: &'static str,
    /// The place.
    pub place: Place,
}

/// The set of objects that a grant covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// All objects.
    Everywhere,
    /// Objects of one programme.
    Programme(Id),
    /// Objects of one kommun in one programme.
    Kommun(Id, String),
    /// Objects of the owner's staff in one programme.
    Owner(Id),
    /// Objects of one person.
    Person(Id),
    /// Objects of one person in one programme, in this kommun; without kommun, as one of the owner's staff.
    Member(Id, Id, Option<String>),
    /// One object.
    Subject(Id),
    /// Objects that one API client delivered.
    Client(Id),
}

/// The role code of grants that everyone has for their own objects.
pub const SELF: &str = "self";

/// The keys of an object for authorization: they are compared with the grants of a scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuthzKeys<'a> {
    /// The programme that it belongs to.
    pub programme_id: Option<Id>,
    /// The kommun that it belongs to; none for objects of the programme itself and of the owner's staff.
    pub kommunkod: Option<&'a str>,
    /// Whether it belongs to the owner's staff.
    pub belongs_to_owner: bool,
    /// The person that it belongs to.
    pub person_id: Option<Id>,
    /// Its own id, for roles that are limited to one object.
    pub subject_id: Option<Id>,
    /// The API client that delivered it.
    pub client_id: Option<Id>,
}

/// An object with keys: a row, or the keys themselves where there is no row yet.
pub trait HasKeys {
    /// The columns of a row that its keys are.
    const COLUMNS: &'static [&'static str] = &[];

    /// Whether a row without kommun belongs to the owner's staff.
    const OWNERS_WITHOUT_KOMMUN: bool = false;

    /// The keys, to compare with the grants of a scope.
    fn keys(&self) -> AuthzKeys<'_>;
}

impl HasKeys for AuthzKeys<'_> {
    fn keys(&self) -> AuthzKeys<'_> {
        *self
    }
}

/// The objects with which the caller may do one action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The grants; none means no object.
    pub grants: Vec<Grant>,
}

impl Place {
    /// The programme whose objects it is limited to, if there is one.
    pub fn programme(&self) -> Option<Id> {
        match self {
            Place::Programme(id) | Place::Kommun(id, _) | Place::Owner(id) | Place::Member(_, id, _) => {
                Some(*id)
            }
            Place::Everywhere | Place::Person(_) | Place::Subject(_) | Place::Client(_) => None,
        }
    }

    /// Whether it is all of one programme.
    pub fn is_whole_programme(&self) -> bool {
        matches!(self, Place::Programme(_))
    }

    /// Whether it reaches into this programme.
    pub fn is_in(&self, programme: Id) -> bool {
        *self == Place::Everywhere || self.programme() == Some(programme)
    }

    /// Whether it includes an object with these keys.
    pub fn holds(&self, keys: &AuthzKeys<'_>) -> bool {
        match self {
            Place::Everywhere => true,
            Place::Programme(id) => keys.programme_id == Some(*id),
            Place::Kommun(id, kommun) => {
                keys.programme_id == Some(*id) && keys.kommunkod == Some(kommun.as_str())
            }
            Place::Owner(id) => keys.programme_id == Some(*id) && keys.belongs_to_owner,
            Place::Person(id) => keys.person_id == Some(*id),
            Place::Member(id, programme, kommun) => {
                let is_theirs = keys.person_id == Some(*id) && keys.programme_id == Some(*programme);
                is_theirs && keys.kommunkod == kommun.as_deref() && keys.belongs_to_owner == kommun.is_none()
            }
            Place::Subject(id) => keys.subject_id == Some(*id),
            Place::Client(id) => keys.client_id == Some(*id),
        }
    }
}

/// One role of an action in the policy table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleGrant {
    /// The code of the role.
    pub role: &'static str,
    /// Its reach.
    pub reach: Reach,
}

impl RoleGrant {
    /// The role and its reach, for people.
    pub fn words(&self, language: Language) -> String {
        format!("{} ({})", self.role, self.reach.words().get(language))
    }
}

impl Scope {
    /// All objects: for the program itself and for reads that are open to everyone.
    pub fn everything() -> Self {
        Self { grants: vec![Grant { role: "system", place: Place::Everywhere }] }
    }

    /// The scope of `caller` for an action with these roles.
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
                    (Reach::OwnInOrganisation, Some(programme), kommun) => {
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

    /// Adds the caller's own objects, for actions that every logged-in caller may do.
    pub fn with_own(mut self, caller: &Caller) -> Self {
        let place = match caller.subject {
            Subject::Person(id) => Place::Person(id),
            Subject::Client(id) => Place::Client(id),
            Subject::Anonymous | Subject::System => return self,
        };
        self.grants.push(Grant { role: SELF, place });
        self
    }

    /// The first role that allows the caller to act on an object.
    pub fn role_for(&self, object: &impl HasKeys) -> Option<&'static str> {
        let keys = object.keys();
        self.grants.iter().find(|grant| grant.place.holds(&keys)).map(|grant| grant.role)
    }

    /// All roles that allow the caller to act on an object.
    pub fn roles_for(&self, object: &impl HasKeys) -> Vec<&'static str> {
        let keys = object.keys();
        self.grants.iter().filter(|grant| grant.place.holds(&keys)).map(|grant| grant.role).collect()
    }

    /// Whether the caller may act in a programme, even if only in one kommun.
    pub fn reaches_into(&self, programme: Id) -> bool {
        self.grants.iter().any(|grant| grant.place.is_in(programme))
    }

    /// Whether the caller may act on all objects.
    pub fn is_everywhere(&self) -> bool {
        self.grants.iter().any(|grant| grant.place == Place::Everywhere)
    }
}
