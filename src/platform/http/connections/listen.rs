//! Serves an application on a listener whose connections are watched. It does what `actix_web::HttpServer` does, which
//! takes no other streams than its own.

use std::fmt;
use std::future::ready;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive, Protocol, Request, Response};
use actix_server::ServerBuilder;
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt as _, fn_service, map_config,
};
use actix_web::body::MessageBody;
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;

use super::Connections;
use super::endings::Reason;
use super::stream::Watched;

/// How long the head of a connection's first request may take.
const FIRST_HEAD: Duration = Duration::from_secs(15);

/// How long a client may take to close its side after the last answer.
const GOODBYE: Duration = Duration::from_secs(1);

/// Adds a listener to a server. `app` makes the application, once for each worker.
pub fn listen<F, I, S, B>(
    builder: ServerBuilder,
    listener: TcpListener,
    connections: &Arc<Connections>,
    app: F,
) -> io::Result<ServerBuilder>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let address = listener.local_addr()?;
    let (stopping, connections) = (builder.graceful_shutdown_signal(), Arc::clone(connections));
    builder.listen(format!("http {address}"), listener, move || {
        let (admitting, ending) = (Arc::clone(&connections), Arc::clone(&connections));
        let stopping = stopping.clone();
        let app = app().into_factory().map_err(|error| error.into().error_response());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            // The stream closes idle connections.
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(FIRST_HEAD)
            .client_disconnect_timeout(GOODBYE)
            .local_addr(address)
            .on_connect_ext(|io: &Watched, data| {
                data.insert(io.talk());
            })
            .finish(map_config(app, |()| AppConfig::default()));
        let admit = move |io: TcpStream| {
            let admitted = admitting.admit(io);
            ready(admitted.map(|(io, peer)| (io, Protocol::Http1, peer)).map_err(DispatchError::Io))
        };
        fn_service(admit).and_then(http).map_err(move |error| note(&ending, &error))
    })
}

/// How a connection ended with an error. actix's own log lines are switched off: it writes every malformed request as an
/// error (`cli::serve`).
fn note(connections: &Connections, error: &DispatchError) {
    match error {
        DispatchError::Parse(_) => connections.ended(Reason::Malformed),
        DispatchError::Service(_) | DispatchError::Body(_) | DispatchError::InternalError => {
            tracing::error!(%error, "a connection failed");
        }
        // The client has gone, or was too slow.
        _ => tracing::debug!(%error, "a connection ended"),
    }
}
