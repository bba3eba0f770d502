-- The only role, among those that read the trail, that may read the event: see `reserved_for` in platform::audit. The third
-- formula of an event's hash covers it.
ALTER TABLE audit_events ADD COLUMN reserved_for text;

-- Through a role that was given by an address, the person is seen when they next log in or accept. Those who hold a role
-- today have been seen.
ALTER TABLE role_assignments ADD COLUMN acknowledged_at timestamptz;
UPDATE role_assignments SET acknowledged_at = created_at;

-- What was sent when the participant was added, until the person logs in or accepts.
ALTER TABLE participants ADD COLUMN given_name text;
ALTER TABLE participants ADD COLUMN given_email text;

-- `person_id` is who sent it, and the only one who sees it beside the operator.
CREATE TABLE invitations (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    invited_id uuid NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    role text,
    expires_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    withdrawn_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT invitations_pkey PRIMARY KEY (id),
    CONSTRAINT invitations_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT invitations_invited_fkey FOREIGN KEY (invited_id) REFERENCES people (id)
);
CREATE INDEX invitations_person_idx ON invitations (person_id, invited_id);
CREATE INDEX invitations_invited_idx ON invitations (invited_id);
