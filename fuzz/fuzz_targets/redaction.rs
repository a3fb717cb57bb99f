//! Arguments, one a line: does a canary survive behind a password, in an address or in a header; does anything act on a terminal?
#![no_main]

use libfuzzer_sys::fuzz_target;
use subject::discovery::redact::redact;

const CANARY: &str = "Zq7Xk2Vw9Rt4Lm8P";

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let lines: Vec<String> = text.lines().map(str::to_string).collect();
    let cleaned = redact(&lines);
    assert!(cleaned.iter().all(|word| !word.chars().any(char::is_control)));
    assert_eq!(cleaned, redact(&lines), "the same text says the same");
    // The canary at every line's end and as a line of its own.
    for place in 0..lines.len().min(8) {
        let mut with = lines.clone();
        with[place] = format!("{} {CANARY}", with[place]);
        assert!(!redact(&with).join("\n").contains(CANARY), "{with:?}");
        with[place] = format!("{}={CANARY}", lines[place]);
        assert!(!redact(&with).join("\n").contains(CANARY), "{with:?}");
        with[place] = CANARY.to_string();
        assert!(!redact(&with).join("\n").contains(CANARY), "{with:?}");
    }
});
