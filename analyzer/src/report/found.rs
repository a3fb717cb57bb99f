//! The page before there is a plan: what discovery found.

use minijinja::{Value, context};

use super::ReportError;
use super::chart::font_face_css;
use super::clock::Clock;
use super::page::{STYLE, inventory_part, map_part, templates};
use super::shown::shown;
use crate::dependency::DependencyMap;
use crate::inventory::EstateSheet;
use crate::policy::Assessment;

/// What the page of an inventory is made of.
#[derive(Clone, Copy, Debug)]
pub struct FoundInputs<'a> {
    /// Names the assessment and its time zone.
    pub assessment: &'a Assessment,
    /// Machines and services.
    pub inventory: &'a EstateSheet,
    /// Who needs whom.
    pub map: &'a DependencyMap,
    /// This program with its version.
    pub program: &'a str,
}

/// Makes the inventory as one HTML file that needs no network.
///
/// # Errors
/// When a template does not fit its values, which is a defect of this program.
pub fn found(inputs: &FoundInputs<'_>) -> Result<String, ReportError> {
    let clock = Clock::of(inputs.assessment);
    let environment = templates()?;
    let last = inputs.inventory.hosts.iter().filter_map(|host| host.last_at_ms).max();
    let page = environment.get_template("found.html")?.render(context! {
        style => Value::from_safe_string(STYLE.to_string()),
        font => Value::from_safe_string(font_face_css().to_string()),
        name => shown(&inputs.assessment.name),
        looked => last.map(|at| clock.minute(at)),
        zone => shown(clock.name()),
        program => inputs.program,
        inventory => inventory_part(&environment, Some(inputs.inventory))?,
        map => map_part(&environment, Some(inputs.map))?,
    })?;
    Ok(page)
}
