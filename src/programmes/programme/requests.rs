//! The requests that add and change a programme, and how they become rows.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use validator::Validate;

use super::{Decision, Profile, ProgrammeRow, ProgrammeState, SelectionPlan, SelectionPlanPatch, SentPlan};
use crate::identity::people::NewPerson;
use crate::identity::policy::Role;
use crate::identity::roles::NewRoleAssignment;
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::body::Change;
use crate::platform::ids::Id;
use crate::platform::moment::{self, Day, Instant};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::platform::values::{Email, Line, Name, Note};
use crate::platform::workflow::StepData;
use crate::reference::swedish_key;

/// An instant, or a day, which means a certain time of that day in Sweden.
macro_rules! day_or_instant {
    ($(#[$doc:meta])* $name:ident read by $read:path as $format:literal; a day means $time:literal; $examples:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name(pub Instant);

        impl From<$name> for Instant {
            fn from(given: $name) -> Self {
                given.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                $read(&text).map(Self).map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::SchemaFormat::Custom($format.to_owned())))
                    .description(Some(concat!(
                        "An RFC 3339 instant, or a day YYYY-MM-DD, which means ", $time, " of that day in Sweden"
                    )))
                    .examples($examples)
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

day_or_instant! {
    /// A deadline: an instant, or a day, which means 24:00 of that day in Sweden.
    Deadline read by moment::deadline as "deadline"; a day means "24:00"; ["2020-11-03", "2020-11-06T13:00:00+01:00"]
}

day_or_instant! {
    /// When something opens or starts: an instant, or a day, which means 00:00 of that day in Sweden.
    Opening read by moment::opening as "opening"; a day means "00:00"; ["2020-10-05", "2020-10-05T08:00:00+02:00"]
}

/// A programme to add.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewProgramme::example)]
pub struct NewProgramme {
    /// Name.
    #[validate(nested)]
    pub name: Line<200>,
    /// What it is about.
    #[validate(nested)]
    pub description: Note<5000>,
    /// ESF's programme period; the first settings follow its rules.
    pub profile: Profile,
    /// How many kommuner can take part.
    #[schema(minimum = 1, maximum = 290)]
    pub places: i32,
    /// First day of the work.
    pub starts_on: Day,
    /// Last day of the work.
    pub ends_on: Day,
    /// When the call opens: interest can be expressed from then on.
    pub opens_at: Opening,
    /// The last moment to express interest.
    pub interest_deadline: Deadline,
    /// The information meeting.
    pub info_meeting_at: Opening,
    /// The last moment for each kommun to say whether it is still interested.
    pub confirmation_deadline: Deadline,
    /// The last moment for both to have signed the avsiktsförklaring.
    pub avsiktsforklaring_deadline: Deadline,
    /// How the places will be given if more kommuner qualify than there are places; left out, by the default goals. Anyone reads
    /// it from the day the call opens, and it does not change after that.
    #[serde(default)]
    #[schema(value_type = Option<SelectionPlan>)]
    #[validate(nested)]
    pub selection_plan: Option<SelectionPlanPatch>,
    /// An older programme of the same profile, whose settings the caller may read: the new one gets its newest adopted settings, its
    /// milestone templates, moved by as many months as lie between the first days, and, unless `selectionPlan` is given, its
    /// goals and quotas. Pins are not copied, because they concern the kommuner of one call.
    #[serde(default)]
    pub copy_from: Option<Id>,
    /// Who is invited as its programme manager, with the role from today; whoever adds it otherwise invites one with POST
    /// /people.
    #[serde(default)]
    #[validate(nested)]
    pub manager: Option<NewManager>,
}

/// The person who is to manage a new programme.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Projektledare SKR", "email": "projektledare@skr.example"}))]
pub struct NewManager {
    /// Name.
    #[validate(nested)]
    pub name: Name,
    /// Work e-mail, which the invitation is sent to.
    #[validate(nested)]
    pub email: Email,
}

impl NewManager {
    /// The invitation, with the role in the programme.
    pub fn into_person(self, programme_id: Id) -> NewPerson {
        let Self { name, email } = self;
        let role = NewRoleAssignment {
            role: Role::ProgrammeManager,
            programme_id: Some(programme_id),
            kommunkod: None,
            valid_from: None,
            valid_to: None,
        };
        NewPerson { name, email, role: Some(role) }
    }
}

impl NewProgramme {
    pub(super) fn example() -> serde_json::Value {
        serde_json::json!({
            "name": "Utvecklingsnätverk för samverkan med sociala företag",
            "description": "Ett tvåårigt utvecklingsnätverk, finansierat av ESF.",
            "profile": "esf-2014-2020",
            "places": 12,
            "startsOn": "2021-01-01",
            "endsOn": "2022-12-31",
            "opensAt": "2020-10-05T08:00:00+02:00",
            "interestDeadline": "2020-11-03",
            "infoMeetingAt": "2020-11-06T13:00:00+01:00",
            "confirmationDeadline": "2020-11-10",
            "avsiktsforklaringDeadline": "2020-11-15",
            "selectionPlan": {"quotas": [{"dimension": "skrGroup", "category": "A1", "max": 1}]},
            "manager": {"name": "Projektledare SKR", "email": "projektledare@skr.example"}
        })
    }

    /// The row of a new programme, a draft.
    pub fn into_row(self, ctx: &Context) -> ProgrammeRow {
        let Self {
            name,
            description,
            profile,
            places,
            starts_on,
            ends_on,
            opens_at: Opening(opens_at),
            interest_deadline: Deadline(interest_deadline),
            info_meeting_at: Opening(info_meeting_at),
            confirmation_deadline: Deadline(confirmation_deadline),
            avsiktsforklaring_deadline: Deadline(avsiktsforklaring_deadline),
            selection_plan,
            copy_from,
            manager: _,
        } = self;
        let sent = SentPlan::from(SelectionPlan::default()).with(selection_plan.unwrap_or_default());
        ProgrammeRow {
            id: ctx.new_id(),
            sort_name: swedish_key(&name),
            search_text: searched(&name, &description),
            name: name.into(),
            description: description.into(),
            status: ProgrammeState::Draft,
            profile,
            places,
            starts_on,
            ends_on,
            opens_at,
            interest_deadline,
            info_meeting_at,
            confirmation_deadline,
            avsiktsforklaring_deadline,
            seed: None,
            seed_sha256: None,
            opened_at: None,
            seed_shown_at: None,
            esf_decision: None,
            cancellation_reason: None,
            selection_plan: Some(Json(sent.read_or(SelectionPlan::default()))),
            copied_from: copy_from,
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

fn searched(name: &str, description: &str) -> String {
    format!("{name} {description}").to_lowercase()
}

/// A change of a programme: everything while it is planned, later only name and description.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"places": 14, "interestDeadline": "2020-11-05"}))]
pub struct ProgrammePatch {
    /// Name.
    #[serde(default)]
    #[schema(value_type = Line<200>)]
    #[validate(nested)]
    pub name: Change<Line<200>>,
    /// What it is about.
    #[serde(default)]
    #[schema(value_type = Note<5000>)]
    #[validate(nested)]
    pub description: Change<Note<5000>>,
    /// How many kommuner can take part.
    #[serde(default)]
    #[schema(value_type = i32, minimum = 1, maximum = 290)]
    pub places: Change<i32>,
    /// First day of the work.
    #[serde(default)]
    #[schema(value_type = Day)]
    pub starts_on: Change<Day>,
    /// Last day of the work.
    #[serde(default)]
    #[schema(value_type = Day)]
    pub ends_on: Change<Day>,
    /// When the call opens: interest can be expressed from then on.
    #[serde(default)]
    #[schema(value_type = Opening)]
    pub opens_at: Change<Opening>,
    /// The last moment to express interest.
    #[serde(default)]
    #[schema(value_type = Deadline)]
    pub interest_deadline: Change<Deadline>,
    /// The information meeting.
    #[serde(default)]
    #[schema(value_type = Opening)]
    pub info_meeting_at: Change<Opening>,
    /// The last moment for each kommun to say whether it is still interested.
    #[serde(default)]
    #[schema(value_type = Deadline)]
    pub confirmation_deadline: Change<Deadline>,
    /// The last moment for both to have signed the avsiktsförklaring.
    #[serde(default)]
    #[schema(value_type = Deadline)]
    pub avsiktsforklaring_deadline: Change<Deadline>,
    /// How the places will be given if more kommuner qualify than there are places.
    #[serde(default)]
    #[schema(value_type = SelectionPlanPatch)]
    #[validate(nested)]
    pub selection_plan: Change<SelectionPlanPatch>,
}

impl ProgrammePatch {
    /// The changed row.
    pub fn apply(self, mut row: ProgrammeRow) -> ProgrammeRow {
        let Self {
            name,
            description,
            places,
            starts_on,
            ends_on,
            opens_at,
            interest_deadline,
            info_meeting_at,
            confirmation_deadline,
            avsiktsforklaring_deadline,
            selection_plan,
        } = self;
        name.map(String::from).apply(&mut row.name);
        description.map(String::from).apply(&mut row.description);
        places.apply(&mut row.places);
        starts_on.apply(&mut row.starts_on);
        ends_on.apply(&mut row.ends_on);
        opens_at.map(Instant::from).apply(&mut row.opens_at);
        interest_deadline.map(Instant::from).apply(&mut row.interest_deadline);
        info_meeting_at.map(Instant::from).apply(&mut row.info_meeting_at);
        confirmation_deadline.map(Instant::from).apply(&mut row.confirmation_deadline);
        avsiktsforklaring_deadline.map(Instant::from).apply(&mut row.avsiktsforklaring_deadline);
        if let Change::Set(patch) = selection_plan {
            let plan = row.plan();
            row.selection_plan = Some(Json(SentPlan::from(plan.clone()).with(patch).read_or(plan)));
        }
        keyed(row)
    }
}

/// The row with its columns for sorting and searching.
pub(super) fn keyed(mut row: ProgrammeRow) -> ProgrammeRow {
    row.sort_name = swedish_key(&row.name);
    row.search_text = searched(&row.name, &row.description);
    row
}

/// The row with its columns for sorting and searching computed again.
pub(super) fn with_keys(
    row: ProgrammeRow,
    _: &ProgrammeRow,
    _: &mut Rx<'_>,
) -> Result<ProgrammeRow, Problem> {
    Ok(keyed(row))
}

/// The facts that a change of a programme's status takes.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"decision": {"body": "ESF-rådet", "decidedOn": "2020-12-10", "registryNumber": "2020/00373"}}))]
pub struct ProgrammeChangeData {
    /// ESF's decision, required for `running`.
    #[serde(default)]
    #[validate(nested)]
    pub decision: Option<Decision>,
}

impl StepData for ProgrammeChangeData {
    fn given(&self) -> Vec<&'static str> {
        let Self { decision } = self;
        decision.as_ref().map(|_| "decision").into_iter().collect()
    }
}
