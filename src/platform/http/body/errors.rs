//! Merges two kinds of errors into one answer: errors of the body alone ("at most 1440"), and errors that only the
//! operation's rules can find ("not in the future").

use std::collections::HashSet;

use crate::platform::context::Context;
use crate::platform::problem::{Code, FieldError, Problem, sorted};

/// The bounds and rules that the body itself breaks, kept with the request.
pub struct BodyErrors(pub Vec<FieldError>);

/// Whether an error says that a list is too long. Such a body is refused at once, so that the operation does not process many
/// items in vain.
pub(super) fn is_about_many_items(error: &FieldError) -> bool {
    error.code == "tooMany"
}

impl Context {
    /// 422 with the errors of the body alone. Every insert, update and delete of a stored row, every mail
    /// and every link calls this first, so that nothing is written or mailed for an invalid body.
    pub fn refuse_invalid_body(&self) -> Result<(), Problem> {
        Code::InvalidInput.refuse_any(self.request.body_errors.clone())
    }

    /// The outcome of a transaction if the body is valid. Otherwise 422 with the errors of the body and, if the
    /// operation's rules refused with 422, theirs too. A field with an error of the body gets no second error from the
    /// rules. Problems such as a retry or an unavailable database are returned unchanged.
    pub fn with_body_errors<T>(&self, outcome: Result<T, Problem>) -> Result<T, Problem> {
        let known = &self.request.body_errors;
        match outcome {
            outcome if known.is_empty() => outcome,
            // A retry or an unavailable database is not caused by the body.
            Err(problem) if problem.transient || problem.code.status() > 500 => Err(problem),
            Err(problem) if problem.code.status() == 422 => {
                let pointers: HashSet<&str> = known.iter().map(|error| error.pointer.as_str()).collect();
                let more =
                    problem.errors.into_iter().filter(|error| !pointers.contains(error.pointer.as_str()));
                let all = known.iter().cloned().chain(more).collect();
                Err(Problem::new(Code::InvalidInput).errors(sorted(all)))
            }
            _ => Err(Problem::new(Code::InvalidInput).errors(known.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::platform::context::RequestFacts;
    use crate::platform::text::Localized;

    fn error(pointer: &str, code: &'static str) -> FieldError {
        FieldError::new(pointer, code, Localized::fixed("Fel", "Wrong"))
    }

    fn with(errors: &[(&str, &'static str)]) -> Context {
        let body_errors = errors.iter().map(|(pointer, code)| error(pointer, code)).collect();
        Context {
            request: Arc::new(RequestFacts { body_errors, ..RequestFacts::default() }),
            ..Context::example()
        }
    }

    fn named(problem: &Problem) -> Vec<(&str, &str)> {
        problem.errors.iter().map(|error| (error.pointer.as_str(), error.code)).collect()
    }

    #[test]
    fn a_valid_body_does_not_change_the_outcome() {
        let ctx = with(&[]);
        assert_eq!(ctx.with_body_errors(Ok(1)).unwrap(), 1);
        assert_eq!(ctx.with_body_errors::<()>(Err(Problem::not_found())).unwrap_err().code, Code::NotFound);
    }

    #[test]
    fn both_kinds_of_errors_are_reported_once_per_pointer() {
        let ctx = with(&[("/minutes", "tooLarge")]);
        let rules =
            vec![error("/workDate", "inTheFuture"), error("/minutes", "tooMuch"), error("/kind", "odd")];
        let problem =
            ctx.with_body_errors::<()>(Err(Problem::new(Code::InvalidInput).errors(rules))).unwrap_err();
        assert_eq!(
            named(&problem),
            [("/kind", "odd"), ("/minutes", "tooLarge"), ("/workDate", "inTheFuture")]
        );
    }

    #[test]
    fn an_invalid_body_is_refused_whatever_the_outcome() {
        let ctx = with(&[("/minutes", "tooLarge")]);
        for outcome in [Ok(()), Err(Problem::not_found()), Err(Problem::internal("a CHECK failed"))] {
            let problem = ctx.with_body_errors(outcome).unwrap_err();
            assert_eq!((problem.code, named(&problem)), (Code::InvalidInput, vec![("/minutes", "tooLarge")]));
        }
        let gone = ctx.with_body_errors::<()>(Err(Problem::new(Code::DatabaseUnavailable))).unwrap_err();
        assert_eq!(gone.code, Code::DatabaseUnavailable);
    }

    #[test]
    fn errors_about_many_items_are_recognised() {
        for (pointer, code, expected) in [
            ("/departments", "tooMany", true),
            ("/departments/0", "blank", false),
            ("/minutes", "tooLarge", false),
        ] {
            assert_eq!(is_about_many_items(&error(pointer, code)), expected, "{pointer}");
        }
    }
}
