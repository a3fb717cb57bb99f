//! Which service is asked, where it listens, and by which account.

use std::net::IpAddr;

use telemetry::inventory::Service;

use super::product::Product;
use crate::hosts::SecretSource;

/// Where services are looked for first.
pub(super) const LOOPBACK: &str = "127.0.0.1";

/// Where a service is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Spot {
    /// At a TCP port.
    Tcp {
        /// Name or address, as the host itself reaches it.
        address: String,
        /// Port.
        port: u16,
        /// Path of a page, where the protocol is HTTP and the user named one.
        page: Option<String>,
    },
    /// At a unix socket.
    Socket {
        /// Its path.
        path: String,
    },
}

/// One service to ask.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    /// Its name within the host.
    pub service: String,
    /// What it is.
    pub product: Product,
    /// Where, when something says it.
    pub spot: Option<Spot>,
    /// Addresses of the host that are tried when nobody listens on loopback.
    pub elsewhere: Vec<String>,
}

/// Other addresses of a host that are tried.
const ELSEWHERE_AT_MOST: usize = 4;

/// What `hosts.toml` says of the services of one host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// `counters = false`: nothing is asked.
    pub off: bool,
    /// The services that are named.
    pub asked: Vec<Asked>,
}

/// A read-only account of a product, on the hosts that fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The product.
    pub product: Product,
    /// Patterns of host names.
    pub hosts: Vec<String>,
    /// The account; empty where a product has passwords without names (`requirepass` of Redis).
    pub user: String,
    /// Where the password comes from; none: what the host itself has (`~/.pgpass`, `~/.my.cnf`).
    pub password: Option<SecretSource>,
    /// The database that is connected to first, or that knows the account.
    pub database: Option<String>,
}

impl Asked {
    /// Reads `product`, `product:port`, `product:address:port`, `product:port/page` or `product:/path/of/socket`.
    ///
    /// # Errors
    /// What is wrong with it, as a clause.
    pub fn read(text: &str) -> Result<Self, String> {
        let (name, place) = text
            .split_once(':')
            .map_or((text, None), |(name, place)| (name, Some(place)));
        let product = Product::from_name(name).ok_or_else(|| {
            format!(
                "is of a product whose counters cannot be read; known are {}",
                Product::names()
            )
        })?;
        let spot = place.map(spot).transpose()?;
        Ok(Self {
            service: name.to_string(),
            product,
            spot,
            elsewhere: Vec::new(),
        })
    }

    /// Adds the port to the names of services that would have the same.
    #[must_use]
    pub fn named_apart(mut services: Vec<Self>) -> Vec<Self> {
        let names: Vec<String> = services.iter().map(|asked| asked.service.clone()).collect();
        for asked in &mut services {
            let same = names.iter().filter(|name| **name == asked.service).count();
            if same > 1
                && let Some(Spot::Tcp { port, .. }) = &asked.spot
            {
                asked.service = format!("{}-{port}", asked.service);
            }
        }
        services
    }

    /// Takes a service of the inventory, if its counters can be read.
    #[must_use]
    pub fn of_inventory(service: &Service) -> Option<Self> {
        let product = Product::from_name(&service.product)?;
        let usual = product.usual_port();
        let port = service
            .ports
            .iter()
            .copied()
            .find(|port| Some(*port) == usual)
            .or_else(|| service.ports.first().copied());
        // RabbitMQ is asked at its management port, HAProxy at its socket; the ports it serves are others.
        let port = port.filter(|_| !matches!(product, Product::Rabbitmq | Product::Haproxy | Product::Jvm));
        Some(Self {
            service: service.service.clone(),
            product,
            spot: port.map(|port| Spot::Tcp {
                address: LOOPBACK.to_string(),
                port,
                page: None,
            }),
            elsewhere: Vec::new(),
        })
    }

    /// Names the addresses of the host, `10.0.0.5` or `10.0.0.5/24`; IPv4 is tried first, loopback was tried already.
    #[must_use]
    pub fn or_at(mut self, addresses: &[&str]) -> Self {
        let mut known: Vec<IpAddr> = addresses
            .iter()
            .filter_map(|address| address.split('/').next()?.parse().ok())
            .filter(|address: &IpAddr| !address.is_loopback() && !is_link_local(address))
            .collect();
        known.sort();
        known.dedup();
        self.elsewhere = known.iter().take(ELSEWHERE_AT_MOST).map(IpAddr::to_string).collect();
        self
    }

    /// Gives the same service at another address; nothing where it was not asked at loopback.
    pub(super) fn moved_to(&self, address: &str) -> Option<Self> {
        let (port, page) = match &self.spot {
            Some(Spot::Tcp { address, port, page }) if address == LOOPBACK => (*port, page.clone()),
            None => (self.product.usual_port()?, None),
            _ => return None,
        };
        Some(Self {
            spot: Some(Spot::Tcp {
                address: address.to_string(),
                port,
                page,
            }),
            elsewhere: Vec::new(),
            ..self.clone()
        })
    }

    /// Puts together what the user named and what was found; where both mean one port, the found name stands.
    #[must_use]
    pub fn of_host(stated: Option<&Stated>, found: &[Service]) -> Vec<Self> {
        if stated.is_some_and(|stated| stated.off) {
            return Vec::new();
        }
        let mut services: Vec<Self> = found.iter().filter_map(Self::of_inventory).collect();
        for own in stated.iter().flat_map(|stated| &stated.asked) {
            let known = services
                .iter_mut()
                .find(|known| known.product == own.product && (own.spot.is_none() || known.port() == own.port()));
            match known {
                Some(known) if own.spot.is_some() => known.spot.clone_from(&own.spot),
                Some(_) => {}
                None => services.push(own.clone()),
            }
        }
        services
    }

    /// Gives the port it is asked at.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match &self.spot {
            Some(Spot::Tcp { port, .. }) => Some(*port),
            Some(Spot::Socket { .. }) => None,
            None => self.product.usual_port(),
        }
    }
}

fn spot(text: &str) -> Result<Spot, String> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._/-@+".contains(letter);
    if text.starts_with('/') {
        if text.len() > 100 || !text.chars().all(is_plain) {
            return Err("has a socket path with odd signs, or one that is too long".to_string());
        }
        return Ok(Spot::Socket { path: text.to_string() });
    }
    let (place, page) = text
        .split_once('/')
        .map_or((text, None), |(place, page)| (place, Some(page)));
    if page
        .is_some_and(|page| page.len() > 200 || !page.chars().all(|letter| is_plain(letter) || "?=&;".contains(letter)))
    {
        return Err("has a page with odd signs".to_string());
    }
    let (address, port) = place.rsplit_once(':').unwrap_or((LOOPBACK, place));
    let address = address.trim_start_matches('[').trim_end_matches(']');
    let is_address = |letter: char| letter.is_ascii_alphanumeric() || ".:-_".contains(letter);
    if address.is_empty() || address.starts_with('-') || !address.chars().all(is_address) {
        return Err("has no usable address; it is written as in `redis:10.0.0.5:6379`".to_string());
    }
    match port.parse() {
        Ok(port) if port > 0 => Ok(Spot::Tcp {
            address: address.to_string(),
            port,
            page: page.map(|page| format!("/{page}")),
        }),
        _ => Err("has no usable port; it is written as in `redis:6379`".to_string()),
    }
}

/// Says whether an address means something on one link only, which another program cannot name without its interface.
fn is_link_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.is_link_local(),
        IpAddr::V6(six) => six.is_unicast_link_local(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn services_are_read_as_they_are_written() {
        let redis = Asked::read("redis:6380").unwrap();
        assert_eq!((redis.product, redis.port()), (Product::Redis, Some(6380)));
        assert_eq!(Asked::read("mariadb").unwrap().port(), Some(3306));
        let nginx = Asked::read("nginx:8080/nginx_status").unwrap();
        assert!(matches!(nginx.spot, Some(Spot::Tcp { page: Some(page), .. }) if page == "/nginx_status"));
        let haproxy = Asked::read("haproxy:/run/haproxy/admin.sock").unwrap();
        assert!(matches!(haproxy.spot, Some(Spot::Socket { .. })));
        let six = Asked::read("redis:[::1]:6379").unwrap();
        assert!(matches!(six.spot, Some(Spot::Tcp { address, .. }) if address == "::1"));
        for wrong in [
            "oracle",
            "redis:",
            "redis:0",
            "redis:a b:1",
            "redis:-x:1",
            "haproxy:/a;b",
            "nginx:80/a b",
            "",
        ] {
            assert!(Asked::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn two_of_a_product_have_their_ports_in_their_names() {
        let services = ["redis:6379", "redis:6380", "memcached"].map(|text| Asked::read(text).unwrap());
        let names: Vec<String> = Asked::named_apart(services.to_vec())
            .into_iter()
            .map(|asked| asked.service)
            .collect();
        assert_eq!(names, ["redis-6379", "redis-6380", "memcached"]);
    }

    #[test]
    fn switched_off_means_nothing_is_asked() {
        let stated = Stated {
            off: true,
            asked: vec![Asked::read("redis").unwrap()],
        };
        assert!(Asked::of_host(Some(&stated), &[]).is_empty());
    }

    #[test]
    fn other_addresses_of_the_host_are_tried_after_loopback() {
        let redis = Asked::read("redis:6380").unwrap();
        let redis = redis.or_at(&[
            "fe80::1/64",
            "10.0.0.5/24",
            "127.0.0.1/8",
            "2001:db8::5/64",
            "no address",
        ]);
        assert_eq!(redis.elsewhere, ["10.0.0.5", "2001:db8::5"]);
        let moved = redis.moved_to("10.0.0.5").unwrap();
        assert!(matches!(moved.spot, Some(Spot::Tcp { ref address, port: 6380, .. }) if address == "10.0.0.5"));
        let stated = Asked::read("redis:10.0.0.9:6380").unwrap();
        assert_eq!(stated.moved_to("10.0.0.5"), None, "what the user says stands");
    }
}
