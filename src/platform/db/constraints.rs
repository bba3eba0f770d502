//! The problem for each named constraint that users can violate. PostgreSQL reports the name of the constraint, SQLite
//! the columns of a unique key. Violating any other constraint is a bug in the program (500, logged).

use crate::platform::problem::{Code, Problem};

/// A constraint that input or concurrent requests can violate.
pub struct Constraint {
    /// Its name in both migrations.
    pub name: &'static str,
    /// What SQLite reports instead of the name: `table.column, table.column`.
    pub sqlite: &'static str,
    /// The code of the problem.
    pub code: Code,
    /// The detail in Swedish: what must be unique.
    pub sv: &'static str,
    /// The detail in English: what must be unique.
    pub en: &'static str,
}

const fn unique(name: &'static str, sqlite: &'static str, sv: &'static str, en: &'static str) -> Constraint {
    Constraint { name, sqlite, code: Code::AlreadyExists, sv, en }
}

/// The constraints that users can violate.
pub const CONSTRAINTS: &[Constraint] = &[
    unique(
        "people_email_key",
        "people.email",
        "E-postadressen tillhör en annan person.",
        "The e-mail address belongs to another person.",
    ),
    unique(
        "applications_live_key",
        "applications.programme_id, applications.kommunkod",
        "Kommunen har redan en pågående intresseanmälan i programmet.",
        "The kommun already has a live application in the programme.",
    ),
    unique(
        "selection_proposals_adopted_key",
        "selection_proposals.programme_id",
        "Ett urval är redan antaget i programmet; återkalla det först.",
        "A selection is already adopted in the programme; withdraw it first.",
    ),
    unique(
        "selection_computations_running_key",
        "selection_computations.proposal_id, selection_computations.purpose",
        "En beräkning av förslaget pågår redan.",
        "A computation of the proposal is already running.",
    ),
    unique(
        "avsiktsforklaringar_under_way_key",
        "avsiktsforklaringar.application_id",
        "Ansökan har redan en avsiktsförklaring på väg.",
        "The application already has a letter in progress.",
    ),
    unique(
        "avsiktsforklaringar_received_key",
        "avsiktsforklaringar.application_id",
        "Ansökan har redan en mottagen avsiktsförklaring.",
        "The application already has a received letter.",
    ),
    unique(
        "signatures_valid_key",
        "signatures.subject_id, signatures.subject_version, signatures.signer_role",
        "Rollen har redan undertecknat denna text.",
        "This role has already signed this text.",
    ),
    unique(
        "time_reports_version_key",
        "time_reports.participant_id, time_reports.month, time_reports.report_version",
        "Personen har redan en rapport för månaden.",
        "The person already has a report for the month.",
    ),
    unique(
        "register_years_year_key",
        "register_years.year",
        "Registeråret finns redan.",
        "The register year is there already.",
    ),
    unique(
        "milestone_templates_kind_key",
        "milestone_templates.programme_id, milestone_templates.kind",
        "Programmet har redan en mall av det slaget.",
        "The programme already has a template of that kind.",
    ),
    unique(
        "milestones_kind_key",
        "milestones.programme_id, milestones.kommunkod, milestones.kind",
        "Kommunen har redan en milstolpe av det slaget.",
        "The kommun already has a milestone of that kind.",
    ),
];

/// The problem for a violated constraint, which is found by its name or by SQLite's message.
pub fn problem(name: Option<&str>, message: &str) -> Problem {
    let columns = message.strip_prefix("UNIQUE constraint failed: ").unwrap_or_default();
    let known =
        CONSTRAINTS.iter().find(|constraint| Some(constraint.name) == name || constraint.sqlite == columns);
    match known {
        Some(constraint) => Problem::new(constraint.code).detail(constraint.sv, constraint.en),
        None => Problem::internal(format!("constraint {}: {message}", name.unwrap_or("?"))),
    }
}
