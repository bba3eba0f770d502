-- Who has checked the paper with a signature.
ALTER TABLE signatures ADD COLUMN checked_by text;
