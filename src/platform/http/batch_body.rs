//! The body of a batch. What an item breaks belongs to the result of that item, whether it breaks a rule of the operation or a
//! bound that the schema tells: one row of a payroll file with 1,441 minutes must not keep the other rows out.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::dev::Payload;

use super::batch::Batch;
use super::body::{Input, Read, read};
use super::in_order::RequestPart;
use crate::platform::problem::{Code, FieldError, Problem};

/// A batch as it was sent, with what its items break. A body of the wrong shape (400) or with too many items (422) is refused
/// as a whole, and so is one with so many errors that the rest was not looked at.
pub struct BatchBody<I>(Batch<I>);

impl<I> BatchBody<I> {
    /// The batch.
    pub fn into_inner(self) -> Batch<I> {
        self.0
    }
}

impl<I: 'static> RequestPart for BatchBody<I>
where
    Batch<I>: Input,
{
    const CHECKS_PARAMETERS: bool = true;

    async fn take(request: &HttpRequest, payload: &mut Payload) -> Result<Self, Problem> {
        let Read { value: mut batch, errors, is_cut } = read::<Batch<I>>(request, payload).await?;
        match of_items(&errors) {
            Some(of_items) if !is_cut => batch.errors = of_items,
            _ => return Err(Problem::new(Code::InvalidInput).errors(errors)),
        }
        Ok(Self(batch))
    }
}

/// The errors of each item, as a request of its own would have them; none if one is of no item.
fn of_items(errors: &[FieldError]) -> Option<BTreeMap<usize, Vec<FieldError>>> {
    let mut of_items: BTreeMap<usize, Vec<FieldError>> = BTreeMap::new();
    for error in errors {
        let (index, pointer) = error.pointer.strip_prefix("/items/")?.split_once('/')?;
        let own = FieldError { pointer: format!("/{pointer}"), ..error.clone() };
        of_items.entry(index.parse().ok()?).or_default().push(own);
    }
    Some(of_items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::text::Localized;

    #[test]
    fn an_error_is_told_as_the_items_own() {
        let error = |pointer: &str| FieldError::new(pointer, "tooLarge", Localized::fixed("Fel", "Wrong"));
        let split =
            of_items(&[error("/items/0/minutes"), error("/items/12/data/a~1b"), error("/items/12/x")]);
        let pointers = |index| {
            split.as_ref()?.get(&index).map(|all| all.iter().map(|one| one.pointer.as_str()).collect())
        };
        assert_eq!(pointers(0), Some(vec!["/minutes"]));
        assert_eq!(pointers(12), Some(vec!["/data/a~1b", "/x"]));
        for pointer in ["/items", "/items/0", "", "/atomic"] {
            assert_eq!(of_items(&[error("/items/0/minutes"), error(pointer)]), None, "{pointer}");
        }
    }
}
