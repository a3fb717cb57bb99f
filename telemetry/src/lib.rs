//! What a measurement is: units, hosts, table schemas, and the store on disk.
//!
//! The one crate that the collector and the analyzer share. It knows no SSH
//! and no money.

pub mod inventory;
pub mod schema;
pub mod series;
pub mod store;
pub mod units;
pub mod untrusted;

pub use inventory::Inventory;
pub use schema::{ColumnId, NOT_MEASURED, Table};
pub use series::Series;
pub use store::{Store, StoreError, TableReader};
