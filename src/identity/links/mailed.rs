//! A link as mails show it, `{page}#{id}.{token}`, and the code after the `#`, for a page whose script does not run. The part
//! after the `#` is never sent to a server, and so stands in no log.

use super::Kind;
use crate::platform::context::Context;
use crate::platform::ids::{Id, Secret};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

/// A link for a mail.
pub struct Mailed {
    /// The address to open.
    pub address: String,
    /// The code that the page may ask for.
    pub code: String,
}

impl Mailed {
    /// A link of this kind. `id`: that of the link, or of the application that it verifies.
    pub fn new(ctx: &Context, kind: Kind, id: Id, secret: &Secret) -> Self {
        let code = format!("{id}.{}", secret.reveal());
        Self { address: ctx.app_href(&format!("{}#{code}", kind.page())), code }
    }

    /// What a mail says of the code, below the address.
    pub fn code_sentence(&self) -> Localized {
        Localized::new(
            format!("Frågar sidan efter en kod är det den här: {}", self.code),
            format!("If the page asks for a code, it is this: {}", self.code),
        )
    }
}

/// The id and the token of a code as somebody entered it, perhaps the whole address. 422 when it is no code.
pub fn read_code(entered: &str) -> Result<(Id, String), Problem> {
    let code = entered.rsplit('#').next().unwrap_or_default().trim();
    let parts = code.split_once('.').and_then(|(id, token)| Some((id.parse().ok()?, token)));
    match parts.filter(|(_, token)| !token.is_empty()) {
        Some((id, token)) => Ok((id, token.to_owned())),
        None => {
            let sv = "Koden är inte hel: kopiera hela den från mejlet.";
            let en = "The code is not complete: copy all of it from the mail.";
            let fault = FieldError::new("/code", "invalidValue", Localized::fixed(sv, en));
            Err(Problem::new(Code::InvalidInput).errors(vec![fault]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailed_code_is_read_back_also_from_the_whole_address() {
        let ctx = Context::example();
        let (id, secret) = (ctx.new_id(), ctx.ids.secret());
        let mailed = Mailed::new(&ctx, Kind::Invitation, id, &secret);
        let expected = (id, secret.reveal().to_owned());
        assert_eq!(mailed.address, format!("https://samverkan.example.org/invitation#{}", mailed.code));
        for entered in [mailed.address.clone(), mailed.code.clone(), format!(" {}\n", mailed.code)] {
            assert_eq!(read_code(&entered).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_code_is_refused_at_its_field() {
        for entered in
            ["", "x", "x.y", "0175a2e1-7c00-7000-8000-000000000001", "0175a2e1-7c00-7000-8000-000000000001."]
        {
            assert_eq!(read_code(entered).unwrap_err().errors[0].pointer, "/code", "{entered}");
        }
    }
}
