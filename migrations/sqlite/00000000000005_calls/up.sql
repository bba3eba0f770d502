-- What calls must remember: that a programme was public and its seed shown, whatever becomes of it; which information
-- text a person was given; how each kind of document may be signed; and when the register's facts were taken in.

ALTER TABLE programmes ADD COLUMN opened_at BIGINT;
ALTER TABLE programmes ADD COLUMN seed_shown_at BIGINT;
UPDATE programmes SET
    opened_at = (SELECT min(at) FROM status_changes WHERE resource_id = programmes.id AND to_status = 'open'),
    seed_shown_at = (SELECT min(at) FROM status_changes WHERE resource_id = programmes.id AND to_status = 'selecting');

ALTER TABLE people ADD COLUMN information_version TEXT;

-- One list for everything becomes one list per kind of document.
UPDATE programme_settings SET content = json_set(content, '$.acceptedMethods', json_object(
    'avsiktsforklaring', json(json_extract(content, '$.acceptedMethods')),
    'timeReport', json(json_extract(content, '$.acceptedMethods'))))
WHERE json_type(content, '$.acceptedMethods') = 'array';

-- 2026-11-23, when the register was compiled.
ALTER TABLE lan ADD COLUMN created_at BIGINT NOT NULL DEFAULT 1795392000000;
ALTER TABLE lan ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 1795392000000;
ALTER TABLE kommuner ADD COLUMN created_at BIGINT NOT NULL DEFAULT 1795392000000;
ALTER TABLE kommuner ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 1795392000000;
