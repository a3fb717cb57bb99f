//! The difference between two scenarios, cause by cause.
//!
//! Starting from one scenario, the settings of one cause after the other are
//! replaced by those of the other one, in the order of [`Cause::ALL`], and
//! the estate is priced anew each time. So the parts add up exactly, whatever
//! they do to each other; another order would share the sum out differently.

use serde::Serialize;

use super::cause::Cause;
use super::error::ScenarioError;
use super::outcome::Outcome;
use super::pricer::Pricer;
use super::settings::Settings;
use crate::money::UsdPerMonth;
use crate::price::Total;

/// One cause's part of a difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The causes; several where those in between cannot stand alone.
    pub causes: Vec<Cause>,
    /// What is set to bring it about, `key=value`; empty where something is no longer set.
    pub settings: Vec<String>,
    /// What it adds to the known cost a month, negative where it saves.
    pub delta: UsdPerMonth,
    /// The cost after it.
    pub after: Total,
    /// What was known before and is not after it: part of `delta`, and no saving.
    pub no_longer_known: UsdPerMonth,
    /// Mean expected share of the time short after it.
    pub risk: Option<f64>,
}

impl Step {
    /// Gives the causes in words.
    #[must_use]
    pub fn words(&self) -> String {
        let words: Vec<&str> = self.causes.iter().map(|cause| cause.words()).collect();
        words.join(" and ")
    }
}

/// Shares the difference of two scenarios out to its causes.
///
/// # Errors
/// When the second scenario cannot be priced.
pub fn waterfall(
    pricer: &Pricer<'_, '_>,
    from: (&Settings, &Outcome<'_>),
    to: &Settings,
) -> Result<Vec<Step>, ScenarioError> {
    let mut steps = Vec::new();
    let mut settings = from.0.clone();
    let mut before = from.1.clone();
    let mut causes = Vec::new();
    let differing: Vec<Cause> = Cause::ALL
        .into_iter()
        .filter(|cause| !settings.same_of_cause(to, *cause))
        .collect();
    for (index, &cause) in differing.iter().enumerate() {
        settings = settings.with_cause_of(to, cause);
        causes.push(cause);
        let after = match pricer.price(&settings) {
            Ok(after) => after,
            // Families of another region may need the region first: such causes are counted together.
            Err(_) if index + 1 < differing.len() => continue,
            Err(error) => return Err(error),
        };
        let (known, total) = (before.total().known, after.total());
        steps.push(Step {
            settings: causes.iter().flat_map(|cause| to.words_of_cause(*cause)).collect(),
            causes: std::mem::take(&mut causes),
            delta: total.known - known,
            after: total,
            no_longer_known: no_longer_known(&before, &after),
            risk: after.whole.risk(),
        });
        before = after;
    }
    Ok(steps)
}

/// Adds up what is known of a host in one outcome and not in the other, over hosts of both.
fn no_longer_known(before: &Outcome<'_>, after: &Outcome<'_>) -> UsdPerMonth {
    if after.total().unknown_lines == 0 {
        return UsdPerMonth::ZERO;
    }
    let mut lost = UsdPerMonth::ZERO;
    let mut others = after.hosts.iter().peekable();
    for own in &before.hosts {
        while others.next_if(|other| other.host < own.host).is_some() {}
        let Some(other) = others.peek().filter(|other| other.host == own.host) else {
            continue;
        };
        for (was, is) in [(own.compute, other.compute), (own.storage, other.storage)] {
            if let (Some(amount), None) = (was, is) {
                lost = lost + amount;
            }
        }
    }
    lost
}
