//! The people of the demonstration: a role and the kommun as name, addresses at example.org, one password for all.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::outcomes::Outcome;
use super::visitor::text;

/// The system administrator's address.
pub const ADMIN: &str = "admin@example.org";

/// Everyone's password, in the demonstration only.
pub const PASSWORD: &str = "Visning-av-samverkan-1";

/// Who can log in, as `samverkan demo --json` prints it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The address of the API.
    pub base_url: String,
    /// People.
    pub users: Vec<User>,
    /// API clients.
    pub clients: Vec<Client>,
}

/// A person who can log in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Work e-mail.
    pub username: String,
    /// Password.
    pub password: String,
    /// Role codes.
    pub roles: Vec<String>,
}

/// A system that can log in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    /// Client id.
    pub client_id: String,
    /// Secret.
    pub client_secret: String,
}

impl Credentials {
    /// An empty list.
    pub fn new(base: &str) -> Self {
        Self { base_url: base.to_owned(), users: Vec::new(), clients: Vec::new() }
    }

    /// Adds a person, or adds roles to a known person.
    pub fn user(&mut self, email: &str, roles: &[&str]) {
        let index = self.users.iter().position(|user| user.username == email).unwrap_or_else(|| {
            let username = email.to_owned();
            self.users.push(User { username, password: PASSWORD.to_owned(), roles: Vec::new() });
            self.users.len() - 1
        });
        let Some(user) = self.users.get_mut(index) else { return };
        for role in roles {
            if !user.roles.iter().any(|held| held == role) {
                user.roles.push((*role).to_owned());
            }
        }
    }
}

/// A kommun that expresses interest.
#[derive(Clone, Debug)]
pub struct Kommun {
    /// Four digits.
    pub code: String,
    /// The short name.
    pub name: String,
    /// What becomes of its interest.
    pub outcome: Outcome,
}

impl Kommun {
    /// A kommun of the register, as the API shows it.
    pub fn of(row: &Value, outcome: Outcome) -> Result<Self, String> {
        Ok(Self { code: text(row, "kommunkod")?, name: text(row, "name")?, outcome })
    }

    /// The e-mail address of a person there.
    pub fn email(&self, who: &str) -> String {
        format!("{who}.{}@example.org", self.code)
    }

    /// The name of a person there.
    pub fn person(&self, who: &str) -> String {
        format!("{who} {}", self.name)
    }
}
