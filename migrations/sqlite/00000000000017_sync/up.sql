-- Whoever follows the changes of a list is told which drafts were deleted (platform::audit::deletions). Only a deleted row has
-- an event without values after it, unless they are erased, and then both are gone.
CREATE INDEX audit_events_deleted_idx ON audit_events (action, at)
    WHERE after_values IS NULL AND before_values IS NOT NULL;
