//! The parameters of a list as OpenAPI shows them, from the same declaration that reads them.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{Array, ObjectBuilder, RefOr, Required, Schema, schema::Type};

use super::Field;

/// The parameters of a list for OpenAPI.
pub fn parameters<T, R>(fields: &[Field<T, R>], has_search: bool, default_sort: &str) -> Vec<Parameter> {
    let whole = |default: i64, max: Option<f64>| {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1.0))
            .maximum(max)
            .default(Some(default.into()))
    };
    let sortable: Vec<&str> =
        fields.iter().filter(|field| field.sort.is_some()).map(|field| field.name).collect();
    let mut made = vec![
        parameter("page", "Sida från 1. / Page from 1.", whole(1, None)),
        parameter("limit", "Högst så många per sida. / At most so many per page.", whole(20, Some(1000.0))),
        parameter(
            "cursor",
            "Fortsätt efter nextCursor (tom för första sidan); i stället för page. / Continue after nextCursor (empty for the first page); instead of page.",
            text(),
        ),
        parameter(
            "sort",
            &format!("Fält, minus för fallande: {}. / Fields, minus for descending.", sortable.join(", ")),
            text().default(Some(default_sort.into())),
        ),
        parameter(
            "fields",
            "Visa bara dessa fält, kommaseparerade. / Show only these fields, separated by commas.",
            text(),
        ),
    ];
    made.extend(has_search.then(|| parameter("q", "Söktext. / Search text.", text())));
    made.extend(filter_parameters(fields));
    made
}

/// The parameters of a list's filters for OpenAPI.
pub fn filter_parameters<T, R>(fields: &[Field<T, R>]) -> Vec<Parameter> {
    let mut made = Vec::new();
    for field in fields {
        if field.filter.is_some() {
            let any_of = Schema::Array(Array::new((field.schema)()));
            made.push(parameter(
                field.name,
                "Något av värdena (upprepa). / Any of the values (repeat).",
                any_of,
            ));
        }
        if field.since.is_some() {
            made.push(parameter(
                field.name,
                "Ändrad då eller senare. / Changed then or later.",
                (field.schema)(),
            ));
        }
        if field.range.is_some() {
            made.push(parameter(
                &format!("{}From", field.name),
                "Från och med. / From, inclusive.",
                (field.schema)(),
            ));
            made.push(parameter(
                &format!("{}To", field.name),
                "Till och med. / To, inclusive.",
                (field.schema)(),
            ));
        }
    }
    made
}

/// A parameter that is text, for OpenAPI.
pub fn text_parameter(name: &str, description: &str) -> Parameter {
    parameter(name, description, text())
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn parameter(name: &str, description: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

/// The names by type: to make a schema takes longer than to read a page.
static NAMES: LazyLock<RwLock<HashMap<TypeId, &'static [String]>>> = LazyLock::new(RwLock::default);

/// The names of a representation's fields, from its schema.
pub fn fields_of<T: utoipa::PartialSchema + 'static>() -> &'static [String] {
    let id = TypeId::of::<T>();
    if let Some(names) = NAMES.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return names;
    }
    let names: Vec<String> = match T::schema() {
        RefOr::T(Schema::Object(object)) => object.properties.keys().cloned().collect(),
        _ => Vec::new(),
    };
    NAMES.write().unwrap_or_else(PoisonError::into_inner).entry(id).or_insert_with(|| names.leak())
}
