//! What should a reader of an import know, in words?

use telemetry::store::HostQuality;

use super::error::shown;
use super::layout::Layout;
use super::native;
use super::nearest::listed;
use super::source::Inspected;

/// Says what follows from the layout alone.
pub(crate) fn of_layout(layout: &Layout, inspected: &Inspected) -> Vec<String> {
    let mut notes = inspected.notes.clone();
    let fills = |name: &str| {
        layout.tables.iter().any(|table| {
            let columns = table.table.columns();
            table
                .numbers
                .iter()
                .any(|number| columns[number.id.index()].name == name)
        })
    };
    if fills("memory_active_bytes") {
        notes.push(
            "`memory_active_bytes` is memory a hypervisor saw touched, not memory in use; it is never sized on"
                .to_string(),
        );
    }
    if fills("memory_total_bytes") && !fills("memory_available_bytes") {
        notes.push(
            "`memory_available_bytes` is not filled, so memory in use is unknown and memory can only be kept as it is"
                .to_string(),
        );
    }
    if fills("cpu_busy_cores") && !fills("cpu_cores") {
        notes.push("`cpu_cores` is not filled, so use above the capacity cannot be seen".to_string());
    }
    let unused = layout.unused(inspected);
    if layout.native {
        for table in &layout.tables {
            notes.extend(native::mistyped(&unused, table.table));
        }
    }
    if !unused.is_empty() {
        notes.push(format!("columns not used: {}", listed(&unused)));
    }
    notes
}

/// Says what was odd, one sentence a kind.
pub(crate) fn of_quality(quality: &HostQuality) -> Vec<String> {
    quality
        .findings()
        .into_iter()
        .map(|(what, count)| format!("{count} {what}"))
        .collect()
}

/// Says how rows of the same time were put together, and which said nothing.
pub(crate) fn of_rows(empty_rows: u64, repeated_cells: u64) -> Vec<String> {
    let mut notes = Vec::new();
    if empty_rows > 0 {
        notes.push(format!("{empty_rows} rows measure nothing and were left out"));
    }
    if repeated_cells > 0 {
        notes.push(format!(
            "{repeated_cells} numbers were given again for the same time in rows that also added others; the first stands"
        ));
    }
    notes
}

/// Writes a formula or name for a note.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", shown(text))
}
