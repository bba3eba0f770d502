//! E-mail addresses: which can be mailed, and which belong to the same mailbox.

use lettre::Address;
use lettre::message::Mailbox;

/// The longest part before the @ (RFC 5321 §4.5.3.1).
const LOCAL_LIMIT: usize = 64;

/// The address as mail is sent to it; none if it cannot be mailed. The format `email` of a request refuses it by the same rule where it is entered.
/// A server need not accept a part before the @ that is quoted or has other letters than ASCII, and most do not.
pub fn mailbox(text: &str) -> Option<Mailbox> {
    let address: Address = text.parse().ok()?;
    let user = address.user();
    let is_plain = user.is_ascii() && user.len() <= LOCAL_LIMIT && !user.contains('"');
    let has_host = address.domain().contains('.') && !address.domain().starts_with('[');
    (is_plain && has_host).then(|| Mailbox::new(None, address))
}

/// The mailbox that an address belongs to, as far as can be told: `Vic+1@x.se` is `vic@x.se`.
pub fn folded(address: &str) -> String {
    let address = address.to_lowercase();
    match address.rsplit_once('@') {
        Some((user, domain)) => format!("{}@{domain}", user.split('+').next().unwrap_or_default()),
        None => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_servers_accept_can_be_mailed() {
        for address in [
            "a@b.se",
            "karin.oberg+esf@boden.example",
            "o'brien@x.y.z",
            "k@xn--smland-exa.se",
            "k@småland.se",
        ] {
            assert!(mailbox(address).is_some(), "{address}");
        }
        let long = format!("{}@b.se", "a".repeat(65));
        for address in [
            "",
            "a",
            "a@",
            "@b.se",
            "a@b",
            "å@b.se",
            "\"a b\"@b.se",
            "\"a\"@b.se",
            "a@[1.2.3.4]",
            "a b@c.se",
            "A <a@b.se>",
            "a@b.se\r\nBcc: c@d.se",
            &long,
        ] {
            assert!(mailbox(address).is_none(), "{address}");
        }
    }

    #[test]
    fn subaddresses_belong_to_one_mailbox() {
        for address in ["vic@x.se", "VIC@X.se", "vic+1@x.se", "vic+a+b@x.se", "Vic+@x.se"] {
            assert_eq!(folded(address), "vic@x.se");
        }
        assert_eq!(folded("vic.1@x.se"), "vic.1@x.se");
    }
}
