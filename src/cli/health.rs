//! `samverkan health`: a health check for containers without curl.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::Args;

use crate::platform::config::Config;

/// Whom to ask.
#[derive(Args)]
pub struct Health {
    /// Address of the server, `http://` and host, with a path prefix if it has one; without it the server at BIND on this machine
    #[arg(long)]
    url: Option<String>,
}

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Requests `/health/ready`.
pub fn run(config: &Config, wanted: &Health) -> Result<(), String> {
    let mut own = config.bind;
    if own.ip().is_unspecified() {
        own = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), own.port());
    }
    let server = wanted.url.clone().unwrap_or_else(|| format!("http://{own}"));
    if !server.starts_with("http://") {
        return Err(format!("{server}: an address begins with http:// (for https ask with curl)"));
    }
    let address = format!("{}/health/ready", server.trim_end_matches('/'));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .build()
        .into();
    let answer = agent.get(&address).call().map_err(|error| format!("{address}: {error}"))?;
    match answer.status().as_u16() {
        200 => Ok(()),
        status => Err(format!("{address}: {status}")),
    }
}
