//! By which names a request may call us. A foreign name that leads to this machine is how pages of other sites get
//! at servers behind a browser (DNS rebinding).

use std::net::{IpAddr, SocketAddr};

use axum::http::uri::Authority;

use super::error::ServeError;

const HTTP: u16 = 80;

pub(super) struct Hosts {
    port: u16,
    bound: IpAddr,
    /// In small letters, with the port if that is asked for.
    allowed: Vec<(String, Option<u16>)>,
}

impl Hosts {
    pub(super) fn new(address: SocketAddr, allowed: &[String]) -> Result<Self, ServeError> {
        let parse = |name: &String| {
            let (host, port) = split(name).ok_or_else(|| ServeError::Host { name: name.clone() })?;
            Ok((host, port))
        };
        let allowed = allowed.iter().map(parse).collect::<Result<_, _>>()?;
        Ok(Self { port: address.port(), bound: address.ip(), allowed })
    }

    pub(super) fn takes(&self, authority: &str) -> bool {
        let Some((host, port)) = split(authority) else { return false };
        let is_allowed = |(name, at): &(String, Option<u16>)| *name == host && at.is_none_or(|at| Some(at) == port);
        self.is_own(&host, port.unwrap_or(HTTP)) || self.allowed.iter().any(is_allowed)
    }

    fn is_own(&self, host: &str, port: u16) -> bool {
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match ip {
            // An address can't be rebound, and behind all interfaces we don't know our own.
            Ok(_) if self.bound.is_unspecified() => true,
            Ok(ip) => port == self.port && (ip == self.bound || is_local(ip)),
            Err(_) => port == self.port && host == "localhost",
        }
    }
}

fn is_local(ip: IpAddr) -> bool {
    ip == IpAddr::from([127, 0, 0, 1]) || ip == IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])
}

fn split(authority: &str) -> Option<(String, Option<u16>)> {
    let parsed: Authority = authority.parse().ok()?;
    let port = match authority.strip_prefix(parsed.host())? {
        "" => None,
        rest => Some(rest.strip_prefix(':')?.parse().ok()?),
    };
    Some((parsed.host().to_ascii_lowercase(), port)).filter(|(host, _)| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(address: &str, allowed: &[&str]) -> Hosts {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        Hosts::new(address.parse().unwrap(), &allowed).unwrap()
    }

    #[test]
    fn loopback_is_called_by_its_names_and_its_port() {
        let hosts = hosts("127.0.0.1:8765", &[]);
        for own in ["localhost:8765", "LOCALHOST:8765", "127.0.0.1:8765", "[::1]:8765"] {
            assert!(hosts.takes(own), "{own}");
        }
        let foreign = ["evil.example:8765", "localhost", "localhost:1", "127.0.0.1", "10.0.0.1:8765", "", ":8765"];
        for other in foreign.into_iter().chain(["a@localhost:8765", "localhost.evil.example:8765", "localhost:8765:1"])
        {
            assert!(!hosts.takes(other), "{other}");
        }
    }

    #[test]
    fn behind_all_interfaces_any_address_and_the_allowed_names() {
        let hosts = hosts("0.0.0.0:8765", &["studio.lan", "proxy.lan:8443"]);
        for own in ["10.1.2.3:8765", "[fe80::1]:8765", "10.1.2.3", "studio.lan:1", "Studio.lan", "proxy.lan:8443"] {
            assert!(hosts.takes(own), "{own}");
        }
        for other in ["evil.example:8765", "proxy.lan:8765", "1.2.3.4.evil.example"] {
            assert!(!hosts.takes(other), "{other}");
        }
    }

    #[test]
    fn an_allowed_name_that_is_none_is_told() {
        assert!(Hosts::new("0.0.0.0:1".parse().unwrap(), &["http://a".to_owned()]).is_err());
        assert!(Hosts::new("0.0.0.0:1".parse().unwrap(), &[String::new()]).is_err());
    }
}
