//! What is sent to move a report on.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

/// Facts that a step of a time report takes.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"statementVersion": "1"}))]
pub struct TimeReportChangeData {
    /// `signed`, `attested`: SHA-256 of the content that was read; refused when the content is another now.
    #[serde(default)]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: Option<String>,
    /// `signed`, `attested`: version of the declaration that was read; refused when another one holds.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40)]
    pub statement_version: Option<String>,
    /// `signed` from `unsigned`: the day on which the person signed the sheet by hand; required there.
    #[serde(default)]
    pub signed_on: Option<Day>,
}

impl TimeReportChangeData {
    /// 409 when what was read is not what stands there now.
    pub fn check_text(&self, sha256: &str, statement_version: &str) -> Result<(), Problem> {
        let other = |read: &Option<String>, now: &str| read.as_deref().is_some_and(|read| read != now);
        if other(&self.sha256, sha256) || other(&self.statement_version, statement_version) {
            return Err(Problem::new(Code::TextChanged)
                .member("sha256", sha256)
                .member("statementVersion", statement_version));
        }
        Ok(())
    }

    /// The day on which a sheet was signed by hand: given, not after `today`, and not before the last day of the work
    /// that it declares.
    pub fn day_signed(&self, last_worked: Option<Day>, today: Day) -> Result<Day, Problem> {
        let fault = |code, sv, en| {
            let faults = vec![FieldError::new("/data/signedOn", code, Localized::fixed(sv, en))];
            Problem::new(Code::InvalidInput).errors(faults)
        };
        match self.signed_on {
            None => Err(fault(
                "required",
                "Ange dagen då bladet undertecknades.",
                "Give the day on which the sheet was signed.",
            )),
            Some(day) if day > today => {
                Err(fault("inTheFuture", "Dagen har inte kommit än.", "The day has not come yet."))
            }
            Some(day) if last_worked.is_some_and(|last| day < last) => Err(fault(
                "beforeTheWork",
                "Bladet undertecknas tidigast den sista dagen med tid.",
                "The sheet is signed on the last day of its time at the earliest.",
            )),
            Some(day) => Ok(day),
        }
    }
}
