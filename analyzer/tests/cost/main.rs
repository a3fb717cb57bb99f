//! Money, checked by hand: bills to the cent, projections month by month.

#![allow(clippy::unwrap_used, missing_docs)]

mod bills;
mod estate;
mod projection;
