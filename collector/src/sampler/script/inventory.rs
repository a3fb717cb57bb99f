//! What is asked of the machine, once.

/// Statements that define `Inventory`, each with what it is for.
pub(super) const PROGRAM: &[(&str, &str)] = &[(
    "Inventory() { head -n 100 -v /etc/os-release; }",
    "facts about the machine",
)];
