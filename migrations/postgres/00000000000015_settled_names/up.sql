-- The name before the last change, and when it was changed: a signature takes the name that was held for a day.
ALTER TABLE people ADD COLUMN earlier_name text;
ALTER TABLE people ADD COLUMN renamed_at timestamptz;
