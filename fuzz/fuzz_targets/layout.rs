//! A layout frame: does anything of it become unsafe or unbounded?
#![no_main]

use libfuzzer_sys::fuzz_target;
use subject::check_layout;
use subject::kernel::layout;

fuzz_target!(|frame: &[u8]| {
    let first = layout(frame);
    check_layout(&first);
    assert_eq!(first, layout(frame), "the same text says the same");
});
