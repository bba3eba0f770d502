//! Lists that are always given whole: a history, the closed lists of codes, what one may do.

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
    /// All there are.
    pub items: Vec<T>,
    /// How many.
    #[serde(rename = "_meta")]
    pub meta: WholeListMeta,
    /// To the list itself.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// How many items a list without pages has.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WholeListMeta {
    /// All there are.
    pub total_records: usize,
    /// So many items, which are all.
    pub count: usize,
}

impl<T> WholeList<T> {
    /// All items, as an answer to the request with these parameters.
    pub fn new(ctx: &Context, sent: &[(String, String)], items: Vec<T>) -> Self {
        let meta = WholeListMeta { total_records: items.len(), count: items.len() };
        Self { items, meta, links: vec![link_to_self(ctx, sent)] }
    }
}

// Written by hand: then it has a name of its own for each type of items, also behind a type alias.
impl<T: ToSchema> PartialSchema for WholeList<T> {
    fn schema() -> RefOr<Schema> {
        let all = |name| ArrayBuilder::new().items(Ref::from_schema_name(name));
        ObjectBuilder::new()
            .description(Some("A list without pages."))
            .property("items", all(T::name()).description(Some("All there are.")))
            .required("items")
            .property("_meta", Ref::from_schema_name(WholeListMeta::name()))
            .required("_meta")
            .property("_links", all(Link::name()).description(Some("To the list itself.")))
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
