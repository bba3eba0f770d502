//! Errors at the token endpoints follow RFC 6749: `error` and `error_description` are added to the members of the
//! problem document.

use serde_json::{Value, json};

use crate::platform::problem::{Code, Problem};

/// Whether this path is a token endpoint.
pub fn is_endpoint(path: &str) -> bool {
    path.ends_with("/oauth/token") || path.ends_with("/oauth/revoke")
}

/// The errors that these endpoints name, all from RFC 6749 (§5.2, §4.1.2.1).
pub const ERRORS: [&str; 7] = [
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// Adds `error`, unless the problem has one of its own, and `error_description` to a problem's document.
pub fn add_members(document: &mut Value, problem: &Problem) {
    let Some(members) = document.as_object_mut() else { return };
    let description = members.get("detail").cloned().unwrap_or_default();
    members.entry("error").or_insert_with(|| json!(error_of(problem.code)));
    // RFC 6749 allows ASCII only here, without quotes and backslashes.
    let ascii: String = description.as_str().unwrap_or_default().chars().map(ascii).collect();
    members.insert("error_description".to_owned(), json!(ascii));
}

/// The error code of RFC 6749 §5.2 (§4.1.2.1 for server errors) that corresponds to a problem.
pub fn error_of(code: Code) -> &'static str {
    match code {
        Code::InvalidGrant => "invalid_grant",
        Code::InvalidClient | Code::Unauthenticated => "invalid_client",
        Code::LoginLocked | Code::TooManyRequests | Code::Overloaded | Code::DatabaseUnavailable => {
            "temporarily_unavailable"
        }
        code if code.status() >= 500 => "server_error",
        _ => "invalid_request",
    }
}

fn ascii(letter: char) -> char {
    match letter {
        'å' | 'ä' => 'a',
        'Å' | 'Ä' => 'A',
        'ö' => 'o',
        'Ö' => 'O',
        'é' => 'e',
        '–' => '-',
        '…' => '.',
        '"' | '\\' => '\'',
        other if (' '..='~').contains(&other) => other,
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::text::Language;

    fn document(problem: &Problem) -> Value {
        let mut document = problem.document(Language::Sv, "", "/api/v1/oauth/token", "t");
        add_members(&mut document, problem);
        document
    }

    #[test]
    fn a_refusal_has_the_members_of_both_standards() {
        let document = document(&Problem::new(Code::InvalidGrant));
        assert_eq!(document["error"], "invalid_grant");
        assert_eq!(document["code"], "invalidGrant");
        assert!(document["error_description"].as_str().unwrap().starts_with("Anvandarnamn, losenord"));
    }

    #[test]
    fn a_problems_own_error_is_kept() {
        let problem = Problem::new(Code::InvalidTokenRequest).member("error", "unsupported_grant_type");
        assert_eq!(document(&problem)["error"], "unsupported_grant_type");
        assert_eq!(document(&Problem::internal("x"))["error"], "server_error");
        assert_eq!(document(&Problem::new(Code::LoginLocked))["error"], "temporarily_unavailable");
    }

    #[test]
    fn only_token_endpoints_follow_rfc_6749() {
        assert!(is_endpoint("/api/v1/oauth/token") && is_endpoint("/api/v1/oauth/revoke"));
        assert!(
            !is_endpoint("/api/v1/oauth/tokens") && !is_endpoint("/.well-known/oauth-authorization-server")
        );
    }
}
