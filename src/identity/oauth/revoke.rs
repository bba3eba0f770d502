//! `/oauth/revoke` (RFC 7009): logging out. Whoever has a token may end its session.

use super::form::Form;
use super::refresh::session_of;
use crate::identity::policy::SessionOpen;
use crate::identity::sessions::{self, EndReason, SessionRow};
use crate::platform::auth::caller::Subject;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::{Answer, NO_STORE};
use crate::platform::ids::{Id, secret_hash};
use crate::platform::problem::{Code, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;

/// Ends the session of a refresh or access token; a token that is unknown or over is answered alike.
pub async fn revoke(permit: Permit<SessionOpen>, form: &Form) -> Result<Answer, Problem> {
    let [token] = form.needed(["token"])?;
    let services = permit.services();
    let ring = services.callers.key_ring().await?;
    let issuer = services.addresses.public_url.as_str();
    let claims = ring.verify(&token, issuer, &format!("{issuer}/api/v1"), services.clock.wall()).ok();
    let named = claims.and_then(|claims| claims.sid);
    let hash = secret_hash(&token);
    permit.write_always(move |tx| end(tx, named, &hash)).await?;
    let mut answer = Answer::no_content().cached(NO_STORE);
    answer.status = 200;
    Ok(answer)
}

fn end(tx: &mut Tx<'_>, named: Option<Id>, hash: &str) -> Result<Answer, Problem> {
    let session = match named {
        Some(id) => Some(id),
        None => session_of(tx.db, hash)?,
    };
    if let Some(id) = session {
        match SessionRow::locked(tx, id) {
            Ok(row) => {
                let holder = row.person_id.map(Subject::Person).or(row.client_id.map(Subject::Client));
                tx.acts_as(holder.unwrap_or(Subject::Anonymous));
                sessions::end(tx, row, EndReason::Revoked)?;
            }
            Err(problem) if problem.code == Code::NotFound => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(Answer::no_content())
}
