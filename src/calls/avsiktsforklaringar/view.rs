//! A letter as its readers see it: with its signatures, what the caller may do next, and links.

use serde_json::{Value, json};

use super::rules;
use super::store::LetterRow;
use super::{Avsiktsforklaring, LetterState, Signer, path};
use crate::calls::applications;
use crate::identity::policy::{ApplicationRead, LetterChangeStatus, LetterSign, LetterUpdate};
use crate::identity::signatures::{self, SignatureRow};
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::answer::Link;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::problem::Problem;
use crate::platform::relations::Standing;
use crate::platform::tx::Rx;
use crate::platform::workflow::AllowedTransition;
use crate::programmes::programme;

/// What is read for the letters of one answer, once for all of them.
#[derive(Default)]
pub struct Related {
    signatures: Vec<SignatureRow>,
    /// The received letters that can no longer be undone.
    settled: Vec<Id>,
    /// The letters whose application can no longer take a letter.
    ended: Vec<Id>,
    /// What the caller is to them.
    standing: Standing,
}

impl Related {
    /// Loads it for these letters.
    pub fn of(rx: &mut Rx<'_>, letters: &[LetterRow]) -> Result<Self, Problem> {
        let signatures = signatures::unscoped_on(rx.db, letters.iter().map(|letter| letter.id).collect())?;
        let received: Vec<&LetterRow> =
            letters.iter().filter(|letter| letter.status == LetterState::Received).collect();
        let mut programmes: Vec<Id> = received.iter().map(|letter| letter.programme_id).collect();
        programmes.sort_unstable();
        programmes.dedup();
        let mut decided = Vec::new();
        for id in programmes {
            if !rules::is_before_decided(programme::unscoped_by_id(rx.db, id)?.status) {
                decided.push(id);
            }
        }
        let states = applications::unscoped_states(
            rx.db,
            letters.iter().map(|letter| letter.application_id).collect(),
        )?;
        let state_of = |letter: &LetterRow| {
            states.iter().find(|(id, _)| *id == letter.application_id).map(|(_, state)| *state)
        };
        let is_settled = |letter: &&LetterRow| {
            decided.contains(&letter.programme_id) || !state_of(letter).is_some_and(rules::is_open)
        };
        let settled = received.into_iter().filter(is_settled).map(|letter| letter.id).collect();
        let has_ended =
            |letter: &&LetterRow| !state_of(letter).is_some_and(applications::letter_may_be_written);
        let ended = letters.iter().filter(has_ended).map(|letter| letter.id).collect();
        let standing = Standing::for_steps(rx, letters)?;
        Ok(Self { signatures, settled, ended, standing })
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
        let links = links(ctx, &row, &given);
        Self {
            id: row.id,
            allowed_transitions: allowed(ctx, &row, related),
            programme_id: row.programme_id,
            application_id: row.application_id,
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
        allowed.clear();
    }
    if related.ended.contains(&row.id) {
        allowed.retain(|step| !step.to.parse().is_ok_and(rules::asks_the_application));
    }
    allowed
}

fn links(ctx: &Context, row: &LetterRow, given: &[SignatureRow]) -> Vec<Link> {
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
    if ctx.may::<LetterUpdate>(row) && rules::is_writable(row.status) {
        links.push(Link::new(ctx, "PATCH", "update", &path));
    }
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
