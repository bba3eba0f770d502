//! Panics in handlers: the client gets a 500 with its trace id instead of a dropped connection, the message goes to the
//! log, and the worker carries on.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use actix_web::Error;

use crate::platform::problem::Problem;

/// Runs `work` and turns a panic into an error. Dropping `work` rolls back its transaction.
pub async fn caught<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let mut work = Box::pin(work);
    poll_fn(move |context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
            .unwrap_or_else(|panic| Poll::Ready(Err(Problem::internal(message(panic.as_ref())).into())))
    })
    .await
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a handler panicked: {}", text.unwrap_or("without a message"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_panic_becomes_a_problem_for_the_log() {
        let error = caught::<()>(async { panic!("at {}", "midnight") }).await.unwrap_err();
        let problem = error.as_error::<Problem>().unwrap();
        assert_eq!(problem.internal.as_deref(), Some("a handler panicked: at midnight"));
        assert_eq!(caught(async { Ok(1) }).await.unwrap(), 1);
    }
}
