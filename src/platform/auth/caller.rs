//! The caller of a request, with the role assignments that hold now.

use crate::platform::ids::Id;

/// The kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// No login.
    Anonymous,
    /// A person.
    Person(Id),
    /// An API client (OAuth2 client credentials): another system.
    Client(Id),
    /// The program itself: a job or a command.
    System,
}

impl Subject {
    /// The id of the person or client, if it is one.
    pub fn id(self) -> Option<Id> {
        match self {
            Subject::Person(id) | Subject::Client(id) => Some(id),
            Subject::Anonymous | Subject::System => None,
        }
    }
}

/// One role that the caller holds now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// The code of the role (domain guide §1).
    pub role: String,
    /// For a signatory: the capacity in which they sign.
    pub signer_role: Option<String>,
    /// The programme that it is limited to; none for the whole installation.
    pub programme_id: Option<Id>,
    /// The kommun that it is limited to; none for the whole programme and for the owner's staff.
    pub kommunkod: Option<String>,
    /// The only object that it is valid for (a signatory's letter).
    pub subject_id: Option<Id>,
}

/// The caller of a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is.
    pub subject: Subject,
    /// The session that the token belongs to.
    pub session_id: Option<Id>,
    /// The roles that the caller holds now.
    pub assignments: Vec<Assignment>,
}

impl Caller {
    /// A caller without login.
    pub fn anonymous() -> Self {
        Self { subject: Subject::Anonymous, session_id: None, assignments: Vec::new() }
    }

    /// The program itself.
    pub fn system() -> Self {
        Self { subject: Subject::System, session_id: None, assignments: Vec::new() }
    }

    /// The id of the person or client, if it is one.
    pub fn id(&self) -> Option<Id> {
        self.subject.id()
    }

    /// The id of the person, if it is one.
    pub fn person_id(&self) -> Option<Id> {
        match self.subject {
            Subject::Person(id) => Some(id),
            _ => None,
        }
    }

    /// Whether this is a person or client that has logged in.
    pub fn is_logged_in(&self) -> bool {
        self.id().is_some()
    }

    /// Whether this is that person.
    pub fn is_person(&self, person: Id) -> bool {
        self.person_id() == Some(person)
    }
}
