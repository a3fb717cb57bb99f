//! Which tier is a host in?

use serde::Serialize;
use telemetry::inventory::{Category, Service};

/// A layer of an application, from the user to the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Proxies and web servers.
    Web,
    /// The customer's own code.
    Application,
    /// Databases, caches, queues, search.
    Data,
    /// What serves all others.
    Infrastructure,
    /// Nothing was recognised.
    Unknown,
}

impl Tier {
    /// All, from left to right.
    pub const ALL: [Self; 5] = [
        Self::Web,
        Self::Application,
        Self::Data,
        Self::Infrastructure,
        Self::Unknown,
    ];

    /// Gives its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Web => "Web and proxies",
            Self::Application => "Applications",
            Self::Data => "Data",
            Self::Infrastructure => "Infrastructure",
            Self::Unknown => "Not recognised",
        }
    }

    /// Reads the tag `tier` of an assessment, in the words people use.
    fn from_tag(text: &str) -> Option<Self> {
        Some(match text.to_lowercase().as_str() {
            "web" | "edge" | "proxy" | "front" | "frontend" => Self::Web,
            "application" | "app" | "api" | "service" | "backend" => Self::Application,
            "data" | "database" | "db" | "store" | "cache" => Self::Data,
            "infrastructure" | "infra" | "shared" => Self::Infrastructure,
            _ => return None,
        })
    }

    fn of_category(category: Category) -> Option<Self> {
        Some(match category {
            Category::Database
            | Category::DocumentDatabase
            | Category::Cache
            | Category::Queue
            | Category::Search
            | Category::Coordination
            | Category::Files => Self::Data,
            Category::Application | Category::Containers => Self::Application,
            Category::Web | Category::Proxy => Self::Web,
            Category::Infrastructure => Self::Infrastructure,
            Category::Unknown => return None,
        })
    }

    /// Says the tier of a host: what its tag says, else its own code before its data, data before web.
    ///
    /// A machine that runs an application and its cache is an application's machine. Infrastructure runs on every host
    /// (mail, time, monitoring), so it names the tier only where there is nothing else.
    pub(super) fn of(tag: Option<&String>, services: &[&Service]) -> Self {
        if let Some(tier) = tag.and_then(|tag| Self::from_tag(tag)) {
            return tier;
        }
        let tiers: Vec<Self> = services
            .iter()
            .filter_map(|service| Self::of_category(service.category))
            .collect();
        [Self::Application, Self::Data, Self::Web, Self::Infrastructure]
            .into_iter()
            .find(|tier| tiers.contains(tier))
            .unwrap_or(Self::Unknown)
    }
}
