//! The queries of invitations.

use diesel::prelude::*;
use serde::Serialize;

use super::Invitation;
use crate::identity::policy::InvitationRead;
use crate::identity::roles::NewRoleAssignment;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::schema::invitations;

/// An invitation as stored: what was sent, and who it reached.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = invitations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct InvitationRow {
    /// Identity. It is not that of a link or of a person.
    pub id: Id,
    /// Who sent it, and sees it.
    pub person_id: Id,
    /// Whom it reached.
    pub invited_id: Id,
    /// The name that was sent.
    pub name: String,
    /// The address that was sent.
    pub email: String,
    /// The role that was sent.
    pub role: Option<Json<NewRoleAssignment>>,
    /// When the link in the mail expires, if there is one.
    pub expires_at: Instant,
    /// When the person next logged in or accepted. From then on the sender sees them.
    #[serde(skip)]
    pub acknowledged_at: Option<Instant>,
    /// When the sender withdrew it.
    pub withdrawn_at: Option<Instant>,
    /// When it was sent.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    InvitationRow in invitations as "invitation" ("inbjudan", "invitation"),
    chain |_row| Chain::Installation,
    actions ["withdrawn"],
}

crate::scope!(InvitationRow in invitations: person_id);

crate::resource!(InvitationRow as Invitation at "/invitations/{invitationId}", read by InvitationRead);

/// Marks the invitations of a person, who logs in or accepts.
pub fn acknowledge(tx: &mut Tx<'_>, invited: Id) -> Result<(), Problem> {
    let open = invitations::table
        .filter(invitations::invited_id.eq(invited))
        .filter(invitations::withdrawn_at.is_null());
    diesel::update(open.filter(invitations::acknowledged_at.is_null()))
        .set(invitations::acknowledged_at.eq(Some(tx.ctx.now)))
        .kept()
        .execute(tx.db)?;
    Ok(())
}
