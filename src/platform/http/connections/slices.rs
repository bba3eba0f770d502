//! Sends a large body in slices. actix copies each part of a body into the connection's buffer before it is written, so a
//! body in one part would be there once for every client that reads slowly. Slices share the bytes.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

/// The longest part, which is as long as actix's buffer.
const SLICE: usize = 32 * 1024;

struct Slices(Bytes);

// Without `try_into_bytes`: a box would take the bytes out again, and send them in one part.
impl MessageBody for Slices {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(u64::try_from(self.0.len()).unwrap_or(u64::MAX))
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let length = self.0.len().min(SLICE);
        Poll::Ready((length > 0).then(|| Ok(self.0.split_to(length))))
    }
}

/// The response with its body in slices, if it is in memory and long.
pub fn sliced(response: HttpResponse<BoxBody>) -> HttpResponse<BoxBody> {
    let is_long = matches!(response.body().size(), BodySize::Sized(size) if size > 32 * 1024);
    if !is_long {
        return response;
    }
    response.map_body(|_, body| match body.try_into_bytes() {
        Ok(bytes) => BoxBody::new(Slices(bytes)),
        Err(body) => body,
    })
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn a_long_body_comes_in_slices_of_the_same_memory() {
        let bytes = Bytes::from(vec![7; 3 * SLICE + 1]);
        let response = sliced(HttpResponse::Ok().body(bytes.clone()));
        let mut body = Box::pin(response.into_body());
        assert_eq!(body.size(), BodySize::Sized(3 * 32 * 1024 + 1));
        let mut places = Vec::new();
        while let Poll::Ready(Some(Ok(part))) =
            body.as_mut().poll_next(&mut Context::from_waker(Waker::noop()))
        {
            places.push((part.as_ptr(), part.len()));
        }
        let expected = [0, 1, 2, 3].map(|number| bytes.slice(number * SLICE..).as_ptr());
        assert_eq!(places.iter().map(|(place, _)| *place).collect::<Vec<_>>(), expected);
        assert_eq!(places.iter().map(|(_, length)| *length).collect::<Vec<_>>(), [SLICE, SLICE, SLICE, 1]);
    }

    #[test]
    fn a_short_body_and_a_stream_stay_as_they_are() {
        let short = sliced(HttpResponse::Ok().body("short"));
        assert_eq!(short.into_body().try_into_bytes().unwrap(), "short");
        assert_eq!(sliced(HttpResponse::NoContent().finish()).body().size(), BodySize::Sized(0));
    }
}
