//! One fact about a host.

use serde::{Deserialize, Serialize};

use super::Learnt;

/// One fact about a host, such as `cpu.model` or the size of disk `sda`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The host's name in the assessment.
    pub host: String,
    /// What is known, in lower case with dots; ends in its unit where it has one (`disk.size_bytes`).
    pub name: String,
    /// Which disk, mount, interface, package …; empty where a host has one only.
    pub item: String,
    /// The value as text, free of control characters.
    pub value: String,
    /// When and how it was learnt.
    pub learnt: Learnt,
}
