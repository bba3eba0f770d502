//! Keeps the order of refusals. actix polls all extractors of a handler side by side; what the address, the headers and
//! the body say must not be judged before the object has been found (404) and the permit covers it (403). An extractor
//! that has to come first holds the stage; the others wait until nobody holds it.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_web::{HttpMessage as _, HttpRequest};

/// How far a request has come, and who judges what.
#[derive(Clone, Default)]
struct Stage(Rc<Inside>);

#[derive(Default)]
struct Inside {
    holders: Cell<usize>,
    waiting: RefCell<Vec<Waker>>,
    reads_address: Cell<bool>,
    reads_body: Cell<bool>,
}

/// Held while an earlier stage is under way; dropping it lets the next stage begin.
pub struct Hold(Stage);

/// Begins a stage that later extractors wait for.
pub fn hold(request: &HttpRequest) -> Hold {
    let stage = of(request);
    stage.0.holders.set(stage.0.holders.get() + 1);
    Hold(stage)
}

/// Waits until every earlier stage is done.
pub async fn free(request: &HttpRequest) {
    poll_fn(|context| poll_free(request, context)).await;
}

/// Whether every earlier stage is done; otherwise `context` is woken when it is.
pub fn poll_free(request: &HttpRequest, context: &Context<'_>) -> Poll<()> {
    let stage = of(request);
    if stage.0.holders.get() == 0 {
        return Poll::Ready(());
    }
    stage.0.waiting.borrow_mut().push(context.waker().clone());
    Poll::Pending
}

/// An extractor says that it reads the parameters in the address itself and refuses the unknown ones.
pub fn will_read_address(request: &HttpRequest) {
    of(request).0.reads_address.set(true);
}

/// Whether an extractor reads the parameters itself.
pub fn reads_address(request: &HttpRequest) -> bool {
    of(request).0.reads_address.get()
}

/// An extractor says that it reads the body, and before that refuses what is wrong in address and headers: 413 and 415
/// go before those.
pub fn will_read_body(request: &HttpRequest) {
    of(request).0.reads_body.set(true);
}

/// Whether an extractor reads the body.
pub fn reads_body(request: &HttpRequest) -> bool {
    of(request).0.reads_body.get()
}

fn of(request: &HttpRequest) -> Stage {
    let mut extensions = request.extensions_mut();
    if let Some(stage) = extensions.get::<Stage>() {
        return stage.clone();
    }
    let stage = Stage::default();
    extensions.insert(stage.clone());
    stage
}

impl Drop for Hold {
    fn drop(&mut self) {
        let inside = &self.0.0;
        inside.holders.set(inside.holders.get().saturating_sub(1));
        if inside.holders.get() == 0 {
            inside.waiting.take().into_iter().for_each(Waker::wake);
        }
    }
}
