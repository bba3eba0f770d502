//! Another programme, with sixty qualified kommuner for twelve places: a visitor can compute who gets them.

use serde_json::json;

use super::Stage;
use super::call::associations::{self, Forms};
use super::call::{Applied, add_staff};
use super::visitor::{Visitor, id};
use crate::platform::moment::Month;

/// How many kommuner qualify.
const KOMMUNER: usize = 60;

/// The number of its first association; those of the offer's call have lower ones.
const FIRST: usize = 3;

/// A call for which sixty kommuner have applied.
pub struct Selecting {
    manager: Visitor,
    applied: Vec<Applied>,
    /// The month of its meeting and its deadlines, after the one in which it opens.
    month: Month,
}

/// Opens the call tomorrow; sixty kommuner apply and are invited.
pub fn open(stage: &mut Stage) -> Result<Selecting, String> {
    let opens = stage.services.clock.today().plus_days(1);
    let month = opens.month().next();
    let day = |number: i64| month.first_day().plus_days(number - 1);
    let starts = month.plus_months(6);
    let body = json!({
        "name": "Utvecklingsnätverk 3: arbetsintegrerande sociala företag",
        "description": "Fler kommuner än platser: sextio har skickat in sin avsiktsförklaring, tolv får vara med.",
        "profile": "esf-2014-2020",
        "places": 12,
        "startsOn": starts.first_day(),
        "endsOn": starts.plus_months(23).last_day(),
        "opensAt": opens.start(),
        "interestDeadline": day(5),
        "infoMeetingAt": day(7).start().plus_minutes(13 * 60),
        "confirmationDeadline": day(22),
        "avsiktsforklaringDeadline": day(25),
        "selectionPlan": {"quotas": [{"dimension": "sizeBand", "category": "under10k", "min": 3}]},
    });
    let admin = stage.admin.clone();
    let programme = id(&admin.post("/programmes", body)?)?;
    let manager =
        add_staff(stage, &admin, &programme, "programmeManager", "projektledare4", "Projektledare 3 SKR")?;
    let deputy = "Biträdande projektledare 3 SKR";
    add_staff(stage, &manager, &programme, "programmeManager", "projektledare5", deputy)?;
    manager.change(&format!("/programmes/{programme}"), "scheduled")?;
    stage.advance_to(opens.start().plus_minutes(9 * 60))?;
    let register = associations::register(stage)?;
    let kommuner = associations::spread(&register.iter().collect::<Vec<_>>(), KOMMUNER)?;
    let forms = Forms { first: FIRST, received_at: opens.start().plus_minutes(8 * 60) };
    let applied = associations::apply(stage, (&manager, &programme), &kommuner, forms)?;
    Ok(Selecting { manager, applied, month })
}

impl Selecting {
    /// After the meeting, and before the deadlines: all are still interested, and their letters come. The clock does the rest.
    pub fn qualify(&self, stage: &Stage) -> Result<(), String> {
        let today = stage.services.clock.today();
        if today.month() != self.month {
            return Err(format!("the letters of {} are registered on {today}", self.month));
        }
        associations::confirm(&self.applied)?;
        let came = today.start().plus_minutes(8 * 60);
        associations::commit(&self.manager, &self.applied, (came, today.plus_days(-1)))
    }
}
