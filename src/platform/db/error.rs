//! Turns what a database reports into a problem: constraint names into user messages in one place, lost connections
//! and deadlocks into another try, a full disk into its own answer, and everything else into a logged 500.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

use super::constraints;
use crate::platform::problem::{Code, Problem};

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Problem::internal("a row that must exist was not found"),
            Error::DatabaseError(kind, information) => database_error(kind, information.as_ref()),
            Error::BrokenTransactionManager => unavailable("broken transaction"),
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
        DatabaseErrorKind::SerializationFailure => again("serialization failure"),
        // After a failover the old server may still answer, but only to readers.
        DatabaseErrorKind::ReadOnlyTransaction => unavailable(message),
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => unavailable(message),
        _ => by_message(message),
    }
}

/// What has no kind of its own in diesel is recognised by its message. PostgreSQL's are in English: `migrations` refuses
/// a server that says otherwise.
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
        again("deadlock")
    } else if LOST.iter().any(|text| message.contains(text)) {
        unavailable(message)
    } else if FULL.iter().any(|text| message.contains(text)) {
        let mut problem = Problem::new(Code::StorageFull);
        problem.internal = Some(message.to_owned());
        problem
    } else if BUSY.iter().any(|text| message.contains(text)) {
        let mut problem = Problem::new(Code::Overloaded).after(1);
        problem.internal = Some(message.to_owned());
        problem
    } else {
        Problem::internal(message)
    }
}

fn again(why: &str) -> Problem {
    let mut problem = Problem::new(Code::Overloaded).after(1);
    problem.internal = Some(why.to_owned());
    problem.transient = true;
    problem
}

fn unavailable(message: &str) -> Problem {
    let mut problem = Problem::new(Code::DatabaseUnavailable).after(2);
    problem.internal = Some(message.to_owned());
    problem.transient = true;
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_database_says_is_told_apart() {
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
