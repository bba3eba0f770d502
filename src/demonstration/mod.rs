//! The demonstration: two programmes with kommuner, people and three months of time, made through the API itself with a
//! moving clock, so that every row is what real requests leave. Only `samverkan demo` uses it.

pub mod clock;

mod call;
mod cast;
mod fates;
mod next_call;
mod visitor;
mod work;

use actix_web::web;
use serde_json::{Value, json};

use crate::identity::admin;
use crate::platform::auth::password;
use crate::platform::jobs::Runner;
use crate::platform::moment::{Day, Instant, Month};
use crate::platform::problem::Problem;
use crate::platform::services::Services;

pub use cast::{Credentials, PASSWORD};
use visitor::{Visitor, id, text};

/// What the fill works with.
struct Stage {
    services: web::Data<Services>,
    runner: web::Data<Runner>,
    base: String,
    admin: Visitor,
    /// The offer's January 2021 falls on this month.
    first_month: Month,
    credentials: Credentials,
}

/// Where the offer's calendar begins to be told, in months and days before the first month of work: the call opens on
/// 5 October, the work begins in January.
const MONTHS_FROM_CALL_TO_WORK: i32 = 3;

/// How many months of work are told.
const MONTHS_OF_WORK: i32 = 3;

/// The first month of work so that the last that is told has just ended on `today`.
fn first_month(today: Day) -> Month {
    today.month().plus_months(-MONTHS_OF_WORK)
}

/// How far `now` lies from the real time when the story begins, in milliseconds: three days before the call opens.
pub fn first_offset(wall: Instant) -> i64 {
    let call = first_month(wall.day()).plus_months(-MONTHS_FROM_CALL_TO_WORK);
    call.first_day().plus_days(1).start().millis() - wall.millis()
}

/// Tells the whole story to the server at `base`, from the call to this day, and answers who can log in.
pub fn tell(
    services: &web::Data<Services>,
    runner: &web::Data<Runner>,
    base: &str,
) -> Result<Credentials, String> {
    let today = services.clock.wall().day();
    let admin = first_admin(services, base).map_err(|problem| problem.to_string())??;
    let mut stage = Stage {
        services: services.clone(),
        runner: runner.clone(),
        base: base.to_owned(),
        admin,
        first_month: first_month(today),
        credentials: Credentials::new(base),
    };
    stage.credentials.user(cast::ADMIN, &["systemAdmin"]);
    let held = call::held(&mut stage)?;
    let teams = work::teams(&mut stage, &held)?;
    let last = MONTHS_OF_WORK - 1;
    for number in 0..last {
        work::month(&stage, &held, &teams, number)?;
    }
    let next_call = next_call::announced(&mut stage, today)?;
    work::month(&stage, &held, &teams, last)?;
    next_call.opened(&mut stage, today)?;
    stage.until(services.clock.wall())?;
    Ok(stage.credentials)
}

fn first_admin(services: &web::Data<Services>, base: &str) -> Result<Result<Visitor, String>, Problem> {
    let hash = password::hash(PASSWORD, &services.ids, services.password_cost)?;
    services.database.write_now(&services.system(), |tx| {
        admin::create_admin(tx, "Systemadministratör SKR", cast::ADMIN, Some(hash.clone()))
    })?;
    Ok(Visitor::logged_in(base, cast::ADMIN))
}

impl Stage {
    /// The offer's date `month`/`day` of the autumn and winter 2020–2022, shifted by whole months.
    fn offers(&self, year: i32, month: u32, day: u32) -> Day {
        let offered = Day::new(year, month, day).unwrap_or(Day(chrono::NaiveDate::MIN));
        let january = Day::new(2021, 1, 1).map_or(offered.month(), Day::month);
        offered.plus_months(self.first_month.months_since(january))
    }

    /// Moves the clock, as `POST /demo/clock-advances` does; never beyond the real time, where the story ends.
    fn until(&self, at: Instant) -> Result<(), String> {
        let at = at.min(self.services.clock.wall());
        clock::advance(&self.services, &self.runner, at).map_err(|problem| problem.to_string())
    }

    /// Somebody who has not logged in.
    fn anyone(&self) -> Visitor {
        Visitor::anonymous(&self.base)
    }

    /// Takes the single-use link from the mail, chooses the password and logs in.
    fn accept(&mut self, email: &str, roles: &[&str]) -> Result<Visitor, String> {
        let (id, token) = visitor::mailed_link(&self.services, email)?;
        let body = json!({"token": token, "password": PASSWORD});
        self.anyone().post(&format!("/invitations/{id}/acceptance"), body)?;
        self.credentials.user(email, roles);
        Visitor::logged_in(&self.base, email)
    }

    /// A role from today on, to appoint somebody to.
    fn role(&self, role: &str, programme: &str, kommunkod: Option<&str>) -> Value {
        let today = self.services.clock.today();
        json!({"role": role, "programmeId": programme, "kommunkod": kommunkod, "validFrom": today})
    }

    /// Somebody whom `by` adds and appoints to roles.
    fn appointed(
        &mut self,
        by: &Visitor,
        email: &str,
        name: &str,
        roles: Vec<Value>,
    ) -> Result<Visitor, String> {
        let person = id(&by.post("/people", json!({"name": name, "email": email}))?)?;
        let codes = roles.iter().map(|role| text(role, "role")).collect::<Result<Vec<_>, _>>()?;
        for role in roles {
            by.post(&format!("/people/{person}/role-assignments"), role)?;
        }
        self.accept(email, &codes.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// The ordinary working days of a month: not weekends, holidays or eves.
fn working_days(month: Month) -> Vec<Day> {
    let days = (0..31).map(|index| month.first_day().plus_days(index)).filter(|day| month.contains(*day));
    days.filter(|day| crate::reference::calendar::is_working_day(day.0)).collect()
}
