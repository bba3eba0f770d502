-- A search whose budget ended before it had found any selection is not an impossible one: it has a state of its own. SQLite cannot
-- change a condition, so both tables are made again: first copies, then the tables that they replace go, the referring one first.
CREATE TEMPORARY TABLE kept_computations AS SELECT * FROM selection_computations;
CREATE TEMPORARY TABLE kept_progress AS SELECT * FROM selection_progress;
DROP TABLE selection_progress;
DROP TABLE selection_computations;

CREATE TABLE selection_computations (
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    proposal_id BLOB NOT NULL,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    has_real_seed BOOLEAN NOT NULL,
    input TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    reserve_count INTEGER NOT NULL,
    result TEXT,
    result_sha256 TEXT,
    started_by BLOB,
    ended_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT selection_computations_pkey PRIMARY KEY (id),
    CONSTRAINT selection_computations_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT selection_computations_proposal_fkey FOREIGN KEY (proposal_id) REFERENCES selection_proposals (id),
    CONSTRAINT selection_computations_starter_fkey FOREIGN KEY (started_by) REFERENCES people (id),
    CONSTRAINT selection_computations_purpose_check CHECK (purpose IN ('answer', 'explanations')),
    CONSTRAINT selection_computations_state_check
        CHECK (state IN ('running', 'done', 'infeasible', 'budgetSpent', 'cancelled', 'interrupted', 'poolChanged', 'tooLong', 'failed'))
);
CREATE INDEX selection_computations_programme_idx ON selection_computations (programme_id, created_at, id);
CREATE INDEX selection_computations_proposal_idx ON selection_computations (proposal_id, created_at, id);
CREATE UNIQUE INDEX selection_computations_running_key ON selection_computations (proposal_id, purpose)
    WHERE state = 'running';

CREATE TABLE selection_progress (
    computation_id BLOB NOT NULL,
    runner TEXT,
    beat_millis BIGINT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    CONSTRAINT selection_progress_pkey PRIMARY KEY (computation_id),
    CONSTRAINT selection_progress_computation_fkey FOREIGN KEY (computation_id) REFERENCES selection_computations (id)
);

INSERT INTO selection_computations SELECT * FROM kept_computations;
INSERT INTO selection_progress SELECT * FROM kept_progress;
DROP TABLE kept_computations;
DROP TABLE kept_progress;
