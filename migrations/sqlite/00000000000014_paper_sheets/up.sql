-- Who has checked the paper with a signature. SQLite compares the columns of `signatures_kept` one by one, so this one has a
-- trigger of its own.
ALTER TABLE signatures ADD COLUMN checked_by TEXT;
CREATE TRIGGER signatures_checker_kept BEFORE UPDATE ON signatures
WHEN NEW.checked_by IS NOT OLD.checked_by
BEGIN
    SELECT RAISE(ABORT, 'signatures is only appended to');
END;
