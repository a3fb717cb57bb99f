//! Who talks to whom? Input: looks at the sockets of many hosts. Output: dependencies.
//!
//! ```text
//! sockets of one host ─► Watcher ─► Look ─┐ (one record of the log per look)
//! sockets of another ──► Watcher ─► Look ─┴─► Tally ─► Vec<Dependency>
//! ```
//!
//! A [`Watcher`] stays with one host: it says which end of each connection is
//! the server and how many bytes went by since its last look. A [`Tally`] joins
//! the looks of all hosts by address.

mod aside;
mod join;
mod look;
mod tally;

pub use aside::ConnectionsAside;
pub use look::{Flow, Look, Watcher};
pub use tally::Tally;

#[cfg(test)]
mod tests;
