//! What the clock does: deadlines, months, mail, clearing. Every job is a function that does what is due and may run at
//! any time and any number of times; a lease in the database lets one process at a time run them, and compare-and-set
//! keeps them right even if two did.

use diesel::prelude::*;

use crate::platform::db::schema::{idempotency_keys, job_leases};
use crate::platform::db::{Tx, statements};
use crate::platform::http::idempotency::KEPT_MILLIS;
use crate::platform::http::problem::Problem;
use crate::platform::services::Services;

/// One job.
#[derive(Clone, Copy)]
pub struct Job {
    /// Its name in logs and metrics.
    pub name: &'static str,
    /// Does what is due now; answers how many things it did.
    pub run: fn(&Services) -> Result<usize, Problem>,
}

/// How long a process may be silent before another takes over, in milliseconds.
const LEASE_MILLIS: i64 = 120_000;

/// Runs all jobs if this process has the lease. `holder` names the process.
pub fn run_due(services: &Services, holder: &str) -> Result<usize, Problem> {
    let ctx = services.system();
    if !services.database.write_now(&ctx, |tx| take_lease(tx, holder))? {
        return Ok(0);
    }
    Ok(run_all(services))
}

/// Runs all jobs, in their order, without asking for the lease (a demonstration that moves its own clock).
pub fn run_all(services: &Services) -> usize {
    let mut done = 0;
    for job in &services.jobs {
        match (job.run)(services) {
            Ok(count) => {
                services.metrics.job_ran(job.name, true);
                done += count;
                if count > 0 {
                    tracing::info!(job = job.name, count, "job done");
                }
            }
            // One job that fails must not keep the others from running; it runs again in its turn.
            Err(problem) => {
                services.metrics.job_ran(job.name, false);
                tracing::error!(job = job.name, %problem, "job failed");
            }
        }
    }
    done
}

fn take_lease(tx: &mut Tx<'_>, holder: &str) -> Result<bool, Problem> {
    let wall = tx.ctx.wall.millis();
    let until = wall + LEASE_MILLIS;
    let insert = "INSERT INTO job_leases (name, held_by, held_until_millis) VALUES ($1, $2, $3)";
    if statements::insert_new(tx.db, insert, &["jobs", holder], until)? {
        return Ok(true);
    }
    let free = job_leases::held_by.eq(holder).or(job_leases::held_until_millis.lt(wall));
    let taken = diesel::update(job_leases::table.filter(job_leases::name.eq("jobs")).filter(free))
        .set((job_leases::held_by.eq(holder), job_leases::held_until_millis.eq(until)))
        .execute(tx.db)?;
    Ok(taken == 1)
}

/// The job that forgets idempotency keys after 24 hours.
pub fn forget_idempotency_keys(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    let limit = ctx.wall.millis() - KEPT_MILLIS;
    services.database.write_now(&ctx, |tx| {
        let old = idempotency_keys::table.filter(idempotency_keys::created_millis.lt(limit));
        Ok(diesel::delete(old).execute(tx.db)?)
    })
}
