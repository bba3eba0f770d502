//! Keeps the order of refusals. actix polls all extractors of a handler side by side; the body must not be read before
//! the object has been found (404) and the permit covers it (403). An extractor that has to come first holds the
//! stage; the body waits until nobody holds it. All run in one task, and the holder stands before the body in the
//! handler's signature, so releasing it in a poll lets the body go on in that same poll.

use std::cell::Cell;
use std::rc::Rc;

use actix_web::{HttpMessage as _, HttpRequest};

#[derive(Clone, Default)]
struct Holders(Rc<Cell<usize>>);

/// Held while an earlier stage is under way; dropping it lets the next stage begin.
pub struct Hold(Holders);

/// Begins a stage that later extractors wait for.
pub fn hold(request: &HttpRequest) -> Hold {
    let holders = holders(request);
    holders.0.set(holders.0.get() + 1);
    Hold(holders)
}

/// Whether every earlier stage is done.
pub fn is_free(request: &HttpRequest) -> bool {
    holders(request).0.get() == 0
}

fn holders(request: &HttpRequest) -> Holders {
    let mut extensions = request.extensions_mut();
    if let Some(holders) = extensions.get::<Holders>() {
        return holders.clone();
    }
    let holders = Holders::default();
    extensions.insert(holders.clone());
    holders
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.0.set(self.0.0.get().saturating_sub(1));
    }
}
