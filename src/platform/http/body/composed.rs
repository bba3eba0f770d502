//! Brings every text of a body to NFC before its bounds and rules are checked.

use std::borrow::Cow;

use serde_json::Value;

use crate::platform::text::composed;

/// The same body with its texts in NFC. Passwords stay as sent: a stored hash may be one of other bytes (see
/// [`password`](crate::platform::auth::password)). The parser has bounded how deep the body is nested.
pub(super) fn compose(body: Value) -> Value {
    match body {
        Value::String(text) => Value::String(match composed(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(composed) => composed,
        }),
        Value::Array(items) => items.into_iter().map(compose).collect(),
        Value::Object(mut members) => {
            for (name, value) in &mut members {
                if !is_password(name) {
                    *value = compose(value.take());
                }
            }
            Value::Object(members)
        }
        other => other,
    }
}

fn is_password(name: &str) -> bool {
    name == "password" || name.ends_with("Password")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_text_but_passwords_is_composed() {
        let sent = json!({"name": "A\u{30a}sa", "items": [{"text": "O\u{308}berg", "n": 1}], "newPassword": "a\u{30a}"});
        let read = json!({"name": "Åsa", "items": [{"text": "Öberg", "n": 1}], "newPassword": "a\u{30a}"});
        assert_eq!(compose(sent), read);
    }
}
