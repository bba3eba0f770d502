//! The second programme, whose call is open today, with a few interests.

use serde_json::json;

use super::Stage;
use super::call::{interest, staff};
use super::cast::Kommun;
use super::fates::Fate;
use super::visitor::{id, items, text};
use crate::platform::moment::Day;

/// A call that has been announced.
pub struct NextCall {
    programme: String,
}

/// Announces the call that opens on `today`.
pub fn announced(stage: &mut Stage, today: Day) -> Result<NextCall, String> {
    let body = json!({
        "name": "Utvecklingsnätverk 2: inköp av sociala företag",
        "description": "En andra omgång, med plats för tolv kommuner till.",
        "profile": "esf-2014-2020",
        "places": 12,
        "startsOn": today.plus_days(120).month().next().first_day(),
        "endsOn": today.plus_days(120).month().plus_months(24).last_day(),
        "opensAt": today.start(),
        "interestDeadline": today.plus_days(28),
        "infoMeetingAt": today.plus_days(31).start().plus_minutes(13 * 60),
        "confirmationDeadline": today.plus_days(38),
        "avsiktsforklaringDeadline": today.plus_days(60),
    });
    let admin = stage.admin.clone();
    let programme = id(&admin.post("/programmes", body)?)?;
    let manager =
        staff(stage, &admin, &programme, "programmeManager", "projektledare3", "Projektledare 2 SKR")?;
    staff(stage, &manager, &programme, "economist", "ekonom2", "Ekonom 2 SKR")?;
    manager.change(&format!("/programmes/{programme}"), "scheduled")?;
    Ok(NextCall { programme })
}

impl NextCall {
    /// The call opens: three kommuner have shown interest and proved their address, two have yet to.
    pub fn opened(&self, stage: &mut Stage, today: Day) -> Result<(), String> {
        stage.until(today.start())?;
        let register = items(&stage.anyone().get("/kommuner?limit=300&sort=-kommunkod")?);
        for (index, row) in register.iter().step_by(31).take(5).enumerate() {
            let kommun =
                Kommun { code: text(row, "kommunkod")?, name: text(row, "name")?, fate: Fate::TakesPart };
            let written = interest::written(&kommun, "intresse", "Näringslivschef");
            stage.anyone().post(&format!("/programmes/{}/applications", self.programme), written)?;
            if index < 3 {
                let email = kommun.email("intresse");
                interest::verified(stage, &email)?;
                stage.credentials.user(&email, &["applicant"]);
            }
        }
        Ok(())
    }
}
