//! Price list files, real and generated, as CSV and JSON, whole and hostile.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

#[path = "price_list/hostile.rs"]
mod hostile;
#[path = "price_list/lists.rs"]
mod lists;
#[path = "price_list/merging.rs"]
mod merging;
#[path = "price_list/real.rs"]
mod real;
#[path = "price_list/rows.rs"]
mod rows;
