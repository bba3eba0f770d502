-- Settings are proposed and adopted. Those that were entered until now hold.
ALTER TABLE programme_settings ADD COLUMN status TEXT NOT NULL DEFAULT 'adopted'
    CONSTRAINT programme_settings_status_check CHECK (status IN ('proposed', 'adopted', 'rejected'));
ALTER TABLE programme_settings ADD COLUMN adopted_at BIGINT;
ALTER TABLE programme_settings ADD COLUMN proposed_by BLOB;
ALTER TABLE programme_settings ADD COLUMN proposed_role TEXT;
UPDATE programme_settings SET adopted_at = created_at;

-- Settings that are adopted for a month that has begun replace those that held from the same day.
DROP INDEX programme_settings_valid_from_key;
CREATE INDEX programme_settings_valid_from_idx ON programme_settings (programme_id, valid_from, id);
