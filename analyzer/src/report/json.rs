//! The plan as JSON: the plan's own form, nothing of the page.

use super::ReportError;
use crate::plan::Plan;

/// Writes the plan as indented JSON with a final line break.
///
/// # Errors
/// When a value cannot be written, which is a defect of this program.
pub fn json(plan: &Plan) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(plan)?;
    text.push('\n');
    Ok(text)
}
