//! Lists without pages, which are always returned in full: a history, a code list, the caller's permissions.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::link_to_self;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;

/// A list without pages.
#[derive(Clone, Debug, Serialize)]
pub struct WholeList<T> {
    /// All items.
    pub items: Vec<T>,
    /// The number of items.
    #[serde(rename = "_meta")]
    pub meta: WholeListMeta,
    /// A link to the list itself.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// The number of items of a list without pages.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WholeListMeta {
    /// The number of items in the list.
    pub total_records: usize,
    /// The number of items in this answer, which is all of them.
    pub count: usize,
}

impl<T> WholeList<T> {
    /// The list of these items, as an answer to the request with the parameters `sent`.
    pub fn new(ctx: &Context, sent: &[(String, String)], items: Vec<T>) -> Self {
        let meta = WholeListMeta { total_records: items.len(), count: items.len() };
        Self { items, meta, links: vec![link_to_self(ctx, sent)] }
    }
}

// Not derived: each type of items needs its own name of the list's schema, also when `T` is a type alias.
impl<T: ToSchema> PartialSchema for WholeList<T> {
    fn schema() -> RefOr<Schema> {
        let all = |name| ArrayBuilder::new().items(Ref::from_schema_name(name));
        ObjectBuilder::new()
            .description(Some("A list without pages."))
            .property("items", all(T::name()).description(Some("All items.")))
            .required("items")
            .property("_meta", Ref::from_schema_name(WholeListMeta::name()))
            .required("_meta")
            .property("_links", all(Link::name()).description(Some("A link to the list itself.")))
            .required("_links")
            .into()
    }
}

impl<T: ToSchema> ToSchema for WholeList<T> {
    fn name() -> Cow<'static, str> {
        format!("{}WholeList", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.extend([
            (T::name().into(), T::schema()),
            (WholeListMeta::name().into(), WholeListMeta::schema()),
            (Link::name().into(), Link::schema()),
        ]);
        T::schemas(schemas);
        WholeListMeta::schemas(schemas);
        Link::schemas(schemas);
    }
}
