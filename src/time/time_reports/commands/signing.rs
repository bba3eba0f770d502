//! Signing and attesting a report. The signature covers the SHA-256 of the exact content and names the version of the
//! declaration (guide §4).

use super::stepping::StepFacts;
use crate::identity::roles::SignerRole;
use crate::identity::signatures::{SignatureMethod, SignatureRow};
use crate::platform::context::Context;
use crate::platform::moment::Day;
use crate::platform::problem::{Code, Problem};
use crate::programmes::settings::SettingsContent;
use crate::time::time_reports::requests::TimeReportChangeData;
use crate::time::time_reports::store::TimeReportRow;
use crate::time::time_reports::{TimeReportState, content, rules};

/// How the person signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// With their account.
    WithAccount,
    /// On a paper sheet, by hand, on this day.
    OnPaper(Day),
}

impl Signer {
    fn method(self) -> SignatureMethod {
        match self {
            Signer::WithAccount => SignatureMethod::Account,
            Signer::OnPaper(_) => SignatureMethod::InkScan,
        }
    }
}

/// The report with the person's signature. 409 when entries are incomplete, when there is no time to sign for, and when the
/// content has changed since the caller read it.
pub fn signed(
    ctx: &Context,
    facts: &StepFacts,
    before: &TimeReportRow,
    data: &TimeReportChangeData,
    signer: Signer,
) -> Result<TimeReportRow, Problem> {
    let settings = facts.related.settings(before)?;
    check_method(settings, signer.method())?;
    let entries = facts.entries(before);
    Code::EntriesIncomplete.refuse_any(rules::incomplete(&content::lines(entries)))?;
    rules::check_minutes(content::recorded_minutes(entries))?;
    let sha256 = content::sha256(before, entries)?;
    data.check_text(&sha256, &settings.declaration_version)?;
    let mut after = before.clone();
    after.content_sha256 = Some(sha256);
    after.signed_at = Some(match signer {
        Signer::WithAccount => ctx.now,
        Signer::OnPaper(day) => day.start(),
    });
    after.reason = None;
    Ok(after)
}

/// The report with another person's attest. 422 when time on a day of rest is attested without a comment.
pub fn attested(
    ctx: &Context,
    facts: &StepFacts,
    before: &TimeReportRow,
    data: &TimeReportChangeData,
    comment: Option<&str>,
) -> Result<TimeReportRow, Problem> {
    let settings = facts.related.settings(before)?;
    rules::check_rest_days(&content::lines(facts.entries(before)), comment)?;
    check_method(settings, SignatureMethod::Account)?;
    data.check_text(signed_hash(before)?, &settings.declaration_version)?;
    let mut after = before.clone();
    after.attested_at = Some(ctx.now);
    after.attested_by = Some(ctx.caller.person_id().ok_or_else(|| Problem::new(Code::Forbidden))?);
    after.editable_until = None;
    Ok(after)
}

/// The signature that a step gives, if it gives one. `checked_by` has checked the paper sheet.
pub fn signature(
    ctx: &Context,
    facts: &StepFacts,
    before: &TimeReportRow,
    after: &TimeReportRow,
    checked_by: Option<&str>,
) -> Result<Option<SignatureRow>, Problem> {
    let is_on_paper = before.status == TimeReportState::Unsigned;
    let (signer, signer_role) = match after.status {
        TimeReportState::Signed => (after.person_id, SignerRole::Employee),
        TimeReportState::Attested => {
            let attester =
                after.attested_by.ok_or_else(|| Problem::internal("an attest without its person"))?;
            (attester, SignerRole::Attester)
        }
        _ => return Ok(None),
    };
    let is_employees = signer_role == SignerRole::Employee;
    let title = facts.related.participant(before)?.function.clone();
    let method = if is_on_paper { SignatureMethod::InkScan } else { SignatureMethod::Account };
    Ok(Some(SignatureRow {
        id: ctx.new_id(),
        subject_type: "timeReport".to_owned(),
        subject_id: before.id,
        subject_version: before.sign_round,
        signer_role,
        person_id: Some(signer),
        name: facts.person(signer)?.settled_name(ctx.now).to_owned(),
        title: is_employees.then_some(title),
        method,
        sha256: signed_hash(after)?.to_owned(),
        statement_version: facts.related.settings(before)?.declaration_version.clone().into(),
        delegation_ref: None,
        evidence_file_id: None,
        signed_at: after.signed_at.filter(|_| is_employees).unwrap_or(ctx.now),
        received_at: is_on_paper.then_some(ctx.now),
        is_void: false,
        checked_by: checked_by.filter(|_| is_on_paper).map(str::to_owned),
    }))
}

/// 409 when the content is not the one that the approver has read.
pub fn check_content(before: &TimeReportRow, data: &TimeReportChangeData) -> Result<(), Problem> {
    match before.content_sha256.as_deref() {
        Some(sha256) => data.check_content(sha256),
        None => Ok(()),
    }
}

fn signed_hash(report: &TimeReportRow) -> Result<&str, Problem> {
    report.content_sha256.as_deref().ok_or_else(|| Problem::internal("a signed report without its hash"))
}

/// 409 unless the programme's settings accept the method.
fn check_method(settings: &SettingsContent, method: SignatureMethod) -> Result<(), Problem> {
    if settings.accepted_methods.time_report.contains(&method) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict).detail(
        format!("Programmets inställningar godtar inte underskrift med {method}."),
        format!("The programme's settings do not accept signing by {method}."),
    ))
}
