//! A time report as its readers see it, with the facts that its rules need. The facts are loaded for a whole page at once:
//! minutes, signatures, settings, who is an economist, who has left, who registered a paper sheet, which months take no time.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

use super::rules::{self, Facts};
use super::{TimeReport, TimeReportRow, TimeReportState, content};
use crate::identity::people::PersonState;
use crate::identity::policy::{MonthSubmissionRead, ParticipantRead, Role, TimeReportChangeStatus};
use crate::identity::roles::{self, AssignmentRow};
use crate::identity::signatures::{self, Signature, SignatureRow};
use crate::platform::context::Context;
use crate::platform::db::together::Together as _;
use crate::platform::http::answer::Link;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::moment::Month;
use crate::platform::names::Actor;
use crate::platform::problem::Problem;
use crate::platform::relations::{Deed, Standing};
use crate::platform::tx::Rx;
use crate::platform::workflow::{self, AllowedTransition, Histories, LastComment, Offer};
use crate::programmes::programme::Profile;
use crate::programmes::settings::{self, SettingsContent, SettingsRow};
use crate::reference::kommuner::KommunNames;
use crate::team::Organisation;
use crate::team::participants::{Named, ParticipantRow};
use crate::time::months::{MonthRow, MonthState, Openings};
use crate::time::time_entries::{self, EntriesFacts, KindMinutes};

/// The facts that belong to some reports.
#[derive(Default)]
pub struct Related {
    minutes: HashMap<Id, KindMinutes>,
    signatures: Vec<SignatureRow>,
    settings: HashMap<(Id, Month), SettingsContent>,
    /// The assignments of the role economist by programme, also those that have ended.
    economists: HashMap<Id, Vec<AssignmentRow>>,
    participants: Named,
    kommuner: KommunNames,
    /// The comments on their steps, and the names of those who attested.
    histories: Histories,
    /// Who last made the step to `signed`, for the reports that wait for others after it.
    signers: HashMap<Id, Id>,
    /// What the caller is to the reports.
    standing: Standing,
    /// The reports with time on a day of rest, among those that wait for an attest.
    with_rest_days: HashSet<Id>,
    /// The reports whose month accepts no time, so that the steps that depend on it are refused.
    refused: HashSet<Id>,
    /// The reports whose entries keep them from being signed or from being declared empty.
    entries: HashMap<Id, EntriesFacts>,
    /// The reports that were left unsigned although their person can still sign them.
    can_still_sign: HashSet<Id>,
}

impl Related {
    /// Loads the facts of these reports.
    pub fn of(rx: &mut Rx<'_>, rows: &[TimeReportRow]) -> Result<Self, Problem> {
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        let mut loaded = Self {
            minutes: time_entries::unscoped_sums(rx.db, ids.clone())?,
            signatures: signatures::unscoped_on(rx.db, ids.clone())?,
            participants: Named::of(rx, rows.iter().map(|row| row.participant_id))?,
            kommuner: KommunNames::of(rx.db, rows.iter().filter_map(|row| row.kommunkod.as_deref()))?,
            histories: Histories::commented(rx, ids, rows.iter().filter_map(|row| row.attested_by))?,
            ..Self::default()
        };
        let programmes: BTreeSet<Id> = rows.iter().map(|row| row.programme_id).collect();
        let (adopted, economists) = (
            settings::unscoped_of_programmes(&programmes),
            roles::unscoped_ever_held(Role::Economist, &programmes),
        )
            .load(rx.db)?;
        let months: BTreeSet<(Id, Month)> = rows.iter().map(|row| (row.programme_id, row.month)).collect();
        for (id, month) in months {
            let of_it: Vec<SettingsRow> =
                adopted.iter().filter(|held| held.programme_id == id).cloned().collect();
            let held = settings::holding_in(&of_it, month).cloned();
            let held = held.ok_or_else(|| Problem::internal("a programme without settings"))?;
            loaded.settings.insert((id, month), held.content.0);
        }
        for held in economists {
            if let Some(programme) = held.programme_id {
                loaded.economists.entry(programme).or_default().push(held);
            }
        }
        loaded.load_for_steps(rx, rows)?;
        Ok(loaded)
    }

    /// The facts that only the rules of the steps need.
    fn load_for_steps(&mut self, rx: &mut Rx<'_>, rows: &[TimeReportRow]) -> Result<(), Problem> {
        use TimeReportState::{Attested, Empty, Open, Reported, Returned, Signed, Unsigned};
        let ids = |states: &[TimeReportState]| -> Vec<Id> {
            rows.iter().filter(|row| states.contains(&row.status)).map(|row| row.id).collect()
        };
        self.standing = Standing::for_steps(rx, rows)?;
        self.signers = workflow::last_actors(rx, ids(&[Signed, Attested, Reported]), Signed.as_str())?;
        let days = time_entries::unscoped_days_of_reports(rx.db, ids(&[Signed]))?;
        let at_rest = days.into_iter().filter(|(_, day)| rules::is_rest_day(*day));
        self.with_rest_days = at_rest.map(|(report, _)| report).collect();
        let is_asked = |row: &TimeReportRow| match row.status {
            Open | Empty => rx.ctx.caller.is_person(row.person_id),
            status => status == Unsigned,
        };
        let asked: Vec<&TimeReportRow> = rows.iter().filter(|row| is_asked(row)).collect();
        if asked.is_empty() && ids(&[Returned]).is_empty() {
            return Ok(());
        }
        self.entries = time_entries::unscoped_facts(rx.db, ids(&[Open, Returned, Unsigned]))?;
        let programmes = asked.iter().map(|row| row.programme_id).collect();
        let openings = Openings::of(rx, &programmes, &asked.iter().map(|row| row.month).collect())?;
        for row in asked {
            let is_open = openings.opening(rx.ctx, self.participant(row)?, row.month, Some(row))?.is_some();
            // Whoever can log in signs while the month takes their signature.
            let person = self.participants.person(row.participant_id);
            let can_log_in = person.is_some_and(|person| person.status == PersonState::Active);
            if row.status == Unsigned && is_open && can_log_in {
                self.can_still_sign.insert(row.id);
            }
            if !is_open && !comes_late(row, openings.month(row.programme_id, row.month)) {
                self.refused.insert(row.id);
            }
        }
        Ok(())
    }

    /// The recorded minutes of a report.
    pub fn minutes(&self, row: &TimeReportRow) -> KindMinutes {
        self.minutes.get(&row.id).copied().unwrap_or_default()
    }

    /// The participant whose report it is.
    pub fn participant(&self, row: &TimeReportRow) -> Result<&ParticipantRow, Problem> {
        self.participants
            .row(row.participant_id)
            .ok_or_else(|| Problem::internal("a report without its participant"))
    }

    /// The settings of the month's first day, by which the report is judged.
    pub fn settings(&self, row: &TimeReportRow) -> Result<&SettingsContent, Problem> {
        self.settings
            .get(&(row.programme_id, row.month))
            .ok_or_else(|| Problem::internal("a report without the settings of its month"))
    }

    /// The facts for the rules.
    pub fn facts(&self, ctx: &Context, row: &TimeReportRow) -> Result<Facts, Problem> {
        let last_day = self.participants.row(row.participant_id).and_then(|participant| participant.valid_to);
        let economists = self.economists.get(&row.programme_id).into_iter().flatten();
        let own = economists.filter(|held| held.person_id == row.person_id);
        // A role that was given since makes nobody's report an economist's.
        let (mut then, mut now) = (false, false);
        for held in own {
            then |= held.holds_on(row.created_at.day());
            now |= held.holds_on(ctx.today());
        }
        let belongs_to_owner = row.organisation == Organisation::Owner;
        Ok(Facts {
            may_not_decide: self.standing.is_barred(row.id, Deed::Decision),
            may_not_attest: self.standing.is_barred(row.id, Deed::Attest),
            may_not_register: self.standing.is_barred(row.id, Deed::OnBehalf),
            belongs_to_owner,
            is_economists: belongs_to_owner && then && now,
            is_on_paper: self.signers.get(&row.id).is_some_and(|signer| *signer != row.person_id),
            has_left: last_day.is_some_and(|last| last < ctx.today()),
            can_still_sign: self.can_still_sign.contains(&row.id),
            requires_attest: self.settings(row)?.requires_attest,
            has_rest_days: self.with_rest_days.contains(&row.id),
            is_signed_before: row.sign_round > 1,
            is_month_closed: self.refused.contains(&row.id),
            has_time: self.minutes(row).total() > 0,
            has_entries: self.entries.contains_key(&row.id),
            is_incomplete: self.entries.get(&row.id).is_some_and(|entries| entries.is_incomplete),
        })
    }

    /// Who attested a report.
    pub fn attester(&self, row: &TimeReportRow) -> Option<Actor> {
        row.attested_by.map(|by| self.histories.names().actor(by, true))
    }

    /// Why a report was last returned.
    pub fn last_return(&self, row: &TimeReportRow) -> Option<LastComment> {
        self.histories.last_comment_to(row.id, TimeReportState::Returned.as_str(), true)
    }

    /// What the caller is to the reports.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// What the caller may do next with a report.
    pub fn allowed(&self, ctx: &Context, row: &TimeReportRow) -> Result<Vec<AllowedTransition>, Problem> {
        let roles = ctx.roles_for::<TimeReportChangeStatus>(row);
        Ok(rules::allowed(row.status, &roles, self.facts(ctx, row)?))
    }
}

/// Whether a report that was left unsigned may still be signed after its month was closed. In a locked month this needs an
/// exception.
pub(super) fn comes_late(report: &TimeReportRow, month: Option<&MonthRow>) -> bool {
    report.status == TimeReportState::Unsigned && month.is_none_or(|month| month.status != MonthState::Locked)
}

impl TimeReport {
    /// One report. While it can be changed, its hash is that of what would be signed now.
    pub fn show(rx: &mut Rx<'_>, mut row: TimeReportRow) -> Result<Self, Problem> {
        if row.status.is_editable() || row.status == TimeReportState::Unsigned {
            row.content_sha256 =
                Some(content::sha256(&row, &time_entries::unscoped_of_report(rx.db, row.id)?)?);
        }
        let related = Related::of(rx, std::slice::from_ref(&row))?;
        Self::shown(rx.ctx, row, &related)
    }

    /// A report with the facts that were loaded for it.
    pub fn shown(ctx: &Context, row: TimeReportRow, related: &Related) -> Result<Self, Problem> {
        let minutes = related.minutes(&row);
        let settings = related.settings(&row)?;
        let allowed_transitions = related.allowed(ctx, &row)?;
        let signatures = related.signatures.iter().filter(|signature| signature.subject_id == row.id);
        Ok(Self {
            links: links(ctx, &row, &allowed_transitions),
            allowed_transitions,
            signatures: signatures.cloned().map(Signature::from).collect(),
            total_minutes: minutes.total(),
            minutes_by_kind: minutes,
            declaration_text: settings.declaration_text.clone().into(),
            declaration_version: settings.declaration_version.clone().into(),
            requires_attest: settings.requires_attest,
            id: row.id,
            programme_id: row.programme_id,
            organisation: row.organisation,
            kommun_name: row.kommunkod.as_deref().and_then(|code| related.kommuner.get(code)),
            participant_name: related.participants.name(row.participant_id),
            attested_by_name: related.attester(&row).and_then(|attester| attester.name),
            last_comment: related.histories.last_comment(row.id, true),
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
        })
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let row = TimeReportRow {
            content_sha256: Some(sha256_hex("Tidrapport")),
            ..TimeReportRow::new(&ctx, &ParticipantRow::example(&ctx), ctx.now.month())
        };
        let minutes = KindMinutes { joint: 480, own: 240, coordination: 0 };
        let settings = SettingsContent::of(Profile::Esf20142020);
        let related = Related {
            minutes: HashMap::from([(row.id, minutes)]),
            settings: HashMap::from([((row.programme_id, row.month), settings)]),
            ..Related::default()
        };
        Self::shown(&ctx, row, &related).map_or(Value::Null, |report| json!(report))
    }
}

fn links(ctx: &Context, row: &TimeReportRow, steps: &[AllowedTransition]) -> Vec<Link> {
    let path = format!("/time-reports/{}", row.id);
    let mut links = vec![
        Link::to_self(ctx, &path),
        Link::new(ctx, "GET", "statusChanges", format_args!("{path}/status-changes")),
        Link::new(ctx, "GET", "timeEntries", format_args!("/time-entries?timeReportId={}", row.id)),
    ];
    links.extend(Offer { steps, ..Offer::default() }.links(ctx, &path));
    // A person who has left a team may still read their own reports there, but not the participant.
    if ctx.may::<ParticipantRead>(row) {
        links.push(Link::new(
            ctx,
            "GET",
            "participant",
            format_args!("/participants/{}", row.participant_id),
        ));
    }
    if let Some(submission) = row.submission_id.filter(|_| ctx.may::<MonthSubmissionRead>(row)) {
        links.push(Link::new(ctx, "GET", "submission", format_args!("/month-submissions/{submission}")));
    }
    links
}
