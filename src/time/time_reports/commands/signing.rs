//! Signing and attesting a report. The signature covers the SHA-256 of the exact content and names the version of the
//! declaration (guide §4).

use crate::identity::people;
use crate::identity::roles::SignerRole;
use crate::identity::signatures::{self, SignatureMethod, SignatureRow, Subject};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::programmes::settings::SettingsContent;
use crate::time::time_entries;
use crate::time::time_reports::requests::TimeReportChangeData;
use crate::time::time_reports::store::TimeReportRow;
use crate::time::time_reports::view::Related;
use crate::time::time_reports::{content, rules};

/// How the person signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// With their account.
    WithAccount,
    /// On a paper sheet, by hand, on this day. The coordinator who registers the sheet has checked it.
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
    tx: &mut Tx<'_>,
    before: &TimeReportRow,
    data: &TimeReportChangeData,
    related: &Related,
    signer: Signer,
) -> Result<TimeReportRow, Problem> {
    let settings = related.settings(before)?;
    check_method(settings, signer.method())?;
    let entries = time_entries::unscoped_of_report(tx.db, before.id)?;
    Code::EntriesIncomplete.refuse_any(rules::incomplete(&content::lines(&entries)))?;
    rules::check_minutes(content::recorded_minutes(&entries))?;
    let sha256 = content::sha256(before, &entries)?;
    data.check_text(&sha256, &settings.declaration_version)?;
    let signed_at = match signer {
        Signer::WithAccount => tx.ctx.now,
        Signer::OnPaper(day) => day.start(),
    };
    let mut signature = signature(tx, before, before.person_id, SignerRole::Employee, &sha256, settings)?;
    signature.title = Some(related.participant(before)?.function.clone());
    signature.method = signer.method();
    signature.received_at = (signer != Signer::WithAccount).then_some(tx.ctx.now);
    signature.signed_at = signed_at;
    signatures::insert(tx, &Subject::of(before), &signature)?;
    let mut after = before.clone();
    after.content_sha256 = Some(sha256);
    after.signed_at = Some(signed_at);
    after.reason = None;
    Ok(after)
}

/// The report with another person's attest. 422 when time on a day of rest is attested without a comment.
pub fn attested(
    tx: &mut Tx<'_>,
    before: &TimeReportRow,
    data: &TimeReportChangeData,
    related: &Related,
    comment: Option<&str>,
) -> Result<TimeReportRow, Problem> {
    let settings = related.settings(before)?;
    let entries = time_entries::unscoped_of_report(tx.db, before.id)?;
    rules::check_rest_days(&content::lines(&entries), comment)?;
    check_method(settings, SignatureMethod::Account)?;
    let sha256 =
        before.content_sha256.clone().ok_or_else(|| Problem::internal("a signed report without its hash"))?;
    data.check_text(&sha256, &settings.declaration_version)?;
    let attester = tx.ctx.caller.person_id().ok_or_else(|| Problem::new(Code::Forbidden))?;
    let signature = signature(tx, before, attester, SignerRole::Attester, &sha256, settings)?;
    signatures::insert(tx, &Subject::of(before), &signature)?;
    let mut after = before.clone();
    after.attested_at = Some(tx.ctx.now);
    after.attested_by = Some(attester);
    after.editable_until = None;
    Ok(after)
}

fn signature(
    tx: &mut Tx<'_>,
    report: &TimeReportRow,
    person_id: Id,
    signer_role: SignerRole,
    sha256: &str,
    settings: &SettingsContent,
) -> Result<SignatureRow, Problem> {
    let person = people::unscoped_by_id(tx.db, person_id)?;
    let now: Instant = tx.ctx.now;
    Ok(SignatureRow {
        id: tx.ctx.new_id(),
        subject_type: "timeReport".to_owned(),
        subject_id: report.id,
        subject_version: report.sign_round,
        signer_role,
        person_id: Some(person_id),
        name: person.name,
        title: None,
        method: SignatureMethod::Account,
        sha256: sha256.to_owned(),
        statement_version: settings.declaration_version.clone().into(),
        delegation_ref: None,
        evidence_file_id: None,
        signed_at: now,
        received_at: None,
        is_void: false,
    })
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
