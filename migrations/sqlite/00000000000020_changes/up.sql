-- Whoever follows the changes of a list asks for what was changed since: the rows, and what they show something of. The cost
-- is that of the changes, not that of the table.
CREATE INDEX programme_settings_updated_idx ON programme_settings (updated_at, id);
CREATE INDEX people_updated_idx ON people (updated_at, id);
CREATE INDEX role_assignments_updated_idx ON role_assignments (updated_at, id);
CREATE INDEX api_clients_updated_idx ON api_clients (updated_at, id);
CREATE INDEX sessions_updated_idx ON sessions (updated_at, id);
CREATE INDEX applications_updated_idx ON applications (updated_at, id);
CREATE INDEX avsiktsforklaringar_updated_idx ON avsiktsforklaringar (updated_at, id);
CREATE INDEX participants_updated_idx ON participants (updated_at, id);
CREATE INDEX employments_updated_idx ON employments (updated_at, id);
CREATE INDEX programme_months_updated_idx ON programme_months (updated_at, id);
CREATE INDEX month_submissions_updated_idx ON month_submissions (updated_at, id);
CREATE INDEX time_reports_updated_idx ON time_reports (updated_at, id);
CREATE INDEX time_entries_updated_idx ON time_entries (updated_at, id);
CREATE INDEX month_exceptions_updated_idx ON month_exceptions (updated_at, id);
CREATE INDEX milestone_templates_updated_idx ON milestone_templates (updated_at, id);
CREATE INDEX milestones_updated_idx ON milestones (updated_at, id);

-- From what was changed to the rows that show something of it.
CREATE INDEX status_changes_by_idx ON status_changes (by_id);
CREATE INDEX time_reports_attested_idx ON time_reports (attested_by);
CREATE INDEX milestones_submitted_idx ON milestones (submitted_by);
CREATE INDEX month_submissions_submitted_idx ON month_submissions (submitted_by);
CREATE INDEX month_exceptions_granted_idx ON month_exceptions (granted_by);
CREATE INDEX month_exceptions_participant_idx ON month_exceptions (participant_id);
CREATE INDEX programme_settings_proposed_idx ON programme_settings (proposed_by);
