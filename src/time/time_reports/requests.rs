//! The `data` of a status change of a time report.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::values::{Line, Name, Sha256Hex};
use crate::platform::workflow::{StepData, incomplete};

/// The data of a status change of a time report. Which fields are used depends on the new state.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"sha256": crate::platform::ids::sha256_hex("Tidrapport"), "statementVersion": "1"}))]
pub struct TimeReportChangeData {
    /// `signed`, `attested`, `approved`: the report's `contentSha256` as it was read; refused when the content has changed
    /// since. Required for `signed`; the other two need it, `version` or `If-Match`.
    #[serde(default)]
    #[validate(nested)]
    pub sha256: Option<Sha256Hex>,
    /// `signed`, `attested`: version of the declaration that was read; refused when another one is valid.
    #[serde(default)]
    #[validate(nested)]
    pub statement_version: Option<Line<40>>,
    /// `signed` from `unsigned`: the day on which the person signed the sheet by hand; required for that step.
    #[serde(default)]
    pub signed_on: Option<Day>,
    /// `signed` from `unsigned`: the name of the person who has the sheet before them and has checked that it declares this
    /// time; required for that step.
    #[serde(default)]
    #[validate(nested)]
    pub checked_by: Option<Name>,
}

impl TimeReportChangeData {
    /// 409 when the content has changed since the caller read it.
    pub fn check_content(&self, sha256: &str) -> Result<(), Problem> {
        match self.sha256.as_deref() {
            Some(read) if read != sha256 => Err(Problem::new(Code::TextChanged).member("sha256", sha256)),
            _ => Ok(()),
        }
    }

    /// 409 when the content or the declaration has changed since the caller read it.
    pub fn check_text(&self, sha256: &str, statement_version: &str) -> Result<(), Problem> {
        let has_changed = |read: Option<&str>, now: &str| read.is_some_and(|read| read != now);
        if has_changed(self.sha256.as_deref(), sha256)
            || has_changed(self.statement_version.as_deref(), statement_version)
        {
            return Err(Problem::new(Code::TextChanged)
                .member("sha256", sha256)
                .member("statementVersion", statement_version));
        }
        Ok(())
    }

    /// The day on which a sheet was signed by hand. 422 when the day is missing, after `today`, or before the last day of the
    /// work that the sheet declares.
    pub fn day_signed(&self, last_worked: Option<Day>, today: Day) -> Result<Day, Problem> {
        let day = self.signed_on.ok_or_else(incomplete)?;
        let fault = |code, sv, en| {
            let fault = FieldError::new("/data/signedOn", code, Localized::fixed(sv, en));
            Err(Problem::new(Code::InvalidInput).errors(vec![fault]))
        };
        if day > today {
            return fault("inTheFuture", "Dagen har inte kommit än.", "The day lies in the future.");
        }
        if last_worked.is_some_and(|last| day < last) {
            return fault(
                "beforeTheWork",
                "Bladet undertecknas tidigast den sista dagen med tid.",
                "The sheet cannot be signed before the last day with recorded time.",
            );
        }
        Ok(day)
    }
}

impl StepData for TimeReportChangeData {
    fn given(&self) -> Vec<&'static str> {
        let Self { sha256, statement_version, signed_on, checked_by } = self;
        let all = [
            ("sha256", sha256.is_some()),
            ("statementVersion", statement_version.is_some()),
            ("signedOn", signed_on.is_some()),
            ("checkedBy", checked_by.is_some()),
        ];
        all.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect()
    }
}
