//! HAProxy: `show info` and `show stat` of its socket, or the page `;csv`.

use crate::counters::answer::{Answer, number};
use crate::counters::metric::*;

/// Reads `Name: value` lines and the table behind the line that begins with `# pxname`.
#[must_use]
pub fn read(text: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(text);
    let mut answer = Answer::default();
    let mut columns: Vec<&str> = Vec::new();
    let (mut frontends, mut backends, mut servers) = (0_u32, 0_u32, 0_u32);
    for line in text.lines() {
        if let Some(header) = line.strip_prefix("# pxname,") {
            columns = header.split(',').collect();
        } else if columns.is_empty() {
            if let Some((name, value)) = line.split_once(": ") {
                info(&mut answer, name, value.trim());
            }
        } else {
            // Names are configured and hold no comma; what is no row has too few cells.
            let cells: Vec<&str> = line.split(',').skip(1).collect();
            let cell = |name: &str| {
                columns
                    .iter()
                    .position(|column| *column == name)
                    .and_then(|at| cells.get(at).copied())
            };
            match cell("svname") {
                Some("FRONTEND") => {
                    frontends += 1;
                    let of = |name: &str| cell(name).and_then(number);
                    answer.total(RECEIVED, of("bin"));
                    answer.total(SENT, of("bout"));
                    // In TCP mode a session is all there is to count.
                    answer.total(OPERATIONS, of("req_tot").or_else(|| of("stot")));
                    answer.total(ERRORS, of("ereq"));
                }
                Some("BACKEND") => {
                    backends += 1;
                    answer.total(ERRORS, cell("econ").and_then(number));
                }
                Some(_) if cells.len() > 10 => servers += 1,
                _ => {}
            }
        }
    }
    if frontends + backends > 0 {
        answer.fact_of("setting", "frontends", &frontends.to_string());
        answer.fact_of("setting", "backends", &backends.to_string());
        answer.fact_of("setting", "servers", &servers.to_string());
    }
    answer
}

fn info(answer: &mut Answer, name: &str, value: &str) {
    match name {
        "Version" => answer.fact("version", value),
        "Uptime_sec" => answer.uptime_s = number(value),
        "Maxconn" => answer.level(CONNECTIONS_LIMIT, number(value)),
        "CurrConns" => answer.level(CONNECTIONS, number(value)),
        "CumConns" => answer.total(CONNECTIONS_OPENED, number(value)),
        "PoolUsed_bytes" => answer.level(MEMORY_USED, number(value)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_answer_is_read() {
        let answer = read(include_bytes!("../../../tests/counters/answers/haproxy-2.6.txt"));
        assert_eq!(answer.fact_named("version"), Some("2.6.12-1+deb12u4"));
        assert_eq!(answer.value(CONNECTIONS_LIMIT), Some(9986.0));
        assert_eq!(answer.value(RECEIVED), Some(82.0));
        assert_eq!(answer.value(SENT), Some(217.0));
        assert_eq!(answer.value(OPERATIONS), Some(1.0));
        assert_eq!(answer.uptime_s, Some(3.0));
        assert!(read(b"# pxname,svname\n,,\nFRONTEND\n").values.is_empty());
    }
}
