//! The inventory in tables: what `status` and `discover` say of hosts and services.

use analyzer::inventory::{EstateSheet, ServiceLine};

use crate::cli::Format;
use crate::table::Table;

/// Columns that tables are made for; what is longer stands in several lines.
const WIDTH: u16 = 120;

/// Says a service in a few words.
pub fn service_words(line: &ServiceLine) -> String {
    line.words()
}

/// Gives the part of `status` about the inventory; nothing when there is none.
pub fn text(estate: &EstateSheet) -> String {
    if estate.hosts.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&["host", "system", "machine", "processors", "#memory GiB", "services"]);
    for sheet in &estate.hosts {
        let services: Vec<String> = sheet.services.iter().map(service_words).collect();
        table.row(vec![
            sheet.host.clone(),
            sheet.os.clone().unwrap_or_default(),
            sheet.kind.clone().unwrap_or_default(),
            sheet.processors().unwrap_or_default(),
            sheet.memory_gib().map(|gib| format!("{gib:.1}")).unwrap_or_default(),
            services.join(", "),
        ]);
    }
    let mut text = format!("\ninventory of {} hosts\n", estate.hosts.len());
    text.push_str(&table.render_within(Format::Table, WIDTH));
    for (what, counts) in [
        ("systems", &estate.systems),
        ("machines", &estate.kinds),
        ("services", &estate.products),
    ] {
        if !counts.is_empty() {
            let counts: Vec<String> = counts
                .iter()
                .map(|count| format!("{} × {}", count.hosts, telemetry::untrusted::for_terminal(&count.name)))
                .collect();
            text.push_str(&format!("{what}: {}\n", counts.join(", ")));
        }
    }
    text
}
