//! services.toml without names: every pattern becomes the hosts that it matches, and clusters get other words.

use std::collections::BTreeSet;

use analyzer::policy::matches;
use analyzer::service::{StatedService, is_product};
use serde::Serialize;

use super::Disguise;
use super::inventory::service_name;

/// The form of services.toml.
#[derive(Serialize)]
struct Document {
    services: Vec<StatedService>,
}

/// Gives services.toml in other names, as text.
///
/// A later entry for the same host and service completes the earlier one, so each pattern becomes its hosts in its place;
/// patterns that match none are left out, since they may be a name.
///
/// # Errors
/// When the text cannot be written: a defect of this program.
pub fn services_file(
    stated: &[StatedService],
    hosts: &BTreeSet<String>,
    disguise: &mut Disguise,
) -> Result<String, toml::ser::Error> {
    let mut services = Vec::new();
    for one in stated {
        let rest = StatedService {
            hosts: one.hosts.clone(),
            product: if is_product(&one.product) {
                one.product.clone()
            } else {
                disguise.product("product", &one.product)
            },
            service: one.service.as_ref().map(|name| service_name(name, disguise)),
            version: one.version.as_ref().map(|version| disguise.product("version", version)),
            // The tag `cluster` of a host may say the same word: it has the same pseudonym.
            cluster: one.cluster.as_ref().map(|word| disguise.word("tag", word)),
            role: one.role,
            target: one.target.clone(),
        };
        if one.hosts == "*" {
            services.push(rest);
            continue;
        }
        for host in hosts.iter().filter(|host| matches(&one.hosts, host)) {
            services.push(StatedService {
                hosts: disguise.host(host),
                ..rest.clone()
            });
        }
    }
    toml::to_string(&Document { services })
}
