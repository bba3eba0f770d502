//! The command `create-admin`. It creates the first system administrator, whom nobody can invite, and another one when every
//! administrator has left.

use serde_json::json;

use super::passwords;
use super::people::{self, NewPerson, PersonRow, PersonState};
use super::policy::Role;
use super::roles::{self, Wanted};
use crate::platform::auth::password;
use crate::platform::http::body;
use crate::platform::problem::{Code, Problem};
use crate::platform::services::Services;
use crate::platform::tx::Tx;

/// The address of a link for choosing a password; none if the person has a password.
pub type LinkAddress = Option<String>;

/// Makes the person with this address a system administrator, and adds the person if necessary. With `password_hash`, the
/// password is set. Without it, a person without a password gets a single-use link, whose address is returned, not mailed.
pub fn create_admin(
    tx: &mut Tx<'_>,
    name: &str,
    email: &str,
    password_hash: Option<String>,
) -> Result<(PersonRow, LinkAddress), Problem> {
    let person = match people::unscoped_by_email(tx.db, email)? {
        Some(person) => tx.locked::<PersonRow>(person.id)?,
        None => people::add(tx, name, email)?,
    };
    if person.status == PersonState::Disabled {
        return Err(Problem::new(Code::StateConflict).detail(
            "Personen är avstängd; ange en annan adress.",
            "The person is disabled; use another address.",
        ));
    }
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
    roles::grant(tx, &wanted)?;
    match password_hash {
        Some(hash) => Ok((people::set_password(tx, person, hash)?, None)),
        None if person.password_hash.is_some() => Ok((person, None)),
        None => {
            let (_, mailed) = people::link_to(tx, &person)?;
            Ok((person, Some(mailed.address)))
        }
    }
}

/// Runs the command: checks the person as `POST /people` does, checks and hashes the password if there is one, and creates
/// the administrator.
pub fn run(
    services: &Services,
    name: &str,
    email: &str,
    password: Option<&str>,
) -> Result<LinkAddress, Problem> {
    let NewPerson { name, email, role: _ } = body::check(json!({"name": name, "email": email}))?;
    let hash = match password {
        Some(password) => {
            passwords::check_strength(password, &email, "password")?;
            Some(password::hash(password, &services.ids, services.password_cost)?)
        }
        None => None,
    };
    let ctx = services.system();
    services.database.write_blocking(&ctx, |tx| Ok(create_admin(tx, &name, &email, hash.clone())?.1))
}
