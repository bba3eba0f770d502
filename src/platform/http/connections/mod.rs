//! The connections of clients. A client that misbehaves must not hold what others need: connections are counted per
//! address, a client that takes nothing of its answer loses its connection, and so does one that goes on sending a body
//! after it was answered. actix-web watches none of that, so the streams below it do ([`stream`]).

mod bare;
pub mod endings;
pub mod listen;
pub mod slices;
pub mod stream;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::rt::net::TcpStream;
use actix_web::{HttpRequest, web};
use socket2::SockRef;

use self::endings::{Endings, Reason};
use self::stream::{Talk, Watched};
use super::observe::client;
use crate::platform::ids::hex;
use crate::platform::services::Services;

/// The connections of one process.
pub struct Connections {
    services: web::Data<Services>,
    open: Mutex<HashMap<IpAddr, u32>>,
    endings: Endings,
}

/// Waits until the client of a request has closed its connection; for ever if the request has none.
pub async fn client_has_gone(request: &HttpRequest) {
    match request.conn_data::<Rc<Talk>>() {
        Some(talk) => talk.gone().await,
        None => std::future::pending().await,
    }
}

/// A place among the connections of an address; dropping it frees the place.
pub struct Place {
    connections: Arc<Connections>,
    address: Option<IpAddr>,
}

impl Connections {
    /// No connections yet.
    pub fn new(services: web::Data<Services>) -> Arc<Self> {
        Arc::new(Self { services, open: Mutex::default(), endings: Endings::default() })
    }

    /// How long a client may take nothing, or leave a request unfinished.
    fn patience(&self) -> Duration {
        self.services.config.client_patience
    }

    /// Takes a new connection; an error, and the connection is closed at once, when its address has too many.
    fn admit(self: &Arc<Self>, io: TcpStream) -> io::Result<(Watched, Option<SocketAddr>)> {
        let peer = io.peer_addr().ok();
        let Some(place) = self.enter(peer.map(|peer| peer.ip())) else {
            self.ended(Reason::TooMany);
            reset_when_closed(&io);
            return Err(io::ErrorKind::ConnectionRefused.into());
        };
        limit_unread(&io, self.patience());
        Ok((Watched::new(io, self.patience(), place), peer))
    }

    fn enter(self: &Arc<Self>, peer: Option<IpAddr>) -> Option<Place> {
        let config = &self.services.config;
        let is_limited = |address: &IpAddr| {
            config.connections_per_address > 0 && !config.trusted_proxies.contains(*address)
        };
        let address = peer.map(|address| address.to_canonical()).filter(is_limited).map(client::network);
        if let Some(address) = address {
            let mut open = self.open();
            let count = open.entry(address).or_default();
            if *count >= config.connections_per_address {
                return None;
            }
            *count += 1;
        }
        Some(Place { connections: Arc::clone(self), address })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection ended because of its client.
    fn ended(&self, reason: Reason) {
        self.services.metrics.connection_ended(reason);
        self.endings.tell(reason);
    }
}

impl Place {
    /// The connection ends because of its client.
    fn ended(&self, reason: Reason) {
        self.connections.ended(reason);
    }

    /// What is wrong with a request that actix-web could not read.
    fn explained(&self, is_raw: bool) -> Vec<u8> {
        let services = &self.connections.services;
        bare::explained(&services.addresses.public_url, &hex(&services.ids.bytes::<16>()), is_raw)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        let mut open = self.connections.open();
        if let Some(count) = open.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&address);
            }
        }
    }
}

/// Lets the system forget at once what the client has not taken, when the connection is closed.
fn reset_when_closed(io: &TcpStream) {
    // Without the option, the system keeps the bytes a little longer.
    let _ = SockRef::from(io).set_linger(Some(Duration::ZERO));
}

/// How much of an answer the system may hold for a client; the rest waits in the program, where it is in memory once. The
/// system itself would let that grow to some megabytes for each connection.
const UNREAD: usize = 256 * 1024;

/// Limits what the system holds for a client that takes nothing: how much, and how long, also when the program has closed
/// the connection. Only Linux knows the time; elsewhere the program's own watch must do.
fn limit_unread(io: &TcpStream, patience: Duration) {
    let socket = SockRef::from(io);
    // Without the options, the system's own limits hold.
    let _ = socket.set_send_buffer_size(UNREAD);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(patience));
    #[cfg(not(target_os = "linux"))]
    let _ = patience;
}
