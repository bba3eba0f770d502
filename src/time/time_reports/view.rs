//! What is shown with reports and asked by their rules, loaded for a whole page at once: minutes, signatures, settings,
//! who is an economist, who has left.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::{Value, json};

use super::rules::{self, Facts};
use super::{TimeReport, TimeReportRow, TimeReportState, content, keys};
use crate::identity::policy::{Role, TimeReportChangeStatus};
use crate::identity::roles;
use crate::identity::signatures::{self, Signature, SignatureRow};
use crate::platform::context::Context;
use crate::platform::db::Rx;
use crate::platform::http::answer::Link;
use crate::platform::http::problem::Problem;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::workflow::AllowedTransition;
use crate::programmes::programme::Profile;
use crate::programmes::settings::{self, SettingsContent};
use crate::team::Organisation;
use crate::team::participants::{self, ParticipantRow};
use crate::time::time_entries::{self, KindMinutes};

/// What belongs to some reports.
#[derive(Default)]
pub struct Surroundings {
    minutes: HashMap<Id, KindMinutes>,
    signatures: Vec<SignatureRow>,
    settings: HashMap<(Id, Month), SettingsContent>,
    economists: HashMap<Id, Vec<Id>>,
    participants: HashMap<Id, ParticipantRow>,
}

impl Surroundings {
    /// Loads what belongs to these reports.
    pub fn of(rx: &mut Rx<'_>, rows: &[TimeReportRow]) -> Result<Self, Problem> {
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        let mut people: Vec<Id> = rows.iter().map(|row| row.participant_id).collect();
        people.sort_unstable();
        people.dedup();
        let mut loaded = Self {
            minutes: time_entries::sums(rx.db, ids.clone())?,
            signatures: signatures::on(rx.db, ids)?,
            participants: participants::by_ids(rx.db, people)?.into_iter().map(|row| (row.id, row)).collect(),
            ..Self::default()
        };
        for row in rows {
            if let Entry::Vacant(unknown) = loaded.settings.entry((row.programme_id, row.month)) {
                let held = settings::on_day(rx.db, row.programme_id, row.month.last_day())?;
                unknown.insert(held.content.0);
            }
            if let Entry::Vacant(unknown) = loaded.economists.entry(row.programme_id) {
                let held = roles::holders(rx, Role::Economist, row.programme_id, None)?;
                unknown.insert(held.into_iter().map(|held| held.person_id).collect());
            }
        }
        Ok(loaded)
    }

    /// The recorded minutes of a report.
    pub fn minutes(&self, row: &TimeReportRow) -> KindMinutes {
        self.minutes.get(&row.id).copied().unwrap_or_default()
    }

    /// The participant whose report it is.
    pub fn participant(&self, row: &TimeReportRow) -> Result<&ParticipantRow, Problem> {
        self.participants
            .get(&row.participant_id)
            .ok_or_else(|| Problem::internal("a report without its participant"))
    }

    /// The settings of the month's last day, which hold for the report.
    pub fn settings(&self, row: &TimeReportRow) -> SettingsContent {
        let held = self.settings.get(&(row.programme_id, row.month));
        held.cloned().unwrap_or_else(|| SettingsContent::of(Profile::Esf20142020))
    }

    /// What the rules need to know.
    pub fn facts(&self, ctx: &Context, row: &TimeReportRow) -> Facts {
        let last_day =
            self.participants.get(&row.participant_id).and_then(|participant| participant.valid_to);
        let economists = self.economists.get(&row.programme_id);
        let caller = ctx.caller.person_id();
        Facts {
            is_own: caller == Some(row.person_id),
            is_owners: row.organisation == Organisation::Owner,
            is_economists: economists.is_some_and(|people| people.contains(&row.person_id)),
            has_attested: caller.is_some() && caller == row.attested_by,
            has_left: last_day.is_some_and(|last| last < ctx.today()),
            requires_attest: self.settings(row).requires_attest,
        }
    }

    /// What the caller may do next with a report.
    pub fn allowed(&self, ctx: &Context, row: &TimeReportRow) -> Vec<AllowedTransition> {
        rules::allowed(row.status, &ctx.roles_for::<TimeReportChangeStatus>(&keys(row)), self.facts(ctx, row))
    }
}

impl TimeReport {
    /// One report, with the hash of what would be signed now while it can still be changed.
    pub fn one(rx: &mut Rx<'_>, mut row: TimeReportRow) -> Result<Self, Problem> {
        if row.status.is_editable() {
            row.content_sha256 = Some(content::sha256(&row, &time_entries::of_report(rx.db, row.id)?)?);
        }
        let around = Surroundings::of(rx, std::slice::from_ref(&row))?;
        Ok(Self::shown(rx.ctx, row, &around))
    }

    /// A report with what was loaded for it.
    pub fn shown(ctx: &Context, row: TimeReportRow, around: &Surroundings) -> Self {
        let minutes = around.minutes(&row);
        let settings = around.settings(&row);
        let signatures = around.signatures.iter().filter(|signature| signature.subject_id == row.id);
        Self {
            allowed_transitions: around.allowed(ctx, &row),
            links: links(ctx, &row),
            signatures: signatures.cloned().map(Signature::from).collect(),
            total_minutes: minutes.total(),
            minutes_by_kind: minutes,
            declaration_text: settings.declaration_text,
            declaration_version: settings.declaration_version,
            requires_attest: settings.requires_attest,
            id: row.id,
            programme_id: row.programme_id,
            organisation: row.organisation,
            kommunkod: row.kommunkod,
            participant_id: row.participant_id,
            person_id: row.person_id,
            month: row.month,
            report_version: row.report_version,
            status: row.status,
            content_sha256: row.content_sha256,
            signed_at: row.signed_at,
            attested_at: row.attested_at,
            attested_by: row.attested_by,
            editable_until: row.editable_until,
            reason: row.reason,
            submission_id: row.submission_id,
            corrects_id: row.corrects_id,
            superseded_by_id: row.superseded_by_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let row = TimeReportRow {
            id: ctx.new_id(),
            programme_id: ctx.new_id(),
            organisation: Organisation::Kommun,
            kommunkod: Some("2582".to_owned()),
            participant_id: ctx.new_id(),
            person_id: ctx.new_id(),
            month: ctx.now.month(),
            report_version: 1,
            status: TimeReportState::Open,
            content_sha256: Some(crate::platform::ids::sha256_hex("Tidrapport")),
            sign_round: 1,
            signed_at: None,
            attested_at: None,
            attested_by: None,
            editable_until: None,
            reason: None,
            submission_id: None,
            corrects_id: None,
            superseded_by_id: None,
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
        };
        let minutes = KindMinutes { joint: 480, own: 240, coordination: 0 };
        let around = Surroundings { minutes: HashMap::from([(row.id, minutes)]), ..Surroundings::default() };
        json!(Self::shown(&ctx, row, &around))
    }
}

fn links(ctx: &Context, row: &TimeReportRow) -> Vec<Link> {
    let path = format!("/time-reports/{}", row.id);
    let mut links = vec![
        Link::to_self(ctx, &path),
        Link::new(ctx, "GET", "statusChanges", &format!("{path}/status-changes")),
        Link::new(ctx, "GET", "timeEntries", &format!("/time-entries?timeReportId={}", row.id)),
        Link::new(ctx, "GET", "participant", &format!("/participants/{}", row.participant_id)),
    ];
    if let Some(submission) = row.submission_id {
        links.push(Link::new(ctx, "GET", "submission", &format!("/month-submissions/{submission}")));
    }
    links
}
