//! The signed access token and the answer that contains it.

use super::{ACCESS_MINUTES, IDLE_DAYS, SESSION_DAYS, TokenAnswer};
use crate::identity::sessions::SessionRow;
use crate::platform::auth::caller::Assignment;
use crate::platform::auth::token::{Claims, KeyRing, RoleClaim};
use crate::platform::context::Context;
use crate::platform::http::answer::Answer;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;

/// When a person's session expires unless it is renewed: 30 days from now, but at most 90 days after it began.
pub fn person_session_end(created_at: Instant, wall: Instant) -> Instant {
    wall.plus_days(IDLE_DAYS).min(created_at.plus_days(SESSION_DAYS))
}

/// The answer with an access token for a session.
pub fn answer(
    ctx: &Context,
    ring: &KeyRing,
    session: &SessionRow,
    held: Vec<Assignment>,
    refresh_token: Option<String>,
) -> Result<Answer, Problem> {
    let mut codes: Vec<String> = held.iter().map(|assignment| assignment.role.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    let access_token = ring.sign(&claims(ctx, session, held)?)?;
    let token = TokenAnswer {
        access_token,
        token_type: "Bearer",
        expires_in: ACCESS_MINUTES * 60,
        refresh_token,
        scope: codes.join(" "),
    };
    Ok(Answer::json(&token)?.secret())
}

/// The maximum number of roles in a token. With more roles than this, the token contains none, because it must fit into a
/// header. Frontends can read the roles in `/me`.
const MOST_ROLES: usize = 30;

fn claims(ctx: &Context, session: &SessionRow, held: Vec<Assignment>) -> Result<Claims, Problem> {
    let issuer = ctx.addresses.public_url.clone();
    let subject = session.person_id.or(session.client_id);
    let shown = if held.len() > MOST_ROLES { Vec::new() } else { held };
    let roles = shown.into_iter().map(|assignment| RoleClaim {
        role: assignment.role,
        signer_role: assignment.signer_role,
        programme_id: assignment.programme_id,
        kommunkod: assignment.kommunkod,
    });
    Ok(Claims {
        sub: subject.ok_or_else(|| Problem::internal("a session without a person or a client"))?,
        aud: format!("{issuer}/api/v1"),
        iss: issuer,
        exp: ctx.wall.plus_minutes(ACCESS_MINUTES).seconds(),
        iat: ctx.wall.seconds(),
        jti: ctx.ids.id(ctx.wall),
        sid: Some(session.id),
        roles: roles.collect(),
        client_id: session.client_id.map(|id| id.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::policy::Role;
    use crate::platform::auth::token::{MAX_TOKEN_BYTES, SigningKey};
    use proptest::prelude::*;

    fn token(count: usize) -> (String, Claims) {
        let ctx = Context::example();
        let longest = Role::ALL.iter().max_by_key(|role| role.as_str().len()).unwrap();
        let held = Assignment {
            role: longest.as_str().to_owned(),
            signer_role: Some("executiveBoardChair".to_owned()),
            programme_id: Some(ctx.new_id()),
            kommunkod: Some("2582".to_owned()),
            subject_id: None,
        };
        let session = SessionRow {
            id: ctx.new_id(),
            person_id: Some(ctx.new_id()),
            client_id: None,
            created_at: ctx.wall,
            last_used_at: ctx.wall,
            expires_at: ctx.wall,
            ended_at: None,
            ended_reason: None,
            updated_at: ctx.wall,
            version: 1,
        };
        let claims = claims(&ctx, &session, vec![held; count]).unwrap();
        let ring = KeyRing::new(vec![SigningKey::generate(&ctx.ids, ctx.wall).unwrap()]).unwrap();
        (ring.sign(&claims).unwrap(), claims)
    }

    #[test]
    fn a_token_fits_into_a_header_with_any_number_of_roles() {
        for (count, told) in [(0, 0), (1, 1), (MOST_ROLES, MOST_ROLES), (MOST_ROLES + 1, 0), (290, 0)] {
            let (token, claims) = token(count);
            assert!(token.len() < MAX_TOKEN_BYTES, "{count} roles: {} bytes", token.len());
            assert_eq!(claims.roles.len(), told);
        }
    }

    proptest! {
        #[test]
        fn a_session_lasts_at_most_ninety_days_and_thirty_idle_days(hours in 0_i64..24 * 90) {
            let began = Instant::from_millis(1_604_000_000_000);
            let wall = began.plus_minutes(hours * 60);
            let end = person_session_end(began, wall);
            prop_assert!(end <= began.plus_days(90) && end <= wall.plus_days(30));
            prop_assert!(end == began.plus_days(90) || end == wall.plus_days(30));
            prop_assert!(end > wall);
        }
    }
}
