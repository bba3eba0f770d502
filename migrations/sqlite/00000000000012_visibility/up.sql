-- The only role, among those that read the trail, that may read the event: see `reserved_for` in platform::audit. The third
-- formula of an event's hash covers it. SQLite compares the columns of `audit_events_kept` one by one, so this one has a
-- trigger of its own.
ALTER TABLE audit_events ADD COLUMN reserved_for TEXT;
CREATE TRIGGER audit_events_reservation_kept BEFORE UPDATE ON audit_events
WHEN NEW.reserved_for IS NOT OLD.reserved_for
BEGIN
    SELECT RAISE(ABORT, 'audit_events is only appended to');
END;

-- Through a role that was given by an address, the person is seen when they next log in or accept. Those who hold a role
-- today have been seen.
ALTER TABLE role_assignments ADD COLUMN acknowledged_at BIGINT;
UPDATE role_assignments SET acknowledged_at = created_at;

-- What was sent when the participant was added, until the person logs in or accepts.
ALTER TABLE participants ADD COLUMN given_name TEXT;
ALTER TABLE participants ADD COLUMN given_email TEXT;

-- `person_id` is who sent it, and the only one who sees it beside the operator.
CREATE TABLE invitations (
    id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    invited_id BLOB NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT,
    expires_at BIGINT NOT NULL,
    acknowledged_at BIGINT,
    withdrawn_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT invitations_pkey PRIMARY KEY (id),
    CONSTRAINT invitations_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT invitations_invited_fkey FOREIGN KEY (invited_id) REFERENCES people (id)
);
CREATE INDEX invitations_person_idx ON invitations (person_id, invited_id);
CREATE INDEX invitations_invited_idx ON invitations (invited_id);
