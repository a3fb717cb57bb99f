//! What a machine is, what runs on it, and who it talks to.
//!
//! ```text
//! inventory frame ─► facts ────────────────┐
//! process frame ───► seen ─► fingerprints ─┼─► Inventory
//! socket frame ────► seen ─► flows ────────┘
//! ```
//!
//! Nothing here opens a file or runs a command: text of a remote host comes in,
//! rows of the inventory go out. The text is hostile.

pub mod benchmark;
pub mod facts;
pub mod flows;
pub mod process_groups;
pub mod processes;
pub mod redact;
pub mod seen;
pub mod services;
pub mod sockets;
pub mod visit;
