//! A token request: its form, and the credentials of the client that sends it (RFC 6749 §2.3.1). They are in the form
//! (`client_secret_post`) or in the header (`client_secret_basic`), never in both.
//!
//! DIGG's REST API profile has no HTTP Basic (SAK.09): none of the API's own operations takes it. Here it only carries what
//! the form would, because RFC 6749 requires it and most OAuth2 libraries send it unasked.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, dev};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use super::refusal;
use crate::platform::http::in_order::RequestPart;
use crate::platform::http::{form, parameters};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

/// A token request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    fields: form::Form,
    credentials: Option<Credentials>,
}

/// The credentials of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The client's id.
    pub id: String,
    /// The client's secret.
    pub secret: String,
}

impl RequestPart for Form {
    const CHECKS_PARAMETERS: bool = true;

    async fn take(request: &HttpRequest, payload: &mut dev::Payload) -> Result<Self, Problem> {
        form::check_headers(request)?;
        parameters::check(request)?;
        let fields = form::read(request, payload).await.map_err(as_token_request)?;
        Self::of(fields, request.headers().get(header::AUTHORIZATION))
    }
}

/// What is wrong with any form is `invalid_request` here.
fn as_token_request(problem: Problem) -> Problem {
    match problem.code {
        Code::InvalidBody => Problem { code: Code::InvalidTokenRequest, ..problem },
        _ => problem,
    }
}

fn refuse_any(faults: Vec<FieldError>) -> Result<(), Problem> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(refusal(Code::InvalidTokenRequest, "invalid_request").errors(faults))
    }
}

impl Form {
    fn of(fields: form::Form, authorization: Option<&HeaderValue>) -> Result<Self, Problem> {
        let credentials = match authorization.and_then(basic_of) {
            Some(sent) => in_header(&fields, &decoded(sent).ok_or_else(not_basic)?)?,
            None => in_form(&fields),
        };
        Ok(Self { fields, credentials })
    }

    /// The values of required fields; the refusal names all missing fields.
    pub fn needed<const N: usize>(&self, names: [&str; N]) -> Result<[String; N], Problem> {
        self.fields.needed(names).map_err(as_token_request)
    }

    /// The client's credentials, if it sent a secret. A client without one names itself or not, as it likes.
    pub fn credentials(&self) -> Option<Credentials> {
        self.credentials.clone()
    }
}

fn in_form(fields: &form::Form) -> Option<Credentials> {
    fields.value("client_secret").map(|secret| Credentials {
        id: fields.value("client_id").unwrap_or_default().to_owned(),
        secret: secret.to_owned(),
    })
}

/// The credentials in the header. An empty secret is none: Swagger UI sends `:` when a person logs in, and other public
/// clients send their id alone.
fn in_header(fields: &form::Form, sent: &Credentials) -> Result<Option<Credentials>, Problem> {
    let mut faults = Vec::new();
    if fields.value("client_secret").is_some() {
        let sv = "Klienten anger sig i Authorization: Basic eller i formuläret, inte på båda sätten.";
        let en = "The client gives its credentials in Authorization: Basic or in the form, not in both.";
        faults.push(FieldError::new("client_secret", "twoMethods", Localized::fixed(sv, en)));
    }
    if fields.value("client_id").is_some_and(|id| !sent.id.is_empty() && id != sent.id) {
        let sv = "En annan klient än i Authorization: Basic.";
        let en = "Another client than in Authorization: Basic.";
        faults.push(FieldError::new("client_id", "otherClient", Localized::fixed(sv, en)));
    }
    refuse_any(faults)?;
    Ok(Some(sent.clone()).filter(|sent| !sent.secret.is_empty()))
}

/// What follows `Basic`; none for another scheme. A client may send its expired bearer token along.
fn basic_of(authorization: &HeaderValue) -> Option<&[u8]> {
    let (scheme, rest) = authorization.as_bytes().split_at_checked(5)?;
    let is_basic = scheme.eq_ignore_ascii_case(b"basic") && rest.first().is_none_or(u8::is_ascii_whitespace);
    is_basic.then(|| rest.trim_ascii())
}

/// Id and secret, each encoded as in a form. Ours have no letter that the encoding changes, so that a client that leaves it
/// out is understood, too.
fn decoded(sent: &[u8]) -> Option<Credentials> {
    let text = String::from_utf8(STANDARD.decode(sent).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let plain = |encoded: &str| {
        let spaced = encoded.replace('+', " ");
        let plain = percent_decode_str(&spaced).decode_utf8().ok()?.into_owned();
        (!plain.contains('\0')).then_some(plain)
    };
    Some(Credentials { id: plain(id)?, secret: plain(secret)? })
}

fn not_basic() -> Problem {
    let sv = "Ska vara Basic och base64 av id:hemlighet, båda kodade som i ett formulär (RFC 6749 §2.3.1).";
    let en = "Must be Basic and the base64 of id:secret, both encoded as in a form (RFC 6749 §2.3.1).";
    let fault = FieldError::new("Authorization", "invalidValue", Localized::fixed(sv, en));
    refusal(Code::InvalidTokenRequest, "invalid_request").errors(vec![fault])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The credentials, or the faults: each is a malformed request in RFC 6749's words.
    fn asked(
        form: &str,
        authorization: Option<&str>,
    ) -> Result<Option<Credentials>, Vec<(String, &'static str)>> {
        let header = authorization.map(|text| HeaderValue::from_str(text).unwrap());
        let taken = Form::of(form::parse(form.as_bytes()).unwrap(), header.as_ref());
        taken.map(|form| form.credentials()).map_err(|refused| {
            assert_eq!(
                (refused.code, &refused.members["error"]),
                (Code::InvalidTokenRequest, &"invalid_request".into())
            );
            refused.errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
        })
    }

    fn basic(text: &[u8]) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn given(id: &str, secret: &str) -> Option<Credentials> {
        Some(Credentials { id: id.into(), secret: secret.into() })
    }

    #[test]
    fn credentials_need_a_secret() {
        assert_eq!(asked("client_id=a&client_secret=b", None), Ok(given("a", "b")));
        assert_eq!(asked("client_id=a", None), Ok(None));
        for empty in ["", "a"] {
            let header = basic(format!("{empty}:").as_bytes());
            assert_eq!(asked("client_id=a&username=k", Some(&header)), Ok(None));
        }
    }

    #[test]
    fn the_header_is_read_as_rfc_6749_encodes_it() {
        for (sent, id, secret) in [
            ("a:b", "a", "b"),
            ("a%3Ab:c%25+d", "a:b", "c% d"),
            ("%C3%A5:b:c", "å", "b:c"),
            ("å:b", "å", "b"),
            (":b", "", "b"),
        ] {
            assert_eq!(asked("", Some(&basic(sent.as_bytes()))), Ok(given(id, secret)), "{sent}");
        }
        assert_eq!(asked("", Some("bAsIc  YTpi ")), Ok(given("a", "b")));
        assert_eq!(asked("client_id=a", Some(&basic(b"a:b"))), Ok(given("a", "b")));
        // Not of this scheme.
        for other in ["Bearer YTpi", "Basically YTpi", "Bas"] {
            assert_eq!(asked("client_id=x&client_secret=y", Some(other)), Ok(given("x", "y")), "{other}");
        }
    }

    #[test]
    fn both_methods_at_once_and_two_clients_are_refused() {
        let faults = |form: &str| asked(form, Some(&basic(b"a:b"))).unwrap_err();
        let both = || ("client_secret".to_owned(), "twoMethods");
        assert_eq!(faults("client_id=a&client_secret=b"), [both()]);
        assert_eq!(faults("client_id=c&client_secret=b"), [both(), ("client_id".to_owned(), "otherClient")]);
    }

    #[test]
    fn a_malformed_header_is_refused() {
        let longer = basic(b"a:b") + "x";
        for sent in [
            "Basic",
            "Basic ",
            "Basic Y",
            "Basic a:b",
            &longer,
            &basic(b"ab"),
            &basic(b"a:\xff"),
            &basic(b"a:%00"),
        ] {
            let fault = ("Authorization".to_owned(), "invalidValue");
            assert_eq!(asked("", Some(sent)), Err(vec![fault]), "{sent}");
        }
    }

    proptest! {
        #[test]
        fn encoded_credentials_are_read_back(id in "[^\0]{0,20}", secret in "[^\0]{1,20}") {
            let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let header = basic(format!("{}:{}", encoded(&id), encoded(&secret)).as_bytes());
            prop_assert_eq!(asked("", Some(&header)), Ok(given(&id, &secret)));
        }
    }
}
