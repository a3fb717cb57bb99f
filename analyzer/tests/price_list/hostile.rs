//! Files that are cut, altered, foreign, endless or in other money.

use proptest::prelude::*;
use sizewright_analyzer::catalog::price_list::{Expected, ListError, Offer, peek, read};

use super::lists::{REGION, ec2_csv, ec2_json, rds, read_as, read_here, small_csv, types};

fn said(bytes: &[u8]) -> String {
    match read_here(bytes) {
        Ok(list) => format!("{} prices", list.prices.len()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_no_price_list_is_named() {
    for (bytes, words) in [
        (
            &b"<!DOCTYPE html><html><body>Sign in</body></html>"[..],
            "it is a web page or XML, not a price list",
        ),
        (b"\x1f\x8b\x08\0\0\0\0\0", "it is gzip within gzip, not a price list"),
        (b"PK\x03\x04", "it is a zip archive, not a price list"),
        (b"", "it ends within its heading"),
        (b"   \n", "it ends within its heading"),
        (b"host,cpu\na,1\n", "it is something else, not a price list"),
        (b"FormatVersion,v1.0\n", "it ends within its heading"),
        (b"{}", "its heading has no OfferCode"),
        (
            b"{\"offerCode\":\"AmazonS3\",\"products\":{}}",
            "it is a file of offer AmazonS3, not of any that is taken",
        ),
    ] {
        assert_eq!(said(bytes), words);
    }
}

#[test]
fn a_cut_file_is_never_taken_for_whole() {
    let types = &types()[..2];
    let bytes = ec2_csv(types, u64::MAX);
    for length in [700, 2_000, 30_000, bytes.len() / 2, bytes.len() - 1] {
        let error = read_here(&bytes[..length]).unwrap_err();
        assert!(
            matches!(
                error,
                ListError::Cut | ListError::Ragged { .. } | ListError::NoHeading | ListError::NoColumn(_)
            ),
            "{length}: {error:?}"
        );
    }
    let bytes = ec2_json(types);
    for length in [700, 2_000, 30_000, bytes.len() / 2, bytes.len() - 3] {
        let error = read_here(&bytes[..length]).unwrap_err();
        assert!(matches!(error, ListError::Json(_)), "{length}: {error:?}");
    }
}

#[test]
fn a_needed_price_in_other_money_ends_the_reading() {
    let words = said(&small_csv(&[
        &[],
        &[("Instance Type", "m7i.large"), ("Currency", "CNY")],
    ]));
    assert_eq!(words, "line 8: the price is in CNY, not in USD");
    // A price that is not needed may be in any.
    let words = said(&small_csv(&[&[], &[("Tenancy", "Host"), ("Currency", "CNY")]]));
    assert_eq!(words, "1 prices");
}

#[test]
fn amounts_are_amounts() {
    for amount in ["", "NaN", "-0.1", "1e999", "0,24", "٣", "0x1", "100000000"] {
        let words = said(&small_csv(&[
            &[],
            &[("Instance Type", "m7i.large"), ("PricePerUnit", amount)],
        ]));
        assert!(words.starts_with("line 8: `"), "{amount}: {words}");
    }
}

#[test]
fn a_missing_column_is_named() {
    let text = String::from_utf8(small_csv(&[&[]])).unwrap();
    let words = said(text.replace("\"Tenancy\"", "\"Tenant\"").as_bytes());
    assert_eq!(words, "it has no column `Tenancy`");
}

#[test]
fn the_wrong_region_and_the_wrong_offer_are_named() {
    let bytes = ec2_csv(&types()[..2], 0);
    let error = read_as(&bytes, "eu-west-1", None, usize::MAX).unwrap_err();
    assert_eq!(error.to_string(), "it prices ap-southeast-1, not eu-west-1");
    let error = read_as(&bytes, REGION, Some(Offer::Rds), usize::MAX).unwrap_err();
    assert_eq!(error.to_string(), "it is a file of offer AmazonEC2, not of AmazonRDS");
}

#[test]
fn what_has_no_end_takes_no_memory() {
    /// A beginning, and then one letter for ever.
    struct Endless(Vec<u8>, usize, u8);
    impl std::io::Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            if self.1 < self.0.len() {
                let take = into.len().min(self.0.len() - self.1);
                into[..take].copy_from_slice(&self.0[self.1..self.1 + take]);
                self.1 += take;
                return Ok(take);
            }
            into.fill(self.2);
            Ok(into.len())
        }
    }
    let expected = Expected {
        region: REGION,
        offer: None,
    };
    let mut csv = small_csv(&[&[]]);
    csv.extend_from_slice(b"\"AAAA");
    for filler in [b'x', b'\n', b','] {
        let error = read(Endless(csv.clone(), 0, filler), &expected, &mut |_| true).unwrap_err();
        assert!(matches!(error, ListError::Endless(_)), "{error:?}");
    }
    let json = b"{\"offerCode\":\"AmazonEC2\",\"products\":{\"".to_vec();
    let error = read(Endless(json, 0, b'x'), &expected, &mut |_| true).unwrap_err();
    assert!(matches!(error, ListError::Read(_)), "{error:?}");
    let json = b"{\"offerCode\":\"AmazonEC2\",\"products\":".to_vec();
    let error = read(Endless(json, 0, b'['), &expected, &mut |_| true).unwrap_err();
    assert!(matches!(error, ListError::Json(_)), "{error:?}");
}

#[test]
fn reading_stops_when_asked_to() {
    let bytes = ec2_csv(&types()[..6], u64::MAX);
    let expected = Expected {
        region: REGION,
        offer: None,
    };
    let mut told = Vec::new();
    let error = read(bytes.as_slice(), &expected, &mut |read| {
        told.push(read);
        false
    })
    .unwrap_err();
    assert!(matches!(error, ListError::Read(_)), "{error:?}");
    assert_eq!(told.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever is done to a file, it is read or refused: no panic, and no price that is not positive.
    #[test]
    fn altered_files_are_read_or_refused(
        json in any::<bool>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let types = &types()[..1];
        let mut bytes = if json { ec2_json(types) } else { ec2_csv(types, u64::MAX) };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()).max(bytes.len() / 2));
        let _ = peek(&bytes);
        if let Ok(list) = read_here(&bytes) {
            for (key, amount) in &list.prices {
                prop_assert!(!amount.is_sign_negative(), "{key}");
                prop_assert!(key.commitment.is_some() || !amount.is_zero(), "{key}");
            }
        }
    }

    #[test]
    fn a_cut_json_is_never_whole(cut in any::<prop::sample::Index>()) {
        let classes = super::lists::classes();
        let (csv, json) = rds(&classes[..3]);
        let end = json.iter().rposition(|byte| *byte == b'}').unwrap();
        prop_assert!(read_here(&json[..cut.index(end)]).is_err());
        prop_assert!(read_here(&csv[..cut.index(csv.len() - 1)]).is_err() || csv[cut.index(csv.len() - 1) - 1] == b'\n');
    }
}
