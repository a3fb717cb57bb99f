//! Who needs whom, and what must move together? Input: inventory and assessment. Output: a map, move groups, pictures.
//!
//! ```text
//! dependencies ─► links (externals by network) ─► shared set aside ─► move groups
//!                                              └─► dot, svg, json
//! ```
//!
//! What is not known stays so: a link without bytes is counted as unknown in
//! every sum, and a link whose direction nobody saw says that it is undecided.

mod boxes;
mod dot;
mod drawio;
mod groups;
mod layout;
mod link;
mod map;
mod shared;
mod svg;
mod tier;

pub use dot::dot;
pub use drawio::drawio;
pub use groups::{MoveGroup, Tie};
pub use link::{Link, Node, Traffic};
pub use map::{DependencyMap, ExternalNode, HostNode};
pub use shared::{Shared, SharedWhy};
pub use svg::svg;
pub use tier::Tier;

#[cfg(test)]
mod tests;
