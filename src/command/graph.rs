//! The map of dependencies: as a graph for other programs, and as tables of what moves together.

use analyzer::dependency::{self, DependencyMap, MoveGroup, Node};
use analyzer::policy::Assessment;
use telemetry::Table as Telemetry;
use telemetry::untrusted::for_terminal;

use crate::cli::Graph;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::printer::Printer;
use crate::table::Table;

/// Hosts of a group that a table names; the report and JSON have all.
const HOSTS_NAMED: usize = 6;

/// Makes the map of an assessment from its inventory and its telemetry.
pub fn map(assessment: &Assessment, folder: &Folder) -> Result<DependencyMap, Failure> {
    let inventory = folder.inventory()?;
    let table = folder.store().open(Telemetry::Host)?;
    Ok(DependencyMap::of(assessment, table.hosts(), &inventory))
}

/// Prints the map as a graph.
pub fn print(kind: Graph, folder: &Folder, printer: &Printer) -> Result<(), Failure> {
    let map = map(&folder.assessment()?, folder)?;
    let text = match kind {
        Graph::Dot => dependency::dot(&map),
        Graph::Svg => dependency::svg(&map),
        Graph::Json => map.json().map_err(Failure::internal)?,
    };
    printer.data(&text)?;
    if map.links.is_empty() {
        printer.hint("no connections are known yet; `sizewright discover` and `sizewright collect` see them");
    }
    Ok(())
}

/// Makes the tables of what moves together and of what is shared.
pub fn tables(map: &DependencyMap) -> (Table, Table) {
    let mut groups = Table::new(&[
        "#group",
        "#hosts",
        "names",
        "environments",
        "held together by",
        "#crosses if split",
        "#crosses when it moves",
    ]);
    for (number, group) in map.move_groups.iter().enumerate() {
        groups.row(vec![
            (number + 1).to_string(),
            group.hosts.len().to_string(),
            names(group),
            group.environments.join(", "),
            strongest(group),
            group.inside.to_string(),
            group.outside.to_string(),
        ]);
    }
    let mut shared = Table::new(&["shared", "#port", "why", "#hosts"]);
    for row in &map.shared {
        let (Node::Host(name) | Node::Network(name)) = &row.node;
        shared.row(vec![
            name.clone(),
            row.port.to_string(),
            row.why.to_string(),
            row.hosts.to_string(),
        ]);
    }
    (groups, shared)
}

/// Writes what `discover` and `status` say of dependencies on a terminal.
pub fn screen(map: &DependencyMap, printer: &Printer) -> String {
    if map.links.is_empty() {
        return String::new();
    }
    let (groups, shared) = tables(map);
    let mut text = format!(
        "\n{} links between {} hosts and {} networks outside\n",
        map.links.len(),
        map.hosts.len(),
        map.externals.len()
    );
    if !map.move_groups.is_empty() {
        text.push_str("\nMove together:\n");
        text.push_str(&groups.render(printer.format()));
    }
    if !map.shared.is_empty() {
        text.push_str("\nShared, set aside:\n");
        text.push_str(&shared.render(printer.format()));
    }
    if map.undecided_links > 0 {
        text.push_str(&format!(
            "\nOf {} links it is undecided which end is the server.\n",
            map.undecided_links
        ));
    }
    text
}

fn names(group: &MoveGroup) -> String {
    let mut names: Vec<String> = group
        .hosts
        .iter()
        .take(HOSTS_NAMED)
        .map(|host| for_terminal(host).into_owned())
        .collect();
    if group.hosts.len() > HOSTS_NAMED {
        names.push(format!("and {} more", group.hosts.len() - HOSTS_NAMED));
    }
    names.join(", ")
}

fn strongest(group: &MoveGroup) -> String {
    group.ties.first().map_or_else(String::new, |tie| {
        let service = tie.service.as_deref().unwrap_or_default();
        let text = format!(
            "{} → {} {service} {}, {}",
            tie.client, tie.server, tie.port, tie.traffic
        );
        for_terminal(&text).into_owned()
    })
}
