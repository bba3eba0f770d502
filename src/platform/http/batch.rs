//! Batches: many items in one request and one transaction. Each item succeeds or fails alone, or all or none (`atomic`);
//! `dryRun` reports what would happen and changes nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, Type};
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use validator::{Validate, ValidationErrors};

use crate::platform::context::Context;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::validated;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::set::{Touched, WriteSet};
use crate::platform::stored::Stored;
use crate::platform::tx::{TAKEN_BACK, Tx};

/// A batch of items.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Batch<I> {
    /// Whether all items must succeed for any to be kept.
    #[serde(default)]
    pub atomic: bool,
    /// Whether to report what would happen without keeping anything.
    #[serde(default)]
    pub dry_run: bool,
    /// The items, at most 1,000.
    pub items: Vec<I>,
    /// The bounds that items break, by their index.
    #[serde(skip)]
    pub(super) errors: BTreeMap<usize, Vec<FieldError>>,
}

// Written by hand: utoipa's derive names every batch `Batch` whatever its items, so one would replace the others.
impl<I: PartialSchema> PartialSchema for Batch<I> {
    fn schema() -> RefOr<Schema> {
        let flag = |text| {
            ObjectBuilder::new()
                .schema_type(Type::Boolean)
                .default(Some(false.into()))
                .description(Some(text))
        };
        let items = ArrayBuilder::new()
            .items(I::schema())
            .min_items(Some(1))
            .max_items(Some(1000))
            .description(Some("The items, at most 1,000."));
        ObjectBuilder::new()
            .description(Some("A batch of items."))
            .property("atomic", flag("Whether all items must succeed for any to be kept."))
            .property("dryRun", flag("Report what would happen, and keep nothing."))
            .property("items", items)
            .required("items")
            .additional_properties(Some(AdditionalProperties::FreeForm(false)))
            .into()
    }
}

impl<I: ToSchema> ToSchema for Batch<I> {
    fn name() -> Cow<'static, str> {
        format!("{}Batch", I::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((I::name().into(), I::schema()));
        I::schemas(schemas);
    }
}

impl<I> Validate for Batch<I> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        // The rules of an item are checked when the item runs, so that one invalid item does not refuse the others.
        Ok(())
    }
}

/// The outcome of a batch.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = BatchResult::example)]
pub struct BatchResult {
    /// Whether anything was kept.
    pub is_kept: bool,
    /// How many items succeeded, or would have in a dry run.
    pub succeeded: usize,
    /// How many items failed; in an atomic batch also those that were rolled back because another item failed.
    pub failed: usize,
    /// One result per item, in their order.
    pub items: Vec<ItemResult>,
    /// What reads differently now beside the items: the caller's own time reports whose entries took a step.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub touched: Vec<Touched>,
}

impl BatchResult {
    /// An example for OpenAPI: one item succeeded and one failed.
    pub fn example() -> Value {
        let ctx = Context::example();
        let missing = Problem::not_found();
        let address = &ctx.addresses.public_url;
        let path = "/api/v1/time-entries/batch";
        let document = missing.document(ctx.language(), address, path, "4bf92f3577b34da6a3ce929d0e0e4736");
        let created = ItemResult {
            id: Some(ctx.new_id()),
            version: Some(2),
            new_status: Some("recorded"),
            ..ItemResult::new(0, 200)
        };
        let refused = ItemResult { problem: Some(document), ..ItemResult::new(1, missing.code.status()) };
        serde_json::json!(Self {
            is_kept: true,
            succeeded: 1,
            failed: 1,
            items: vec![created, refused],
            touched: Vec::new()
        })
    }
}

/// The outcome of one item.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemResult {
    /// The item's index in the request, from 0.
    pub index: usize,
    /// The HTTP status that the item would have had in a request of its own; 424 when it was rolled back because another
    /// item failed.
    pub status: u16,
    /// Id of the resource that was created or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<Id>,
    /// Its version now, for the next change; absent when nothing was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub version: Option<i32>,
    /// Its state now (in a dry run, as it would be), if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub new_status: Option<&'static str>,
    /// Why the item failed; absent when it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = problem)]
    pub problem: Option<Value>,
}

impl ItemResult {
    fn new(index: usize, status: u16) -> Self {
        Self { index, status, id: None, version: None, new_status: None, problem: None }
    }

    /// With the row that the item became.
    fn of<R: Stored>(index: usize, status: u16, row: &R) -> Self {
        let mut result = Self { id: Some(row.id()), ..Self::new(index, status) };
        result.tell(row);
        result
    }

    fn tell<R: Stored>(&mut self, row: &R) {
        self.version = Some(row.version());
        self.new_status = row.status_code();
    }
}

/// The schema of `problem`: the problem document that a request of its own would have been answered with.
fn problem() -> RefOr<Schema> {
    Ref::from_schema_name("Problem").into()
}

impl<I: Clone + Validate> Batch<I> {
    /// Makes a resource from each item, as a set: each item is validated and judged, and the accepted ones are written
    /// together.
    pub fn create<S: WriteSet<I>>(&self, tx: &mut Tx<'_>) -> Result<Answer, Problem> {
        self.run_set::<S, I>(tx, 201, |item| validated(item).map(|()| item.clone()))
    }
}

impl<I> Batch<I> {
    /// Writes the items as a set. `check` makes an item of the set, or refuses. `status` is that of an accepted item.
    pub fn run_set<S: WriteSet<T>, T: Clone>(
        &self,
        tx: &mut Tx<'_>,
        status: u16,
        check: impl Fn(&I) -> Result<T, Problem>,
    ) -> Result<Answer, Problem> {
        Answer::json(&self.set_result::<S, T>(tx, status, check)?)
    }

    fn set_result<S: WriteSet<T>, T: Clone>(
        &self,
        tx: &mut Tx<'_>,
        status: u16,
        check: impl Fn(&I) -> Result<T, Problem>,
    ) -> Result<BatchResult, Problem> {
        tx.is_trial = self.dry_run;
        let sets = in_sets::<S, T>(self.checked(&check));
        let (count, mut items, mut has_failed) = (sets.len(), Vec::with_capacity(self.items.len()), false);
        // An outcome that must not be kept is rolled back by an error that is caught below: a dry run writes too, because the
        // database may know a reason against it.
        let kept = tx.attempt(|tx| {
            if count > 1 {
                // All rows are locked in their order before the first set is written.
                let all: Vec<T> =
                    sets.iter().flatten().filter_map(|item| item.as_ref().ok().cloned()).collect();
                S::load(tx, &all)?;
            }
            for (number, set) in sets.into_iter().enumerate() {
                let valid: Vec<T> = set.iter().filter_map(|item| item.as_ref().ok().cloned()).collect();
                let mut facts = S::load(tx, &valid)?;
                let mut accepted = Vec::with_capacity(valid.len());
                for item in set {
                    let index = items.len();
                    items.push(match item.and_then(|item| facts.judge(tx.ctx, item)) {
                        Ok(one) => {
                            let result =
                                ItemResult { id: Some(S::id(&one)), ..ItemResult::new(index, status) };
                            accepted.push(one);
                            result
                        }
                        Err(problem) if ends_batch(&problem) => return Err(problem),
                        Err(problem) => {
                            has_failed = true;
                            refused(tx.ctx, index, &problem)
                        }
                    });
                }
                let is_in_vain = self.atomic && has_failed && number + 1 == count;
                if !(is_in_vain || accepted.is_empty()) {
                    for row in facts.write(tx, accepted)? {
                        let same =
                            items.iter_mut().filter(|item: &&mut ItemResult| item.id == Some(row.id()));
                        same.for_each(|item| item.tell(&row));
                    }
                }
            }
            if self.dry_run || (self.atomic && has_failed) {
                return Err(Problem::internal(TAKEN_BACK));
            }
            S::touched(tx, &written(&items))
        });
        match kept {
            Ok(touched) => Ok(BatchResult { touched, ..self.complete(tx.ctx, true, items) }),
            Err(problem) if problem.internal.as_deref() == Some(TAKEN_BACK) => {
                Ok(self.complete(tx.ctx, false, items))
            }
            Err(problem) if ends_batch(&problem) => Err(problem),
            // A constraint that only the database knows: find out which item breaks it.
            Err(_) => {
                let result = self.result(tx, |tx, item| Ok((status, tx.write_one::<S, T>(check(item)?)?)))?;
                let touched =
                    if result.is_kept { S::touched(tx, &written(&result.items))? } else { Vec::new() };
                Ok(BatchResult { touched, ..result })
            }
        }
    }

    /// The items of a set, or why they are none.
    fn checked<T>(&self, check: impl Fn(&I) -> Result<T, Problem>) -> Vec<Result<T, Problem>> {
        let items = self.items.iter().enumerate();
        items.map(|(index, item)| self.check_bounds(index).and_then(|()| check(item))).collect()
    }

    /// 422 with every bound that an item breaks.
    fn check_bounds(&self, index: usize) -> Result<(), Problem> {
        Code::InvalidInput.refuse_any(self.errors.get(&index).cloned().unwrap_or_default())
    }

    /// Runs the items. `run` gives the status and the row of an item that succeeds.
    pub fn run<R: Stored>(
        &self,
        tx: &mut Tx<'_>,
        run: impl Fn(&mut Tx<'_>, &I) -> Result<(u16, R), Problem>,
    ) -> Result<Answer, Problem> {
        Answer::json(&self.result(tx, run)?)
    }

    /// The verdict on each item; what must not be kept is rolled back.
    fn result<R: Stored>(
        &self,
        tx: &mut Tx<'_>,
        run: impl Fn(&mut Tx<'_>, &I) -> Result<(u16, R), Problem>,
    ) -> Result<BatchResult, Problem> {
        tx.is_trial = self.dry_run;
        let mut items = Vec::with_capacity(self.items.len());
        // An outcome that must not be kept is rolled back by an error that is caught below.
        let kept = tx.attempt(|tx| {
            for (index, item) in self.items.iter().enumerate() {
                items.push(outcome(tx, index, |tx| self.check_bounds(index).and_then(|()| run(tx, item)))?);
            }
            let has_failed = items.iter().any(|item| item.problem.is_some());
            if self.dry_run || (self.atomic && has_failed) {
                Err(Problem::internal(TAKEN_BACK))
            } else {
                Ok(())
            }
        });
        let is_kept = match kept {
            Ok(()) => true,
            Err(problem) if problem.internal.as_deref() == Some(TAKEN_BACK) => false,
            Err(problem) => return Err(problem),
        };
        Ok(self.complete(tx.ctx, is_kept, items))
    }

    /// The result of all items. In an atomic batch, one that fails takes the others with it.
    fn complete(&self, ctx: &Context, is_kept: bool, mut items: Vec<ItemResult>) -> BatchResult {
        if self.atomic && items.iter().any(|item| item.problem.is_some()) {
            for item in items.iter_mut().filter(|item| item.problem.is_none()) {
                *item = refused(ctx, item.index, &Problem::new(Code::FailedDependency));
            }
        }
        let failed = items.iter().filter(|item| item.problem.is_some()).count();
        let is_kept = is_kept && failed < items.len();
        if !is_kept {
            items.iter_mut().for_each(|item| item.version = None);
        }
        BatchResult { is_kept, succeeded: items.len() - failed, failed, items, touched: Vec::new() }
    }
}

/// The rows of the items that succeeded.
fn written(items: &[ItemResult]) -> Vec<Id> {
    items.iter().filter_map(|item| item.id).collect()
}

/// An error of the program or the database ends the whole request.
fn ends_batch(problem: &Problem) -> bool {
    problem.code.status() >= 500 || problem.transient
}

/// Splits items into sets that change different rows.
fn in_sets<S: WriteSet<T>, T>(items: Vec<Result<T, Problem>>) -> Vec<Vec<Result<T, Problem>>> {
    let (mut sets, mut changed) = (vec![Vec::new()], HashSet::new());
    for item in items {
        if let Some(row) = item.as_ref().ok().and_then(S::changed_row)
            && !changed.insert(row)
        {
            sets.push(Vec::new());
            changed = HashSet::from([row]);
        }
        if let Some(set) = sets.last_mut() {
            set.push(item);
        }
    }
    sets
}

fn outcome<R: Stored>(
    tx: &mut Tx<'_>,
    index: usize,
    run: impl FnOnce(&mut Tx<'_>) -> Result<(u16, R), Problem>,
) -> Result<ItemResult, Problem> {
    let ctx = tx.ctx;
    match tx.attempt(run) {
        Ok((status, row)) => Ok(ItemResult::of(index, status, &row)),
        Err(problem) if ends_batch(&problem) => Err(problem),
        Err(problem) => Ok(refused(ctx, index, &problem)),
    }
}

fn refused(ctx: &Context, index: usize, problem: &Problem) -> ItemResult {
    let base = &ctx.addresses.public_url;
    let document = problem.document(ctx.language(), base, &ctx.request.path, &ctx.request.trace_id);
    ItemResult { problem: Some(document), ..ItemResult::new(index, problem.code.status()) }
}
