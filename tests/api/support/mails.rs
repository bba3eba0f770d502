//! The mails of a test's application.

use samverkan::platform::ids::Id;
use samverkan::platform::outbox;

use super::TestApp;

impl TestApp {
    /// All mails so far, oldest first: recipient and text.
    pub fn mails(&self) -> Vec<(String, String)> {
        let system = self.services.system();
        let rows = self.services.database.read_blocking(&system, |rx| outbox::unscoped_texts(rx, None));
        let rows = rows.unwrap();
        // The text of a mail that has been sent is only in its file.
        let text = |id, body: String| if body.is_empty() { self.sent(id) } else { body };
        rows.into_iter().map(|(id, recipient, body)| (recipient, text(id, body))).collect()
    }

    /// The text of a mail that has been sent, decoded from its quoted-printable file.
    pub fn sent(&self, id: Id) -> String {
        let file = std::fs::read_to_string(self.mail_file(id)).unwrap();
        let (head, body) = file.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("\r\nMIME-Version: 1.0\r\n"), "{head}");
        let body = body.replace("=\r\n", "");
        let mut bytes = Vec::new();
        let mut rest = body.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'=' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                byte => byte,
            });
        }
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }

    /// The file of a mail that has been sent.
    pub fn mail_file(&self, id: Id) -> std::path::PathBuf {
        outbox::file_of(self.services.config.mail_dir.as_ref().unwrap(), id)
    }

    /// The last `{id}.{token}` that was mailed to an address.
    pub fn link_for(&self, email: &str) -> (String, String) {
        let mail = self.mails().into_iter().rev().find(|(to, body)| to == email && body.contains('#'));
        let (_, body) = mail.unwrap_or_else(|| panic!("no link was mailed to {email}"));
        let link = body.split('#').nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        let (id, token) = link.split_once('.').unwrap();
        (id.to_owned(), token.to_owned())
    }
}
