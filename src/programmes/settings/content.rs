//! The content of the settings, with the values of both profiles (guide §4).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::identity::signatures::SignatureMethod;
use crate::platform::problem::FieldError;
use crate::platform::text::Localized;
use crate::platform::values::{Line, OptionalLine, Text};
use crate::platform::visible::is_blank;
use crate::programmes::programme::Profile;

crate::codes! {
    /// When the pool for the selection is fixed (guide §3).
    pub enum SelectionStage as "selectionStages" {
        /// Kommuner that confirmed, and those that qualified.
        AfterMeeting = "afterMeeting", "efter informationsmötet", "after the meeting";
        /// Kommuner whose avsiktsförklaring was received in time.
        AfterLetters = "afterLetters", "efter avsiktsförklaringarna", "after the letters";
    }
}

crate::codes! {
    /// Whose hours the annual promise counts.
    pub enum HoursScope as "hoursScopes" {
        /// The kommun's team together.
        PerKommun = "perKommun", "per kommun", "per kommun";
        /// Each person.
        PerPerson = "perPerson", "per person", "per person";
    }
}

crate::codes! {
    /// Where minutes become whole hours, downward.
    pub enum RoundingLevel as "roundingLevels" {
        /// Per person, month and cost form.
        Month = "month", "månad", "month";
        /// Per entry.
        Entry = "entry", "rad", "entry";
        /// Per day.
        Day = "day", "dag", "day";
    }
}

crate::codes! {
    /// How an approved hour counts at ESF.
    pub enum CostForm as "costForms" {
        /// Personal.
        StaffTime = "staffTime", "personal", "staff time";
        /// Participants (deltagare) in competence development.
        ParticipantTime = "participantTime", "deltagare", "participant time";
    }
}

crate::codes! {
    /// How ESF gets its own evidence.
    pub enum EsfReporting as "esfReportings" {
        /// The report as a document.
        Form = "form", "blankett", "form";
        /// Registered in ESF's portal.
        Portal = "portal", "portal", "portal";
    }
}

/// Cost form by kind of time, and for the owner's staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CostForms {
    /// Joint time.
    pub joint: CostForm,
    /// The kommun's own time.
    pub own: CostForm,
    /// Coordination.
    pub coordination: CostForm,
    /// The owner's staff.
    pub owner: CostForm,
}

/// An activity that time can be entered on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Activity {
    /// Stable code.
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9-]+$")]
    pub code: String,
    /// Label in Swedish; must be filled in before the programme is scheduled.
    #[validate(nested)]
    pub label_sv: OptionalLine<200>,
    /// Label in English; must be filled in before the programme is scheduled.
    #[validate(nested)]
    pub label_en: OptionalLine<200>,
    /// Whether it is travel, which is never joint time.
    #[serde(default)]
    pub is_travel: bool,
}

/// How each kind of document may be signed (guide §3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptedMethods {
    /// Letters of intent.
    #[schema(min_items = 1, max_items = 4)]
    pub avsiktsforklaring: Vec<SignatureMethod>,
    /// Time reports and their attest.
    #[schema(min_items = 1, max_items = 4)]
    pub time_report: Vec<SignatureMethod>,
}

/// The methods that are supported today. Uploading a signed PDF comes with documents, BankID with a signing service.
const SUPPORTED: [SignatureMethod; 2] = [SignatureMethod::Account, SignatureMethod::InkScan];

impl AcceptedMethods {
    /// Every supported method, for every kind of document.
    fn supported() -> Self {
        Self { avsiktsforklaring: SUPPORTED.to_vec(), time_report: SUPPORTED.to_vec() }
    }

    /// An error for each method that is not supported yet.
    fn faults(&self) -> Vec<FieldError> {
        let kinds = [("avsiktsforklaring", &self.avsiktsforklaring), ("timeReport", &self.time_report)];
        let named = kinds.into_iter().flat_map(|(kind, methods)| {
            methods.iter().enumerate().map(move |(index, method)| (kind, index, *method))
        });
        named
            .filter(|(.., method)| !SUPPORTED.contains(method))
            .map(|(kind, index, method)| {
                let words = Localized::new(
                    format!("{method} kan inte användas än."),
                    format!("{method} cannot be used yet."),
                );
                FieldError::new(format!("/acceptedMethods/{kind}/{index}"), "notSupported", words)
            })
            .collect()
    }
}

/// The settings themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingsContent {
    /// ESF's programme period.
    pub profile: Profile,
    /// When the pool for the selection is fixed.
    pub selection_stage: SelectionStage,
    /// Hours a year that a kommun promises, kinds joint and own.
    #[schema(minimum = 0, maximum = 100000)]
    pub annual_hours: i32,
    /// Whether they are counted per kommun or per person.
    pub annual_hours_scope: HoursScope,
    /// The share of them that is joint, about.
    #[schema(minimum = 0, maximum = 100)]
    pub joint_share_percent: i32,
    /// The coordinator's share of full time.
    #[schema(minimum = 0, maximum = 100)]
    pub coordinator_share_percent: i32,
    /// Hours of a full-time year.
    #[schema(minimum = 1, maximum = 3000)]
    pub full_time_annual_hours: i32,
    /// People per kommun, about.
    #[schema(minimum = 1, maximum = 100)]
    pub team_size: i32,
    /// Cap per employee, calendar year and programme, in hours.
    #[schema(minimum = 1, maximum = 3000)]
    pub annual_hours_cap: i32,
    /// Whether the cap follows the employment percentage.
    pub cap_pro_rata: bool,
    /// Cap per day, in hours; above it an entry is refused.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 24)]
    pub daily_hours_cap: Option<i32>,
    /// Whether another person attests a signed report.
    pub requires_attest: bool,
    /// Where minutes become whole hours.
    pub rounding_level: RoundingLevel,
    /// Cost form by kind.
    pub cost_form_by_kind: CostForms,
    /// Whether the time of the owner's staff may count in kind.
    pub owner_in_kind_allowed: bool,
    /// Working days after a month in which it still takes entries.
    #[schema(minimum = 0, maximum = 60)]
    pub grace_working_days: i32,
    /// Working days in which a returned report can be edited.
    #[schema(minimum = 0, maximum = 60)]
    pub returned_working_days: i32,
    /// Length of the reserve list; without it, the number of places.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 290)]
    pub reserve_count: Option<i32>,
    /// What a person declares by signing.
    #[validate(nested)]
    pub declaration_text: Text<2000>,
    /// Version of the declaration.
    #[validate(nested)]
    pub declaration_version: Line<40>,
    /// How ESF gets its own evidence.
    pub esf_reporting: EsfReporting,
    /// What time can be entered on.
    #[schema(max_items = 100)]
    #[validate(nested)]
    pub activities: Vec<Activity>,
    /// How each kind of document may be signed.
    pub accepted_methods: AcceptedMethods,
    /// SKR's promise of physical network meetings a year.
    #[schema(minimum = 0, maximum = 100)]
    pub network_meetings_physical_per_year: i32,
    /// SKR's promise of digital network meetings a year.
    #[schema(minimum = 0, maximum = 100)]
    pub network_meetings_digital_per_year: i32,
    /// Local full days per kommun and year.
    #[schema(minimum = 0, maximum = 100)]
    pub local_days_per_year: i32,
}

impl SettingsContent {
    /// The values of a profile (guide §4, the table).
    pub fn of(profile: Profile) -> Self {
        let is_plus = profile == Profile::EsfPlus20212027;
        Self {
            profile,
            selection_stage: SelectionStage::AfterLetters,
            annual_hours: 500,
            annual_hours_scope: HoursScope::PerKommun,
            joint_share_percent: 50,
            coordinator_share_percent: 20,
            full_time_annual_hours: if is_plus { 1720 } else { 1662 },
            team_size: 7,
            annual_hours_cap: if is_plus { 1720 } else { 1662 },
            cap_pro_rata: false,
            daily_hours_cap: is_plus.then_some(13),
            requires_attest: !is_plus,
            rounding_level: RoundingLevel::Month,
            cost_form_by_kind: CostForms {
                joint: CostForm::ParticipantTime,
                own: CostForm::ParticipantTime,
                coordination: CostForm::StaffTime,
                owner: CostForm::StaffTime,
            },
            owner_in_kind_allowed: false,
            grace_working_days: 5,
            returned_working_days: 5,
            reserve_count: None,
            declaration_text:
                "Jag intygar att tiden är arbetad inom min anställning, inte redovisas i något annat \
                               EU-projekt och inte är betald på annat sätt."
                    .into(),
            declaration_version: "1".into(),
            esf_reporting: if is_plus { EsfReporting::Portal } else { EsfReporting::Form },
            activities: if is_plus { unnamed_activities() } else { own_activities() },
            accepted_methods: AcceptedMethods::supported(),
            network_meetings_physical_per_year: 2,
            network_meetings_digital_per_year: 2,
            local_days_per_year: 1,
        }
    }

    /// What is missing before the programme can be scheduled; the pointers begin at the settings.
    pub fn gaps(&self) -> Vec<FieldError> {
        let mut gaps = Vec::new();
        if self.activities.is_empty() {
            gaps.push(FieldError::new(
                "/activities",
                "required",
                Localized::fixed("Aktiviteter saknas.", "Activities are missing."),
            ));
        }
        for (index, activity) in self.activities.iter().enumerate() {
            for (field, label) in [("labelSv", &activity.label_sv), ("labelEn", &activity.label_en)] {
                if is_blank(label) {
                    let words = Localized::new(
                        format!("Aktivitet {} saknar etikett.", activity.code),
                        format!("Activity {} lacks its label.", activity.code),
                    );
                    gaps.push(FieldError::new(format!("/activities/{index}/{field}"), "required", words));
                }
            }
        }
        gaps
    }

    /// What contradicts itself or the programme's profile, and what is not supported yet.
    pub fn faults(&self, profile: Profile) -> Vec<FieldError> {
        let mut faults = self.activity_faults();
        faults.extend(self.accepted_methods.faults());
        if self.profile != profile {
            let words = Localized::new(
                format!("Programmets profil är {profile}."),
                format!("The programme's profile is {profile}."),
            );
            faults.push(FieldError::new("/profile", "wrongProfile", words));
        }
        faults
    }

    fn activity_faults(&self) -> Vec<FieldError> {
        let mut codes: Vec<&str> = self.activities.iter().map(|activity| activity.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        if codes.len() == self.activities.len() {
            return Vec::new();
        }
        vec![FieldError::new(
            "/activities",
            "notUnique",
            Localized::fixed("En aktivitetskod förekommer två gånger.", "An activity code occurs twice."),
        )]
    }
}

/// The activities of the offer.
fn own_activities() -> Vec<Activity> {
    [
        ("network", "Nätverksträff", "Network meeting", false),
        ("local-day", "Lokal heldag", "Local full day", false),
        (
            "development",
            "Utvecklingsarbete i den egna kommunen",
            "Development work in one's own kommun",
            false,
        ),
        ("coordination", "Lokal projektkoordinering", "Local project coordination", false),
        ("travel", "Resa", "Travel", true),
    ]
    .into_iter()
    .map(|(code, sv, en, is_travel)| Activity {
        code: code.to_owned(),
        label_sv: sv.into(),
        label_en: en.into(),
        is_travel,
    })
    .collect()
}

/// ESF+ has seven codes. Before the programme is scheduled the economist enters their labels and says which one is travel.
fn unnamed_activities() -> Vec<Activity> {
    let unnamed = |number| Activity {
        code: format!("A{number}"),
        label_sv: OptionalLine::default(),
        label_en: OptionalLine::default(),
        is_travel: false,
    };
    (1..=7).map(unnamed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_profiles_differ_as_esf_requires() {
        let (old, plus) =
            (SettingsContent::of(Profile::Esf20142020), SettingsContent::of(Profile::EsfPlus20212027));
        assert_eq!((old.annual_hours_cap, plus.annual_hours_cap), (1662, 1720));
        assert_eq!((old.daily_hours_cap, plus.daily_hours_cap), (None, Some(13)));
        assert_eq!((old.requires_attest, plus.requires_attest), (true, false));
        assert!(old.gaps().is_empty());
        assert_eq!(plus.gaps().len(), 14);
    }

    #[test]
    fn an_activity_code_occurs_once() {
        let mut settings = SettingsContent::of(Profile::Esf20142020);
        settings.activities.push(settings.activities[0].clone());
        assert_eq!(settings.faults(Profile::Esf20142020).len(), 1);
    }

    #[test]
    fn another_profile_and_unsupported_methods_are_refused() {
        let mut settings = SettingsContent::of(Profile::Esf20142020);
        settings.accepted_methods.time_report.push(SignatureMethod::BankId);
        let found = settings.faults(Profile::EsfPlus20212027);
        let pointers: Vec<_> = found.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/acceptedMethods/timeReport/2", "/profile"]);
    }
}
