//! What other tools take of a plan: import files, templates, pictures.

mod blueprint;
mod cloudformation;
mod mermaid;
mod migration_hub;
mod terraform;

pub use cloudformation::cloudformation;
pub use mermaid::mermaid;
pub use migration_hub::migration_hub;
pub use terraform::terraform;
