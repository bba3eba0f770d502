//! The query string of an operation that has one parameter of its own, and is no list.

use std::marker::PhantomData;

use actix_web::{HttpRequest, dev};
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use super::in_order::RequestPart;
use super::list::QueryValue;
use super::parameters;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

/// A parameter.
pub trait OneParameter: 'static {
    /// The type of its value.
    type Value: QueryValue;
    /// Its name.
    const NAME: &'static str;
    /// What it is for, in Swedish and English, for OpenAPI.
    const ABOUT: &'static str;
    /// Whether it must be sent.
    const IS_REQUIRED: bool = false;
}

/// Its value, if it was sent. 400 for any other parameter, one that stands twice, a wrong value, and one that must be sent and
/// was not.
pub struct Only<P: OneParameter>(pub Option<<P::Value as QueryValue>::Stored>, PhantomData<P>);

impl<P: OneParameter> RequestPart for Only<P> {
    const CHECKS_PARAMETERS: bool = true;

    async fn take(request: &HttpRequest, _: &mut dev::Payload) -> Result<Self, Problem> {
        parameters::read(request, |request| Self::read(request.query_string()))
    }
}

impl<P: OneParameter> Only<P> {
    fn read(query: &str) -> Result<Self, Problem> {
        let (mut value, mut faults) = (None, Vec::new());
        let sent = parameters::parse(query, &mut faults);
        parameters::refuse_repeated(&sent, |name| name == P::NAME, &mut faults);
        for (name, text) in sent {
            if name != P::NAME {
                faults.push(parameters::unknown(name, &[P::NAME.to_owned()]));
                continue;
            }
            match P::Value::read(&text) {
                Ok(read) => value = Some(read),
                Err(wrong) => faults.push(parameters::wrong_value(&name, &wrong)),
            }
        }
        if P::IS_REQUIRED && value.is_none() && faults.is_empty() {
            let words = Localized::fixed("Parametern måste anges.", "The parameter must be sent.");
            faults.push(FieldError::new(P::NAME, "required", words));
        }
        Code::InvalidQuery.refuse_any(faults)?;
        Ok(Self(value, PhantomData))
    }
}

impl<P: OneParameter> IntoParams for Only<P> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let required = if P::IS_REQUIRED { Required::True } else { Required::False };
        let parameter = ParameterBuilder::new()
            .name(P::NAME)
            .parameter_in(ParameterIn::Query)
            .required(required)
            .description(Some(P::ABOUT))
            .schema(Some(P::Value::describe()));
        vec![parameter.build()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Full;

    impl OneParameter for Full {
        type Value = bool;
        const NAME: &'static str = "full";
        const ABOUT: &'static str = "Allt. / All.";
        const IS_REQUIRED: bool = true;
    }

    #[test]
    fn a_parameter_that_is_wrong_repeated_unknown_or_missing_is_refused() {
        assert_eq!(Only::<Full>::read("full=true").unwrap().0, Some(true));
        for query in ["full=maybe", "full=true&full=true", "full=true&half=true", ""] {
            assert_eq!(Only::<Full>::read(query).err().map(|problem| problem.code), Some(Code::InvalidQuery));
        }
    }
}
