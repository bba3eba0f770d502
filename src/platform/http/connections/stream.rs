//! The stream of one connection, which ends when its client makes others wait for nothing.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::bare::{is_bare, is_raw};
use super::endings::Reason;
use super::{Place, reset_when_closed};

/// How much of a body may still come after its request was answered.
const REST_OF_BODY: usize = 64 * 1024;

/// How often it is looked whether a client has gone.
const LOOK: Duration = Duration::from_millis(200);

/// How long a connection is kept for the next request.
const IDLE: Duration = Duration::from_secs(5);

/// The client takes something at least so often, in terms of its patience. The system tells this stream only when a good part
/// of what it holds was taken, so a slow client looks like one that takes nothing. Where the system itself watches for that
/// (`limit_unread`), it ends the connection much sooner.
const SLOWNESS: u32 = 4;

/// A body that was not read to its end.
pub type Unread = Rc<RefCell<Payload>>;

/// What the stream knows of the requests on it. The outermost layer of a request tells it (`http::observe`).
pub struct Talk {
    /// Whether a request is being answered; otherwise the client is to send one.
    is_answering: Cell<bool>,
    /// Since when the client is to send the next request: the last answer, or what was written of it last.
    since: Cell<Instant>,
    /// Whether some of that request has come; otherwise the connection is only kept for it.
    has_begun: Cell<bool>,
    /// How much may still come after an answer to a request whose body had not come to its end. actix closes such a
    /// connection after the answer, but reads on for a second.
    rest: Cell<Option<usize>>,
    /// Whether the client has closed the connection, or its half of it: it sends nothing more.
    has_gone: Cell<bool>,
    /// That body. If it were dropped, actix would read a chunked one to its end, whatever its length, and keep the connection.
    unread: RefCell<Option<Unread>>,
}

impl Talk {
    fn new() -> Self {
        Self {
            is_answering: Cell::new(false),
            since: Cell::new(Instant::now()),
            // actix itself waits for the first request.
            has_begun: Cell::new(true),
            rest: Cell::new(None),
            has_gone: Cell::new(false),
            unread: RefCell::new(None),
        }
    }

    /// A request is being answered.
    pub fn begin(&self) {
        self.is_answering.set(true);
    }

    /// Waits until the client has closed the connection. actix answers also one that has closed only its half, so that is for
    /// work that is too long to be done for nobody.
    pub async fn gone(&self) {
        while !self.has_gone.get() {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The request is answered, and more of its body may come.
    pub fn answered(&self, unread: Option<Unread>) {
        self.is_answering.set(false);
        self.since.set(Instant::now());
        self.has_begun.set(false);
        if unread.is_some() {
            self.rest.set(Some(REST_OF_BODY));
            self.unread.replace(unread);
        }
    }
}

/// What took too long.
enum TooLong {
    /// The client sends no other request, which is no fault.
    Idle,
    /// The client takes nothing, or does not finish its request.
    Stalled,
}

/// A connection to a client.
pub struct Watched {
    io: TcpStream,
    talk: Rc<Talk>,
    patience: Duration,
    /// Since when the client takes nothing of what is written.
    blocked: Option<Instant>,
    alarm: Pin<Box<Sleep>>,
    place: Place,
    /// Whether the first line of what came last has bytes that are not ASCII.
    is_raw: bool,
    /// What is still to be written in the place of a refusal without a body.
    instead: Vec<u8>,
}

impl Watched {
    /// A new connection.
    pub(super) fn new(io: TcpStream, patience: Duration, place: Place) -> Self {
        let alarm = Box::pin(sleep_until(Instant::now() + patience));
        let talk = Rc::new(Talk::new());
        Self { io, talk, patience, blocked: None, alarm, place, is_raw: false, instead: Vec::new() }
    }

    /// What the requests on this connection tell it.
    pub fn talk(&self) -> Rc<Talk> {
        Rc::clone(&self.talk)
    }

    /// When the client must have done what it is waited for; none while the program works. A connection whose answer is not
    /// taken yet is not idle: actix's own timer for idle connections would cut that answer off.
    fn deadline(&self) -> Option<Instant> {
        if let Some(since) = self.blocked {
            return Some(since + self.patience * SLOWNESS);
        }
        let limit = if self.talk.has_begun.get() { self.patience } else { self.patience.min(IDLE) };
        (!self.talk.is_answering.get()).then(|| self.talk.since.get() + limit)
    }

    /// Waits for the client, but not longer than to the deadline. The alarm is always set: an answer gives the client a
    /// deadline, and wakes nobody. One that rings too early is set anew then, which is cheaper than to set it at each answer.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<TooLong> {
        let deadline = self.deadline();
        if let Some(deadline) = deadline.filter(|deadline| self.alarm.deadline() > *deadline) {
            self.alarm.as_mut().reset(deadline);
        }
        loop {
            ready!(self.alarm.as_mut().poll(cx));
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Poll::Ready(self.too_long());
            }
            self.alarm.as_mut().reset(deadline.unwrap_or(now + self.patience));
        }
    }

    fn too_long(&self) -> TooLong {
        let is_blocked = self.blocked.is_some();
        if !is_blocked && !self.talk.has_begun.get() {
            return TooLong::Idle;
        }
        self.place.ended(Reason::Stalled);
        if is_blocked {
            reset_when_closed(&self.io);
        }
        TooLong::Stalled
    }

    /// The outcome of a system call; the system may have found that the client takes nothing.
    fn noted<T>(&self, done: io::Result<T>) -> Poll<io::Result<T>> {
        if done.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            self.place.ended(Reason::Stalled);
        }
        Poll::Ready(done)
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.talk.rest.get() == Some(0) {
            self.place.ended(Reason::EndlessBody);
            // As if the client had stopped sending: what was answered is still written.
            return Poll::Ready(Ok(()));
        }
        let (before, has_room) = (buffer.filled().len(), buffer.remaining() > 0);
        match Pin::new(&mut self.io).poll_read(cx, buffer) {
            Poll::Pending => match ready!(self.wait(cx)) {
                // As if the client had closed.
                TooLong::Idle => Poll::Ready(Ok(())),
                TooLong::Stalled => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            },
            Poll::Ready(done) => {
                let count = buffer.filled().len().saturating_sub(before);
                if count > 0 && !self.talk.is_answering.get() {
                    self.talk.has_begun.set(true);
                    self.is_raw = buffer.filled().get(before..).is_some_and(is_raw);
                }
                if has_room && count == 0 {
                    self.talk.has_gone.set(true);
                }
                self.talk.rest.set(self.talk.rest.get().map(|rest| rest.saturating_sub(count)));
                self.noted(done)
            }
        }
    }
}

impl Watched {
    /// Writes what takes the place of a refusal without a body, which has so many bytes.
    fn write_instead(&mut self, cx: &mut Context<'_>, length: usize) -> Poll<io::Result<usize>> {
        while !self.instead.is_empty() {
            let bytes = std::mem::take(&mut self.instead);
            match self.write(cx, &bytes) {
                Poll::Ready(Ok(count)) if count > 0 => {
                    self.instead = bytes.get(count..).unwrap_or_default().to_vec()
                }
                Poll::Ready(Ok(_)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.instead = bytes;
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Ok(length))
    }

    fn write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.io).poll_write(cx, bytes) {
            Poll::Pending => {
                self.blocked.get_or_insert_with(Instant::now);
                self.wait(cx).map(|_| Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Ready(done) => {
                self.blocked = None;
                // A long answer may be written long after it was begun.
                self.talk.since.set(Instant::now());
                self.noted(done)
            }
        }
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.instead.is_empty() && is_bare(bytes) {
            self.instead = self.place.explained(self.is_raw);
        }
        if self.instead.is_empty() { self.write(cx, bytes) } else { self.write_instead(cx, bytes.len()) }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
