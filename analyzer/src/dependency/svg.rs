//! The map as a picture that needs no other program: SVG, every name escaped.

use std::fmt::Write as _;

use telemetry::untrusted::for_terminal;

use super::boxes::{Wire, Work, boxes};
use super::layout::{BOX_WIDTH, LINE_HEIGHT, LINES_AT_MOST, Layout, MARGIN, Place, TITLE_HEIGHT, layout};
use super::link::Traffic;
use super::map::DependencyMap;
use super::tier::Tier;

/// Letters of 11 pixels that fit into a box.
const LETTERS: usize = 31;
/// Colours of what a wire leads to: outside, tiers, outside (Okabe and Ito 2008, told apart when colour-blind).
pub(super) const COLORS: [&str; 7] = [
    "#454b54", "#56b4e9", "#0072b2", "#d55e00", "#7a6a00", "#8a8f96", "#454b54",
];

/// Draws the map.
#[must_use]
pub fn svg(map: &DependencyMap) -> String {
    let (works, wires) = boxes(map);
    let layout = layout(&works, &wires);
    let mut out = String::new();
    // Writing into a `String` cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.0} {h:.0}\" width=\"{w:.0}\" height=\"{h:.0}\" font-family=\"Inter, system-ui, sans-serif\" font-size=\"11\" role=\"img\" aria-label=\"Map of dependencies\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <defs><marker id=\"to\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#454b54\"/></marker></defs>\n",
        w = layout.width.max(640.0),
        h = layout.height,
    );
    head(&mut out, map, &wires);
    for (title, x) in &layout.columns {
        let middle = x + BOX_WIDTH / 2.0;
        let _ = writeln!(
            out,
            "<text x=\"{middle:.1}\" y=\"56\" text-anchor=\"middle\" font-weight=\"600\" fill=\"#555b63\">{title}</text>"
        );
    }
    for band in &layout.bands {
        let _ = writeln!(
            out,
            "<rect x=\"6\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"8\" fill=\"#f2f4f7\"/>\n<text x=\"{MARGIN}\" y=\"{:.1}\" font-size=\"12\" font-weight=\"600\" fill=\"#1f2328\">{}</text>",
            band.y,
            layout.width.max(640.0) - 12.0,
            band.height,
            band.y + 17.0,
            text(&band.environment, 60),
        );
    }
    // The thick ones first, so that thin ones stay visible.
    let mut order: Vec<&Wire> = wires.iter().collect();
    order.sort_by(|a, b| {
        thickness(b)
            .total_cmp(&thickness(a))
            .then_with(|| (a.from, a.to).cmp(&(b.from, b.to)))
    });
    for wire in order {
        draw_wire(&mut out, wire, &works, &layout);
    }
    for (work, place) in works.iter().zip(&layout.places) {
        draw_box(&mut out, work, place);
    }
    out.push_str("</svg>\n");
    out
}

fn head(out: &mut String, map: &DependencyMap, wires: &[Wire]) {
    let aside = map.links.iter().filter(|link| link.shared.is_some()).count();
    let unknown = wires.iter().filter(|wire| wire.traffic.unknown_links > 0).count();
    let mut notes = vec!["an arrow goes from client to server; the thicker, the more bytes".to_string()];
    if unknown > 0 {
        notes.push("dashed: bytes not known".to_string());
    }
    if aside > 0 {
        notes.push(format!("{aside} links to shared infrastructure are not drawn"));
    }
    if map.undecided_links > 0 {
        notes.push(format!("of {} links the direction is undecided", map.undecided_links));
    }
    let groups = map.move_groups.len();
    let _ = writeln!(
        out,
        "<text x=\"{MARGIN}\" y=\"20\" font-size=\"14\" font-weight=\"600\" fill=\"#1f2328\">{} hosts, {} networks outside, {} links, {groups} move {}</text>\n<text x=\"{MARGIN}\" y=\"36\" fill=\"#555b63\">{}</text>",
        map.hosts.len(),
        map.externals.len(),
        map.links.len(),
        if groups == 1 { "group" } else { "groups" },
        notes.join("; "),
    );
}

fn draw_box(out: &mut String, work: &Work, place: &Place) {
    let color = COLORS.get(place.column).copied().unwrap_or("#8a8f96");
    let dash = if work.shared { " stroke-dasharray=\"4 3\"" } else { "" };
    let members: Vec<String> = work.members.iter().map(|name| text(name, 253)).collect();
    let _ = write!(
        out,
        "<g><title>{}{}{}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{BOX_WIDTH}\" height=\"{:.1}\" rx=\"5\" fill=\"#ffffff\" stroke=\"{color}\"{dash}/>\
         <rect x=\"{:.1}\" y=\"{:.1}\" width=\"4\" height=\"{:.1}\" rx=\"2\" fill=\"{color}\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"12\" font-weight=\"600\" fill=\"#1f2328\">{}</text>",
        text(&work.title, 253),
        if members.is_empty() { "" } else { ": " },
        members.join(", "),
        place.x,
        place.y,
        place.height,
        place.x,
        place.y,
        place.height,
        place.x + 12.0,
        place.y + 16.0,
        text(&work.title, 27),
    );
    let mut lines: Vec<String> = work.lines.iter().take(LINES_AT_MOST).cloned().collect();
    if work.lines.len() > LINES_AT_MOST
        && let Some(last) = lines.last_mut()
    {
        *last = format!("and {} more", work.lines.len() - LINES_AT_MOST + 1);
    }
    if work.among_themselves {
        lines.push("↻ among themselves".to_string());
    }
    if work.shared {
        lines.push("shared, set aside".to_string());
    }
    for (number, line) in lines.iter().enumerate() {
        let y = place.y + TITLE_HEIGHT + 10.0 + number as f64 * LINE_HEIGHT;
        let _ = write!(
            out,
            "<text x=\"{:.1}\" y=\"{y:.1}\" fill=\"#555b63\">{}</text>",
            place.x + 12.0,
            text(line, LETTERS)
        );
    }
    out.push_str("</g>\n");
}

fn draw_wire(out: &mut String, wire: &Wire, works: &[Work], layout: &Layout) {
    let (Some(from), Some(to)) = (layout.places.get(wire.from), layout.places.get(wire.to)) else {
        return;
    };
    let (Some(client), Some(server)) = (works.get(wire.from), works.get(wire.to)) else {
        return;
    };
    let color = COLORS.get(to.column).copied().unwrap_or("#8a8f96");
    let (y1, y2) = (from.y + from.height / 2.0, to.y + to.height / 2.0);
    let path = if from.column < to.column {
        let (x1, x2) = (from.x + BOX_WIDTH, to.x - 1.0);
        let bend = ((x2 - x1) / 2.0).min(120.0);
        format!(
            "M{x1:.1} {y1:.1}C{:.1} {y1:.1} {:.1} {y2:.1} {x2:.1} {y2:.1}",
            x1 + bend,
            x2 - bend
        )
    } else if from.column == to.column {
        let x = from.x + BOX_WIDTH;
        let bend = 30.0 + (y2 - y1).abs() / 12.0;
        let bend = bend.min(80.0);
        format!(
            "M{x:.1} {y1:.1}C{:.1} {y1:.1} {:.1} {y2:.1} {:.1} {y2:.1}",
            x + bend,
            x + bend,
            x + 1.0
        )
    } else {
        let (x1, x2) = (from.x, to.x + BOX_WIDTH + 1.0);
        let bend = ((x1 - x2) / 2.0).min(120.0);
        format!(
            "M{x1:.1} {y1:.1}C{:.1} {y1:.1} {:.1} {y2:.1} {x2:.1} {y2:.1}",
            x1 - bend,
            x2 + bend
        )
    };
    let dash = if wire.traffic.unknown_links > 0 {
        " stroke-dasharray=\"5 3\""
    } else {
        ""
    };
    let ports: Vec<String> = wire.ports.iter().take(12).map(|port| text(port, 60)).collect();
    let _ = writeln!(
        out,
        "<g><title>{} → {}: {}; {}{}</title><path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-opacity=\"0.55\" stroke-width=\"{:.1}\"{dash} marker-end=\"url(#to)\"/></g>",
        text(&client.title, 100),
        text(&server.title, 100),
        ports.join(", "),
        amount(wire.traffic),
        if wire.undecided { "; direction undecided" } else { "" },
        thickness(wire),
    );
}

/// One pixel more for each tenfold of bytes above 1 kB/s.
fn thickness(wire: &Wire) -> f64 {
    let tens = (wire.traffic.known_bytes_per_s.max(1.0) / 1_000.0).log10().max(0.0);
    (1.0 + tens).min(6.0)
}

/// Says how many bytes go over a link, and what is not known of it.
#[must_use]
pub(super) fn amount(traffic: Traffic) -> String {
    if traffic.known_bytes_per_s == 0.0 && traffic.unknown_links > 0 {
        return "bytes not known".to_string();
    }
    let bytes = traffic.known_bytes_per_s;
    let text = match bytes {
        bytes if bytes >= 1e9 => format!("{:.1} GB/s", bytes / 1e9),
        bytes if bytes >= 1e6 => format!("{:.1} MB/s", bytes / 1e6),
        bytes if bytes >= 1e3 => format!("{:.1} kB/s", bytes / 1e3),
        bytes => format!("{bytes:.0} B/s"),
    };
    if traffic.unknown_links > 0 {
        format!("at least {text}")
    } else {
        text
    }
}

impl std::fmt::Display for Traffic {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&amount(*self))
    }
}

/// Makes a name fit for SVG: cut to a length, control characters visible, markup escaped.
pub(super) fn text(name: &str, letters: usize) -> String {
    let safe = for_terminal(name);
    let mut out = String::with_capacity(safe.len());
    for (number, letter) in safe.chars().enumerate() {
        if number == letters {
            out.push('…');
            break;
        }
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML allows neither.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

/// Keeps the colours and the columns in step.
const _: () = assert!(COLORS.len() == Tier::ALL.len() + 2);
