//! Who plays: role words plus kommun as names, addresses at example.org, one password for all.

use serde::{Deserialize, Serialize};

/// The system administrator's address.
pub const ADMIN: &str = "admin@example.org";

/// Everyone's password, in the demonstration only.
pub const PASSWORD: &str = "Visning-av-samverkan-1";

/// Who can log in, as `samverkan demo --json` prints it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// Where the API is.
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
    /// Nobody yet.
    pub fn new(base: &str) -> Self {
        Self { base_url: base.to_owned(), users: Vec::new(), clients: Vec::new() }
    }

    /// Adds a person, or a role to one who is there.
    pub fn user(&mut self, email: &str, roles: &[&str]) {
        let roles = roles.iter().map(|role| (*role).to_owned());
        match self.users.iter_mut().find(|user| user.username == email) {
            Some(user) => user.roles.extend(roles),
            None => self.users.push(User {
                username: email.to_owned(),
                password: PASSWORD.to_owned(),
                roles: roles.collect(),
            }),
        }
    }
}

/// A kommun that shows interest.
#[derive(Clone, Debug)]
pub struct Kommun {
    /// Four digits.
    pub code: String,
    /// Short form.
    pub name: String,
    /// What becomes of its interest.
    pub fate: Fate,
}

/// What becomes of an interest: taking part, or every other way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    TakesPart,
    NeverVerified,
    Rejected,
    ChangesUnanswered,
    WithdrawnEarly,
    Declined,
    NoAnswer,
    NoLetter,
    LetterDeclined,
    WithdrawnLate,
    LateOnPaper,
}

/// The fates of forty kommuner in the order of their codes: twelve take part, spread over the country.
pub fn fate(index: usize) -> Fate {
    use Fate::{
        ChangesUnanswered, Declined, LateOnPaper, LetterDeclined, NeverVerified, NoAnswer, NoLetter,
        Rejected, TakesPart, WithdrawnEarly, WithdrawnLate,
    };
    const OTHERS: [Fate; 10] = [
        NoAnswer,
        Declined,
        Rejected,
        WithdrawnEarly,
        NoLetter,
        NeverVerified,
        ChangesUnanswered,
        LetterDeclined,
        WithdrawnLate,
        LateOnPaper,
    ];
    if matches!(index % 10, 0 | 3 | 6) {
        return TakesPart;
    }
    OTHERS.get((index - index / 10 * 3) % OTHERS.len()).copied().unwrap_or(NoAnswer)
}

impl Kommun {
    /// The address of somebody there.
    pub fn email(&self, who: &str) -> String {
        format!("{who}.{}@example.org", self.code)
    }

    /// The name of somebody there.
    pub fn person(&self, who: &str) -> String {
        format!("{who} {}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_of_forty_take_part_and_every_other_way_out_occurs() {
        let fates: Vec<Fate> = (0..40).map(fate).collect();
        assert_eq!(fates.iter().filter(|fate| **fate == Fate::TakesPart).count(), 12);
        for wanted in [Fate::NeverVerified, Fate::Rejected, Fate::ChangesUnanswered, Fate::WithdrawnEarly] {
            assert!(fates.contains(&wanted), "{wanted:?}");
        }
        for wanted in
            [Fate::Declined, Fate::NoAnswer, Fate::NoLetter, Fate::LetterDeclined, Fate::WithdrawnLate]
        {
            assert!(fates.contains(&wanted), "{wanted:?}");
        }
        assert!(fates.contains(&Fate::LateOnPaper));
    }
}
