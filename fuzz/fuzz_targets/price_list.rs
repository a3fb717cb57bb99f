//! A price list, CSV or JSON: is it read or refused, the same in blocks of any size, and without prices of nothing?
#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use subject::catalog::price_list::{Expected, peek, read};

/// Gives a byte, then two, then three …
struct Blocks<'b>(&'b [u8], usize);

impl Read for Blocks<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.1 += 1;
        let take = self.1.min(into.len()).min(self.0.len());
        into[..take].copy_from_slice(&self.0[..take]);
        self.0 = &self.0[take..];
        Ok(take)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let expected = Expected {
        region: "ap-southeast-1",
        offer: None,
    };
    let _ = peek(bytes);
    let whole = read(bytes, &expected, &mut |_| true);
    let pieces = read(Blocks(bytes, 0), &expected, &mut |_| true);
    match (whole, pieces) {
        (Ok(whole), Ok(pieces)) => {
            assert_eq!(whole, pieces, "blocks do not matter");
            for (key, amount) in &whole.prices {
                assert!(!amount.is_sign_negative(), "{key}");
                assert!(key.commitment.is_some() || !amount.is_zero(), "{key}");
            }
        }
        (Err(whole), Err(pieces)) => assert_eq!(whole.to_string(), pieces.to_string()),
        (whole, pieces) => panic!("{:?} and {:?}", whole.err(), pieces.err()),
    }
});
