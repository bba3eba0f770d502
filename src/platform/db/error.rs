//! Turns database errors into problems. Violated constraints get a text for users; lost connections and deadlocks are
//! marked for a retry; a full disk has its own code; everything else is a logged 500.

use std::sync::atomic::Ordering;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

use super::{checkpoints, constraints};
use crate::platform::problem::{Code, Problem};

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Problem::internal("a row that must exist was not found"),
            Error::DatabaseError(kind, information) => database_error(kind, information.as_ref()),
            // SQLite has rolled back by itself when a commit meets a full disk.
            Error::RollbackErrorOnCommit { commit_error, .. } => (*commit_error).into(),
            Error::BrokenTransactionManager => lost("broken transaction"),
            other => Problem::internal(other),
        }
    }
}

fn database_error(kind: DatabaseErrorKind, information: &dyn DatabaseErrorInformation) -> Problem {
    let message = information.message();
    match kind {
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::CheckViolation
        | DatabaseErrorKind::ForeignKeyViolation => {
            constraints::problem(information.constraint_name(), message)
        }
        DatabaseErrorKind::SerializationFailure => retry("serialization failure"),
        // After a failover the old server may still answer, but only reads.
        DatabaseErrorKind::ReadOnlyTransaction
        | DatabaseErrorKind::ClosedConnection
        | DatabaseErrorKind::UnableToSendCommand => lost(message),
        _ => by_message(message),
    }
}

/// Recognises by their message the errors that diesel has no kind for. PostgreSQL's messages are in English:
/// `migrations` refuses a server with another language.
fn by_message(message: &str) -> Problem {
    const LOST: [&str; 6] = [
        "server closed the connection",
        "no connection to the server",
        "terminating connection",
        "SSL connection has been closed",
        "the database system is",
        "could not receive data from server",
    ];
    const FULL: [&str; 4] =
        ["database or disk is full", "No space left on device", "disk I/O error", "could not extend file"];
    const BUSY: [&str; 3] = ["database is locked", "lock timeout", "statement timeout"];
    if message.contains("deadlock detected") {
        retry("deadlock")
    } else if LOST.iter().any(|text| message.contains(text)) {
        lost(message)
    } else if FULL.iter().any(|text| message.contains(text)) {
        checkpoints::ROOM_IS_SHORT.store(true, Ordering::SeqCst);
        Problem::new(Code::StorageFull).logged(message)
    } else if BUSY.iter().any(|text| message.contains(text)) {
        Problem::new(Code::Overloaded).retry_after(1).logged(message)
    } else {
        Problem::internal(message)
    }
}

/// The transaction failed because of another one: it can be retried.
fn retry(why: &str) -> Problem {
    Problem { transient: true, ..Problem::new(Code::Overloaded).retry_after(1).logged(why) }
}

/// The connection is lost: the work can be retried on another one.
fn lost(message: &str) -> Problem {
    Problem { transient: true, ..unavailable(message) }
}

/// The database cannot be opened or reached.
pub(super) fn unavailable(error: impl std::fmt::Display) -> Problem {
    Problem::new(Code::DatabaseUnavailable).retry_after(2).logged(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn database_errors_get_their_problems() {
        for (message, code, transient) in [
            ("deadlock detected", Code::Overloaded, true),
            ("canceling statement due to lock timeout", Code::Overloaded, false),
            ("canceling statement due to statement timeout", Code::Overloaded, false),
            ("database is locked", Code::Overloaded, false),
            ("terminating connection due to administrator command", Code::DatabaseUnavailable, true),
            ("could not extend file: No space left on device", Code::StorageFull, false),
            ("column x does not exist", Code::InternalError, false),
        ] {
            let problem = by_message(message);
            assert_eq!((problem.code, problem.transient), (code, transient), "{message}");
        }
        let read_only = "cannot execute INSERT in a read-only transaction".to_owned();
        let error = Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, Box::new(read_only));
        let problem = Problem::from(error);
        assert_eq!((problem.code, problem.transient), (Code::DatabaseUnavailable, true));
    }
}
