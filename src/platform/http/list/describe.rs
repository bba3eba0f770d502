//! The query parameters of a list for OpenAPI. They come from the same declaration as the code that reads them.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{Array, ObjectBuilder, RefOr, Required, Schema, schema::Type};

use super::ListSource;
use super::read::{MAX_LIMIT, MAX_PAGE};
use super::shown::COUNTS;
use super::shown::LINKS;

/// The parameters of a list for OpenAPI.
pub fn parameters<L: ListSource>() -> Vec<Parameter> {
    let (fields, shown) = (L::fields(), fields_of::<L::Shown>());
    let sortable: Vec<&str> =
        fields.iter().filter(|field| field.sort.is_some()).map(|field| field.name).collect();
    let mut parameters = vec![
        parameter("page", "Sida från 1. / Page number, from 1.", integer(1, MAX_PAGE)),
        parameter("limit", "Högst så många per sida. / At most this many per page.", integer(20, MAX_LIMIT)),
        parameter(
            "cursor",
            "Fortsätt efter nextCursor (tom för första sidan), med samma sort och filter; i stället för page. / Continue \
             after nextCursor (empty for the first page), with the same sort and filters; instead of page.",
            text(),
        ),
        parameter(
            "sort",
            &format!(
                "Fält, minus för fallande, kommaseparerade: {}. / Fields, separated by commas; a minus before a field means \
                 descending.",
                sortable.join(", ")
            ),
            some_of(&sortable, "-?").default(Some(L::DEFAULT_SORT.into())),
        ),
        parameter(
            "fields",
            "Visa bara dessa fält, kommaseparerade; de övriga saknas i svaret, också de som schemat kräver. / Show \
             only these fields, separated by commas; the others are left out of the answer, even those that the \
             schema requires.",
            some_of(shown, ""),
        ),
    ];
    let text_of_links = "Radernas länkar: `self` bara den till raden själv, `all` som i svaret på raden ensam, `none` inga. / The \
                         links of the rows: `self` only the one to the row itself, `all` as in an answer of its own, \
                         `none` none.";
    let links = one_of(&LINKS).default(Some("self".into()));
    parameters.push(parameter("links", text_of_links, links));
    let text_of_counts = "Antal per tillstånd i `_meta.countsByStatus`, med alla filter utom `status`. / The number of \
                          items in each state in `_meta.countsByStatus`, with all filters but `status`.";
    parameters.extend(L::states().map(|_| parameter("counts", text_of_counts, one_of(&COUNTS))));
    parameters.extend(L::HAS_SEARCH.then(|| parameter("q", "Söktext. / Search text.", text())));
    parameters.extend(filter_parameters::<L>());
    parameters
}

/// The filter parameters of a list for OpenAPI.
pub fn filter_parameters<L: ListSource>() -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for field in L::fields() {
        let schema = field.schema;
        let mut add = |end: &str, text, schema| {
            parameters.push(parameter(&format!("{}{end}", field.name), text, schema))
        };
        if field.filter.is_some() {
            let any_of = Schema::Array(Array::new(schema())).into();
            add(
                "",
                "Något av värdena (upprepa). / Any of the values; repeat the parameter for several.",
                any_of,
            );
        }
        if field.since.is_some() {
            add(
                "",
                "Ändrade då eller senare, också de som har avslutats; ge det _meta.syncedTo som förra läsningens första sida \
                 svarade. Också de som visar något ändrat av andra resurser, med samma version; allowedTransitions, _links, \
                 warnings, missing, isLate och isValid följs inte. / Changed at this time or later, including ended ones; give the \
                 _meta.syncedTo that the first page of the previous reading answered. Also those that show something \
                 of other resources that has changed, with the same version; allowedTransitions, _links, warnings, missing, \
                 isLate and isValid are not followed.",
                schema(),
            );
        }
        if field.range.is_some() {
            add("From", "Från och med. / From, inclusive.", schema());
            add("To", "Till och med. / To, inclusive.", schema());
        }
    }
    parameters
}

/// A parameter whose value is some of `names`, separated by commas, for OpenAPI.
pub fn some_of_parameter(name: &str, description: &str, names: &[&str]) -> Parameter {
    parameter(name, description, some_of(names, ""))
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn one_of(values: &[&str]) -> ObjectBuilder {
    text().enum_values(Some(values.iter().copied()))
}

fn integer(default: i64, max: i64) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(max))
        .default(Some(default.into()))
}

/// A text with some of `names`, separated by commas. The pattern `before` comes before each name (`-?`).
fn some_of<S: AsRef<str>>(names: &[S], before: &str) -> ObjectBuilder {
    let names = names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("|");
    text().pattern(Some(format!("^{before}({names})(,{before}({names}))*$")))
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

/// Cache of field names by type: building the schema each time took a tenth of the instructions of a list (callgrind).
static NAMES: LazyLock<RwLock<HashMap<TypeId, &'static [String]>>> = LazyLock::new(RwLock::default);

/// The names of a representation's fields, from its schema.
pub fn fields_of<T: utoipa::ToSchema + 'static>() -> &'static [String] {
    let id = TypeId::of::<T>();
    if let Some(names) = NAMES.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return names;
    }
    let (mut names, mut others) = (Vec::new(), Vec::new());
    T::schemas(&mut others);
    collect(&T::schema(), &others, &mut names);
    NAMES.write().unwrap_or_else(PoisonError::into_inner).entry(id).or_insert_with(|| names.leak())
}

/// Collects the fields of a schema; a flattened field adds the fields of its type (`allOf`).
fn collect(schema: &RefOr<Schema>, others: &[(String, RefOr<Schema>)], names: &mut Vec<String>) {
    match schema {
        RefOr::T(Schema::Object(object)) => names.extend(object.properties.keys().cloned()),
        RefOr::T(Schema::AllOf(whole)) => whole.items.iter().for_each(|part| collect(part, others, names)),
        RefOr::T(_) => {}
        RefOr::Ref(part) => {
            let target = part.ref_location.rsplit('/').next();
            let found = others.iter().find(|(name, _)| Some(name.as_str()) == target);
            found.iter().for_each(|(_, schema)| collect(schema, others, names));
        }
    }
}
