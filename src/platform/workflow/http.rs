//! The shapes of `status-changes`, the same for every resource: one by one, in batch, and the history.

use std::borrow::Cow;

use serde::Deserialize;
use utoipa::openapi::schema::{AdditionalProperties, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};
use validator::{Validate, ValidationErrors};

use super::StatusChange;
use crate::platform::http::list::WholeList;
use crate::platform::ids::Id;

/// A wanted change of state.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeRequest<S, D> {
    /// The state to go to.
    pub to: S,
    /// Why; some steps require it.
    #[serde(default)]
    pub comment: Option<String>,
    /// Further facts that some steps take.
    #[serde(default = "none")]
    pub data: Option<D>,
}

/// A wanted change of state of one of many.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeItem<S, D> {
    /// The one to change.
    pub id: Id,
    /// The version that was seen; refused when it has changed since.
    #[serde(default)]
    pub version: Option<i32>,
    /// The state to go to.
    pub to: S,
    /// Why; some steps require it.
    #[serde(default)]
    pub comment: Option<String>,
    /// Further facts that some steps take.
    #[serde(default = "none")]
    pub data: Option<D>,
}

// Written by hand: utoipa's derive loses the schemas that a generic parameter refers to.
impl<S: PartialSchema, D: PartialSchema> PartialSchema for ChangeRequest<S, D> {
    fn schema() -> RefOr<Schema> {
        change_schema::<S, D>(ObjectBuilder::new()).into()
    }
}

impl<S: ToSchema, D: ToSchema> ToSchema for ChangeRequest<S, D> {
    fn name() -> Cow<'static, str> {
        format!("{}Change", S::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        parts::<S, D>(schemas);
    }
}

impl<S: PartialSchema, D: PartialSchema> PartialSchema for ChangeItem<S, D> {
    fn schema() -> RefOr<Schema> {
        let version = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::Integer, Type::Null]))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(i32::MAX))
            .description(Some("The version that was seen; refused when it has changed since"));
        let which =
            ObjectBuilder::new().property("id", Id::schema()).required("id").property("version", version);
        change_schema::<S, D>(which).into()
    }
}

impl<S: ToSchema, D: ToSchema> ToSchema for ChangeItem<S, D> {
    fn name() -> Cow<'static, str> {
        format!("{}ChangeItem", S::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        parts::<S, D>(schemas);
    }
}

/// The state and the data have names of their own, so that every change that takes them can refer to them.
fn parts<S: ToSchema, D: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.extend([(S::name().into(), S::schema()), (D::name().into(), D::schema())]);
    S::schemas(schemas);
    D::schemas(schemas);
}

fn change_schema<S: PartialSchema, D: PartialSchema>(object: ObjectBuilder) -> Schema {
    let comment = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .min_length(Some(1))
        .max_length(Some(2000))
        .description(Some("Why; some steps require it"));
    let data = OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .item(D::schema())
        .description(Some("Further facts that some steps take"));
    let object =
        object.property("to", S::schema()).required("to").property("comment", comment).property("data", data);
    Schema::Object(object.additional_properties(Some(AdditionalProperties::FreeForm(false))).build())
}

/// serde's own default asks that `D` has one.
fn none<D>() -> Option<D> {
    None
}

/// A wanted change of state, however it was asked for.
#[derive(Clone, Debug)]
pub struct Wanted<S, D> {
    /// The version that an item of a batch says it has seen; none where `If-Match` counts.
    pub version: Option<i32>,
    /// The state to go to.
    pub to: S,
    /// Why.
    pub comment: Option<String>,
    /// Further facts.
    pub data: Option<D>,
}

impl<S, D> From<ChangeRequest<S, D>> for Wanted<S, D> {
    fn from(ChangeRequest { to, comment, data }: ChangeRequest<S, D>) -> Self {
        Self { version: None, to, comment, data }
    }
}

impl<S, D> From<ChangeItem<S, D>> for Wanted<S, D> {
    fn from(ChangeItem { id: _, version, to, comment, data }: ChangeItem<S, D>) -> Self {
        Self { version, to, comment, data }
    }
}

impl<S, D: Validate> Validate for Wanted<S, D> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let data = self.data.as_ref().map_or(Ok(()), Validate::validate);
        ValidationErrors::merge(Ok(()), "data", data)
    }
}

impl<S, D: Validate> Validate for ChangeRequest<S, D> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let data = self.data.as_ref().map_or(Ok(()), Validate::validate);
        ValidationErrors::merge(Ok(()), "data", data)
    }
}

/// The history of one resource: every change, oldest first.
pub type StatusHistory = WholeList<StatusChange>;
