//! The mails about letters: to the signers when a letter is sent, to the applicant when it is received, returned or declined.

use super::store::LetterRow;
use super::{Signer, path};
use crate::calls::applications::ApplicationRow;
use crate::calls::swedish_time::swedish_deadline;
use crate::identity::roles::SignerRole;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, funding_sentence};
use crate::reference::kommuner;

/// Asks a signer to read and sign.
pub fn please_sign(tx: &mut Tx<'_>, letter: &LetterRow, signer: &Signer) -> Result<(), Problem> {
    let about = About::of(tx, letter)?;
    let (kommun, programme, link) = (&about.kommun, &about.programme, &about.link);
    let role = signer.signer_role.label();
    let (name, deadline) = (&*signer.name, swedish_deadline(letter.deadline));
    let body = Localized::new(
        format!(
            "Hej {name}!\n\nDu är utsedd att som {} underteckna avsiktsförklaringen från kommunen {kommun} för {programme}. \
             Läs den och underteckna med ditt konto: {link}\n\nBåda underskrifterna ska finnas senast {deadline} (svensk tid). Vill du \
             inte underteckna kan du avböja med en kommentar.",
            role.sv
        ),
        format!(
            "Hello {name}!\n\nYou are named to sign, as {}, the avsiktsförklaring (letter of intent) of the kommun {kommun} \
             for {programme}. Read it and sign with your account: {link}\n\nBoth signatures are needed by {deadline} (Swedish time). If you \
             do not want to sign you can decline with a comment.",
            role.en
        ),
    );
    let subject = Localized::new(
        format!("Avsiktsförklaring att underteckna: {kommun}"),
        format!("Avsiktsförklaring to sign: {kommun}"),
    );
    tx.mail(&signer.email, &subject, &body, Some(&about.funding))
}

/// Why a signer is invited to get an account, with the funding sentence below.
pub fn why_invited(tx: &mut Tx<'_>, letter: &LetterRow) -> Result<Localized, Problem> {
    let About { kommun, programme, funding, .. } = About::of(tx, letter)?;
    Ok(Localized::new(
        format!(
            "Du är utsedd att underteckna avsiktsförklaringen från kommunen {kommun} för {programme}.\n\n{}",
            funding.sv
        ),
        format!(
            "You are named to sign the avsiktsförklaring (letter of intent) of the kommun {kommun} for {programme}.\n\n{}",
            funding.en
        ),
    ))
}

/// Tells the applicant that the letter is received.
pub fn received(tx: &mut Tx<'_>, letter: &LetterRow, application: &ApplicationRow) -> Result<(), Problem> {
    let outcome = Localized::fixed("har tagits emot av SKR.", "has been received by SKR.");
    tell_applicant(tx, letter, application, &outcome, None)
}

/// Tells the applicant that the manager has sent the letter back.
pub fn returned(
    tx: &mut Tx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
    comment: Option<&str>,
) -> Result<(), Problem> {
    let outcome = Localized::fixed(
        "har återsänts av SKR:s projektledare. Ändra den och skicka den igen.",
        "has been returned by SKR's programme manager. Change it and send it again.",
    );
    tell_applicant(tx, letter, application, &outcome, comment)
}

/// Tells the applicant that a signer has declined.
pub fn declined(
    tx: &mut Tx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
    role: Option<SignerRole>,
    comment: Option<&str>,
) -> Result<(), Problem> {
    let label = role.map_or_else(|| Localized::fixed("en undertecknare", "a signer"), SignerRole::label);
    let outcome = Localized::new(
        format!("har avböjts av: {}.", label.sv),
        format!("has been declined by: {}.", label.en),
    );
    tell_applicant(tx, letter, application, &outcome, comment)
}

fn tell_applicant(
    tx: &mut Tx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
    outcome: &Localized,
    comment: Option<&str>,
) -> Result<(), Problem> {
    let About { kommun, programme, link, funding } = About::of(tx, letter)?;
    let name = &application.contact_name;
    let said = comment.map_or_else(
        || Localized::fixed("", ""),
        |comment| Localized::new(format!("\n\nKommentar: {comment}"), format!("\n\nComment: {comment}")),
    );
    let body = Localized::new(
        format!(
            "Hej {name}!\n\nAvsiktsförklaringen från kommunen {kommun} för {programme} {}{}\n\n{link}",
            outcome.sv, said.sv
        ),
        format!(
            "Hello {name}!\n\nThe avsiktsförklaring of the kommun {kommun} for {programme} {}{}\n\n{link}",
            outcome.en, said.en
        ),
    );
    let label = letter.status.label();
    let subject = Localized::new(
        format!("Avsiktsförklaringen är {}: {kommun}", label.sv),
        format!("The avsiktsförklaring is {}: {kommun}", label.en),
    );
    tx.mail(&application.contact_email, &subject, &body, Some(&funding))
}

/// What every mail about a letter names.
struct About {
    kommun: String,
    programme: String,
    /// The letter in the frontend.
    link: String,
    funding: Localized,
}

impl About {
    fn of(tx: &mut Tx<'_>, letter: &LetterRow) -> Result<Self, Problem> {
        let programme = programme::unscoped_by_id(tx.db, letter.programme_id)?;
        Ok(Self {
            kommun: kommuner::name_of(tx.db, &letter.kommunkod)?,
            funding: funding_sentence(programme.profile),
            programme: programme.name,
            link: format!("{}{}", tx.ctx.addresses.public_app_url, path(letter.id)),
        })
    }
}
