//! Who a request comes from, with the role assignments that hold at this moment.

use crate::platform::ids::Id;

/// What kind of caller it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Nobody has logged in.
    Anonymous,
    /// A person.
    Person(Id),
    /// A system with an API client (OAuth2 client credentials).
    Client(Id),
    /// The program itself: the clock, a command.
    System,
}

impl Subject {
    /// The person or client, if it is one.
    pub fn id(self) -> Option<Id> {
        match self {
            Subject::Person(id) | Subject::Client(id) => Some(id),
            Subject::Anonymous | Subject::System => None,
        }
    }
}

/// One role that the caller holds now. What the ids mean is the policy table's business.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// Role code of domain guide §1.
    pub role: String,
    /// For a signatory: in which capacity.
    pub signer_role: Option<String>,
    /// The programme it holds in; none for the installation.
    pub programme_id: Option<Id>,
    /// The kommun it holds in; none for the programme or the owner.
    pub kommunkod: Option<String>,
    /// The one thing it holds for (a signatory's letter).
    pub subject_id: Option<Id>,
}

/// Who a request comes from.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Person, client, nobody or the program.
    pub subject: Subject,
    /// The login that the token came from.
    pub session_id: Option<Id>,
    /// The roles that hold now.
    pub assignments: Vec<Assignment>,
}

impl Caller {
    /// Nobody has logged in.
    pub fn anonymous() -> Self {
        Self { subject: Subject::Anonymous, session_id: None, assignments: Vec::new() }
    }

    /// The program itself.
    pub fn system() -> Self {
        Self { subject: Subject::System, session_id: None, assignments: Vec::new() }
    }

    /// The person or client, if any.
    pub fn id(&self) -> Option<Id> {
        self.subject.id()
    }

    /// The person, if it is one.
    pub fn person_id(&self) -> Option<Id> {
        match self.subject {
            Subject::Person(id) => Some(id),
            _ => None,
        }
    }

    /// Whether somebody has logged in.
    pub fn is_known(&self) -> bool {
        self.id().is_some()
    }

    /// Whether this is the given person.
    pub fn is_person(&self, person: Id) -> bool {
        self.person_id() == Some(person)
    }
}
