//! The types of the settings, and what each type refuses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use super::DATABASE_URL;

/// The default of `BIND` as an address.
pub(super) const DEFAULT_BIND: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// The database.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An SQLite file. It is created when it does not exist.
    Sqlite(PathBuf),
    /// A PostgreSQL connection string, with its password.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite://") {
            // SQLite would not open a file for these paths, but give each connection a database of its own.
            Some(path) if path.is_empty() || path.starts_with(':') || path.starts_with("file:") => {
                Err("names no file: sqlite://relative/path or sqlite:///absolute/path".to_owned())
            }
            Some(path) => Ok(Self::Sqlite(PathBuf::from(path))),
            None => Err(format!("has none of the forms {}", DATABASE_URL.about)),
        }
    }
}

/// The address without password and parameters, for logs.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", ""));
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    if parameters.contains('@') {
        // A password with an unescaped question mark looks like parameters, so nothing is shown.
        return format!("{scheme}://***");
    }
    match place.rsplit_once('@') {
        Some((login, host)) => {
            let user = login.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:***@{host}")
        }
        // After a colon comes the port, or the password if the host was forgotten.
        None => format!("{scheme}://{}", place.split(':').next().unwrap_or_default()),
    }
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// Networks by address and prefix length, as in `10.0.0.0/8`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<Network>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Networks {
    /// Whether the address lies in one of the networks. An IPv4 address mapped to IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address.to_canonical()))
    }

    /// Whether there are no networks.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            // Prefix 0: `checked_shr` by the whole width is `None`, and every address is inside.
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                (a.to_bits() ^ b.to_bits()).checked_shr(32 - self.prefix).unwrap_or(0) == 0
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => {
                (a.to_bits() ^ b.to_bits()).checked_shr(128 - self.prefix).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

pub(super) fn number<T: TryFrom<u64>>(text: &str, min: u64, max: u64) -> Result<T, String> {
    // `parse` would accept a plus sign too.
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number =
        digits.and_then(|text| text.parse::<u64>().ok()).filter(|number| (min..=max).contains(number));
    let number = number.and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| format!("{text:?} is not a whole number from {min} to {max}"))
}

pub(super) fn list<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(read).collect()
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("is empty".to_owned()) } else { Ok(PathBuf::from(text)) }
}

pub(super) fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("{text:?} is not an IP address and port, as in {DEFAULT_BIND}"))
}

pub(super) fn url(text: &str) -> Result<String, String> {
    let wrong = |why: &str| Err(format!("{text:?} {why}, as in https://api.example.org"));
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return wrong("does not begin with http:// or https://");
    };
    if rest.is_empty() || rest.starts_with(['/', ':']) {
        return wrong("names no host");
    }
    if text.ends_with('/') {
        return wrong("must not end with a slash");
    }
    if !rest.bytes().all(|byte| byte.is_ascii_graphic())
        || rest.contains(['?', '#', '@', '"', '<', '>', '\\'])
    {
        return wrong("has characters that are not allowed in the address of a service");
    }
    Ok(text.to_owned())
}

pub(super) fn origin(text: &str) -> Result<String, String> {
    // Browsers send the origin in lower case and without a path (RFC 6454); anything else would never match.
    match url(text)?.to_ascii_lowercase() {
        origin if origin.matches('/').count() == 2 => Ok(origin),
        _ => Err(format!("{text:?} is more than an origin, as in https://app.example.org")),
    }
}

pub(super) fn networks(text: &str) -> Result<Networks, String> {
    list(text, network).map(Networks)
}

fn network(text: &str) -> Result<Network, String> {
    let wrong = || format!("{text:?} is not an address or network, as in 10.0.0.0/8");
    let (address, prefix) =
        text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let width: u32 = if address.is_ipv4() { 32 } else { 128 };
    let prefix =
        prefix.map_or(Ok(width), |digits| number(digits, 0, u64::from(width)).map_err(|_| wrong()))?;
    match address.to_canonical() {
        // An IPv4 address mapped to IPv6: the first 96 bits are the mapping.
        canonical if canonical.is_ipv4() && address.is_ipv6() => {
            prefix.checked_sub(96).map(|prefix| Network { address: canonical, prefix }).ok_or_else(wrong)
        }
        address => Ok(Network { address, prefix }),
    }
}

pub(super) fn sender(text: &str) -> Result<String, String> {
    let parts = text.split_once('@').filter(|(before, after)| !before.is_empty() && !after.is_empty());
    match parts {
        Some(_) if !text.contains(char::is_control) => Ok(text.to_owned()),
        _ => Err(format!("{text:?} is not an e-mail address")),
    }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("{text:?} is neither text nor json")),
    }
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    // `EnvFilter` would take a misspelt level for the name of a module and log nothing.
    let level_of = |part: &str| part.rsplit('=').next().unwrap_or_default().trim().to_ascii_lowercase();
    match text.split(',').find(|part| !LEVELS.contains(&level_of(part).as_str())) {
        Some(part) => Err(format!("{part:?} ends with none of the levels {}", LEVELS.join(", "))),
        None => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn database_urls() {
        let sqlite = |text: &str| text.parse::<DatabaseUrl>();
        assert_eq!(sqlite("sqlite://a/b.db"), Ok(DatabaseUrl::Sqlite("a/b.db".into())));
        assert_eq!(sqlite("sqlite:///a/b.db"), Ok(DatabaseUrl::Sqlite("/a/b.db".into())));
        for wrong in
            ["", "a.db", "sqlite:a.db", "sqlite://", "sqlite://:memory:", "sqlite://file:x", "mysql://h/d"]
        {
            assert!(sqlite(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn urls_and_origins() {
        for good in ["http://localhost:8080", "https://api.example.org", "https://example.org/samverkan"] {
            assert_eq!(url(good), Ok(good.to_owned()));
        }
        for wrong in [
            "",
            "api.example.org",
            "ftp://x",
            "https://",
            "https:///x",
            "https://:80",
            "https://x/",
            "https://x?y",
            "https://x#y",
            "https://u:p@x",
            "https://x y",
            "https://x\ny",
            "HTTPS://x",
        ] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
        for wrong in ["*", "null", "https://x/y", "https://x/"] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn networks_contain_their_addresses() {
        let proxies = "10.0.0.0/8, 192.168.1.7,2001:db8::/32,::1,::ffff:172.16.0.0/108,";
        let networks = super::networks(proxies).unwrap();
        for inside in
            ["10.255.0.1", "192.168.1.7", "2001:db8:ffff::1", "::1", "::ffff:10.1.2.3", "172.31.255.255"]
        {
            assert!(networks.contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["11.0.0.0", "192.168.1.8", "2001:db9::", "::2", "::", "172.32.0.0", "::ffff:11.1.2.3"]
        {
            assert!(!networks.contains(outside.parse().unwrap()), "{outside}");
        }
        let everyone = super::networks("0.0.0.0/0").unwrap();
        assert!(
            everyone.contains("203.0.113.9".parse().unwrap()) && !everyone.contains("::1".parse().unwrap())
        );
        for wrong in
            ["10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "/8", "10.0.0.0/+8", "x", "::ffff:10.0.0.0/8"]
        {
            assert!(super::networks(wrong).is_err(), "{wrong}");
        }
    }
}
