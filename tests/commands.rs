//! docs/commands.md says what the program takes.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_reference_of_commands_is_up_to_date() {
    let output = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .arg("reference")
        .output()
        .unwrap();
    assert!(output.status.success());
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md")).unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    for (number, (known, now)) in page.lines().zip(printed.lines()).enumerate() {
        assert_eq!(
            known,
            now,
            "line {}: write it anew with `sizewright reference > docs/commands.md`",
            number + 1
        );
    }
    assert_eq!(
        page.len(),
        printed.len(),
        "write it anew with `sizewright reference > docs/commands.md`"
    );
    for word in ["## `plan`", "## `catalog refresh`", "## `import`", "--region"] {
        assert!(printed.contains(word), "{word}");
    }
}
