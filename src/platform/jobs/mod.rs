//! What the clock does: deadlines, months, mail, clearing. Every job is a function that does what is due and may run at
//! any time and any number of times; a lease in the database lets one process at a time run them, and compare-and-set
//! keeps them right even if two did.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::web;
use diesel::prelude::*;

use crate::platform::db::schema::{idempotency_keys, job_leases};
use crate::platform::db::statements;
use crate::platform::http::idempotency::KEPT_MILLIS;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::tx::Tx;

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

/// Runs the jobs of one process: one thread at a time, and none after [`stop`](Self::stop).
pub struct Runner {
    services: web::Data<Services>,
    jobs: Vec<Job>,
    running: Mutex<()>,
    is_stopped: AtomicBool,
}

impl Runner {
    /// Runs these jobs, in their order.
    pub fn new(services: web::Data<Services>, jobs: Vec<Job>) -> Self {
        Self { services, jobs, running: Mutex::default(), is_stopped: AtomicBool::new(false) }
    }

    /// Begins no further job in this process; a job that runs ends between two of its transactions.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::SeqCst);
    }

    /// Runs all jobs if this process has the lease, and goes on while it has. `holder` names the process. Answers how many
    /// things were done.
    pub fn run_due(&self, holder: &str) -> Result<usize, Problem> {
        let _one_at_a_time = self.lock();
        let services = &self.services;
        let mut done = 0;
        for job in &self.jobs {
            // A new context for each job: the lease runs from now, not from when the first job began.
            let has_lease = || services.database.write_now(&services.system(), |tx| take_lease(tx, holder));
            if self.is_stopped.load(Ordering::SeqCst) || !has_lease()? {
                break;
            }
            done += run_one(services, job);
        }
        Ok(done)
    }

    /// Runs all jobs without asking for the lease (a demonstration that moves its own clock).
    pub fn run_all(&self) -> usize {
        let _one_at_a_time = self.lock();
        self.jobs.iter().map(|job| run_one(&self.services, job)).sum()
    }

    /// Gives the lease back at a clean stop, so that another process need not wait until it runs out.
    pub fn give_back_lease(&self, holder: &str) -> Result<(), Problem> {
        self.services.database.write_now(&self.services.system(), |tx| {
            let own = job_leases::table.filter(job_leases::held_by.eq(holder));
            diesel::update(own).set(job_leases::held_until_millis.eq(0)).execute(tx.db)?;
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
        // One job that fails must not keep the others from running; it runs again in its turn.
        Err(problem) => {
            tracing::error!(job = job.name, %problem, "job failed");
            0
        }
    }
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
