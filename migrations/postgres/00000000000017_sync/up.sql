-- Whoever follows the changes of a list is told which drafts were deleted (platform::audit::deletions). Only a deleted row has
-- an event without values after it, unless they are erased, and then both are gone.
CREATE INDEX audit_events_deleted_idx ON audit_events (action, at)
    WHERE after_values IS NULL AND before_values IS NOT NULL;

-- The texts of older rows are brought to NFC by the program (platform::composing), which audits each. A new database has none.
INSERT INTO installation_facts (name, fact, number) SELECT 'composedTexts', '', 0 WHERE NOT EXISTS (SELECT 1 FROM people);
