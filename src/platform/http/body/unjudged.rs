//! A body whose operation has rules of its own, so that one answer names every fault: those that the value shows by
//! itself ("at most 1440") and those that only what is stored can tell ("not in the future").

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev};

use super::faults::sorted;
use super::{Input, bytes_in_turn, parse, schema};
use crate::platform::context::Context;
use crate::platform::problem::{Code, FieldError, Problem};

/// Like [`Body`](super::Body), for a handler that does its whole work inside a door to the database. Values that break
/// a bound get as far as the operation's rules; the door then refuses them together with what those say, and whatever
/// was written is taken back ([`Context::judged`]).
#[derive(Clone, Debug)]
pub struct Unjudged<T>(T);

impl<T> Unjudged<T> {
    /// The value, of the right shape and perhaps out of bounds.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// What is wrong with the values of the body, kept with the request.
pub struct BodyFaults(pub Vec<FieldError>);

impl<T: Input> FromRequest for Unjudged<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let bytes = bytes_in_turn(request, payload, false);
        let request = request.clone();
        Box::pin(async move {
            let (value, faults) = schema::read(parse(&bytes.await?)?)?;
            // Lists can be long: nobody makes the operation work through one that is refused anyway.
            if faults.iter().any(is_in_list) {
                return Err(Problem::new(Code::InvalidInput).faults(faults));
            }
            request.extensions_mut().insert(BodyFaults(faults));
            Ok(Self(value))
        })
    }
}

fn is_in_list(fault: &FieldError) -> bool {
    fault.code == "tooMany" || fault.pointer.split('/').any(|part| part.parse::<usize>().is_ok())
}

impl Context {
    /// The outcome of a transaction, unless the request's body had faults in itself: then it is refused with those and,
    /// when the operation's rules found more (422), with them as well. What is wrong in itself is not judged twice.
    pub fn judged<T>(&self, done: Result<T, Problem>) -> Result<T, Problem> {
        let known = &self.request.body_faults;
        match done {
            done if known.is_empty() => done,
            // The database asks for another attempt, or is gone: that says nothing of the body.
            Err(problem) if problem.transient || problem.code.status() > 500 => Err(problem),
            Err(problem) if problem.code.status() == 422 => {
                let places: HashSet<&str> = known.iter().map(|fault| fault.pointer.as_str()).collect();
                let more =
                    problem.errors.into_iter().filter(|fault| !places.contains(fault.pointer.as_str()));
                let all = known.iter().cloned().chain(more).collect();
                Err(Problem::new(Code::InvalidInput).faults(sorted(all)))
            }
            _ => Err(Problem::new(Code::InvalidInput).faults(known.clone())),
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
        let body_faults = faults.iter().map(|(pointer, code)| fault(pointer, code)).collect();
        Context {
            request: Arc::new(RequestFacts { body_faults, ..RequestFacts::default() }),
            ..Context::example()
        }
    }

    fn named(problem: &Problem) -> Vec<(&str, &str)> {
        problem.errors.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect()
    }

    #[test]
    fn a_sound_body_leaves_the_outcome_as_it_is() {
        let ctx = with(&[]);
        assert_eq!(ctx.judged(Ok(1)).unwrap(), 1);
        assert_eq!(ctx.judged::<()>(Err(Problem::not_found())).unwrap_err().code, Code::NotFound);
    }

    #[test]
    fn both_kinds_of_faults_are_named_and_no_place_twice() {
        let ctx = with(&[("/minutes", "tooLarge")]);
        let rules =
            vec![fault("/workDate", "inTheFuture"), fault("/minutes", "tooMuch"), fault("/kind", "odd")];
        let problem = ctx.judged::<()>(Err(Problem::new(Code::InvalidInput).faults(rules))).unwrap_err();
        assert_eq!(
            named(&problem),
            [("/kind", "odd"), ("/minutes", "tooLarge"), ("/workDate", "inTheFuture")]
        );
    }

    #[test]
    fn nothing_is_kept_of_a_body_with_faults() {
        let ctx = with(&[("/minutes", "tooLarge")]);
        for done in [Ok(()), Err(Problem::not_found()), Err(Problem::internal("a CHECK failed"))] {
            let problem = ctx.judged(done).unwrap_err();
            assert_eq!((problem.code, named(&problem)), (Code::InvalidInput, vec![("/minutes", "tooLarge")]));
        }
        let gone = ctx.judged::<()>(Err(Problem::new(Code::DatabaseUnavailable))).unwrap_err();
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
