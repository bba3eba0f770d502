//! Requests and answers of `status-changes`, the same for every resource: one change, a batch of changes, the history.

use std::borrow::Cow;

use serde::Deserialize;
use utoipa::openapi::schema::{AdditionalProperties, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};
use validator::{Validate, ValidationErrors};

use super::{StatusChange, StepData};
use crate::platform::http::body::NoData;
use crate::platform::http::list::WholeList;
use crate::platform::ids::Id;
use crate::platform::values::Text;

/// The most characters of a reason.
pub const COMMENT: usize = 2000;

/// A requested change of state.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeRequest<S, D> {
    /// The version that the client has read. The change is refused if the resource has another version by now.
    #[serde(default)]
    pub version: Option<i32>,
    /// The state to go to.
    pub to: S,
    /// The reason. Some transitions require it.
    #[serde(default)]
    pub comment: Option<Text<COMMENT>>,
    /// Further data that some transitions take.
    #[serde(default = "none")]
    pub data: Option<D>,
}

/// A requested change of state, as an item of a batch.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeItem<S, D> {
    /// The resource to change.
    pub id: Id,
    /// The version that the client has read. The change is refused if the resource has another version by now.
    #[serde(default)]
    pub version: Option<i32>,
    /// The state to go to.
    pub to: S,
    /// The reason. Some transitions require it.
    #[serde(default)]
    pub comment: Option<Text<COMMENT>>,
    /// Further data that some transitions take.
    #[serde(default = "none")]
    pub data: Option<D>,
}

// Written by hand: utoipa's derive loses the schemas of generic parameters.
impl<S: PartialSchema, D: PartialSchema> PartialSchema for ChangeRequest<S, D> {
    fn schema() -> RefOr<Schema> {
        change_schema::<S, D>(ObjectBuilder::new().property("version", version_schema())).into()
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
        let which = ObjectBuilder::new().property("id", Id::schema()).required("id");
        let which = which.property("version", version_schema());
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

fn version_schema() -> Schema {
    let version = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Integer, Type::Null]))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(1))
        .maximum(Some(i32::MAX))
        .description(Some(
            "The version that the client has read; the change is refused if the resource has another version",
        ));
    Schema::Object(version.build())
}

/// State and data are schemas of their own, so that every change can refer to them.
fn parts<S: ToSchema, D: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.extend([(S::name().into(), S::schema()), (D::name().into(), D::schema())]);
    S::schemas(schemas);
    D::schemas(schemas);
}

fn change_schema<S: PartialSchema, D: PartialSchema>(object: ObjectBuilder) -> Schema {
    let comment = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .min_length(Some(1))
        .max_length(Some(COMMENT))
        .description(Some("The reason; some transitions require it"));
    let data = OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .item(D::schema())
        .description(Some("Further data that some transitions take"));
    let object =
        object.property("to", S::schema()).required("to").property("comment", comment).property("data", data);
    Schema::Object(object.additional_properties(Some(AdditionalProperties::FreeForm(false))).build())
}

/// For `D` without `Default`, which serde's own default would require.
fn none<D>() -> Option<D> {
    None
}

/// A requested change of state, from a single request or from an item of a batch.
#[derive(Clone, Debug)]
pub struct Wanted<S, D> {
    /// The version that the body or a batch item names; without one, `If-Match` counts.
    pub version: Option<i32>,
    /// The state to go to.
    pub to: S,
    /// The reason.
    pub comment: Option<Text<COMMENT>>,
    /// Further data.
    pub data: Option<D>,
}

impl<S, D> From<ChangeRequest<S, D>> for Wanted<S, D> {
    fn from(ChangeRequest { version, to, comment, data }: ChangeRequest<S, D>) -> Self {
        Self { version, to, comment, data }
    }
}

impl<S, D> From<ChangeItem<S, D>> for Wanted<S, D> {
    fn from(ChangeItem { id: _, version, to, comment, data }: ChangeItem<S, D>) -> Self {
        Self { version, to, comment, data }
    }
}

impl<S, D: Validate> Validate for Wanted<S, D> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        validate_parts(self.comment.as_ref(), self.data.as_ref())
    }
}

impl<S, D: Validate> Validate for ChangeRequest<S, D> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        validate_parts(self.comment.as_ref(), self.data.as_ref())
    }
}

fn validate_parts(
    comment: Option<&impl Validate>,
    data: Option<&impl Validate>,
) -> Result<(), ValidationErrors> {
    let errors = ValidationErrors::merge(Ok(()), "comment", comment.map_or(Ok(()), Validate::validate));
    ValidationErrors::merge(errors, "data", data.map_or(Ok(()), Validate::validate))
}

impl StepData for NoData {
    fn given(&self) -> Vec<&'static str> {
        Vec::new()
    }
}

/// The history of one resource: every change, oldest first.
pub type StatusHistory = WholeList<StatusChange>;
