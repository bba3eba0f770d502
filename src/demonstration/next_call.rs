//! The next programme, whose call opens today, with a few applications.

use serde_json::json;

use super::Stage;
use super::call::{add_staff, interest};
use super::outcomes::Outcome;
use super::people::Kommun;
use super::visitor::{id, items};
use crate::platform::moment::Day;

/// A call that has been announced.
pub struct NextCall {
    programme: String,
}

/// Announces the call that opens on `today`.
pub fn announce(stage: &mut Stage, today: Day) -> Result<NextCall, String> {
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
        add_staff(stage, &admin, &programme, "programmeManager", "projektledare3", "Projektledare 2 SKR")?;
    add_staff(stage, &manager, &programme, "economist", "ekonom2", "Ekonom 2 SKR")?;
    manager.change(&format!("/programmes/{programme}"), "scheduled")?;
    Ok(NextCall { programme })
}

impl NextCall {
    /// Opens the call: five kommuner express interest, and three of them have verified their address.
    pub fn open(&self, stage: &mut Stage, today: Day) -> Result<(), String> {
        stage.advance_to(today.start())?;
        let register = items(&stage.anonymous().get("/kommuner?limit=300&sort=-kommunkod")?);
        for (index, row) in register.iter().step_by(31).take(5).enumerate() {
            let kommun = Kommun::of(row, Outcome::Qualifies)?;
            let written = interest::body(&kommun, "intresse", "Näringslivschef");
            stage.anonymous().post(&format!("/programmes/{}/applications", self.programme), written)?;
            if index < 3 {
                let email = kommun.email("intresse");
                interest::verify(stage, &email)?;
                stage.credentials.user(&email, &["applicant"]);
            }
        }
        Ok(())
    }
}
