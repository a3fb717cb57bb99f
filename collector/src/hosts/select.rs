//! Which hosts does `--only` mean?

use telemetry::untrusted::for_terminal;

use super::pattern::fits;
use super::target::Target;

/// A pattern of `--only` that fits no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is neither the name nor a tag of a host")]
pub struct NothingSelected {
    /// The pattern, made safe for a terminal.
    pub pattern: String,
    /// The name or tag that is nearest, if one is near.
    pub nearest: Option<String>,
}

impl NothingSelected {
    /// Says what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match &self.nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => {
                "name a host, a pattern such as `web-*`, or a tag; a group's name is a tag of its members".to_string()
            }
        })
    }
}

/// Chooses the hosts whose name or one of whose tags fits any of the patterns, in their order; all for no pattern.
///
/// `*` stands for any text, `?` for one letter; capitals do not matter.
#[must_use]
pub fn select<'a>(targets: &'a [Target], patterns: &[String]) -> Vec<&'a Target> {
    let patterns: Vec<String> = patterns.iter().map(|pattern| pattern.to_lowercase()).collect();
    let chosen = |target: &&Target| patterns.is_empty() || patterns.iter().any(|pattern| chooses(pattern, target));
    targets.iter().filter(chosen).collect()
}

/// Finds the first pattern that chooses no host at all, which is nearly always a slip.
#[must_use]
pub fn idle_pattern(targets: &[Target], patterns: &[String]) -> Option<NothingSelected> {
    let idle = |pattern: &&String| !targets.iter().any(|target| chooses(&pattern.to_lowercase(), target));
    patterns.iter().find(idle).map(|pattern| NothingSelected {
        pattern: for_terminal(pattern).into_owned(),
        nearest: nearest(&pattern.to_lowercase(), targets),
    })
}

fn chooses(pattern: &str, target: &Target) -> bool {
    let mut names = std::iter::once(&target.name).chain(&target.tags);
    names.any(|name| fits(pattern, &name.to_lowercase()))
}

fn nearest(pattern: &str, targets: &[Target]) -> Option<String> {
    let names = targets
        .iter()
        .flat_map(|target| std::iter::once(&target.name).chain(&target.tags));
    names
        .map(|name| (strsim::osa_distance(pattern, &name.to_lowercase()), name))
        .filter(|&(distance, name)| distance * 3 <= name.chars().count().max(pattern.chars().count()))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| for_terminal(name).into_owned())
}
