//! Whether the database responds. Probes have no rate limit, so the database is asked at most once a second, however many
//! ask this process.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::platform::problem::Problem;

/// How long an answer of the database is good for.
const FRESH: Duration = Duration::from_secs(1);

/// What was found last, and when.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, Result<(), Problem>)>>);

impl Readiness {
    /// What was found in the last second, or what `ask` finds now. Those who ask meanwhile wait for the same answer.
    pub async fn asked<F: Future<Output = Result<(), Problem>>>(
        &self,
        ask: impl FnOnce() -> F,
    ) -> Result<(), Problem> {
        let mut last = self.0.lock().await;
        if let Some((_, found)) = last.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return found.clone();
        }
        let found = ask().await;
        *last = Some((Instant::now(), found.clone()));
        found
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::platform::problem::Code;

    #[actix_web::test]
    async fn the_database_is_asked_once_for_many() {
        let (readiness, asked) = (Readiness::default(), Cell::new(0));
        for _ in 0..100 {
            let ask = || async {
                asked.set(asked.get() + 1);
                Err(Problem::new(Code::DatabaseUnavailable))
            };
            assert_eq!(readiness.asked(ask).await.unwrap_err().code, Code::DatabaseUnavailable);
        }
        assert_eq!(asked.get(), 1);
    }
}
