//! The contract's order of refusals: [`InOrder`] takes the parts of a request one after the other, each only when the
//! one before has succeeded. actix alone would poll all extractors of a handler concurrently.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::parameters;
use crate::platform::problem::Problem;

/// A part of a request: the permit, an object, the parameters, the body.
pub trait RequestPart: Sized + 'static {
    /// Whether taking this part also checks the headers and the query parameters (a body and a list do). At most one
    /// part of a handler does. If none does, they are checked after the last part.
    const CHECKS_PARAMETERS: bool = false;

    /// Takes the part, or refuses the request.
    fn take(request: &HttpRequest, payload: &mut Payload) -> impl Future<Output = Result<Self, Problem>>;
}

/// Nothing: the parent of an object whose path names no other.
impl RequestPart for () {
    async fn take(_: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        Ok(())
    }
}

/// The parts of a request in the order in which they are taken and refused: permit (401, 403), object (404, 403), body
/// (413, 415, 400, 422). Headers and parameters (400) come after the object and before the body is read.
///
/// ```ignore
/// async fn update(
///     InOrder((permit, thing, body)): InOrder<(Permit<ThingUpdate>, Found<ThingRow>, Body<ThingPatch>)>,
/// ) -> Result<Answer, Problem>
/// ```
pub struct InOrder<T>(pub T);

macro_rules! tuples {
    ($(($($part:ident)+))+) => {$(
        impl<$($part: RequestPart),+> FromRequest for InOrder<($($part,)+)> {
            type Error = Problem;
            type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

            fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
                let (request, mut payload) = (request.clone(), payload.take());
                Box::pin(async move {
                    let taken = ($($part::take(&request, &mut payload).await?,)+);
                    if !($($part::CHECKS_PARAMETERS)||+) {
                        parameters::check(&request)?;
                    }
                    Ok(Self(taken))
                })
            }
        }
    )+};
}

tuples! {
    (A B)
    (A B C)
    (A B C D)
}
