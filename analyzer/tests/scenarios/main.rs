//! The laws of scenarios, over many estates, and bills worked out by hand.

#![allow(clippy::unwrap_used, missing_docs)]

mod bills;
mod estate;
mod laws;
