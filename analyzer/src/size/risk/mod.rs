//! How likely a shape is too small tomorrow, and how much capacity is worth its price.
//!
//! Input: profiles with their history. Output: a [`Drift`], learnt over the
//! fleet and never per host (which host was lucky is noise); an [`Outlook`]
//! per host and dimension; and [`bought`], the offer whose price and priced
//! risk together are least. Method: docs/method.md, rule `sizewright`.

mod buy;
mod drift;
mod outlook;
mod shipped;

pub use buy::{Outlooks, Prices, Shop, bought, outlooks};
pub use drift::{Drift, DriftTable, Moves, QUANTILES, SHIPPED_WEIGHT};
pub use outlook::{Outlook, Short};
pub use shipped::{SHIPPED_CPU, SHIPPED_MEMORY, Shipped};
