//! Attempts after a deadlock or a lost connection.

use std::time::Duration;

use crate::platform::db::{Pool, PooledConnection};
use crate::platform::problem::{Code, Problem};

/// The most attempts when the database asks for a retry.
pub const ATTEMPTS: u32 = 6;

/// Works with a connection, again when the database asks for it.
pub fn retried<T>(
    pool: &Pool,
    mut work: impl FnMut(&mut PooledConnection) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let mut attempt = 1;
    loop {
        let mut connection = pool.get()?;
        let done = work(&mut connection);
        let Err(problem) = &done else { return done };
        if problem.code == Code::DatabaseUnavailable {
            pool.mark_lost(&mut connection);
        }
        if !problem.transient || attempt == ATTEMPTS {
            return done;
        }
        drop(connection);
        pool.waits().count_retry();
        back_off(attempt);
        attempt += 1;
    }
}

/// Waits before the next attempt, so that deadlocked transactions do not collide again.
pub fn back_off(attempt: u32) {
    std::thread::sleep(Duration::from_millis(u64::from(attempt * attempt) * 3));
}
