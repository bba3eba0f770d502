//! The query parameters of an operation that sums up the rows of a list: `groupBy` and the list's filters.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::describe::{filter_parameters, some_of_parameter};
use super::read::{conditions, read_filters};
use super::{ListSource, link_to_self};
use crate::platform::codes::Codes;
use crate::platform::context::Context;
use crate::platform::db::Condition;
use crate::platform::http::answer::Link;
use crate::platform::http::in_order::RequestPart;
use crate::platform::http::parameters;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

const GROUP_BY: &str = "groupBy";

/// The requested dimensions `D`, and the filters of the list `L`.
#[derive(Clone, Debug)]
pub struct GroupedQuery<L, D> {
    /// The dimensions, each once, in the order of the request.
    pub dimensions: Vec<D>,
    list: L,
}

impl<L: ListSource, D: Codes> GroupedQuery<L, D> {
    /// Reads the parameters. The errors of the filters and of `groupBy` are reported together.
    fn read(request: &HttpRequest) -> Result<Self, Problem> {
        let mut dimensions = Vec::new();
        let mut errors = Vec::new();
        // `read_filters` below reports the errors of the query string itself.
        for (name, value) in parameters::parse(request.query_string(), &mut Vec::new()) {
            for part in value.split(',').filter(|_| name == GROUP_BY).map(str::trim) {
                match D::from_code(part) {
                    Some(dimension) if dimensions.contains(&dimension) => {}
                    Some(dimension) => dimensions.push(dimension),
                    None => errors.push(unknown(&codes::<D>())),
                }
            }
        }
        match read_filters::<L>(request, &[GROUP_BY]) {
            Ok(list) => {
                Code::InvalidQuery.refuse_any(errors)?;
                Ok(Self { dimensions, list })
            }
            Err(mut problem) => {
                problem.errors.extend(errors);
                Err(problem)
            }
        }
    }

    /// Whether the request filters by this parameter.
    pub fn has_filter(&self, name: &str) -> bool {
        self.list.query().filters.contains_key(name)
    }

    /// The parameters of the filters in the request.
    pub fn filters(&self) -> impl Iterator<Item = &str> {
        self.list.query().filters.keys().map(String::as_str)
    }

    /// The conditions of the filters.
    pub fn conditions(&self) -> Result<Vec<Condition<L::Table>>, Problem> {
        conditions(self.list.query(), L::fields())
    }

    /// A link to the request itself.
    pub fn link_to_self(&self, ctx: &Context) -> Link {
        link_to_self(ctx, &self.list.query().sent)
    }
}

fn codes<D: Codes>() -> Vec<&'static str> {
    D::ALL.iter().map(|dimension| dimension.code()).collect()
}

fn unknown(known: &[&str]) -> FieldError {
    let known = known.join(", ");
    let words =
        Localized::new(format!("Går att summera efter {known}."), format!("Sums can be grouped by {known}."));
    FieldError::new(GROUP_BY, "invalidValue", words)
}

impl<L: ListSource, D: Codes> RequestPart for GroupedQuery<L, D> {
    const CHECKS_PARAMETERS: bool = true;

    async fn take(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        parameters::read(request, Self::read)
    }
}

impl<L: ListSource, D: Codes> IntoParams for GroupedQuery<L, D> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = "Summera efter dessa, kommaseparerade. / Group the sums by these, separated by commas.";
        let mut parameters = vec![some_of_parameter(GROUP_BY, text, &codes::<D>())];
        parameters.extend(filter_parameters::<L>());
        parameters
    }
}
