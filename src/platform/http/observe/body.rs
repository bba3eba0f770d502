//! What is left of a request's body when the request is answered. A refused body is usually not read, and the client may
//! go on sending it: see `http::connections`.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_core::Stream;

use crate::platform::http::connections::stream::Unread;

/// The body of a request, while its handler reads it.
pub struct Body(Rc<RefCell<Payload>>);

struct Followed(Rc<RefCell<Payload>>);

impl Stream for Followed {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// Follows the body of a request; none if it has no body.
pub fn follow(request: &mut ServiceRequest) -> Option<Body> {
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return None;
    }
    let shared = Rc::new(RefCell::new(payload));
    request.set_payload(Payload::Stream { payload: Box::pin(Followed(Rc::clone(&shared))) });
    Some(Body(shared))
}

impl Body {
    /// The body, if more of it is to come. What has come is thrown away.
    pub fn unread(self) -> Option<Unread> {
        let mut context = Context::from_waker(Waker::noop());
        loop {
            match Pin::new(&mut *self.0.borrow_mut()).poll_next(&mut context) {
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(_) => return None,
                Poll::Pending => break,
            }
        }
        Some(self.0)
    }
}
