//! The mails about an expression of interest, in Swedish and English, each with the programme's funding sentence.

use crate::calls::applications::{ApplicationRow, send_mail as send};
use crate::calls::swedish_time::swedish_time;
use crate::identity::links::{Kind, Mailed};
use crate::identity::people;
use crate::platform::ids::Secret;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::ProgrammeRow;
use crate::reference::kommuner;

/// The link that proves an address. Opening it changes nothing.
pub fn verification(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    application: &ApplicationRow,
    secret: &Secret,
    expires_at: Instant,
) -> Result<(), Problem> {
    let kommun = kommuner::name_of(tx.db, &application.kommunkod)?;
    let mailed = Mailed::new(tx.ctx, Kind::Verification, application.id, secret);
    let (address, code) = (&mailed.address, mailed.code_sentence());
    // The mail does not address the contact by name: the sender has proved nothing, and may have given anybody's address.
    let until = swedish_time(expires_at);
    let information = people::information();
    let body = Localized::new(
        format!(
            "Hej!\n\nNågon har anmält intresse för {} åt {kommun} och angett din adress. Bekräfta \
             intresseanmälan senast {until}:\n\n{address}\n\n{}\n\nVar det inte du behöver du inte göra något: utan \
             bekräftelse förfaller anmälan.\n\n{}",
            programme.name, code.sv, information.sv
        ),
        format!(
            "Hello!\n\nSomebody has expressed interest in {} on behalf of {kommun} and has given your address. Please \
             confirm the expression of interest by {until}:\n\n{address}\n\n{}\n\nIf it was not you, you need not do \
             anything: without confirmation it expires.\n\n{}",
            programme.name, code.en, information.en
        ),
    );
    let subject = Localized::fixed("Bekräfta intresseanmälan", "Confirm the expression of interest");
    send(tx, programme, &application.contact_email, &subject, &body)
}

/// Tells both contacts that the kommun's second application became a note on the first.
pub fn merged(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    first: &ApplicationRow,
    second: &ApplicationRow,
) -> Result<(), Problem> {
    let kommun = kommuner::name_of(tx.db, &first.kommunkod)?;
    let subject =
        Localized::fixed("Ännu en intresseanmälan från kommunen", "One more expression of interest");
    let (name, email) = (&second.contact_name, &second.contact_email);
    let to_first = Localized::new(
        format!(
            "Hej {}!\n\n{name} ({email}) har också anmält {kommun} till {}. Uppgifterna finns nu som en anteckning på \
             er intresseanmälan, som gäller som förut. Ta gärna kontakt med varandra.",
            first.contact_name, programme.name
        ),
        format!(
            "Hello {}!\n\n{name} ({email}) has also expressed interest in {} on behalf of {kommun}. This is now a note \
             on your application, which remains valid. Please get in touch with each other.",
            first.contact_name, programme.name
        ),
    );
    // The mail does not name the first contact: the address is proved, but not that its owner works for the kommun.
    let to_second = Localized::new(
        format!(
            "Hej {name}!\n\n{kommun} hade redan en intresseanmälan till {}. Din har blivit en anteckning på den, och \
             dess kontaktperson har fått ditt namn och din adress. Projektledaren prövar vem som är kontaktperson.",
            programme.name
        ),
        format!(
            "Hello {name}!\n\n{kommun} had already expressed interest in {}. Your expression of interest has become a \
             note on the first one, and the contact of the first one has been given your name and address. The programme \
             manager decides who the contact is.",
            programme.name
        ),
    );
    send(tx, programme, &first.contact_email, &subject, &to_first)?;
    send(tx, programme, email, &subject, &to_second)
}

/// Tells the contact that the application is submitted. `keeps_password`: the account keeps the password that it had.
pub fn received(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    application: &ApplicationRow,
    keeps_password: bool,
) -> Result<(), Problem> {
    let kommun = kommuner::name_of(tx.db, &application.kommunkod)?;
    let login = if keeps_password {
        Localized::fixed(
            "Logga in med det lösenord du redan har.",
            "Log in with the password that you already have.",
        )
    } else {
        Localized::fixed("Logga in med lösenordet du valde.", "Log in with the password that you chose.")
    };
    let name = &application.contact_name;
    let body = Localized::new(
        format!(
            "Hej {name}!\n\nIntresseanmälan för {kommun} till {} har kommit in. {}",
            programme.name, login.sv
        ),
        format!(
            "Hello {name}!\n\nWe have received the expression of interest of {kommun} in {}. {}",
            programme.name, login.en
        ),
    );
    let subject =
        Localized::fixed("Intresseanmälan har kommit in", "The expression of interest has been received");
    send(tx, programme, &application.contact_email, &subject, &body)
}
