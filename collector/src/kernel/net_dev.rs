//! `/proc/net/dev`: counters of the interfaces that count.

use std::collections::BTreeSet;

use super::complaint::{Problem, Unparsable};
use super::layout::Layout;
use super::number::whole;
use crate::reading::InterfaceCounters;

/// Fields up to and with the packets sent.
const LEAST_FIELDS: usize = 10;
/// Interfaces of one host at most.
const INTERFACES_AT_MOST: usize = 4_096;

/// Reads the interfaces that count, each once, and says what was wrong with the first line that could not be read.
pub(super) fn parse(lines: &[&str], layout: &Layout) -> (Vec<InterfaceCounters>, Option<Unparsable>) {
    let mut found: Vec<InterfaceCounters> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut unparsable = None;
    // The two lines of headings have bars between their columns.
    for line in lines.iter().filter(|line| !line.contains('|')) {
        // Old kernels put no space behind the colon: `eth0:123`.
        let Some((name, fields)) = line.rsplit_once(':') else {
            unparsable.get_or_insert_with(|| Problem::Missing("NAME:").on(line));
            continue;
        };
        let name = name.trim();
        if !layout.counts_interface(name) || found.len() >= INTERFACES_AT_MOST || !seen.insert(name) {
            continue;
        }
        match counters(name, fields) {
            Ok(counters) => found.push(counters),
            Err(problem) => {
                unparsable.get_or_insert_with(|| problem.on(line));
            }
        }
    }
    (found, unparsable)
}

fn counters(name: &str, fields: &str) -> Result<InterfaceCounters, Problem> {
    let fields: Vec<&str> = fields.split_ascii_whitespace().take(LEAST_FIELDS).collect();
    let &[
        receive_bytes,
        receive_packets,
        _,
        _,
        _,
        _,
        _,
        _,
        transmit_bytes,
        transmit_packets,
    ] = fields.as_slice()
    else {
        return Err(Problem::TooFewFields {
            found: fields.len(),
            least: LEAST_FIELDS,
        });
    };
    Ok(InterfaceCounters {
        interface: name.to_owned(),
        receive_bytes: whole(receive_bytes)?,
        receive_packets: whole(receive_packets)?,
        transmit_bytes: whole(transmit_bytes)?,
        transmit_packets: whole(transmit_packets)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::layout::layout;
    use super::*;

    const HEADINGS: [&str; 2] = [
        "Inter-|   Receive                                                |  Transmit",
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    ];

    #[test]
    fn a_name_may_be_glued_to_its_first_number() {
        for line in [
            "  eth0:123 4 0 0 0 0 0 0 567 8 0 0 0 0 0 0",
            "  eth0:     123       4    0    0    0     0          0         0   567 8 0 0 0 0 0 0",
        ] {
            let (found, unparsable) = parse(&[HEADINGS[0], HEADINGS[1], line], &Layout::default());
            assert_eq!(unparsable, None);
            assert_eq!(
                found,
                [InterfaceCounters {
                    interface: "eth0".to_owned(),
                    receive_bytes: 123,
                    receive_packets: 4,
                    transmit_bytes: 567,
                    transmit_packets: 8,
                }]
            );
        }
    }

    #[test]
    fn a_bad_line_costs_its_interface_only() {
        let lines = [
            "eth0: 1 2 3 4 5 6 7 8 9",
            "eth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
            "eth1: 99 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
            "lo: broken",
            "no colon",
        ];
        let (found, unparsable) = parse(&lines, &Layout::default());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].receive_bytes, 1);
        assert_eq!(
            unparsable,
            Some(Problem::TooFewFields { found: 9, least: 10 }.on(lines[0]))
        );
    }

    #[test]
    fn the_listing_decides_where_there_is_one() {
        let layout = layout(b"interface:bond7 device=1 master= lower= type=1\ninterface:eth0 device=0\n");
        let lines = [
            "eth0: 1 2 3 4 5 6 7 8 9 10",
            "bond7: 1 2 3 4 5 6 7 8 9 10",
            "eth9: 1 2 3 4 5 6 7 8 9 10",
        ];
        let (found, _) = parse(&lines, &layout);
        assert_eq!(
            found.iter().map(|one| one.interface.as_str()).collect::<Vec<_>>(),
            ["bond7"]
        );
    }
}
