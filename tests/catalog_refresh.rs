//! `catalog refresh` as a user runs it: from disk, from a server, and from servers that are slow, break off or lie.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "catalog_refresh/disk.rs"]
mod disk;
#[path = "catalog_refresh/files.rs"]
mod files;
#[path = "catalog_refresh/lies.rs"]
mod lies;
#[path = "catalog_refresh/network.rs"]
mod network;
#[path = "catalog_refresh/server.rs"]
mod server;
#[path = "catalog_refresh/surroundings.rs"]
mod surroundings;
