//! A layout frame, a line of three hyphens, a tick frame: is it read without harm?
#![no_main]

use libfuzzer_sys::fuzz_target;
use subject::kernel::{layout, reading};
use subject::{check_layout, check_reading, split};

fuzz_target!(|input: &[u8]| {
    let (host, tick) = split(input);
    let layout = layout(host);
    check_layout(&layout);
    match reading(tick, &layout, 1_700_000_000_000) {
        Ok(parsed) => check_reading(&parsed, &layout),
        Err(error) => assert!(!error.to_string().chars().any(char::is_control)),
    }
});
