-- The tables of the first release. The SQLite twin has the same tables, columns, keys and constraint names; a contract
-- test compares the two and src/platform/db/schema.rs. Text that is sorted or searched is compared bytewise.

-- Platform ------------------------------------------------------------------------------------------------------------

CREATE TABLE audit_chains (
    name text NOT NULL,
    head_sequence bigint NOT NULL,
    head_hash text NOT NULL,
    CONSTRAINT audit_chains_pkey PRIMARY KEY (name)
);

CREATE TABLE audit_events (
    id uuid NOT NULL,
    chain text NOT NULL,
    programme_id uuid,
    kommunkod text,
    sequence bigint NOT NULL,
    at timestamptz NOT NULL,
    actor_id uuid,
    actor_kind text NOT NULL,
    actor_role text,
    action text NOT NULL,
    resource_type text NOT NULL,
    resource_id text NOT NULL,
    before_values text,
    after_values text,
    salt text,
    values_hash text NOT NULL,
    request_id text NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL,
    CONSTRAINT audit_events_pkey PRIMARY KEY (id),
    CONSTRAINT audit_events_chain_fkey FOREIGN KEY (chain) REFERENCES audit_chains (name),
    CONSTRAINT audit_events_actor_kind_check CHECK (actor_kind IN ('anonymous', 'person', 'client', 'system'))
);
CREATE UNIQUE INDEX audit_events_sequence_key ON audit_events (chain, sequence);
CREATE INDEX audit_events_programme_idx ON audit_events (programme_id, at, id);
CREATE INDEX audit_events_resource_idx ON audit_events (resource_id, at);
CREATE INDEX audit_events_at_idx ON audit_events (at, id);

CREATE TABLE idempotency_keys (
    key text NOT NULL,
    body_hash text NOT NULL,
    created_millis bigint NOT NULL,
    status integer,
    body text,
    etag text,
    location text,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (key)
);
CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_millis);

CREATE TABLE status_changes (
    id uuid NOT NULL,
    resource_type text NOT NULL,
    resource_id uuid NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL,
    by_id uuid,
    role text NOT NULL,
    at timestamptz NOT NULL,
    comment text,
    resource_version integer NOT NULL,
    CONSTRAINT status_changes_pkey PRIMARY KEY (id)
);
CREATE INDEX status_changes_resource_idx ON status_changes (resource_id, at, id);

CREATE TABLE outbox_mails (
    id uuid NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    send_after timestamptz NOT NULL,
    sent_at timestamptz,
    attempts integer NOT NULL,
    last_error text,
    CONSTRAINT outbox_mails_pkey PRIMARY KEY (id)
);
CREATE INDEX outbox_mails_unsent_idx ON outbox_mails (send_after) WHERE sent_at IS NULL;

CREATE TABLE job_leases (
    name text NOT NULL,
    held_by text NOT NULL,
    held_until_millis bigint NOT NULL,
    CONSTRAINT job_leases_pkey PRIMARY KEY (name)
);

CREATE TABLE installation_facts (
    name text NOT NULL,
    fact text NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT installation_facts_pkey PRIMARY KEY (name)
);

-- Reference -----------------------------------------------------------------------------------------------------------

CREATE TABLE lan (
    lan_code text NOT NULL,
    name text NOT NULL,
    nuts2 text NOT NULL,
    nuts2_name text NOT NULL,
    kommun_count integer NOT NULL,
    sort_name text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    CONSTRAINT lan_pkey PRIMARY KEY (lan_code)
);

CREATE TABLE kommuner (
    kommunkod text NOT NULL,
    name text NOT NULL,
    lan_code text NOT NULL,
    lan_name text NOT NULL,
    nuts2 text NOT NULL,
    population integer NOT NULL,
    population_year integer NOT NULL,
    size_band text NOT NULL,
    skr_group text NOT NULL,
    skr_group_year integer NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    sort_name text COLLATE "C" NOT NULL,
    search_text text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    CONSTRAINT kommuner_pkey PRIMARY KEY (kommunkod),
    CONSTRAINT kommuner_lan_code_fkey FOREIGN KEY (lan_code) REFERENCES lan (lan_code),
    CONSTRAINT kommuner_kommunkod_check CHECK (length(kommunkod) = 4),
    CONSTRAINT kommuner_size_band_check
        CHECK (size_band IN ('under10k', 'from10kTo25k', 'from25kTo50k', 'from50kTo100k', 'from100k'))
);
CREATE INDEX kommuner_sort_name_idx ON kommuner (sort_name, kommunkod);
CREATE INDEX kommuner_lan_code_idx ON kommuner (lan_code, sort_name);

-- Programmes ----------------------------------------------------------------------------------------------------------

CREATE TABLE programmes (
    id uuid NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    status text NOT NULL,
    profile text NOT NULL,
    places integer NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    opens_at timestamptz NOT NULL,
    interest_deadline timestamptz NOT NULL,
    info_meeting_at timestamptz NOT NULL,
    confirmation_deadline timestamptz NOT NULL,
    avsiktsforklaring_deadline timestamptz NOT NULL,
    seed text,
    seed_sha256 text,
    esf_decision text,
    cancellation_reason text,
    sort_name text COLLATE "C" NOT NULL,
    search_text text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT programmes_pkey PRIMARY KEY (id),
    CONSTRAINT programmes_status_check CHECK (status IN
        ('draft', 'scheduled', 'open', 'closed', 'selecting', 'decided', 'running', 'completed', 'cancelled')),
    CONSTRAINT programmes_profile_check CHECK (profile IN ('esf-2014-2020', 'esf-plus-2021-2027')),
    CONSTRAINT programmes_places_check CHECK (places BETWEEN 1 AND 290),
    CONSTRAINT programmes_dates_check CHECK (starts_on <= ends_on)
);
CREATE INDEX programmes_sort_name_idx ON programmes (sort_name, id);
CREATE INDEX programmes_updated_idx ON programmes (updated_at, id);

CREATE TABLE programme_settings (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    valid_from date NOT NULL,
    content text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT programme_settings_pkey PRIMARY KEY (id),
    CONSTRAINT programme_settings_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id)
);
CREATE UNIQUE INDEX programme_settings_valid_from_key ON programme_settings (programme_id, valid_from);

-- Identity ------------------------------------------------------------------------------------------------------------

CREATE TABLE people (
    id uuid NOT NULL,
    name text NOT NULL,
    email text COLLATE "C" NOT NULL,
    status text NOT NULL,
    password_hash text,
    password_set_at timestamptz,
    sort_name text COLLATE "C" NOT NULL,
    search_text text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT people_pkey PRIMARY KEY (id),
    CONSTRAINT people_status_check CHECK (status IN ('invited', 'active', 'disabled')),
    CONSTRAINT people_email_lower_check CHECK (email = lower(email))
);
CREATE UNIQUE INDEX people_email_key ON people (email);
CREATE INDEX people_sort_name_idx ON people (sort_name, id);

CREATE TABLE role_assignments (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    signer_role text,
    programme_id uuid,
    kommunkod text,
    subject_id uuid,
    valid_from date NOT NULL,
    valid_to date,
    granted_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT role_assignments_pkey PRIMARY KEY (id),
    CONSTRAINT role_assignments_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT role_assignments_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT role_assignments_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT role_assignments_dates_check CHECK (valid_to IS NULL OR valid_from <= valid_to)
);
CREATE INDEX role_assignments_person_idx ON role_assignments (person_id, created_at, id);
CREATE INDEX role_assignments_place_idx ON role_assignments (programme_id, kommunkod, role);

CREATE TABLE api_clients (
    id uuid NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    role text NOT NULL,
    programme_id uuid NOT NULL,
    kommunkod text NOT NULL,
    secret_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT api_clients_pkey PRIMARY KEY (id),
    CONSTRAINT api_clients_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT api_clients_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT api_clients_status_check CHECK (status IN ('active', 'disabled'))
);
CREATE INDEX api_clients_place_idx ON api_clients (programme_id, kommunkod, created_at, id);
CREATE INDEX api_clients_created_idx ON api_clients (created_at, id);

CREATE TABLE sessions (
    id uuid NOT NULL,
    person_id uuid,
    client_id uuid,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_reason text,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT sessions_client_fkey FOREIGN KEY (client_id) REFERENCES api_clients (id)
);
CREATE INDEX sessions_person_idx ON sessions (person_id, created_at, id);
CREATE INDEX sessions_client_idx ON sessions (client_id, created_at, id);
CREATE INDEX sessions_created_idx ON sessions (created_at, id);
CREATE INDEX sessions_expires_idx ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    hash text NOT NULL,
    session_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (hash),
    CONSTRAINT refresh_tokens_session_fkey FOREIGN KEY (session_id) REFERENCES sessions (id)
);
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_expires_idx ON refresh_tokens (expires_at);

CREATE TABLE login_failures (
    subject_hash text NOT NULL,
    failures integer NOT NULL,
    last_failed_millis bigint NOT NULL,
    CONSTRAINT login_failures_pkey PRIMARY KEY (subject_hash)
);

CREATE TABLE links (
    id uuid NOT NULL,
    kind text NOT NULL,
    secret_hash text NOT NULL,
    email text NOT NULL,
    person_id uuid,
    subject_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT links_pkey PRIMARY KEY (id),
    CONSTRAINT links_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT links_kind_check CHECK (kind IN ('invitation', 'passwordReset', 'verification'))
);
CREATE UNIQUE INDEX links_secret_key ON links (secret_hash);
CREATE INDEX links_subject_idx ON links (subject_id);
CREATE INDEX links_person_idx ON links (person_id);

CREATE TABLE signing_keys (
    kid text NOT NULL,
    purpose text NOT NULL,
    private_key text NOT NULL,
    public_x text NOT NULL,
    public_y text NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (kid),
    CONSTRAINT signing_keys_purpose_check CHECK (purpose IN ('tokens', 'records'))
);

CREATE TABLE signatures (
    id uuid NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    subject_version integer NOT NULL,
    signer_role text NOT NULL,
    person_id uuid,
    name text NOT NULL,
    title text,
    method text NOT NULL,
    sha256 text NOT NULL,
    statement_version text NOT NULL,
    delegation_ref text,
    evidence_file_id uuid,
    signed_at timestamptz NOT NULL,
    received_at timestamptz,
    is_void boolean NOT NULL,
    CONSTRAINT signatures_pkey PRIMARY KEY (id),
    CONSTRAINT signatures_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT signatures_method_check CHECK (method IN ('account', 'inkScan', 'adesPdf', 'bankId'))
);
CREATE INDEX signatures_subject_idx ON signatures (subject_id, signed_at, id);
CREATE UNIQUE INDEX signatures_valid_key ON signatures (subject_id, subject_version, signer_role) WHERE NOT is_void;

-- Calls ---------------------------------------------------------------------------------------------------------------

CREATE TABLE applications (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    kommunkod text NOT NULL,
    status text NOT NULL,
    contact_name text NOT NULL,
    contact_email text NOT NULL,
    contact_person_id uuid,
    motivation text NOT NULL,
    maturity integer NOT NULL,
    departments text NOT NULL,
    coordinator_name text,
    coordinator_email text,
    known_social_enterprises text NOT NULL,
    registry_number text,
    received_at timestamptz NOT NULL,
    respond_by timestamptz,
    reason text,
    is_late boolean NOT NULL,
    attended_info_meeting boolean,
    notes text NOT NULL,
    search_text text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT applications_pkey PRIMARY KEY (id),
    CONSTRAINT applications_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT applications_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT applications_contact_fkey FOREIGN KEY (contact_person_id) REFERENCES people (id),
    CONSTRAINT applications_maturity_check CHECK (maturity BETWEEN 1 AND 5),
    CONSTRAINT applications_status_check CHECK (status IN
        ('unverified', 'expired', 'merged', 'submitted', 'changesRequested', 'rejected', 'invited', 'confirmed',
         'declined', 'qualified', 'notQualified', 'selected', 'reserve', 'notSelected', 'participating', 'completed',
         'terminated', 'withdrawn'))
);
CREATE UNIQUE INDEX applications_live_key ON applications (programme_id, kommunkod)
    WHERE status NOT IN ('unverified', 'merged', 'expired', 'rejected', 'withdrawn', 'declined');
CREATE INDEX applications_programme_idx ON applications (programme_id, received_at, id);
CREATE INDEX applications_kommun_idx ON applications (programme_id, kommunkod, received_at);
CREATE INDEX applications_contact_idx ON applications (contact_person_id);
CREATE INDEX applications_status_idx ON applications (status, programme_id);

CREATE TABLE avsiktsforklaringar (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    kommunkod text NOT NULL,
    application_id uuid NOT NULL,
    status text NOT NULL,
    text text NOT NULL,
    text_sha256 text NOT NULL,
    text_version integer NOT NULL,
    deadline timestamptz NOT NULL,
    received_at timestamptz,
    signers text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT avsiktsforklaringar_pkey PRIMARY KEY (id),
    CONSTRAINT avsiktsforklaringar_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT avsiktsforklaringar_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT avsiktsforklaringar_application_fkey FOREIGN KEY (application_id) REFERENCES applications (id),
    CONSTRAINT avsiktsforklaringar_status_check CHECK (status IN
        ('draft', 'sentForSignature', 'partlySigned', 'signed', 'received', 'returned', 'declined', 'expired',
         'revoked', 'superseded'))
);
CREATE UNIQUE INDEX avsiktsforklaringar_under_way_key ON avsiktsforklaringar (application_id)
    WHERE status IN ('draft', 'sentForSignature', 'partlySigned', 'signed', 'returned', 'declined');
CREATE UNIQUE INDEX avsiktsforklaringar_received_key ON avsiktsforklaringar (application_id)
    WHERE status = 'received';
CREATE INDEX avsiktsforklaringar_application_idx ON avsiktsforklaringar (application_id, created_at, id);
CREATE INDEX avsiktsforklaringar_deadline_idx ON avsiktsforklaringar (status, deadline, id);
CREATE INDEX avsiktsforklaringar_programme_idx ON avsiktsforklaringar (programme_id, kommunkod, created_at, id);

-- Team ----------------------------------------------------------------------------------------------------------------

CREATE TABLE participants (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    organisation text NOT NULL,
    kommunkod text,
    financing_form text NOT NULL,
    person_id uuid NOT NULL,
    function text NOT NULL,
    department text NOT NULL,
    is_coordinator boolean NOT NULL,
    employee_number text,
    valid_from date NOT NULL,
    valid_to date,
    sort_name text COLLATE "C" NOT NULL,
    search_text text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT participants_pkey PRIMARY KEY (id),
    CONSTRAINT participants_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT participants_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT participants_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT participants_organisation_check CHECK ((organisation = 'kommun' AND kommunkod IS NOT NULL)
        OR (organisation = 'owner' AND kommunkod IS NULL)),
    CONSTRAINT participants_financing_form_check CHECK (financing_form IN ('coFinancing', 'directCost')),
    CONSTRAINT participants_dates_check CHECK (valid_to IS NULL OR valid_from <= valid_to)
);
CREATE INDEX participants_programme_idx ON participants (programme_id, kommunkod, sort_name, id);
CREATE INDEX participants_person_idx ON participants (person_id, programme_id);

CREATE TABLE employments (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    person_id uuid NOT NULL,
    organisation text NOT NULL,
    kommunkod text,
    employer_name text NOT NULL,
    organisation_number text NOT NULL,
    employer_kind text NOT NULL,
    employment_percent integer NOT NULL,
    job_category text NOT NULL,
    decision_reference text,
    other_public_funding text,
    valid_from date NOT NULL,
    valid_to date,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT employments_pkey PRIMARY KEY (id),
    CONSTRAINT employments_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT employments_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT employments_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT employments_organisation_check CHECK ((organisation = 'kommun' AND kommunkod IS NOT NULL)
        OR (organisation = 'owner' AND kommunkod IS NULL)),
    CONSTRAINT employments_employer_kind_check
        CHECK (employer_kind IN ('kommun', 'municipalCompany', 'municipalAssociation', 'owner')),
    CONSTRAINT employments_percent_check CHECK (employment_percent BETWEEN 1 AND 100),
    CONSTRAINT employments_dates_check CHECK (valid_to IS NULL OR valid_from <= valid_to)
);
CREATE INDEX employments_person_idx ON employments (person_id, programme_id, valid_from);
CREATE INDEX employments_programme_idx ON employments (programme_id, kommunkod, created_at, id);

-- Time ----------------------------------------------------------------------------------------------------------------

CREATE TABLE programme_months (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    month text NOT NULL,
    status text NOT NULL,
    grace_ends_at timestamptz NOT NULL,
    missing text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT programme_months_pkey PRIMARY KEY (id),
    CONSTRAINT programme_months_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT programme_months_status_check CHECK (status IN ('open', 'grace', 'closed', 'locked'))
);
CREATE UNIQUE INDEX programme_months_month_key ON programme_months (programme_id, month);

CREATE TABLE month_submissions (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    organisation text NOT NULL,
    kommunkod text,
    month text NOT NULL,
    report_ids text NOT NULL,
    missing_participant_ids text NOT NULL,
    total_minutes integer NOT NULL,
    comment text,
    submitted_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT month_submissions_pkey PRIMARY KEY (id),
    CONSTRAINT month_submissions_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT month_submissions_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT month_submissions_person_fkey FOREIGN KEY (submitted_by) REFERENCES people (id)
);
CREATE INDEX month_submissions_programme_idx ON month_submissions (programme_id, kommunkod, month, created_at, id);

CREATE TABLE time_reports (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    organisation text NOT NULL,
    kommunkod text,
    participant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    month text NOT NULL,
    report_version integer NOT NULL,
    status text NOT NULL,
    content_sha256 text,
    sign_round integer NOT NULL,
    signed_at timestamptz,
    attested_at timestamptz,
    attested_by uuid,
    editable_until timestamptz,
    reason text,
    submission_id uuid,
    corrects_id uuid,
    superseded_by_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT time_reports_pkey PRIMARY KEY (id),
    CONSTRAINT time_reports_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT time_reports_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT time_reports_participant_fkey FOREIGN KEY (participant_id) REFERENCES participants (id),
    CONSTRAINT time_reports_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT time_reports_attester_fkey FOREIGN KEY (attested_by) REFERENCES people (id),
    CONSTRAINT time_reports_submission_fkey FOREIGN KEY (submission_id) REFERENCES month_submissions (id),
    CONSTRAINT time_reports_status_check CHECK (status IN
        ('open', 'empty', 'unsigned', 'signed', 'attested', 'reported', 'returned', 'approved', 'locked', 'claimed'))
);
CREATE UNIQUE INDEX time_reports_version_key ON time_reports (participant_id, month, report_version);
CREATE INDEX time_reports_programme_idx ON time_reports (programme_id, kommunkod, month, id);
CREATE INDEX time_reports_month_idx ON time_reports (programme_id, month, status);
CREATE INDEX time_reports_person_idx ON time_reports (person_id, month, id);
CREATE INDEX time_reports_submission_idx ON time_reports (submission_id);

CREATE TABLE time_entries (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    organisation text NOT NULL,
    kommunkod text,
    participant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    time_report_id uuid NOT NULL,
    work_date date NOT NULL,
    month text NOT NULL,
    minutes integer NOT NULL,
    kind text NOT NULL,
    activity_code text NOT NULL,
    description text,
    meeting_id uuid,
    source text NOT NULL,
    source_system text,
    external_id text,
    copied_from_id uuid,
    status text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT time_entries_pkey PRIMARY KEY (id),
    CONSTRAINT time_entries_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT time_entries_participant_fkey FOREIGN KEY (participant_id) REFERENCES participants (id),
    CONSTRAINT time_entries_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT time_entries_report_fkey FOREIGN KEY (time_report_id) REFERENCES time_reports (id),
    CONSTRAINT time_entries_minutes_check CHECK (minutes BETWEEN 1 AND 1440),
    CONSTRAINT time_entries_kind_check CHECK (kind IN ('joint', 'own', 'coordination')),
    CONSTRAINT time_entries_source_check CHECK (source IN ('manual', 'coordinator', 'attendance', 'import')),
    CONSTRAINT time_entries_status_check CHECK (status IN ('proposed', 'recorded', 'voided'))
);
CREATE INDEX time_entries_programme_idx ON time_entries (programme_id, kommunkod, work_date, id);
CREATE INDEX time_entries_person_idx ON time_entries (person_id, work_date, id);
CREATE INDEX time_entries_report_idx ON time_entries (time_report_id);
CREATE INDEX time_entries_participant_idx ON time_entries (participant_id, work_date, id);

CREATE TABLE month_exceptions (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    month text NOT NULL,
    kommunkod text,
    participant_id uuid,
    expires_at timestamptz NOT NULL,
    reason text NOT NULL,
    granted_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT month_exceptions_pkey PRIMARY KEY (id),
    CONSTRAINT month_exceptions_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT month_exceptions_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT month_exceptions_participant_fkey FOREIGN KEY (participant_id) REFERENCES participants (id),
    CONSTRAINT month_exceptions_one_check CHECK (kommunkod IS NOT NULL OR participant_id IS NOT NULL)
);
CREATE INDEX month_exceptions_month_idx ON month_exceptions (programme_id, month, created_at, id);

-- Goals ---------------------------------------------------------------------------------------------------------------

CREATE TABLE milestone_templates (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    kind text NOT NULL,
    position integer NOT NULL,
    due_on date NOT NULL,
    instructions text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT milestone_templates_pkey PRIMARY KEY (id),
    CONSTRAINT milestone_templates_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT milestone_templates_kind_check CHECK (kind IN
        ('needsInventory', 'anchoring', 'politicalDirection', 'policyDocument', 'actionPlan', 'internalStructure',
         'externalStructure', 'business'))
);
CREATE UNIQUE INDEX milestone_templates_kind_key ON milestone_templates (programme_id, kind);

CREATE TABLE milestones (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    kommunkod text NOT NULL,
    kind text NOT NULL,
    position integer NOT NULL,
    status text NOT NULL,
    due_on date NOT NULL,
    submitted_at timestamptz,
    submitted_by uuid,
    lateness_justification text,
    decision text,
    evidence text NOT NULL,
    document_version_ids text NOT NULL,
    reason text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT milestones_pkey PRIMARY KEY (id),
    CONSTRAINT milestones_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT milestones_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT milestones_submitter_fkey FOREIGN KEY (submitted_by) REFERENCES people (id),
    CONSTRAINT milestones_status_check
        CHECK (status IN ('planned', 'inProgress', 'submitted', 'approved', 'returned', 'notApplicable'))
);
CREATE UNIQUE INDEX milestones_kind_key ON milestones (programme_id, kommunkod, kind);
CREATE INDEX milestones_due_idx ON milestones (programme_id, due_on, id);
