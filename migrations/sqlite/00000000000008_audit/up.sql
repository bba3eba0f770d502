-- The formula of an event's hash. The first one leaves out programme and kommun.
ALTER TABLE audit_events ADD COLUMN formula INTEGER NOT NULL DEFAULT 1;

-- The trail, its checkpoints, the history of states and signatures are only appended to. Two changes are allowed: the values of
-- an event are erased, when another event names it (`auditEvent.erased`), and a signature becomes void.
CREATE TRIGGER audit_events_kept BEFORE UPDATE ON audit_events
WHEN NOT (
    NEW.before_values IS NULL AND NEW.after_values IS NULL AND NEW.salt IS NULL
    AND NEW.id IS OLD.id AND NEW.chain IS OLD.chain AND NEW.programme_id IS OLD.programme_id
    AND NEW.kommunkod IS OLD.kommunkod AND NEW.sequence IS OLD.sequence AND NEW.at IS OLD.at
    AND NEW.actor_id IS OLD.actor_id AND NEW.actor_kind IS OLD.actor_kind AND NEW.actor_role IS OLD.actor_role
    AND NEW.action IS OLD.action AND NEW.resource_type IS OLD.resource_type
    AND NEW.resource_id IS OLD.resource_id AND NEW.values_hash IS OLD.values_hash
    AND NEW.request_id IS OLD.request_id AND NEW.previous_hash IS OLD.previous_hash AND NEW.hash IS OLD.hash
    AND NEW.formula IS OLD.formula
    AND EXISTS (SELECT 1 FROM audit_events WHERE action = 'auditEvent.erased' AND resource_id =
        lower(substr(hex(OLD.id), 1, 8) || '-' || substr(hex(OLD.id), 9, 4) || '-' || substr(hex(OLD.id), 13, 4) || '-' ||
        substr(hex(OLD.id), 17, 4) || '-' || substr(hex(OLD.id), 21)))
)
BEGIN
    SELECT RAISE(ABORT, 'audit_events is only appended to');
END;
CREATE TRIGGER audit_events_not_deleted BEFORE DELETE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'audit_events is only appended to');
END;
CREATE TRIGGER audit_checkpoints_kept BEFORE UPDATE ON audit_checkpoints
BEGIN
    SELECT RAISE(ABORT, 'audit_checkpoints is only appended to');
END;
CREATE TRIGGER audit_checkpoints_not_deleted BEFORE DELETE ON audit_checkpoints
BEGIN
    SELECT RAISE(ABORT, 'audit_checkpoints is only appended to');
END;
CREATE TRIGGER status_changes_kept BEFORE UPDATE ON status_changes
BEGIN
    SELECT RAISE(ABORT, 'status_changes is only appended to');
END;
CREATE TRIGGER status_changes_not_deleted BEFORE DELETE ON status_changes
BEGIN
    SELECT RAISE(ABORT, 'status_changes is only appended to');
END;
CREATE TRIGGER signatures_kept BEFORE UPDATE ON signatures
WHEN NOT (
    NOT OLD.is_void AND NEW.is_void
    AND NEW.id IS OLD.id AND NEW.subject_type IS OLD.subject_type AND NEW.subject_id IS OLD.subject_id
    AND NEW.subject_version IS OLD.subject_version AND NEW.signer_role IS OLD.signer_role
    AND NEW.person_id IS OLD.person_id AND NEW.name IS OLD.name AND NEW.title IS OLD.title
    AND NEW.method IS OLD.method AND NEW.sha256 IS OLD.sha256 AND NEW.statement_version IS OLD.statement_version
    AND NEW.delegation_ref IS OLD.delegation_ref AND NEW.evidence_file_id IS OLD.evidence_file_id
    AND NEW.signed_at IS OLD.signed_at AND NEW.received_at IS OLD.received_at
)
BEGIN
    SELECT RAISE(ABORT, 'signatures is only appended to');
END;
CREATE TRIGGER signatures_not_deleted BEFORE DELETE ON signatures
BEGIN
    SELECT RAISE(ABORT, 'signatures is only appended to');
END;
