//! A form as OAuth2 clients and browsers post it (`application/x-www-form-urlencoded`): limited in size, with each field at
//! most once.

use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev, web};

use super::body::{self, BodyFacts};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::{Localized, composed};

/// The maximum size of a form: 16 KiB.
const LIMIT: usize = 16 * 1024;

const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of a form; fields without a value are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    fields: Vec<(String, String)>,
}

/// Refuses what is too large (413) or no form (415), before it is read.
pub fn check_headers(request: &HttpRequest) -> Result<(), Problem> {
    let text = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let length: Option<usize> = text(header::CONTENT_LENGTH).and_then(|text| text.trim().parse().ok());
    if length.is_some_and(|length| length > LIMIT) {
        return Err(too_large());
    }
    let essence = text(header::CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let is_plain =
        text(header::CONTENT_ENCODING).is_none_or(|coding| coding.trim().eq_ignore_ascii_case("identity"));
    if essence.eq_ignore_ascii_case(FORM) && is_plain {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType).detail(
        format!("Content-Type ska vara {FORM}, okomprimerat."),
        format!("Content-Type must be {FORM}, uncompressed."),
    ))
}

/// Reads and parses the body of a request whose headers are checked; 408, 413, or 400 `invalidBody`.
pub async fn read(request: &HttpRequest, payload: &mut dev::Payload) -> Result<Form, Problem> {
    let payload = web::Payload::from_request(request, payload).await.map_err(|_| cut_short())?;
    let bytes = body::in_time(to_end(payload)).await?;
    request.extensions_mut().insert(BodyFacts::of(&bytes));
    parse(&bytes)
}

async fn to_end(payload: web::Payload) -> Result<web::Bytes, Problem> {
    match payload.to_bytes_limited(LIMIT).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(cut_short()),
        Err(_) => Err(too_large()),
    }
}

fn too_large() -> Problem {
    Problem::new(Code::BodyTooLarge).detail("Gränsen är 16 KiB här.", "The limit is 16 KiB here.")
}

fn cut_short() -> Problem {
    Problem::new(Code::InvalidBody).detail(
        "Innehållet tog slut innan allt var mottaget.",
        "The body ended before all of it was received.",
    )
}

/// Reads the fields. A field that is repeated or contains a null character is refused.
pub fn parse(bytes: &[u8]) -> Result<Form, Problem> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut faults = Vec::new();
    for (name, value) in form_urlencoded::parse(bytes).into_owned() {
        if fields.iter().any(|(earlier, _)| *earlier == name) {
            faults.push(FieldError::new(
                name,
                "repeated",
                Localized::fixed("Fältet får bara stå en gång.", "The field may occur only once."),
            ));
        } else if name.contains('\0') || value.contains('\0') {
            let words =
                Localized::fixed("Fältet innehåller ett nolltecken.", "The field contains a null character.");
            faults.push(FieldError::new(name.replace('\0', ""), "invalidValue", words));
        } else {
            // A password is tried as it was sent, too.
            let value = if name == "password" { value } else { composed(&value).into_owned() };
            fields.push((name, value));
        }
    }
    Code::InvalidBody.refuse_any(faults)?;
    fields.retain(|(_, value)| !value.is_empty());
    Ok(Form { fields })
}

impl Form {
    /// A form with these values, to be shown.
    pub fn of(fields: &[(&str, &str)]) -> Self {
        Self {
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        }
    }

    /// The value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The values of required fields; the refusal names all missing fields.
    pub fn needed<const N: usize>(&self, names: [&str; N]) -> Result<[String; N], Problem> {
        let missing = names.iter().filter(|name| self.value(name).is_none());
        let words = || Localized::fixed("Fältet saknas.", "The field is missing.");
        let faults = missing.map(|name| FieldError::new(*name, "required", words())).collect();
        Code::InvalidBody.refuse_any(faults)?;
        Ok(names.map(|name| self.value(name).unwrap_or_default().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn faults(text: &str) -> Vec<(String, &'static str)> {
        let refused = parse(text.as_bytes()).unwrap_err();
        assert_eq!(refused.code, Code::InvalidBody);
        refused.errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn a_field_occurs_once() {
        assert_eq!(faults("a=1&b=2&a=1"), [("a".to_owned(), "repeated")]);
        assert_eq!(faults("grant_type=password&grant_type="), [("grant_type".to_owned(), "repeated")]);
        assert_eq!(faults("a=x%00"), [("a".to_owned(), "invalidValue")]);
    }

    #[test]
    fn a_field_without_a_value_counts_as_missing() {
        let form = parse(b"username=&password=x+%C3%A5").unwrap();
        assert_eq!((form.value("username"), form.value("password")), (None, Some("x å")));
        let refused = form.needed(["username", "password", "scope"]).unwrap_err();
        assert_eq!(
            refused.errors.iter().map(|f| f.pointer.as_str()).collect::<Vec<_>>(),
            ["username", "scope"]
        );
    }

    proptest! {
        #[test]
        fn no_bytes_cause_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes).map(|form| form.needed(["a", "b"]).is_ok());
        }

        #[test]
        fn an_encoded_value_is_read_back(name in "[a-z_]{1,12}", value in "[^\0]{1,40}") {
            let value = composed(&value).into_owned();
            let sent = form_urlencoded::Serializer::new(String::new()).append_pair(&name, &value).finish();
            let form = parse(sent.as_bytes()).unwrap();
            prop_assert_eq!(form.value(&name), Some(value.as_str()));
        }
    }
}
