//! What other tools take of a plan: import files, templates, pictures.

mod cloudformation;
mod mermaid;
mod migration_hub;

pub use cloudformation::cloudformation;
pub use mermaid::mermaid;
pub use migration_hub::migration_hub;
