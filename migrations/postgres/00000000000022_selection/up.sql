-- Which kommuner get the places: proposals, and every computation of one, with its exact input and answer.
CREATE TABLE selection_proposals (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    title text NOT NULL,
    status text NOT NULL,
    is_what_if boolean NOT NULL,
    places integer NOT NULL,
    seed text NOT NULL,
    goals text NOT NULL,
    quotas text NOT NULL,
    pins text NOT NULL,
    node_budget bigint,
    deviation_reason text,
    computation_id uuid,
    explanation_id uuid,
    input_hash text,
    answer text,
    reserves text NOT NULL,
    decision text,
    unproven_reason text,
    record text,
    replacements text NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
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
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    purpose text NOT NULL,
    state text NOT NULL,
    has_real_seed boolean NOT NULL,
    input text NOT NULL,
    input_hash text NOT NULL,
    reserve_count integer NOT NULL,
    result text,
    result_sha256 text,
    started_by uuid,
    ended_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
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
    computation_id uuid NOT NULL,
    runner text,
    beat_millis bigint NOT NULL,
    done integer NOT NULL,
    total integer NOT NULL,
    CONSTRAINT selection_progress_pkey PRIMARY KEY (computation_id),
    CONSTRAINT selection_progress_computation_fkey FOREIGN KEY (computation_id) REFERENCES selection_computations (id)
);
