//! Jobs: one process runs them, also when several could.

use diesel::prelude::*;
use samverkan::demonstration::clock;
use samverkan::platform::db::schema::job_leases;

use crate::both;
use crate::support::TestApp;

/// The process that holds the lease of the jobs.
fn holder(t: &TestApp) -> Option<String> {
    let now = t.clock.wall().millis();
    let held = job_leases::table.filter(job_leases::held_until_millis.ge(now)).select(job_leases::held_by);
    t.db(|db| held.first(db).optional().unwrap())
}

both!(one_process_runs_the_jobs_until_it_stops, |t| {
    let other = samverkan::app::jobs(&t.another_process());
    t.runner.run_due("one").unwrap();
    other.run_due("two").unwrap();
    assert_eq!(holder(t).as_deref(), Some("one"));
    other.give_back_lease("two").unwrap();
    assert_eq!(holder(t).as_deref(), Some("one"), "a process cannot give back another's lease");
    t.runner.give_back_lease("one").unwrap();
    other.run_due("two").unwrap();
    assert_eq!(holder(t).as_deref(), Some("two"));
    // The lease of a killed process expires.
    t.clock.advance(121_000);
    t.runner.run_due("one").unwrap();
    assert_eq!(holder(t).as_deref(), Some("one"));
    // A process that stops starts no more jobs.
    t.clock.advance(121_000);
    t.runner.stop();
    assert_eq!(t.runner.run_due("one").unwrap(), 0);
    assert_eq!(holder(t), None);
});

both!(two_visitors_move_the_clock_at_the_same_time, |t| {
    t.admin();
    let to = samverkan::platform::moment::deadline("2020-10-20").unwrap();
    std::thread::scope(|scope| {
        let each: Vec<_> =
            (0..2).map(|_| scope.spawn(|| clock::advance(&t.services, &t.runner, to))).collect();
        assert!(each.into_iter().all(|one| one.join().unwrap().is_ok()));
    });
    assert_eq!(t.now(), to);
});
