//! The queries of the audit trail.

use diesel::prelude::*;

use super::filters::{ActorRole, AuditAction, ChainName, ResourceType};
use super::rules::{Reached, reached, readable};
use super::{ActorKind, AuditEvent};
use crate::identity::policy::AuditRead;
use crate::platform::audit::Chain;
use crate::platform::audit::verification::StoredEvent;
use crate::platform::auth::scope::{AuthzKeys, HasKeys, Scope};
use crate::platform::db::schema::audit_events;
use crate::platform::db::{AnyOf, ConditionText, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::reference::Kommunkod;

crate::list! {
    /// `GET /audit-events`.
    pub struct AuditEventList: audit_events as StoredEvent, shown as AuditEvent, by id: Id, default "-at" {
        chain: chain => ChainName [filter];
        programmeId: programme_id => Id [filter_nullable];
        kommunkod: kommunkod => Kommunkod [filter_nullable];
        resourceType: resource_type => ResourceType [filter];
        resourceId: resource_id => String [filter];
        actorId: actor_id => Id [filter_nullable];
        actorKind: actor_kind => ActorKind [filter];
        actorRole: actor_role => ActorRole [filter_nullable];
        action: action => AuditAction [filter];
        requestId: request_id => String [filter];
        sequence: sequence => i64 [sort, range];
        at: at => Instant [sort, range];
    }
}

/// The events within a scope: those of the chains that the scope reaches, without those that are reserved for another role.
pub fn visible(scope: &Scope) -> audit_events::BoxedQuery<'static, MultiBackend> {
    let query = audit_events::table.into_boxed();
    let mut condition: AnyOf<audit_events::table> = AnyOf::nothing();
    for reach in reached(scope) {
        condition = match reach {
            Reached::All => return query,
            Reached::Installation => condition.or(audit_events::chain.eq(Chain::Installation.name())),
            Reached::Programme(role, id) => {
                let of_programme = audit_events::programme_id.assume_not_null().eq(id);
                condition.or(of_programme.and(ConditionText(readable(role))))
            }
        };
    }
    query.filter(condition.condition())
}

impl HasKeys for StoredEvent {
    fn keys(&self) -> AuthzKeys<'_> {
        let kommunkod = self.kommunkod.as_deref();
        AuthzKeys { programme_id: self.programme_id, kommunkod, ..AuthzKeys::default() }
    }
}

crate::find_visible!(StoredEvent in audit_events);

crate::resource!(
    StoredEvent as AuditEvent at "/audit-events/{auditEventId}",
    read by AuditRead, shown by AuditEvent::show
);
