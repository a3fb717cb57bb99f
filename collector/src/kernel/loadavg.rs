//! `/proc/loadavg`: the load and what was runnable.

use super::complaint::{Problem, Unparsable};
use super::number::{hundredths, whole};
use crate::reading::Load;

/// Reads `0.02 0.04 0.05 1/497 11947`.
pub(super) fn parse(lines: &[&str]) -> Result<Load, Unparsable> {
    let line = lines.first().copied().unwrap_or_default();
    load(line).map_err(|problem| problem.on(line))
}

fn load(line: &str) -> Result<Load, Problem> {
    let fields: Vec<&str> = line.split_ascii_whitespace().take(4).collect();
    let [load1, _, _, threads] = fields.as_slice() else {
        return Err(Problem::TooFewFields {
            found: fields.len(),
            least: 4,
        });
    };
    let (runnable, _) = threads.split_once('/').ok_or(Problem::NotANumber)?;
    let narrow = |number: u64| u32::try_from(number).map_err(|_| Problem::TooLarge);
    Ok(Load {
        load1_hundredths: narrow(hundredths(load1)?)?,
        runnable: narrow(whole(runnable)?)?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn load_is_read_in_hundredths() {
        let load = parse(&["12.05 0.04 0.05 6/497 11947"]).unwrap();
        assert_eq!(
            load,
            Load {
                load1_hundredths: 1_205,
                runnable: 6
            }
        );
    }

    #[test]
    fn anything_else_is_no_load() {
        for line in [
            "",
            "0.02 0.04 0.05",
            "0.02 0.04 0.05 497",
            "x 1 1 1/1",
            "99999999.00 1 1 1/1",
        ] {
            assert!(parse(&[line]).is_err(), "{line}");
        }
    }
}
