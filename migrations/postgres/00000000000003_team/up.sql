-- Who added a person, and so sees them before they hold a role; absent when a rule did.
ALTER TABLE people ADD COLUMN added_by uuid;
CREATE INDEX people_added_by_idx ON people (added_by);
