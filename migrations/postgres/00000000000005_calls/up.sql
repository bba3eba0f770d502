-- What calls must remember: that a programme was public and its seed shown, whatever becomes of it; which information
-- text a person was given; how each kind of document may be signed; and when the register's facts were taken in.

ALTER TABLE programmes ADD COLUMN opened_at timestamptz;
ALTER TABLE programmes ADD COLUMN seed_shown_at timestamptz;
UPDATE programmes SET
    opened_at = (SELECT min(at) FROM status_changes WHERE resource_id = programmes.id AND to_status = 'open'),
    seed_shown_at = (SELECT min(at) FROM status_changes WHERE resource_id = programmes.id AND to_status = 'selecting');

ALTER TABLE people ADD COLUMN information_version text;

-- One list for everything becomes one list per kind of document.
UPDATE programme_settings SET content = jsonb_set(content::jsonb, '{acceptedMethods}', jsonb_build_object(
    'avsiktsforklaring', content::jsonb -> 'acceptedMethods',
    'timeReport', content::jsonb -> 'acceptedMethods'))::text
WHERE jsonb_typeof(content::jsonb -> 'acceptedMethods') = 'array';

ALTER TABLE lan ADD COLUMN created_at timestamptz NOT NULL DEFAULT '2026-11-23T00:00:00Z';
ALTER TABLE lan ADD COLUMN updated_at timestamptz NOT NULL DEFAULT '2026-11-23T00:00:00Z';
ALTER TABLE kommuner ADD COLUMN created_at timestamptz NOT NULL DEFAULT '2026-11-23T00:00:00Z';
ALTER TABLE kommuner ADD COLUMN updated_at timestamptz NOT NULL DEFAULT '2026-11-23T00:00:00Z';
