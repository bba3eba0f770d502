//! `/avsiktsforklaringar/{id}/status-changes`: sending, returning, declining, revoking a letter, and registering one on
//! paper.

use super::requests::LetterChangeData;
use super::store::LetterRow;
use super::{LetterState, steps, writing};
use crate::identity::policy::{LetterChangeStatus, LetterRead};
use crate::platform::change::Changed;
use crate::platform::http::operations::Operations;
use crate::platform::problem::{Code, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::platform::workflow::status_changes::{ChangeStatus, StatusChangeDocs};
use crate::programmes::programme::ProgrammeRow;

impl ChangeStatus for LetterRow {
    type Data = LetterChangeData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<LetterState, LetterChangeData>,
    ) -> Result<Self, Problem> {
        if wanted.to == LetterState::Received {
            // Its receipt may take a place: the programme is locked before the application, as everywhere.
            ProgrammeRow::locked(tx, seen.programme_id)?;
        }
        let application = writing::locked_application(tx, seen.id)?;
        let Changed { before, after } = tx.step(seen.id, wanted, |tx, before: &Self, _| {
            steps::prepared(tx, before, &application, wanted)
        })?;
        steps::follow(tx, &before, &after, &application, wanted)?;
        Ok(after)
    }
}

/// Its steps, as OpenAPI tells of them.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "avsiktsforklaringar",
    many: "avsiktsförklaringar",
    steps: Localized::fixed(
        "Den som ansöker skickar (`sentForSignature`, bjuder in båda undertecknarna), tar tillbaka en mottagen (`revoked`) och öppnar en återsänd eller avböjd igen (`draft`). En undertecknare avböjer (`declined`, med kommentar). Projektledaren återsänder (`returned`, med kommentar) och registrerar papper (`received`, med `data`; kom det för sent krävs en kommentar). Underskrifter och klockan gör resten.",
        "The applicant sends it (`sentForSignature`, invites both signers), takes a received one back (`revoked`) and opens a returned or declined one again (`draft`). A signer declines (`declined`, with a comment). The programme manager returns it (`returned`, with a comment) and registers paper (`received`, with `data`; a comment when it came too late). Signatures and the clock do the rest.",
    ),
    problems: &[Code::OwnWork, Code::DeadlinePassed],
    example: || LetterChangeData::request_example(),
};

/// The operations on a letter's states.
pub fn routes(cfg: &mut Operations) {
    cfg.status_changes::<LetterRow, LetterRead, LetterChangeStatus>(&STATUS_CHANGES);
}
