//! Jobs: deadlines, months, mail, clean-up. A job is a function that does the work that is due. It may run at any time
//! and any number of times. A lease in the database lets only one process run the jobs. If two processes run them
//! anyway, compare-and-set keeps the result correct.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::web;
use diesel::prelude::*;

use crate::platform::db::kept::Keep as _;
use crate::platform::db::schema::{idempotency_keys, job_leases};
use crate::platform::db::statements;
use crate::platform::http::kept_answers::KEPT_MILLIS;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::tx::Tx;

/// A job.
#[derive(Clone, Copy)]
pub struct Job {
    /// Its name in logs and metrics.
    pub name: &'static str,
    /// Does the work that is due. Returns how much it did (rows, mails), for the log.
    pub run: fn(&Services) -> Result<usize, Problem>,
}

/// How long a lease is valid, in milliseconds. Another process may take over when it has expired.
const LEASE_MILLIS: i64 = 120_000;

/// Runs the jobs in this process, in one thread at a time.
pub struct Runner {
    services: web::Data<Services>,
    jobs: Vec<Job>,
    running: Mutex<()>,
    is_stopped: AtomicBool,
}

impl Runner {
    /// A runner of these jobs, in this order.
    pub fn new(services: web::Data<Services>, jobs: Vec<Job>) -> Self {
        Self { services, jobs, running: Mutex::default(), is_stopped: AtomicBool::new(false) }
    }

    /// Starts no further jobs in this process. A running job continues until it has finished.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::SeqCst);
    }

    /// Runs the jobs as long as this process holds the lease. `holder` identifies the process. Returns the sum of the
    /// jobs' counts.
    pub fn run_due(&self, holder: &str) -> Result<usize, Problem> {
        let _one_at_a_time = self.lock();
        let services = &self.services;
        let mut done = 0;
        for job in &self.jobs {
            // A new context for each job, so that the lease counts from now and not from the first job.
            let has_lease =
                || services.database.write_blocking(&services.system(), |tx| take_lease(tx, holder));
            if self.is_stopped.load(Ordering::SeqCst) || !has_lease()? {
                break;
            }
            done += run_one(services, job);
        }
        Ok(done)
    }

    /// Runs all jobs without the lease (for the demonstration, which moves its own clock).
    pub fn run_all(&self) -> usize {
        let _one_at_a_time = self.lock();
        self.jobs.iter().map(|job| run_one(&self.services, job)).sum()
    }

    /// Gives the lease back at shutdown, so that another process does not wait until it expires.
    pub fn give_back_lease(&self, holder: &str) -> Result<(), Problem> {
        self.services.database.write_blocking(&self.services.system(), |tx| {
            let own = job_leases::table.filter(job_leases::held_by.eq(holder));
            diesel::update(own).set(job_leases::held_until_millis.eq(0)).kept().execute(tx.db)?;
            Ok(())
        })
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        // A failed job must not stop the others. It runs again next time.
        Err(problem) => {
            tracing::error!(job = job.name, %problem, "job failed");
            0
        }
    }
}

fn take_lease(tx: &mut Tx<'_>, holder: &str) -> Result<bool, Problem> {
    let wall = tx.ctx.wall.millis();
    let until = wall + LEASE_MILLIS;
    let insert = "INSERT INTO job_leases (name, held_by, held_until_millis) VALUES (?, ?, ?)";
    if statements::insert_new(tx.db, insert, &["jobs", holder], until)? {
        return Ok(true);
    }
    let free = job_leases::held_by.eq(holder).or(job_leases::held_until_millis.lt(wall));
    let taken = diesel::update(job_leases::table.filter(job_leases::name.eq("jobs")).filter(free))
        .set((job_leases::held_by.eq(holder), job_leases::held_until_millis.eq(until)))
        .kept()
        .execute(tx.db)?;
    Ok(taken == 1)
}

/// Gives back the lease of whoever holds it: in a restored backup, a process that ran then.
pub fn free_lease(tx: &mut Tx<'_>) -> Result<(), Problem> {
    diesel::update(job_leases::table).set(job_leases::held_until_millis.eq(0)).kept().execute(tx.db)?;
    Ok(())
}

/// The job that deletes idempotency keys after 24 hours.
pub fn forget_idempotency_keys(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    let limit = ctx.wall.millis() - KEPT_MILLIS;
    services.database.write_blocking(&ctx, |tx| {
        let old = idempotency_keys::table.filter(idempotency_keys::created_millis.lt(limit));
        Ok(diesel::delete(old).kept().execute(tx.db)?)
    })
}
