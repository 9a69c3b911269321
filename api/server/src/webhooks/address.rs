//! Checks of webhook URLs against server-side request forgery. Accounts choose the URLs, so these
//! must not lead to services that only this machine or its network can reach.
//!
//! A name is resolved when the connection is made, and the connection goes to the addresses that
//! were checked. So a name that changes in between gains nothing. A name with one address that is
//! not public is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

/// The longest URL.
pub(crate) const URL_BYTES_MAX: usize = 1_024;
/// The time that the look-up of a name may take.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Reason not to post to a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum TargetError {
    #[error("expected an absolute URL of at most {URL_BYTES_MAX} bytes")]
    Syntax,
    #[error("expected https, and no user, password or fragment")]
    Form,
    #[error("the host has an address that is not public")]
    Private,
    #[error("the host has no address")]
    Unresolved,
}

/// Reads a URL. `private` allows addresses that are not public, and plain HTTP.
pub(crate) fn parse_target(text: &str, private: bool) -> Result<Url, TargetError> {
    let url = Some(text).filter(|text| text.len() <= URL_BYTES_MAX).map(Url::parse);
    let url = url.and_then(Result::ok).ok_or(TargetError::Syntax)?;
    let scheme = url.scheme() == "https" || (private && url.scheme() == "http");
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !scheme || !plain || url.host_str().is_none_or(str::is_empty) {
        return Err(TargetError::Form);
    }
    // A name is looked up later; an address in the URL never is.
    if !private && literal(&url).is_some_and(|address| !is_public(address)) {
        return Err(TargetError::Private);
    }
    Ok(url)
}

/// Looks a URL's host up, as a connection would.
pub(crate) async fn check_target(url: &Url, private: bool) -> Result<(), TargetError> {
    if literal(url).is_some() {
        return Ok(());
    }
    let host = url.host_str().unwrap_or_default();
    addresses_of(host, private).await.map(|_| ())
}

/// The address that stands in a URL in place of a name.
fn literal(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}

async fn addresses_of(host: &str, private: bool) -> Result<Vec<SocketAddr>, TargetError> {
    let found = tokio::time::timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host((host, 0))).await;
    let found = found.map_err(|_| TargetError::Unresolved)?.map_err(|_| TargetError::Unresolved)?;
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() {
        return Err(TargetError::Unresolved);
    }
    match private || found.iter().all(|address| is_public(address.ip())) {
        true => Ok(found),
        false => Err(TargetError::Private),
    }
}

/// Resolves names for connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GuardedResolver {
    /// True if addresses that are not public are allowed.
    pub(crate) private: bool,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { private } = *self;
        Box::pin(async move {
            let found = addresses_of(name.as_str(), private).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// True if an address can be one of the internet's: none of the special ones (RFC 6890 and its
/// registries), nor one of those at which clouds answer their own machines.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    /// Azure's for its own machines: the only such one outside the special ranges.
    const WIRE_SERVER: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        (0 | 10 | 127, ..) => true,
        // Shared by carriers; Alibaba's metadata.
        (100, 64..=127, _) => true,
        // Link-local; most clouds' metadata.
        (169, 254, _) | (192, 168, _) | (172, 16..=31, _) => true,
        // Protocol assignments, documentation, relays to IPv6, AS112.
        (192, 0, 0 | 2) | (192, 88, 99) | (192, 31, 196) | (192, 52, 193) | (192, 175, 48) => true,
        (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        // Multicast, reserved, broadcast.
        (224..=255, ..) => true,
        _ => false,
    };
    !special && address != WIRE_SERVER
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Global unicast is 2000::/3: this leaves out loopback, unique local, link-local and multicast
    // addresses, and those that embed IPv4 for a translator (64:ff9b::/96).
    let global = segments[0] & 0xe000 == 0x2000;
    let special = match segments {
        // Protocol assignments with Teredo, documentation, 6to4: the last and Teredo embed IPv4.
        [0x2001, second, ..] => second < 0x0200 || second == 0x0db8,
        [0x2002, ..] => true,
        [0x3fff, second, ..] => second < 0x1000,
        _ => false,
    };
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() -> Result<(), std::net::AddrParseError> {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "169.253.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00::1",
            "2001:200::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(public.parse()?), "{public}");
        }
        for special in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:0:7f00:1::",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
        ] {
            assert!(!is_public(special.parse()?), "{special}");
        }
        Ok(())
    }

    #[test]
    fn a_target_is_https_without_secrets_in_it() {
        let long = format!("https://a.example/{}", "x".repeat(URL_BYTES_MAX));
        for (text, refused) in [
            ("https://a.example/hook?x=1", None),
            ("https://8.8.8.8:8443/", None),
            ("", Some(TargetError::Syntax)),
            ("/hook", Some(TargetError::Syntax)),
            (long.as_str(), Some(TargetError::Syntax)),
            ("http://a.example/", Some(TargetError::Form)),
            ("ftp://a.example/", Some(TargetError::Form)),
            ("file:///etc/passwd", Some(TargetError::Form)),
            ("https://user@a.example/", Some(TargetError::Form)),
            ("https://:pass@a.example/", Some(TargetError::Form)),
            ("https://a.example/#x", Some(TargetError::Form)),
            // All spellings of an address are one.
            ("https://127.0.0.1/", Some(TargetError::Private)),
            ("https://2130706433/", Some(TargetError::Private)),
            ("https://0x7f.1/", Some(TargetError::Private)),
            ("https://0177.0.0.1/", Some(TargetError::Private)),
            ("https://[::1]/", Some(TargetError::Private)),
            ("https://[::ffff:10.0.0.1]/", Some(TargetError::Private)),
            ("https://169.254.169.254/latest/meta-data", Some(TargetError::Private)),
        ] {
            assert_eq!(parse_target(text, false).err(), refused, "{text}");
        }
        assert!(parse_target("http://127.0.0.1:9/", true).is_ok());
        assert_eq!(parse_target("gopher://127.0.0.1:9/", true), Err(TargetError::Form));
    }

    #[tokio::test]
    async fn a_name_with_a_private_address_is_refused_where_the_connection_is_made() {
        assert_eq!(addresses_of("localhost", false).await.err(), Some(TargetError::Private));
        assert!(addresses_of("localhost", true).await.is_ok());
        let client = reqwest::Client::builder()
            .no_proxy()
            .dns_resolver(std::sync::Arc::new(GuardedResolver { private: false }))
            .build();
        let Ok(client) = client else { panic!("a client") };
        let refused = client.get("https://localhost:1/").send().await.err();
        let mut source = refused.as_ref().and_then(std::error::Error::source);
        let mut found = None;
        while let Some(error) = source {
            found = found.or(error.downcast_ref::<TargetError>().copied());
            source = error.source();
        }
        assert_eq!(found, Some(TargetError::Private), "{refused:?}");
    }
}
