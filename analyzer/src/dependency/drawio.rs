//! The map as a draw.io file: the same boxes at the same places as in the picture, to be moved about by hand.
//!
//! Uncompressed mxGraph XML, which draw.io (diagrams.net) and its desktop program open. Labels are text, never HTML.

use std::fmt::Write as _;

use super::boxes::boxes;
use super::layout::{BOX_WIDTH, LINES_AT_MOST, layout};
use super::map::DependencyMap;
use super::svg::{COLORS, amount, text};

/// Ports that a label of an arrow shows.
const PORTS: usize = 3;

/// Draws the map; the same map gives the same bytes.
#[must_use]
pub fn drawio(map: &DependencyMap) -> String {
    let (works, wires) = boxes(map);
    let layout = layout(&works, &wires);
    let mut out = String::from(
        "<mxfile host=\"sizewright\"><diagram id=\"map\" name=\"Dependencies\"><mxGraphModel grid=\"1\" gridSize=\"10\" page=\"0\"><root>\n\
         <mxCell id=\"0\"/>\n<mxCell id=\"1\" parent=\"0\"/>\n",
    );
    // Writing into a `String` cannot fail.
    for (at, band) in layout.bands.iter().enumerate() {
        let _ = writeln!(
            out,
            "<mxCell id=\"e{at}\" value=\"{}\" style=\"rounded=1;arcSize=2;fillColor=#f2f4f7;strokeColor=none;verticalAlign=top;align=left;spacingLeft=10;fontStyle=1\" vertex=\"1\" parent=\"1\">\
             <mxGeometry x=\"6\" y=\"{:.0}\" width=\"{:.0}\" height=\"{:.0}\" as=\"geometry\"/></mxCell>",
            text(&band.environment, 60),
            band.y,
            layout.width.max(640.0) - 12.0,
            band.height,
        );
    }
    for (at, (work, place)) in works.iter().zip(&layout.places).enumerate() {
        let mut lines = vec![text(&work.title, 60)];
        lines.extend(work.lines.iter().take(LINES_AT_MOST).map(|line| text(line, 60)));
        if work.lines.len() > LINES_AT_MOST {
            lines.push(format!("and {} more", work.lines.len() - LINES_AT_MOST));
        }
        let color = COLORS.get(place.column).copied().unwrap_or("#8a8f96");
        let dashed = u8::from(work.shared);
        let _ = writeln!(
            out,
            "<mxCell id=\"b{at}\" value=\"{}\" style=\"rounded=1;arcSize=6;whiteSpace=wrap;html=0;fillColor=#ffffff;strokeColor={color};dashed={dashed};fontSize=11;align=left;spacingLeft=8\" vertex=\"1\" parent=\"1\">\
             <mxGeometry x=\"{:.0}\" y=\"{:.0}\" width=\"{BOX_WIDTH:.0}\" height=\"{:.0}\" as=\"geometry\"/></mxCell>",
            lines.join("&#10;"),
            place.x,
            place.y,
            place.height,
        );
    }
    for (at, wire) in wires.iter().enumerate() {
        let color = layout
            .places
            .get(wire.to)
            .and_then(|place| COLORS.get(place.column))
            .copied()
            .unwrap_or("#8a8f96");
        let mut ports: Vec<String> = wire.ports.iter().take(PORTS).map(|port| text(port, 40)).collect();
        if wire.ports.len() > PORTS {
            ports.push("…".to_string());
        }
        let dashed = u8::from(wire.traffic.unknown_links > 0);
        let _ = writeln!(
            out,
            "<mxCell id=\"w{at}\" value=\"{}&#10;{}\" style=\"edgeStyle=entityRelationEdgeStyle;html=0;endArrow=classic;strokeColor={color};dashed={dashed};fontSize=9;fontColor=#555b63\" edge=\"1\" parent=\"1\" source=\"b{}\" target=\"b{}\">\
             <mxGeometry relative=\"1\" as=\"geometry\"/></mxCell>",
            ports.join(", "),
            amount(wire.traffic),
            wire.from,
            wire.to,
        );
    }
    out.push_str("</root></mxGraphModel></diagram></mxfile>\n");
    out
}
