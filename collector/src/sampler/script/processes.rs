//! What is asked of the process table.

/// Statements that define `Processes` and `ProcessesInFull`, each with what it is for.
pub(super) const PROGRAM: &[(&str, &str)] = &[
    (
        "Processes() { head -n 1 -v [0-9]*/stat; }",
        "CPU time and memory of every process",
    ),
    (
        "ProcessesInFull() { head -n 1 -v [0-9]*/stat [0-9]*/cmdline [0-9]*/cgroup; grep -s ^Uid: [0-9]*/status /dev/null; }",
        "what every process is",
    ),
];
