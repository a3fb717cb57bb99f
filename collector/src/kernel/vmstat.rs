//! `/proc/vmstat`: pages moved to and from swap.

use super::complaint::{Problem, Unparsable};
use super::number::value_of;
use crate::reading::Paging;

/// Reads swap traffic since boot, pages turned into bytes.
pub(super) fn parse(lines: &[&str], page_bytes: u32) -> Result<Paging, Unparsable> {
    let bytes = |key: &'static str| {
        let pages = value_of(lines, key)?.ok_or_else(|| Problem::Missing(key).on(""))?;
        pages
            .checked_mul(u64::from(page_bytes))
            .ok_or_else(|| Problem::TooLarge.on(key))
    };
    Ok(Paging {
        swap_in_bytes: bytes("pswpin")?,
        swap_out_bytes: bytes("pswpout")?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn pages_become_bytes_of_the_hosts_page_size() {
        let lines = ["pgpgin 1", "pswpin 3", "pswpout 5", "pgfault 9"];
        assert_eq!(
            parse(&lines, 4_096).unwrap(),
            Paging {
                swap_in_bytes: 12_288,
                swap_out_bytes: 20_480
            }
        );
        assert_eq!(parse(&lines, 65_536).unwrap().swap_in_bytes, 196_608);
    }

    #[test]
    fn a_missing_counter_is_not_zero() {
        assert_eq!(
            parse(&["pswpin 3"], 4_096).unwrap_err().problem,
            Problem::Missing("pswpout")
        );
        assert!(parse(&["pswpin 3", "pswpout 18446744073709551615"], 4_096).is_err());
    }
}
