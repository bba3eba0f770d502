//! The queries of checkpoints.

use diesel::prelude::*;

use super::Checkpoint;
use crate::identity::policy::AuditRead;
use crate::oversight::audit_events::reaches_any;
use crate::platform::audit::checkpoints::CheckpointRow;
use crate::platform::auth::scope::{AuthzKeys, HasKeys, Scope};
use crate::platform::db::MultiBackend;
use crate::platform::db::schema::audit_checkpoints;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;

crate::list! {
    /// `GET /audit-events/checkpoints`.
    pub struct CheckpointList: audit_checkpoints as CheckpointRow, shown as Checkpoint, by id: Id, default "-at" {
        at: at => Instant [sort, range];
    }
}

/// The checkpoints with a number: whoever may read a chain may read all, and sees of each the heads of these chains.
pub fn visible(scope: &Scope) -> audit_checkpoints::BoxedQuery<'static, MultiBackend> {
    let numbered = audit_checkpoints::table.filter(audit_checkpoints::number.is_not_null()).into_boxed();
    if reaches_any(scope) { numbered } else { numbered.filter(audit_checkpoints::number.is_null()) }
}

impl HasKeys for CheckpointRow {
    fn keys(&self) -> AuthzKeys<'_> {
        AuthzKeys::default()
    }
}

crate::find_visible!(CheckpointRow in audit_checkpoints);

crate::resource!(
    CheckpointRow as Checkpoint at "/audit-events/checkpoints/{checkpointId}",
    read by AuditRead, shown by |rx, row| Checkpoint::new(rx.ctx, &row)
);
