//! The command `create-admin`. It creates the first system administrator, whom nobody can invite, and another one when every
//! administrator has left.

use serde_json::json;

use super::people::{self, NewPerson, PersonRow, PersonState};
use super::policy::Role;
use super::roles::{self, Wanted};
use super::sessions::{self, EndReason};
use super::{links, passwords};
use crate::platform::auth::password;
use crate::platform::http::body;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};
use crate::platform::services::Services;
use crate::platform::tx::Tx;

/// What was done for an administrator.
pub enum Done {
    /// The person has a single-use link to choose a password with, which nobody mails. Earlier ones ended.
    Link {
        /// The address that opens the page.
        address: String,
        /// The code that the page asks for when it is opened without the address.
        code: String,
        /// Until when it can be used.
        until: Instant,
    },
    /// The password was set; so many sessions that were opened with the one before ended, and so did all links.
    Password {
        /// Whether the person had one before.
        had_one: bool,
        /// How many sessions ended.
        sessions: usize,
    },
    /// The person has the role from now on, and the password as before.
    Role,
    /// The person had the role and a password.
    Nothing,
}

/// The password that the operator gives.
#[derive(Clone)]
pub struct Given {
    /// Its hash.
    pub hash: String,
    /// Whether it may replace another one.
    pub may_replace: bool,
}

/// Makes the person with this address a system administrator, and adds the person if necessary. With a password, it is set; 409 when
/// the person has one that may not be replaced. Without it, a person without a password gets a link.
pub fn create_admin(
    tx: &mut Tx<'_>,
    name: &str,
    email: &str,
    given: Option<Given>,
) -> Result<(PersonRow, Done), Problem> {
    let person = match people::unscoped_by_email(tx.db, email)? {
        Some(person) => tx.locked::<PersonRow>(person.id)?,
        None => people::add(tx, name, email)?,
    };
    let had_one = person.password_hash.is_some();
    refuse(&person, given.as_ref())?;
    let wanted = Wanted {
        person_id: person.id,
        role: Role::SystemAdmin,
        signer_role: None,
        programme_id: None,
        kommunkod: None,
        subject_id: None,
        valid_from: tx.ctx.today(),
        valid_to: None,
    };
    let is_new = roles::unscoped_same(&mut tx.as_read(), &wanted)?.is_none();
    roles::grant(tx, &wanted)?;
    match given {
        Some(Given { hash, .. }) => {
            let person = people::set_password(tx, person, hash)?;
            let sessions = sessions::end_of_person(tx, person.id, None, EndReason::PasswordChanged)?;
            links::end_all(tx, person.id)?;
            people::acknowledge(tx, &person)?;
            Ok((person, Done::Password { had_one, sessions }))
        }
        None if had_one => Ok((person, if is_new { Done::Role } else { Done::Nothing })),
        None => {
            let (link, mailed) = people::link_to(tx, &person)?;
            Ok((person, Done::Link { address: mailed.address, code: mailed.code, until: link.expires_at }))
        }
    }
}

fn refuse(person: &PersonRow, given: Option<&Given>) -> Result<(), Problem> {
    let (sv, en) = if person.status == PersonState::Disabled {
        ("Personen är avstängd; ange en annan adress.", "The person is disabled; use another address.")
    } else if person.password_hash.is_some() && given.is_some_and(|given| !given.may_replace) {
        (
            "Personen har redan ett lösenord, och ingenting ändrades. --reset-password byter det.",
            "The person has a password already, and nothing was changed. --reset-password replaces it.",
        )
    } else {
        return Ok(());
    };
    Err(Problem::new(Code::StateConflict).detail(sv, en))
}

/// Runs the command: checks the person as `POST /people` does, checks and hashes the password if there is one, and creates
/// the administrator. `password`: the text, and whether it may replace another one.
pub fn run(
    services: &Services,
    name: &str,
    email: &str,
    password: Option<(&str, bool)>,
) -> Result<Done, Problem> {
    let NewPerson { name, email, role: _ } = body::check(json!({"name": name, "email": email}))?;
    let given = match password {
        Some((password, may_replace)) => {
            passwords::check_strength(password, &email, "password")?;
            let hash = password::hash(password, &services.ids, services.password_cost)?;
            Some(Given { hash, may_replace })
        }
        None => None,
    };
    let ctx = services.system();
    services.database.write_blocking(&ctx, |tx| Ok(create_admin(tx, &name, &email, given.clone())?.1))
}
