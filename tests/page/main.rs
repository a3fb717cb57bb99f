//! The page of the demo as people meet it: in Vietnamese, with a keyboard or a screen reader, on paper.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod accessible;
mod language;
mod printed;

use std::path::Path;
use std::process::Command;

/// Runs the program, and gives what it wrote and what it said.
#[track_caller]
fn sizewright(folder: &Path, words: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{words:?}: {}",
        text(&output.stderr)
    );
    (text(&output.stdout), text(&output.stderr))
}

/// Makes the sample estate's assessment in the folder `demo`.
fn demo() -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    sizewright(work.path(), &["demo", "--out", "demo"]);
    work
}
