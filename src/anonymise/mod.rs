//! An assessment without names: who may see it can plan with it and learns nobody's name.
//!
//! Host names, addresses, accounts, paths and the words that only this customer
//! has become pseudonyms. They follow from a secret in the key file: the same
//! name gives the same pseudonym, and without the key none leads back. The key
//! also lists both, so that the way back needs no guess.

mod address;
mod assessment;
mod disguise;
mod hosts_file;
mod inventory;
mod key;
mod services;
mod telemetry_copy;
mod words;

pub use assessment::assessment;
pub use disguise::Disguise;
pub use hosts_file::hosts_file;
pub use inventory::inventory;
pub use key::Key;
pub use services::services_file;
pub use telemetry_copy::telemetry;
