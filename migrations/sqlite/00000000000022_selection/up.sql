-- Which kommuner get the places: proposals, and every computation of one, with its exact input and answer.
CREATE TABLE selection_proposals (
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    is_what_if BOOLEAN NOT NULL,
    places INTEGER NOT NULL,
    seed TEXT NOT NULL,
    goals TEXT NOT NULL,
    quotas TEXT NOT NULL,
    pins TEXT NOT NULL,
    node_budget BIGINT,
    deviation_reason TEXT,
    computation_id BLOB,
    explanation_id BLOB,
    input_hash TEXT,
    answer TEXT,
    reserves TEXT NOT NULL,
    decision TEXT,
    unproven_reason TEXT,
    record TEXT,
    replacements TEXT NOT NULL,
    created_by BLOB,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT selection_proposals_pkey PRIMARY KEY (id),
    CONSTRAINT selection_proposals_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT selection_proposals_creator_fkey FOREIGN KEY (created_by) REFERENCES people (id),
    CONSTRAINT selection_proposals_status_check
        CHECK (status IN ('draft', 'computed', 'proposed', 'adopted', 'announced', 'withdrawn')),
    CONSTRAINT selection_proposals_what_if_check
        CHECK (NOT is_what_if OR status IN ('draft', 'computed', 'withdrawn'))
);
CREATE INDEX selection_proposals_programme_idx ON selection_proposals (programme_id, created_at, id);
CREATE INDEX selection_proposals_updated_idx ON selection_proposals (updated_at, id);

-- One decision in a programme: a second one is adopted only after the first is withdrawn.
CREATE UNIQUE INDEX selection_proposals_adopted_key ON selection_proposals (programme_id)
    WHERE status IN ('adopted', 'announced');

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
        CHECK (state IN ('running', 'done', 'infeasible', 'cancelled', 'interrupted', 'poolChanged', 'tooLong', 'failed'))
);
CREATE INDEX selection_computations_programme_idx ON selection_computations (programme_id, created_at, id);
CREATE INDEX selection_computations_proposal_idx ON selection_computations (proposal_id, created_at, id);
CREATE UNIQUE INDEX selection_computations_running_key ON selection_computations (proposal_id, purpose)
    WHERE state = 'running';

-- How far the running ones are, and which process runs them; without audit, because it changes every second.
CREATE TABLE selection_progress (
    computation_id BLOB NOT NULL,
    runner TEXT,
    beat_millis BIGINT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    CONSTRAINT selection_progress_pkey PRIMARY KEY (computation_id),
    CONSTRAINT selection_progress_computation_fkey FOREIGN KEY (computation_id) REFERENCES selection_computations (id)
);
