-- Kept answers are packed, and their size is summed for each caller, who is a hash. Rows of before belong to nobody.
ALTER TABLE idempotency_keys ADD COLUMN caller BIGINT;
ALTER TABLE idempotency_keys ADD COLUMN kept_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE idempotency_keys ADD COLUMN answer BLOB;
UPDATE idempotency_keys SET answer = CAST(body AS BLOB) WHERE body IS NOT NULL;
ALTER TABLE idempotency_keys DROP COLUMN body;
CREATE INDEX idempotency_keys_caller_idx ON idempotency_keys (caller, created_millis);
