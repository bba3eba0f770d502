-- The formula of an event's hash. The first one leaves out programme and kommun.
ALTER TABLE audit_events ADD COLUMN formula integer NOT NULL DEFAULT 1;

-- The trail, its checkpoints, the history of states and signatures are only appended to. Two changes are allowed: the values of
-- an event are erased, when another event names it (`auditEvent.erased`), and a signature becomes void.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only appended to', TG_TABLE_NAME;
END
$$;
CREATE FUNCTION refuse_change_unless_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.before_values IS NULL AND NEW.after_values IS NULL AND NEW.salt IS NULL
        AND to_jsonb(NEW) - ARRAY['before_values', 'after_values', 'salt'] =
            to_jsonb(OLD) - ARRAY['before_values', 'after_values', 'salt']
        AND EXISTS (SELECT 1 FROM audit_events WHERE action = 'auditEvent.erased' AND resource_id = OLD.id::text)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is only appended to', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_events_kept BEFORE UPDATE ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_change_unless_erased();
CREATE TRIGGER audit_events_not_deleted BEFORE DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_events_not_emptied BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_checkpoints_kept BEFORE UPDATE ON audit_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_checkpoints_not_deleted BEFORE DELETE ON audit_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_checkpoints_not_emptied BEFORE TRUNCATE ON audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER status_changes_kept BEFORE UPDATE ON status_changes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER status_changes_not_deleted BEFORE DELETE ON status_changes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER status_changes_not_emptied BEFORE TRUNCATE ON status_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signatures_kept BEFORE UPDATE ON signatures FOR EACH ROW
    WHEN (OLD.is_void OR NOT NEW.is_void OR to_jsonb(NEW) - 'is_void' <> to_jsonb(OLD) - 'is_void')
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signatures_not_deleted BEFORE DELETE ON signatures FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signatures_not_emptied BEFORE TRUNCATE ON signatures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
