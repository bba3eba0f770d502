//! The demonstration: three programmes with kommuner, people and three months of time. It is filled through the API with a moving
//! clock, so that every row is the result of real requests. Only `samverkan demo` uses it.

pub mod clock;

mod call;
mod next_call;
mod outcomes;
mod people;
mod selecting;
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

pub use people::{Credentials, PASSWORD};
pub use visitor::Entrance;
use visitor::{Visitor, text};

/// What filling the demonstration needs.
struct Stage {
    services: web::Data<Services>,
    runner: web::Data<Runner>,
    entrance: Entrance,
    /// Tells how many of [`STEPS`] are done, and what is made now.
    tell: Tell,
    admin: Visitor,
    /// The month that stands for January 2021 of the offer.
    first_month: Month,
    credentials: Credentials,
}

/// The number of months from the opening of the call to the first month of work: the call of the offer opens on 5 October, the
/// work begins in January.
const MONTHS_FROM_CALL_TO_WORK: i32 = 3;

/// The number of months of work.
const MONTHS_OF_WORK: i32 = 3;

/// The first month of work, so that the last one has just ended on `today`.
fn first_month(today: Day) -> Month {
    today.month().plus_months(-MONTHS_OF_WORK)
}

/// The offset of `now` from the real time at the beginning, three days before the call opens, in milliseconds.
pub fn first_offset(wall: Instant) -> i64 {
    let call = first_month(wall.day()).plus_months(-MONTHS_FROM_CALL_TO_WORK);
    call.first_day().plus_days(1).start().millis() - wall.millis()
}

/// Gets how many steps are done, and a name of the next one.
pub type Tell = Box<dyn Fn(usize, &str)>;

/// The number of steps that [`fill`] tells of.
pub const STEPS: usize = 13;

/// Fills the server at the entrance, from the call until today; returns who can log in at `base`.
pub fn fill(
    services: &web::Data<Services>,
    runner: &web::Data<Runner>,
    (entrance, base): (Entrance, &str),
    tell: Tell,
) -> Result<Credentials, String> {
    tell(0, "the call, with sixty-eight expressions of interest");
    let today = services.clock.wall().day();
    let admin = add_admin(services, &entrance).map_err(|problem| problem.to_string())??;
    let mut stage = Stage {
        services: services.clone(),
        runner: runner.clone(),
        entrance,
        tell,
        admin,
        first_month: first_month(today),
        credentials: Credentials::new(base),
    };
    stage.credentials.user(people::ADMIN, &["systemAdmin"]);
    let call = call::run(&mut stage)?;
    (stage.tell)(4, "twelve teams");
    let teams = work::add_teams(&mut stage, &call)?;
    (stage.tell)(5, "a month of work");
    work::run_month(&stage, &call, &teams, 0)?;
    (stage.tell)(6, "another programme, for which sixty kommuner apply");
    let selecting = selecting::open(&mut stage)?;
    (stage.tell)(7, "a month of work");
    work::run_month(&stage, &call, &teams, 1)?;
    (stage.tell)(8, "their avsiktsförklaringar");
    selecting.qualify(&stage)?;
    (stage.tell)(9, "the next programme");
    let next_call = next_call::announce(&mut stage, today)?;
    (stage.tell)(10, "the last month of work");
    work::run_month(&stage, &call, &teams, MONTHS_OF_WORK - 1)?;
    (stage.tell)(11, "the next programme's call");
    next_call.open(&mut stage, today)?;
    stage.advance_to(services.clock.wall())?;
    (stage.tell)(12, "the running month");
    work::propose_now(&stage, &teams)?;
    (stage.tell)(STEPS, "whole");
    Ok(stage.credentials)
}

fn add_admin(
    services: &web::Data<Services>,
    entrance: &Entrance,
) -> Result<Result<Visitor, String>, Problem> {
    let hash = password::hash(PASSWORD, &services.ids, services.password_cost)?;
    let given = admin::Given { hash, may_replace: false };
    services.database.write_blocking(&services.system(), |tx| {
        admin::create_admin(tx, "Systemadministratör SKR", people::ADMIN, Some(given.clone()))
    })?;
    Ok(Visitor::logged_in(entrance, people::ADMIN))
}

impl Stage {
    /// A day of the offer's calendar 2020–2022, moved by whole months to that of the demonstration.
    fn offer_day(&self, year: i32, month: u32, day: u32) -> Day {
        let offered = Day::new(year, month, day).unwrap_or(Day(chrono::NaiveDate::MIN));
        let january = Day::new(2021, 1, 1).map_or(offered.month(), Day::month);
        offered.plus_months(self.first_month.months_since(january))
    }

    /// Moves the clock as `POST /demo/clock-advances` does, but never beyond the real time.
    fn advance_to(&self, at: Instant) -> Result<(), String> {
        let at = at.min(self.services.clock.wall());
        clock::advance(&self.services, &self.runner, at).map_err(|problem| problem.to_string())
    }

    /// Somebody who has not logged in.
    fn anonymous(&self) -> Visitor {
        Visitor::anonymous(&self.entrance)
    }

    /// Uses the single-use link from the mail, sets the password and logs in.
    fn accept(&mut self, email: &str, roles: &[&str]) -> Result<Visitor, String> {
        let (id, token) = visitor::mailed_link(&self.services, email)?;
        let body = json!({"token": token, "password": PASSWORD});
        self.anonymous().post(&format!("/invitations/{id}/acceptance"), body)?;
        self.credentials.user(email, roles);
        Visitor::logged_in(&self.entrance, email)
    }

    /// A role assignment from today.
    fn role_from_today(&self, role: &str, programme: &str, kommunkod: Option<&str>) -> Value {
        let today = self.services.clock.today();
        json!({"role": role, "programmeId": programme, "kommunkod": kommunkod, "validFrom": today})
    }

    /// Lets `by` invite a person with these roles, and logs the person in.
    fn appoint(
        &mut self,
        by: &Visitor,
        email: &str,
        name: &str,
        roles: Vec<Value>,
    ) -> Result<Visitor, String> {
        let codes = roles.iter().map(|role| text(role, "role")).collect::<Result<Vec<_>, _>>()?;
        for role in roles {
            by.post("/people", json!({"name": name, "email": email, "role": role}))?;
        }
        self.accept(email, &codes.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// The ordinary working days of a month: not weekends, holidays or eves.
fn working_days(month: Month) -> Vec<Day> {
    let days = (0..31).map(|index| month.first_day().plus_days(index)).filter(|day| month.contains(*day));
    days.filter(|day| crate::reference::calendar::is_working_day(day.0)).collect()
}
