//! `services.toml`: services that a person states, where there was no discovery or it was wrong.
//!
//! ```toml
//! [[services]]
//! hosts = "db-*"              # name pattern, * and ?
//! product = "postgresql"
//! version = "13.9"            # optional, as are all below
//! role = "primary"            # primary, replica, member, arbiter, standalone
//! cluster = "orders"          # nodes of one cluster have the same word
//! target = "ec2"              # keep it where it is; "rds", "aurora" or "cheapest" for relational databases
//! ```

use serde::{Deserialize, Serialize};
use telemetry::inventory::Role;

use super::target::Target;
use crate::policy::Relational;

/// Services as a person states them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedService {
    /// Pattern of the hosts' names.
    pub hosts: String,
    /// The product, by the name of its fingerprint.
    pub product: String,
    /// Name within the host; the product unless said.
    #[serde(default)]
    pub service: Option<String>,
    /// Its version.
    #[serde(default)]
    pub version: Option<String>,
    /// Its part in a cluster.
    #[serde(default)]
    pub role: Option<Role>,
    /// Nodes of one cluster have the same word.
    #[serde(default)]
    pub cluster: Option<String>,
    /// `ec2` keeps it where it is; `rds`, `aurora` and `cheapest` say where a relational database goes.
    #[serde(default)]
    pub target: Option<String>,
}

/// What is wrong with `services.toml`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatedServicesError {
    /// It is not TOML or has a field of the wrong kind; the source names line and column.
    #[error("services.toml cannot be understood")]
    Toml(#[source] Box<toml::de::Error>),
    /// A target is not one that can be asked for.
    #[error(
        "service `{product}` of `{hosts}` has target `{target}`; expected `ec2` or `managed`, or for PostgreSQL, MySQL and MariaDB `rds`, `aurora` or `cheapest`"
    )]
    Target {
        /// Pattern of the hosts.
        hosts: String,
        /// The product.
        product: String,
        /// What was written.
        target: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    services: Vec<StatedService>,
}

/// Reads the text of `services.toml`.
///
/// # Errors
/// When it is not TOML, a field is unknown, or a target is not one that the product has.
pub fn stated_services(text: &str) -> Result<Vec<StatedService>, StatedServicesError> {
    let document: Document = toml::from_str(text).map_err(|error| StatedServicesError::Toml(Box::new(error)))?;
    for one in &document.services {
        let has = |target: &str| {
            let is_relational = matches!(Target::of_product(&one.product), Some(Target::Relational(_)));
            ["ec2", "managed"].contains(&target) || (is_relational && Relational::of_word(target).is_some())
        };
        if let Some(target) = one.target.as_deref().filter(|target| !has(target)) {
            return Err(StatedServicesError::Target {
                hosts: one.hosts.clone(),
                product: one.product.clone(),
                target: target.to_string(),
            });
        }
    }
    Ok(document.services)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stated_is_read_and_a_misspelt_target_is_refused() {
        let text = "[[services]]\nhosts = 'db-*'\nproduct = 'postgresql'\nrole = 'primary'\ncluster = 'orders'\n";
        let stated = stated_services(text).unwrap_or_default();
        assert_eq!(stated[0].role, Some(Role::Primary));
        let refused = stated_services("[[services]]\nhosts = 'a'\nproduct = 'redis'\ntarget = 'rdss'\n");
        assert!(matches!(refused, Err(StatedServicesError::Target { .. })));
        let aurora = stated_services("[[services]]\nhosts = 'a'\nproduct = 'mysql'\ntarget = 'aurora'\n");
        assert_eq!(aurora.unwrap_or_default()[0].target.as_deref(), Some("aurora"));
        let refused = stated_services("[[services]]\nhosts = 'a'\nproduct = 'redis'\ntarget = 'aurora'\n");
        assert!(
            matches!(refused, Err(StatedServicesError::Target { .. })),
            "Aurora is no cache"
        );
        assert!(matches!(
            stated_services("[[services]]\nhost = 'a'\n"),
            Err(StatedServicesError::Toml(_))
        ));
    }
}
