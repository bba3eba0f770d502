//! A letter as its readers see it: with its signatures, what the caller may do next, and links.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Value, json};

use super::store::{self, LetterRow};
use super::{Avsiktsforklaring, LetterState, Signer, path, readiness, rules};
use crate::calls::applications::{self, ApplicationRow};
use crate::identity::policy::{ApplicationRead, LetterChangeStatus, LetterSign, LetterUpdate};
use crate::identity::signatures::{self, SignatureRow};
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::answer::Link;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::problem::Problem;
use crate::platform::relations::Standing;
use crate::platform::tx::Rx;
use crate::platform::workflow::{AllowedTransition, Histories, Offer};
use crate::programmes::programme;
use crate::reference::kommuner::KommunNames;

/// What is read for the letters of one answer, once for all of them.
#[derive(Default)]
pub struct Related {
    signatures: Vec<SignatureRow>,
    /// The letters whose application has a received letter that can no longer be undone or replaced.
    settled: HashSet<Id>,
    /// The letters whose application can no longer take a letter.
    ended: HashSet<Id>,
    /// The drafts that cannot be sent yet, or no longer.
    unsendable: HashSet<Id>,
    /// Those whose text and signers can be changed now.
    writable: HashSet<Id>,
    /// What the caller is to them.
    standing: Standing,
    kommuner: KommunNames,
    histories: Histories,
}

impl Related {
    /// Loads it for these letters.
    pub fn of(rx: &mut Rx<'_>, letters: &[LetterRow]) -> Result<Self, Problem> {
        let signatures = signatures::unscoped_on(rx.db, letters.iter().map(|letter| letter.id).collect())?;
        let ids: Vec<Id> = letters.iter().map(|letter| letter.application_id).collect();
        let programmes: BTreeSet<Id> = letters.iter().map(|letter| letter.programme_id).collect();
        let adopted = applications::adopted(rx, &programmes)?;
        let programmes = programme::unscoped_by_ids(rx.db, &programmes)?;
        let found = applications::unscoped_by_ids(rx.db, &ids)?;
        let received = store::unscoped_received_at(rx, ids)?;
        let drafted =
            |letter: &&LetterRow| letter.status == LetterState::Draft && rx.ctx.may::<LetterUpdate>(*letter);
        let drafts: HashSet<Id> =
            letters.iter().filter(drafted).map(|letter| letter.application_id).collect();
        let begun: Vec<&ApplicationRow> = found.iter().filter(|row| drafts.contains(&row.id)).collect();
        let applicants = readiness::applicants_of(rx, &begun)?;
        let (mut settled, mut ended, mut unsendable) = (HashSet::new(), HashSet::new(), HashSet::new());
        let mut writable = HashSet::new();
        for letter in letters {
            let Some(application) = found.iter().find(|row| row.id == letter.application_id) else {
                continue;
            };
            let programme = programmes.of(letter.programme_id)?;
            let is_adopted = adopted.contains(&programme.id);
            let is_decided = !readiness::is_before_decided(programme, application, is_adopted);
            if is_decided && received.contains_key(&letter.application_id) {
                settled.insert(letter.id);
            }
            if readiness::check_writable(letter, programme, application, is_adopted).is_ok() {
                writable.insert(letter.id);
            }
            if !applications::letter_may_be_written(application.status) {
                ended.insert(letter.id);
            }
            if let Some(applicants) = applicants.get(&application.id).filter(|_| drafted(&letter)) {
                let programme = programmes.of(letter.programme_id)?;
                let sent = readiness::check_sendable(letter, application, programme, applicants, rx.ctx.now);
                if sent.is_err() {
                    unsendable.insert(letter.id);
                }
            }
        }
        let standing = Standing::for_steps(rx, letters)?;
        let kommuner = KommunNames::of(rx.db, letters.iter().map(|letter| letter.kommunkod.as_str()))?;
        let histories = Histories::of(rx, letters.iter().map(|letter| letter.id).collect(), [])?;
        Ok(Self { signatures, settled, ended, unsendable, writable, standing, kommuner, histories })
    }
}

impl Avsiktsforklaring {
    /// A letter as the caller sees it, with what it needs of other rows.
    pub fn show(rx: &mut Rx<'_>, row: LetterRow) -> Result<Avsiktsforklaring, Problem> {
        let related = Related::of(rx, std::slice::from_ref(&row))?;
        Ok(Avsiktsforklaring::new(rx.ctx, row, &related))
    }

    /// A letter as the caller sees it.
    pub fn new(ctx: &Context, row: LetterRow, related: &Related) -> Self {
        let given: Vec<SignatureRow> =
            related.signatures.iter().filter(|signature| signature.subject_id == row.id).cloned().collect();
        let allowed_transitions = allowed(ctx, &row, related);
        let may_write = ctx.may::<LetterUpdate>(&row);
        let offer = Offer {
            steps: &allowed_transitions,
            update: may_write && related.writable.contains(&row.id),
            delete: may_write && rules::is_unsent(&row, related.histories.count(row.id)),
            ..Offer::default()
        };
        let links = links(ctx, &row, &given, offer);
        Self {
            id: row.id,
            allowed_transitions,
            programme_id: row.programme_id,
            application_id: row.application_id,
            kommun_name: related.kommuner.get(&row.kommunkod),
            last_comment: related.histories.last_comment(row.id, true),
            kommunkod: row.kommunkod,
            status: row.status,
            text: row.text,
            text_sha256: row.text_sha256,
            text_version: row.text_version,
            deadline: row.deadline,
            received_at: row.received_at,
            signers: row.signers.0,
            signatures: given.into_iter().map(Into::into).collect(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    /// An example for OpenAPI.
    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let text = "Avsiktsförklaring".to_owned();
        let row = LetterRow {
            id: ctx.new_id(),
            programme_id: ctx.new_id(),
            kommunkod: "2582".to_owned(),
            application_id: ctx.new_id(),
            status: LetterState::SentForSignature,
            text_sha256: sha256_hex(&text),
            text,
            text_version: 1,
            deadline: ctx.now.plus_days(45),
            received_at: None,
            signers: Json(Signer::examples()),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 2,
        };
        json!(Self::new(&ctx, row, &Related::default()))
    }
}

/// The steps that the workflow gives the caller's roles and their standing, without those that the decision on the places or the end of the
/// application has closed.
fn allowed(ctx: &Context, row: &LetterRow, related: &Related) -> Vec<AllowedTransition> {
    let roles = ctx.roles_for::<LetterChangeStatus>(row);
    let mut allowed = related.standing.allowed(row, &roles);
    if related.settled.contains(&row.id) {
        allowed
            .retain(|step| row.status != LetterState::Received && step.to != LetterState::Received.as_str());
    }
    if related.unsendable.contains(&row.id) {
        allowed.retain(|step| step.to != LetterState::SentForSignature.as_str());
    }
    if related.ended.contains(&row.id) {
        allowed.retain(|step| !step.to.parse().is_ok_and(rules::asks_the_application));
    }
    allowed
}

fn links(ctx: &Context, row: &LetterRow, given: &[SignatureRow], offer: Offer<'_>) -> Vec<Link> {
    let path = path(row.id);
    let mut links = vec![
        Link::to_self(ctx, &path),
        Link::new(ctx, "GET", "statusChanges", format_args!("{path}/status-changes")),
        Link::new(ctx, "GET", "signatures", format_args!("{path}/signatures")),
    ];
    if ctx.may::<ApplicationRead>(row) {
        links.push(Link::new(
            ctx,
            "GET",
            "application",
            format_args!("/applications/{}", row.application_id),
        ));
    }
    links.extend(offer.links(ctx, &path));
    if may_sign(ctx, row, given) {
        links.push(Link::new(ctx, "POST", "sign", format_args!("{path}/signatures")));
    }
    links
}

fn may_sign(ctx: &Context, row: &LetterRow, given: &[SignatureRow]) -> bool {
    let person = ctx.caller.person_id();
    let has_signed = rules::valid(given, row.text_version).any(|signature| signature.person_id == person);
    ctx.may::<LetterSign>(row) && rules::is_signable(row.status) && ctx.now < row.deadline && !has_signed
}
