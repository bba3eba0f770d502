-- The tables of the first release. The PostgreSQL twin has the same tables, columns, keys and constraint names; a contract
-- test compares the two and src/platform/db/schema.rs. Text that is sorted or searched is compared bytewise.

-- Platform ------------------------------------------------------------------------------------------------------------

CREATE TABLE audit_chains (
    name TEXT NOT NULL,
    head_sequence BIGINT NOT NULL,
    head_hash TEXT NOT NULL,
    CONSTRAINT audit_chains_pkey PRIMARY KEY (name)
);

CREATE TABLE audit_events (
    id BLOB NOT NULL,
    chain TEXT NOT NULL,
    programme_id BLOB,
    kommunkod TEXT,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_id BLOB,
    actor_kind TEXT NOT NULL,
    actor_role TEXT,
    action TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    before_values TEXT,
    after_values TEXT,
    salt TEXT,
    values_hash TEXT NOT NULL,
    request_id TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT audit_events_pkey PRIMARY KEY (id),
    CONSTRAINT audit_events_chain_fkey FOREIGN KEY (chain) REFERENCES audit_chains (name),
    CONSTRAINT audit_events_actor_kind_check CHECK (actor_kind IN ('anonymous', 'person', 'client', 'system'))
);
CREATE UNIQUE INDEX audit_events_sequence_key ON audit_events (chain, sequence);
CREATE INDEX audit_events_programme_idx ON audit_events (programme_id, at, id);
CREATE INDEX audit_events_resource_idx ON audit_events (resource_id, at);
CREATE INDEX audit_events_at_idx ON audit_events (at, id);

CREATE TABLE idempotency_keys (
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    created_millis BIGINT NOT NULL,
    status INTEGER,
    body TEXT,
    etag TEXT,
    location TEXT,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (key)
);
CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_millis);

CREATE TABLE status_changes (
    id BLOB NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id BLOB NOT NULL,
    from_status TEXT NOT NULL,
    to_status TEXT NOT NULL,
    by_id BLOB,
    role TEXT NOT NULL,
    at BIGINT NOT NULL,
    comment TEXT,
    resource_version INTEGER NOT NULL,
    CONSTRAINT status_changes_pkey PRIMARY KEY (id)
);
CREATE INDEX status_changes_resource_idx ON status_changes (resource_id, at, id);

CREATE TABLE outbox_mails (
    id BLOB NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    send_after BIGINT NOT NULL,
    sent_at BIGINT,
    attempts INTEGER NOT NULL,
    last_error TEXT,
    CONSTRAINT outbox_mails_pkey PRIMARY KEY (id)
);
CREATE INDEX outbox_mails_unsent_idx ON outbox_mails (send_after) WHERE sent_at IS NULL;

CREATE TABLE job_leases (
    name TEXT NOT NULL,
    held_by TEXT NOT NULL,
    held_until_millis BIGINT NOT NULL,
    CONSTRAINT job_leases_pkey PRIMARY KEY (name)
);

CREATE TABLE installation_facts (
    name TEXT NOT NULL,
    fact TEXT NOT NULL,
    number BIGINT NOT NULL,
    CONSTRAINT installation_facts_pkey PRIMARY KEY (name)
);

-- Reference -----------------------------------------------------------------------------------------------------------

CREATE TABLE lan (
    lan_code TEXT NOT NULL,
    name TEXT NOT NULL,
    nuts2 TEXT NOT NULL,
    nuts2_name TEXT NOT NULL,
    kommun_count INTEGER NOT NULL,
    sort_name TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT lan_pkey PRIMARY KEY (lan_code)
);

CREATE TABLE kommuner (
    kommunkod TEXT NOT NULL,
    name TEXT NOT NULL,
    lan_code TEXT NOT NULL,
    lan_name TEXT NOT NULL,
    nuts2 TEXT NOT NULL,
    population INTEGER NOT NULL,
    population_year INTEGER NOT NULL,
    size_band TEXT NOT NULL,
    skr_group TEXT NOT NULL,
    skr_group_year INTEGER NOT NULL,
    latitude DOUBLE NOT NULL,
    longitude DOUBLE NOT NULL,
    sort_name TEXT NOT NULL,
    search_text TEXT NOT NULL,
    version INTEGER NOT NULL,
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
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    profile TEXT NOT NULL,
    places INTEGER NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    opens_at BIGINT NOT NULL,
    interest_deadline BIGINT NOT NULL,
    info_meeting_at BIGINT NOT NULL,
    confirmation_deadline BIGINT NOT NULL,
    avsiktsforklaring_deadline BIGINT NOT NULL,
    seed TEXT,
    seed_sha256 TEXT,
    esf_decision TEXT,
    cancellation_reason TEXT,
    sort_name TEXT NOT NULL,
    search_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
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
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    valid_from TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT programme_settings_pkey PRIMARY KEY (id),
    CONSTRAINT programme_settings_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id)
);
CREATE UNIQUE INDEX programme_settings_valid_from_key ON programme_settings (programme_id, valid_from);

-- Identity ------------------------------------------------------------------------------------------------------------

CREATE TABLE people (
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    status TEXT NOT NULL,
    password_hash TEXT,
    password_set_at BIGINT,
    sort_name TEXT NOT NULL,
    search_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT people_pkey PRIMARY KEY (id),
    CONSTRAINT people_status_check CHECK (status IN ('invited', 'active', 'disabled')),
    CONSTRAINT people_email_lower_check CHECK (email = lower(email))
);
CREATE UNIQUE INDEX people_email_key ON people (email);
CREATE INDEX people_sort_name_idx ON people (sort_name, id);

CREATE TABLE role_assignments (
    id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    role TEXT NOT NULL,
    signer_role TEXT,
    programme_id BLOB,
    kommunkod TEXT,
    subject_id BLOB,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    granted_by BLOB,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT role_assignments_pkey PRIMARY KEY (id),
    CONSTRAINT role_assignments_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT role_assignments_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT role_assignments_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT role_assignments_dates_check CHECK (valid_to IS NULL OR valid_from <= valid_to)
);
CREATE INDEX role_assignments_person_idx ON role_assignments (person_id, created_at, id);
CREATE INDEX role_assignments_place_idx ON role_assignments (programme_id, kommunkod, role);

CREATE TABLE api_clients (
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    role TEXT NOT NULL,
    programme_id BLOB NOT NULL,
    kommunkod TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT api_clients_pkey PRIMARY KEY (id),
    CONSTRAINT api_clients_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT api_clients_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT api_clients_status_check CHECK (status IN ('active', 'disabled'))
);
CREATE INDEX api_clients_place_idx ON api_clients (programme_id, kommunkod, created_at, id);
CREATE INDEX api_clients_created_idx ON api_clients (created_at, id);

CREATE TABLE sessions (
    id BLOB NOT NULL,
    person_id BLOB,
    client_id BLOB,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_reason TEXT,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT sessions_client_fkey FOREIGN KEY (client_id) REFERENCES api_clients (id)
);
CREATE INDEX sessions_person_idx ON sessions (person_id, created_at, id);
CREATE INDEX sessions_client_idx ON sessions (client_id, created_at, id);
CREATE INDEX sessions_created_idx ON sessions (created_at, id);
CREATE INDEX sessions_expires_idx ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    hash TEXT NOT NULL,
    session_id BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (hash),
    CONSTRAINT refresh_tokens_session_fkey FOREIGN KEY (session_id) REFERENCES sessions (id)
);
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_expires_idx ON refresh_tokens (expires_at);

CREATE TABLE login_failures (
    subject_hash TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_failed_millis BIGINT NOT NULL,
    CONSTRAINT login_failures_pkey PRIMARY KEY (subject_hash)
);

CREATE TABLE links (
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    email TEXT NOT NULL,
    person_id BLOB,
    subject_id BLOB,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    CONSTRAINT links_pkey PRIMARY KEY (id),
    CONSTRAINT links_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT links_kind_check CHECK (kind IN ('invitation', 'passwordReset', 'verification'))
);
CREATE UNIQUE INDEX links_secret_key ON links (secret_hash);
CREATE INDEX links_subject_idx ON links (subject_id);
CREATE INDEX links_person_idx ON links (person_id);

CREATE TABLE signing_keys (
    kid TEXT NOT NULL,
    purpose TEXT NOT NULL,
    private_key TEXT NOT NULL,
    public_x TEXT NOT NULL,
    public_y TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (kid),
    CONSTRAINT signing_keys_purpose_check CHECK (purpose IN ('tokens', 'records'))
);

CREATE TABLE signatures (
    id BLOB NOT NULL,
    subject_type TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    subject_version INTEGER NOT NULL,
    signer_role TEXT NOT NULL,
    person_id BLOB,
    name TEXT NOT NULL,
    title TEXT,
    method TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    statement_version TEXT NOT NULL,
    delegation_ref TEXT,
    evidence_file_id BLOB,
    signed_at BIGINT NOT NULL,
    received_at BIGINT,
    is_void BOOLEAN NOT NULL,
    CONSTRAINT signatures_pkey PRIMARY KEY (id),
    CONSTRAINT signatures_person_fkey FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT signatures_method_check CHECK (method IN ('account', 'inkScan', 'adesPdf', 'bankId'))
);
CREATE INDEX signatures_subject_idx ON signatures (subject_id, signed_at, id);
CREATE UNIQUE INDEX signatures_valid_key ON signatures (subject_id, subject_version, signer_role) WHERE NOT is_void;

-- Calls ---------------------------------------------------------------------------------------------------------------

CREATE TABLE applications (
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    kommunkod TEXT NOT NULL,
    status TEXT NOT NULL,
    contact_name TEXT NOT NULL,
    contact_email TEXT NOT NULL,
    contact_person_id BLOB,
    motivation TEXT NOT NULL,
    maturity INTEGER NOT NULL,
    departments TEXT NOT NULL,
    coordinator_name TEXT,
    coordinator_email TEXT,
    known_social_enterprises TEXT NOT NULL,
    registry_number TEXT,
    received_at BIGINT NOT NULL,
    respond_by BIGINT,
    reason TEXT,
    is_late BOOLEAN NOT NULL,
    attended_info_meeting BOOLEAN,
    notes TEXT NOT NULL,
    search_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
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
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    kommunkod TEXT NOT NULL,
    application_id BLOB NOT NULL,
    status TEXT NOT NULL,
    text TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    text_version INTEGER NOT NULL,
    deadline BIGINT NOT NULL,
    received_at BIGINT,
    signers TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
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
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    organisation TEXT NOT NULL,
    kommunkod TEXT,
    financing_form TEXT NOT NULL,
    person_id BLOB NOT NULL,
    function TEXT NOT NULL,
    department TEXT NOT NULL,
    is_coordinator BOOLEAN NOT NULL,
    employee_number TEXT,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    sort_name TEXT NOT NULL,
    search_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
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
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    organisation TEXT NOT NULL,
    kommunkod TEXT,
    employer_name TEXT NOT NULL,
    organisation_number TEXT NOT NULL,
    employer_kind TEXT NOT NULL,
    employment_percent INTEGER NOT NULL,
    job_category TEXT NOT NULL,
    decision_reference TEXT,
    other_public_funding TEXT,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
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
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    month TEXT NOT NULL,
    status TEXT NOT NULL,
    grace_ends_at BIGINT NOT NULL,
    missing TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT programme_months_pkey PRIMARY KEY (id),
    CONSTRAINT programme_months_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT programme_months_status_check CHECK (status IN ('open', 'grace', 'closed', 'locked'))
);
CREATE UNIQUE INDEX programme_months_month_key ON programme_months (programme_id, month);

CREATE TABLE month_submissions (
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    organisation TEXT NOT NULL,
    kommunkod TEXT,
    month TEXT NOT NULL,
    report_ids TEXT NOT NULL,
    missing_participant_ids TEXT NOT NULL,
    total_minutes INTEGER NOT NULL,
    comment TEXT,
    submitted_by BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT month_submissions_pkey PRIMARY KEY (id),
    CONSTRAINT month_submissions_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT month_submissions_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT month_submissions_person_fkey FOREIGN KEY (submitted_by) REFERENCES people (id)
);
CREATE INDEX month_submissions_programme_idx ON month_submissions (programme_id, kommunkod, month, created_at, id);

CREATE TABLE time_reports (
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    organisation TEXT NOT NULL,
    kommunkod TEXT,
    participant_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    month TEXT NOT NULL,
    report_version INTEGER NOT NULL,
    status TEXT NOT NULL,
    content_sha256 TEXT,
    sign_round INTEGER NOT NULL,
    signed_at BIGINT,
    attested_at BIGINT,
    attested_by BLOB,
    editable_until BIGINT,
    reason TEXT,
    submission_id BLOB,
    corrects_id BLOB,
    superseded_by_id BLOB,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
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
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    organisation TEXT NOT NULL,
    kommunkod TEXT,
    participant_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    time_report_id BLOB NOT NULL,
    work_date TEXT NOT NULL,
    month TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    kind TEXT NOT NULL,
    activity_code TEXT NOT NULL,
    description TEXT,
    meeting_id BLOB,
    source TEXT NOT NULL,
    source_system TEXT,
    external_id TEXT,
    copied_from_id BLOB,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
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
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    month TEXT NOT NULL,
    kommunkod TEXT,
    participant_id BLOB,
    expires_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    granted_by BLOB,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT month_exceptions_pkey PRIMARY KEY (id),
    CONSTRAINT month_exceptions_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT month_exceptions_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT month_exceptions_participant_fkey FOREIGN KEY (participant_id) REFERENCES participants (id),
    CONSTRAINT month_exceptions_one_check CHECK (kommunkod IS NOT NULL OR participant_id IS NOT NULL)
);
CREATE INDEX month_exceptions_month_idx ON month_exceptions (programme_id, month, created_at, id);

-- Goals ---------------------------------------------------------------------------------------------------------------

CREATE TABLE milestone_templates (
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    due_on TEXT NOT NULL,
    instructions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT milestone_templates_pkey PRIMARY KEY (id),
    CONSTRAINT milestone_templates_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT milestone_templates_kind_check CHECK (kind IN
        ('needsInventory', 'anchoring', 'politicalDirection', 'policyDocument', 'actionPlan', 'internalStructure',
         'externalStructure', 'business'))
);
CREATE UNIQUE INDEX milestone_templates_kind_key ON milestone_templates (programme_id, kind);

CREATE TABLE milestones (
    id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    kommunkod TEXT NOT NULL,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    status TEXT NOT NULL,
    due_on TEXT NOT NULL,
    submitted_at BIGINT,
    submitted_by BLOB,
    lateness_justification TEXT,
    decision TEXT,
    evidence TEXT NOT NULL,
    document_version_ids TEXT NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT milestones_pkey PRIMARY KEY (id),
    CONSTRAINT milestones_programme_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT milestones_kommun_fkey FOREIGN KEY (kommunkod) REFERENCES kommuner (kommunkod),
    CONSTRAINT milestones_submitter_fkey FOREIGN KEY (submitted_by) REFERENCES people (id),
    CONSTRAINT milestones_status_check
        CHECK (status IN ('planned', 'inProgress', 'submitted', 'approved', 'returned', 'notApplicable'))
);
CREATE UNIQUE INDEX milestones_kind_key ON milestones (programme_id, kommunkod, kind);
CREATE INDEX milestones_due_idx ON milestones (programme_id, due_on, id);
