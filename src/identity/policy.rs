//! The policy table: which role may do what, and how far (domain guide §1). Each row produces the `Permit` type, the OpenAPI
//! security, a line of `/me/permissions` and of `docs/generated/authorization.md`. The table says only who may do an action
//! at all; rules about the state of an object are in the `rules.rs` of the resource. What follows the roles says which of them
//! decide something by the action, or register it on another's behalf (`platform::relations`); steps say so in their workflow.

use crate::platform::auth::action::{Access, Action, ActionRow};
use crate::platform::auth::deed::Deed;
use crate::platform::auth::scope::{Reach, RoleGrant};

crate::codes! {
    /// Roles (domain guide §1).
    pub enum Role as "roles" {
        /// The operator: users, roles, clients, jobs; no case content.
        SystemAdmin = "systemAdmin", "systemadministratör", "system administrator";
        /// SKR projektledare.
        ProgrammeManager = "programmeManager", "projektledare", "programme manager";
        /// SKR ekonom.
        Economist = "economist", "ekonom", "economist";
        /// SKR processtödjare, in the kommuner assigned to the person.
        ProcessSupporter = "processSupporter", "processtödjare", "process supporter";
        /// SKR metodutvecklare.
        MethodDeveloper = "methodDeveloper", "metodutvecklare", "method developer";
        /// ESF revisor, with a last day.
        Auditor = "auditor", "revisor", "auditor";
        /// The kommun official who applies.
        Applicant = "applicant", "sökande", "applicant";
        /// Lokal projektkoordinator.
        Coordinator = "coordinator", "koordinator", "coordinator";
        /// Attestant: a manager at the person's employer.
        Attester = "attester", "attestant", "attester";
        /// Member of a kommun's team, or of SKR's own staff.
        Participant = "participant", "projektmedarbetare", "participant";
        /// Kommunchef or ordförande, for one letter.
        Signatory = "signatory", "undertecknare", "signatory";
        /// Kommunchef, förvaltningschef, nämnd: progress and sums, no names.
        KommunReader = "kommunReader", "läsare i kommunen", "kommun reader";
        /// The kommun's registrator.
        Registrar = "registrar", "registrator", "registrar";
        /// A kommun's HR or time system.
        HrIntegration = "hrIntegration", "HR-integration", "HR integration";
    }
}

macro_rules! policy {
    ($($action:ident $name:literal $access:ident $sv:literal $en:literal [$($role:ident: $reach:ident),*]
       $($deed:ident by [$($decider:ident),+])?;)*) => {
        $(
            #[doc = concat!($en, " (`", $name, "`).")]
            #[derive(Clone, Copy, Debug)]
            pub struct $action;

            impl Action for $action {
                const ROW: &'static ActionRow = &ActionRow {
                    name: $name,
                    access: Access::$access,
                    roles: &[$(RoleGrant { role: Role::$role.as_str(), reach: Reach::$reach }),*],
                    deeds: &[$($((Role::$decider.as_str(), Deed::$deed)),+)?],
                    sv: $sv,
                    en: $en,
                };
            }
        )*

        /// Every row, in the table's order.
        pub const ACTIONS: &[&ActionRow] = &[$($action::ROW),*];
    };
}

policy! {
    // Open to anyone
    RegisterRead "register.read" Anyone "Läsa registret" "Reading the register" [];
    SessionOpen "session.open" Anyone "Logga in" "Logging in" [];
    LinkUse "link.use" Anyone "Använda en länk" "Using a link" [];

    // Reference
    RegisterYearManage "registerYear.manage" Roles "Lägga in och rätta registerår" "Adding and correcting register years"
        [SystemAdmin: Installation];

    // Identity
    MeRead "me.read" LoggedIn "Läsa om sig själv" "Reading about oneself" [];
    SessionRead "session.read" LoggedIn "Läsa inloggningar" "Reading sessions" [SystemAdmin: Installation];
    SessionEnd "session.end" LoggedIn "Avsluta inloggningar" "Ending sessions" [SystemAdmin: Installation];
    PersonRead "person.read" LoggedIn "Läsa personer" "Reading people"
        [SystemAdmin: Installation, ProgrammeManager: Programme, Coordinator: Kommun];
    PersonCreate "person.create" Roles "Lägga upp personer" "Adding people"
        [SystemAdmin: Installation, ProgrammeManager: Programme, Coordinator: Kommun];
    PersonUpdate "person.update" LoggedIn "Ändra en person" "Changing a person" [SystemAdmin: Installation];
    PersonChangeStatus "person.changeStatus" Roles "Stänga av en person" "Disabling a person" [SystemAdmin: Installation];
    RoleRead "roleAssignment.read" LoggedIn "Läsa roller" "Reading roles"
        [SystemAdmin: Installation, ProgrammeManager: Programme, Coordinator: Kommun];
    RoleGrantAction "roleAssignment.grant" Roles "Ge roller" "Granting roles"
        [SystemAdmin: Installation, ProgrammeManager: Programme, Coordinator: Kommun]
        Decision by [SystemAdmin, ProgrammeManager, Coordinator];
    RoleEnd "roleAssignment.end" Roles "Avsluta roller" "Ending roles"
        [SystemAdmin: Installation, ProgrammeManager: Programme, Coordinator: Kommun]
        Decision by [SystemAdmin, ProgrammeManager, Coordinator];
    InvitationRead "invitation.read" Roles "Läsa inbjudningar" "Reading invitations"
        [SystemAdmin: Installation, ProgrammeManager: Own, Coordinator: Own];
    InvitationWithdraw "invitation.withdraw" Roles "Ta tillbaka inbjudningar" "Withdrawing invitations"
        [SystemAdmin: Installation, ProgrammeManager: Own, Coordinator: Own];
    InvitationSend "invitation.send" Roles "Bjuda in igen" "Inviting again"
        [SystemAdmin: Installation, ProgrammeManager: Programme, Coordinator: Kommun];
    ClientRead "apiClient.read" Roles "Läsa API-klienter" "Reading API clients"
        [SystemAdmin: Installation, ProgrammeManager: Programme, Coordinator: Kommun];
    ClientManage "apiClient.manage" Roles "Hantera API-klienter" "Managing API clients"
        [SystemAdmin: Installation, ProgrammeManager: Programme, Coordinator: Kommun];

    // Programmes
    ProgrammeRead "programme.read" Anyone "Läsa program" "Reading programmes"
        [SystemAdmin: Installation, ProgrammeManager: Programme, Economist: Programme, Auditor: Programme,
         ProcessSupporter: Programme, MethodDeveloper: Programme, Applicant: Programme, Coordinator: Programme,
         Attester: Programme, Participant: Programme, KommunReader: Programme];
    ParticipatingRead "participatingKommun.read" Anyone "Läsa vilka kommuner som deltar" "Reading which kommuner take part"
        [SystemAdmin: Installation, ProgrammeManager: Programme, Economist: Programme, Auditor: Programme,
         ProcessSupporter: Programme, MethodDeveloper: Programme, Applicant: Programme, Coordinator: Programme,
         Attester: Programme, Participant: Programme, KommunReader: Programme];
    ProgrammeCreate "programme.create" Roles "Lägga upp program" "Adding programmes"
        [SystemAdmin: Installation, ProgrammeManager: Installation];
    ProgrammeUpdate "programme.update" Roles "Ändra ett program" "Changing a programme" [ProgrammeManager: Programme];
    ProgrammeChangeStatus "programme.changeStatus" Roles "Föra programmet vidare" "Moving the programme on"
        [ProgrammeManager: Programme];
    SettingsRead "programmeSettings.read" Roles "Läsa programmets inställningar" "Reading the programme's settings"
        [SystemAdmin: Installation, ProgrammeManager: Programme, Economist: Programme, Auditor: Programme,
         ProcessSupporter: Programme, MethodDeveloper: Programme, Coordinator: Programme, Attester: Programme,
         Participant: Programme];
    SettingsManage "programmeSettings.manage" Roles "Ange programmets inställningar" "Entering the programme's settings"
        [ProgrammeManager: Programme, Economist: Programme];

    // Calls
    ApplicationCreate "application.create" Anyone "Anmäla intresse" "Expressing interest" [ProgrammeManager: Programme]
        OnBehalf by [ProgrammeManager];
    ApplicationRead "application.read" Roles "Läsa intresseanmälningar" "Reading applications"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, Applicant: Kommun, Coordinator: Kommun];
    ApplicationUpdate "application.update" Roles "Ändra en intresseanmälan" "Changing an application"
        [ProgrammeManager: Programme, Applicant: Kommun]
        Decision by [ProgrammeManager];
    ApplicationChangeStatus "application.changeStatus" Roles "Föra en intresseanmälan vidare" "Moving an application on"
        [ProgrammeManager: Programme, Applicant: Kommun, Coordinator: Kommun];
    ApplicationDecideContact "application.decideContact" Roles "Pröva en intresseanmälans kontaktperson"
        "Deciding about an application's contact" [ProgrammeManager: Programme]
        Decision by [ProgrammeManager];
    LetterRead "avsiktsforklaring.read" Roles "Läsa avsiktsförklaringar" "Reading avsiktsförklaringar"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, Applicant: Kommun, Coordinator: Kommun,
         Signatory: Subject];
    LetterCreate "avsiktsforklaring.create" Roles "Skriva avsiktsförklaringar" "Writing avsiktsförklaringar"
        [Applicant: Kommun, ProgrammeManager: Programme]
        OnBehalf by [ProgrammeManager];
    LetterUpdate "avsiktsforklaring.update" Roles "Ändra en avsiktsförklaring" "Changing an avsiktsförklaring"
        [Applicant: Kommun];
    LetterChangeStatus "avsiktsforklaring.changeStatus" Roles "Föra en avsiktsförklaring vidare" "Moving an avsiktsförklaring on"
        [Applicant: Kommun, ProgrammeManager: Programme, Signatory: Subject];
    LetterSign "avsiktsforklaring.sign" Roles "Underteckna en avsiktsförklaring" "Signing an avsiktsförklaring"
        [Signatory: Subject];

    SelectionRead "selectionProposal.read" Roles "Läsa urvalsförslag" "Reading selection proposals"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, Applicant: Programme,
         Coordinator: Programme, KommunReader: Programme];
    SelectionCreate "selectionProposal.create" Roles "Lägga upp urvalsförslag" "Adding selection proposals"
        [ProgrammeManager: Programme];
    SelectionUpdate "selectionProposal.update" Roles "Ändra ett urvalsförslag" "Changing a selection proposal"
        [ProgrammeManager: Programme];
    SelectionChangeStatus "selectionProposal.changeStatus" Roles "Föra ett urvalsförslag vidare"
        "Moving a selection proposal on" [ProgrammeManager: Programme];

    // Team
    ParticipantRead "participant.read" Roles "Läsa team" "Reading teams"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, ProcessSupporter: Kommun,
         Coordinator: Kommun, Attester: Organisation, Participant: Organisation];
    ParticipantCreate "participant.create" Roles "Lägga till medarbetare" "Adding participants"
        [ProgrammeManager: Programme, Coordinator: Kommun]
        OnBehalf by [ProgrammeManager, Coordinator];
    ParticipantUpdate "participant.update" Roles "Ändra en medarbetare" "Changing a participant"
        [ProgrammeManager: Programme, Coordinator: Kommun]
        OnBehalf by [ProgrammeManager, Coordinator];
    EmploymentRead "employment.read" Roles "Läsa anställningar" "Reading employments"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, Coordinator: Kommun, Participant: Own];
    EmploymentManage "employment.manage" Roles "Registrera anställningar" "Registering employments"
        [ProgrammeManager: Programme, Economist: Programme, Coordinator: Kommun]
        OnBehalf by [ProgrammeManager, Economist, Coordinator];

    // Time
    TimeEntryRead "timeEntry.read" Roles "Läsa tidrader" "Reading time entries"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, Coordinator: Kommun,
         Attester: Organisation, Participant: Own];
    TimeEntryAggregate "timeEntry.aggregate" Roles "Summera tidrader" "Adding up time entries"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, MethodDeveloper: Programme,
         Coordinator: Kommun, Attester: Organisation, Participant: Own, KommunReader: Kommun];
    TimeEntryCreate "timeEntry.create" Roles "Lägga in tid" "Entering time"
        [Participant: OwnInOrganisation, Coordinator: Kommun, ProgrammeManager: Owner];
    TimeEntryUpdate "timeEntry.update" Roles "Ändra tidrader" "Changing time entries"
        [Participant: OwnInOrganisation, Coordinator: Kommun, ProgrammeManager: Owner];
    TimeEntryChangeStatus "timeEntry.changeStatus" Roles "Bekräfta eller makulera tidrader" "Confirming or voiding time entries"
        [Participant: OwnInOrganisation, Coordinator: Kommun, ProgrammeManager: Owner];
    TimeReportRead "timeReport.read" Roles "Läsa tidrapporter" "Reading time reports"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, Coordinator: Kommun,
         Attester: Organisation, Participant: Own];
    TimeReportChangeStatus "timeReport.changeStatus" Roles "Föra en tidrapport vidare" "Moving a time report on"
        [Participant: OwnInOrganisation, Attester: Organisation, Coordinator: Kommun, Economist: Programme, ProgrammeManager: Programme];
    MonthRead "month.read" Roles "Läsa månader" "Reading months"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, ProcessSupporter: Programme,
         Coordinator: Programme, Attester: Programme, Participant: Programme, KommunReader: Programme];
    MonthLock "month.lock" Roles "Låsa en månad" "Locking a month" [Economist: Programme];
    MonthOverviewRead "monthOverview.read" Roles "Läsa månadsöversikten" "Reading the month overview"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, ProcessSupporter: Kommun,
         Coordinator: Kommun, KommunReader: Kommun];
    MonthExceptionRead "monthException.read" Roles "Läsa månadsundantag" "Reading month exceptions"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, Coordinator: Kommun];
    MonthExceptionManage "monthException.manage" Roles "Bevilja månadsundantag" "Granting month exceptions"
        [ProgrammeManager: Programme]
        Decision by [ProgrammeManager];
    MonthSubmissionRead "monthSubmission.read" Roles "Läsa månadsinlämningar" "Reading month submissions"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, Coordinator: Kommun];
    MonthSubmissionCreate "monthSubmission.create" Roles "Lämna in månaden" "Submitting the month"
        [Coordinator: Kommun, ProgrammeManager: Owner];

    // Goals
    MilestoneTemplateRead "milestoneTemplate.read" Roles "Läsa milstolpsmallar" "Reading milestone templates"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, ProcessSupporter: Programme,
         MethodDeveloper: Programme, Coordinator: Programme, Participant: Programme, KommunReader: Programme];
    MilestoneTemplateManage "milestoneTemplate.manage" Roles "Ange milstolpsmallar" "Entering milestone templates"
        [ProgrammeManager: Programme];
    MilestoneRead "milestone.read" Roles "Läsa milstolpar" "Reading milestones"
        [ProgrammeManager: Programme, Economist: Programme, Auditor: Programme, ProcessSupporter: Kommun,
         Coordinator: Kommun, Participant: Kommun, KommunReader: Kommun];
    MilestoneUpdate "milestone.update" Roles "Ändra en milstolpe" "Changing a milestone"
        [ProgrammeManager: Programme, Coordinator: Kommun]
        Decision by [ProgrammeManager];
    MilestoneChangeStatus "milestone.changeStatus" Roles "Föra en milstolpe vidare" "Moving a milestone on"
        [ProgrammeManager: Programme, ProcessSupporter: Kommun, Coordinator: Kommun];

    // The demonstration's clock; `serve` has no such operation
    ClockAdvance "demo.advanceClock" Roles "Flytta demonstrationens klocka" "Moving the demonstration's clock"
        [SystemAdmin: Installation];

    // Oversight
    AuditRead "auditEvent.read" Roles "Läsa granskningsspåret" "Reading the audit trail"
        [SystemAdmin: Installation, ProgrammeManager: Programme, Economist: Programme, Auditor: Programme];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_can_read_their_own_work_after_the_role_has_ended() {
        let reads = |row: &&&ActionRow| row.name.ends_with(".read") || row.name.ends_with(".aggregate");
        for row in ACTIONS.iter().filter(reads) {
            assert!(row.roles.iter().all(|grant| grant.reach != Reach::OwnInOrganisation), "{}", row.name);
        }
    }

    #[test]
    fn names_are_unique_and_a_row_names_each_role_once() {
        let mut names: Vec<_> = ACTIONS.iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ACTIONS.len());
        for row in ACTIONS {
            for grant in row.roles {
                assert_eq!(
                    row.roles.iter().filter(|other| other.role == grant.role).count(),
                    1,
                    "{}",
                    row.name
                );
                assert!(Role::from_code(grant.role).is_some());
            }
        }
    }

    #[test]
    fn an_integration_can_never_sign_or_attest() {
        for row in ACTIONS.iter().filter(|row| row.roles.iter().any(|g| g.role == "hrIntegration")) {
            assert!(!row.name.contains("hangeStatus") && !row.name.contains("sign"), "{}", row.name);
        }
    }
}
