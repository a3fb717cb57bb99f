//! Collecting while things go wrong, as a user sees it: real servers, the built program, the rows that are there after.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

// The collector's rig names the crate as its own tests do.
extern crate collector as sizewright_collector;

#[path = "../sshd/mod.rs"]
mod sshd;

mod endings;
mod lost;
mod many;
mod namespace;
mod odd;
mod reading_along;
