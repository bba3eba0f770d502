//! Paper sheets: time reports that somebody who has left has signed by hand, and that a coordinator registers. The person is
//! told, because nobody else would notice a sheet that they never signed.

use crate::identity::people::PersonRow;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, funding_sentence};
use crate::time::time_reports::TimeReportRow;

/// Mails the person that a sheet was registered in their name.
pub fn tell(
    tx: &mut Tx<'_>,
    person: &PersonRow,
    report: &TimeReportRow,
    checked_by: Option<&str>,
) -> Result<(), Problem> {
    let programme = programme::unscoped_by_id(tx.db, report.programme_id)?;
    let (month, name, checker) = (report.month, &programme.name, checked_by.unwrap_or_default());
    let subject = Localized::fixed(
        "En tidrapport som du har undertecknat på papper är registrerad",
        "A time report that you signed on paper was registered",
    );
    let body = Localized::new(
        format!(
            "Din tidrapport för {month} i programmet {name} är registrerad som undertecknad av dig på papper. {checker} har \
             kontrollerat bladet. Har du inte undertecknat något blad: säg det till SKR:s ekonom."
        ),
        format!(
            "Your time report of {month} in the programme {name} was registered as signed by you on paper. {checker} has \
             checked the sheet. If you have not signed any sheet, tell SKR's economist."
        ),
    );
    tx.mail(&person.email, &subject, &body, Some(&funding_sentence(programme.profile)))
}
