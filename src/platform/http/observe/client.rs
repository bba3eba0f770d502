//! The client's address, for rate limits, lockout and the count of connections. Proxies report it in a header that clients can forge, so only what
//! the proxies named in the settings have added is trusted.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::http::header::HeaderMap;

/// The client's address: the peer itself or, behind trusted proxies, the nearest address that is not one of them.
pub fn address(peer: IpAddr, headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_trusted(peer) {
        return peer;
    }
    let forwarded = nearest(&forwarded_for(headers), &is_trusted);
    let x_forwarded = nearest(&elements(headers, "x-forwarded-for"), &is_trusted);
    match (forwarded, x_forwarded) {
        // A proxy sets one of the headers and may pass on the other as the client sent it: when they disagree, neither
        // can be trusted.
        (Some(left), Some(right)) if left != right => peer,
        (left, right) => left.or(right).unwrap_or(peer),
    }
}

/// What counts as one address: an IPv6 customer usually has a whole /64.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// The address as a key: that of its network.
pub fn key(address: IpAddr) -> String {
    match network(address) {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(network) => format!("{network}/64"),
    }
}

/// The wider network of a [`key`]: of IPv6 the /48, which is what one organisation usually has. None of IPv4.
pub fn wider_network(key: &str) -> Option<String> {
    let address: Ipv6Addr = key.strip_suffix("/64")?.parse().ok()?;
    let network = Ipv6Addr::from_bits(address.to_bits() & !(u128::MAX >> 48));
    Some(format!("{network}/48"))
}

/// The nearest hop that is not trusted, searched from our end; an unreadable hop ends the search at the one before it.
fn nearest(hops: &[String], is_trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let mut nearest = None;
    for hop in hops.iter().rev() {
        let Some(address) = read(hop) else { break };
        nearest = Some(address);
        if !is_trusted(address) {
            break;
        }
    }
    nearest
}

/// The `for` of every element of `Forwarded` (RFC 7239), in order.
fn forwarded_for(headers: &HeaderMap) -> Vec<String> {
    elements(headers, "forwarded")
        .iter()
        .map(|element| {
            let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
            let node = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
            node.map(|(_, value)| value.trim().trim_matches('"').to_owned()).unwrap_or_default()
        })
        .collect()
}

/// The comma-separated elements of a header, in order.
fn elements(headers: &HeaderMap, name: &str) -> Vec<String> {
    let values = headers.get_all(name).filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|part| part.trim().to_owned()).collect()
}

/// Reads `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn read(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn found(peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let proxies: [IpAddr; 2] = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        address(peer.parse().unwrap(), &map, |address| proxies.contains(&address)).to_string()
    }

    #[test]
    fn the_headers_of_an_untrusted_peer_are_ignored() {
        assert_eq!(found("203.0.113.9", &[("x-forwarded-for", "198.51.100.1")]), "203.0.113.9");
        assert_eq!(found("::ffff:203.0.113.9", &[]), "203.0.113.9");
    }

    #[test]
    fn a_trusted_peer_names_the_client() {
        assert_eq!(found("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(found("10.0.0.1", &[("x-forwarded-for", "198.51.100.1")]), "198.51.100.1");
        assert_eq!(
            found("10.0.0.1", &[("forwarded", "for=\"[2001:db8::1]:4711\";proto=https")]),
            "2001:db8::1"
        );
        assert_eq!(found("10.0.0.1", &[("forwarded", "proto=https;For=198.51.100.1:80")]), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &[("x-forwarded-for", "10.0.0.2")]), "10.0.0.2");
    }

    #[test]
    fn addresses_forged_by_the_client_are_ignored() {
        assert_eq!(
            found("10.0.0.1", &[("x-forwarded-for", "1.1.1.1, 198.51.100.1, 10.0.0.2")]),
            "198.51.100.1"
        );
        let twice = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(found("10.0.0.1", &twice), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &[("x-forwarded-for", "1.1.1.1, unknown")]), "10.0.0.1");
        let forged = [("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(found("10.0.0.1", &forged), "10.0.0.1");
    }

    #[test]
    fn an_ipv6_address_counts_as_its_network() {
        assert_eq!(key("192.0.2.1".parse().unwrap()), "192.0.2.1");
        assert_eq!(key("2001:db8:1:2:3:4:5:6".parse().unwrap()), "2001:db8:1:2::/64");
        assert_eq!(wider_network("2001:db8:1:2::/64").as_deref(), Some("2001:db8:1::/48"));
        assert_eq!(wider_network("192.0.2.1").or(wider_network("")), None);
    }
}
