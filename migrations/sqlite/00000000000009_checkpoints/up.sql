-- Checkpoints are numbered and chained. Those without a number are older; the first numbered one covers them.
ALTER TABLE audit_checkpoints ADD COLUMN number BIGINT;
ALTER TABLE audit_checkpoints ADD COLUMN previous TEXT;
DROP INDEX audit_checkpoints_at_idx;
CREATE INDEX audit_checkpoints_at_idx ON audit_checkpoints (at, id);
CREATE UNIQUE INDEX audit_checkpoints_number_key ON audit_checkpoints (number);

-- The key that signs records is in a file (RECORD_KEY_FILE). Of the earlier ones only the public part is kept.
UPDATE signing_keys SET private_key = '', retired_at = COALESCE(retired_at, created_at) WHERE purpose = 'records';

-- How far each caller's verification of the trail is, and the checkpoint up to which the last one found everything intact.
CREATE TABLE audit_verifications (
    caller TEXT NOT NULL,
    is_running BOOLEAN NOT NULL,
    started_at BIGINT NOT NULL,
    heard_at BIGINT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    verified_number BIGINT,
    reach TEXT,
    kid TEXT,
    signature TEXT,
    CONSTRAINT audit_verifications_pkey PRIMARY KEY (caller)
);
