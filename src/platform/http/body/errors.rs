//! What is wrong with a body in itself ("at most 1440") and what only its operation's rules can tell ("not in the
//! future"), refused together in one answer.

use std::collections::HashSet;

use super::faults::sorted;
use crate::platform::context::Context;
use crate::platform::problem::{Code, FieldError, Problem};

/// What is wrong with the values of the body in themselves, kept with the request.
pub struct BodyErrors(pub Vec<FieldError>);

/// Whether an error lies inside a list. Lists can be long: nobody makes the operation work through one that is refused
/// anyway.
pub(super) fn is_in_list(error: &FieldError) -> bool {
    error.code == "tooMany" || error.pointer.split('/').any(|part| part.parse::<usize>().is_ok())
}

impl Context {
    /// 422 with what is wrong with the body in itself. Every write asks this first, so that nothing is written or mailed
    /// for a body that is known to be wrong; the operation's own rules have spoken by then.
    pub fn refuse_invalid_body(&self) -> Result<(), Problem> {
        let known = &self.request.body_errors;
        Code::InvalidInput.refuse_any(known.clone())
    }

    /// The outcome of a transaction, unless the request's body had faults in itself: then it is refused with those and,
    /// when the operation's rules found more (422), with them as well. What is wrong in itself is not with_body_errors twice.
    pub fn with_body_errors<T>(&self, done: Result<T, Problem>) -> Result<T, Problem> {
        let known = &self.request.body_errors;
        match done {
            done if known.is_empty() => done,
            // The database asks for another attempt, or is gone: that says nothing of the body.
            Err(problem) if problem.transient || problem.code.status() > 500 => Err(problem),
            Err(problem) if problem.code.status() == 422 => {
                let places: HashSet<&str> = known.iter().map(|fault| fault.pointer.as_str()).collect();
                let more =
                    problem.errors.into_iter().filter(|fault| !places.contains(fault.pointer.as_str()));
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

    fn fault(pointer: &str, code: &'static str) -> FieldError {
        FieldError::new(pointer, code, Localized::fixed("Fel", "Wrong"))
    }

    fn with(faults: &[(&str, &'static str)]) -> Context {
        let body_errors = faults.iter().map(|(pointer, code)| fault(pointer, code)).collect();
        Context {
            request: Arc::new(RequestFacts { body_errors, ..RequestFacts::default() }),
            ..Context::example()
        }
    }

    fn named(problem: &Problem) -> Vec<(&str, &str)> {
        problem.errors.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect()
    }

    #[test]
    fn a_sound_body_leaves_the_outcome_as_it_is() {
        let ctx = with(&[]);
        assert_eq!(ctx.with_body_errors(Ok(1)).unwrap(), 1);
        assert_eq!(ctx.with_body_errors::<()>(Err(Problem::not_found())).unwrap_err().code, Code::NotFound);
    }

    #[test]
    fn both_kinds_of_faults_are_named_and_no_place_twice() {
        let ctx = with(&[("/minutes", "tooLarge")]);
        let rules =
            vec![fault("/workDate", "inTheFuture"), fault("/minutes", "tooMuch"), fault("/kind", "odd")];
        let problem =
            ctx.with_body_errors::<()>(Err(Problem::new(Code::InvalidInput).errors(rules))).unwrap_err();
        assert_eq!(
            named(&problem),
            [("/kind", "odd"), ("/minutes", "tooLarge"), ("/workDate", "inTheFuture")]
        );
    }

    #[test]
    fn nothing_is_kept_of_a_body_with_faults() {
        let ctx = with(&[("/minutes", "tooLarge")]);
        for done in [Ok(()), Err(Problem::not_found()), Err(Problem::internal("a CHECK failed"))] {
            let problem = ctx.with_body_errors(done).unwrap_err();
            assert_eq!((problem.code, named(&problem)), (Code::InvalidInput, vec![("/minutes", "tooLarge")]));
        }
        let gone = ctx.with_body_errors::<()>(Err(Problem::new(Code::DatabaseUnavailable))).unwrap_err();
        assert_eq!(gone.code, Code::DatabaseUnavailable);
    }

    #[test]
    fn what_is_wrong_inside_a_list_is_refused_at_once() {
        for (pointer, code, is_so) in [
            ("/items/0/minutes", "tooLarge", true),
            ("/items", "tooMany", true),
            ("/minutes", "tooLarge", false),
        ] {
            assert_eq!(is_in_list(&fault(pointer, code)), is_so, "{pointer}");
        }
    }
}
