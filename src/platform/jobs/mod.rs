//! What the clock does: deadlines, months, mail, clearing. Every job is a function that does what is due and may run at
//! any time and any number of times; a lease in the database lets one process at a time run them, and compare-and-set
//! keeps them right even if two did.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// Lets one thread of a process run the jobs at a time, and a process that stops end them between two.
#[derive(Default)]
pub struct Turns {
    turn: Mutex<()>,
    is_over: AtomicBool,
}

impl Turns {
    /// Begins no further job in this process.
    pub fn stop(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    fn take(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn are_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }
}

/// Runs all jobs if this process has the lease, and goes on while it has. `holder` names the process.
pub fn run_due(services: &Services, holder: &str) -> Result<usize, Problem> {
    let _turn = services.turns.take();
    let mut done = 0;
    for job in &services.jobs {
        // The context is made anew for each: the lease runs from now, not from when the first job began.
        let has_lease = || services.database.write_now(&services.system(), |tx| take_lease(tx, holder));
        if services.turns.are_over() || !has_lease()? {
            break;
        }
        done += run_one(services, job);
    }
    Ok(done)
}

/// Runs all jobs, in their order, without asking for the lease (a demonstration that moves its own clock).
pub fn run_all(services: &Services) -> usize {
    let _turn = services.turns.take();
    services.jobs.iter().map(|job| run_one(services, job)).sum()
}

fn run_one(services: &Services, job: &Job) -> usize {
    let result = (job.run)(services);
    services.metrics.job_ran(job.name, result.is_ok());
    match result {
        Ok(0) => 0,
        Ok(count) => {
            tracing::info!(job = job.name, count, "job done");
            count
        }
        // One job that fails must not keep the others from running; it runs again in its turn.
        Err(problem) => {
            tracing::error!(job = job.name, %problem, "job failed");
            0
        }
    }
}

/// Gives the lease back, so that another process need not wait until it runs out (a clean stop).
pub fn give_back_lease(services: &Services, holder: &str) -> Result<(), Problem> {
    services.database.write_now(&services.system(), |tx| {
        let own = job_leases::table.filter(job_leases::held_by.eq(holder));
        diesel::update(own).set(job_leases::held_until_millis.eq(0)).execute(tx.db)?;
        Ok(())
    })
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
