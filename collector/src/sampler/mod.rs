//! What runs on the target, and the talk with it: one shell loop per host over one channel.

mod error;
mod protocol;
mod script;
mod show;

pub use error::SamplerError;
pub use protocol::{Frame, Question, Request, Sampler};
pub use script::COMMAND;
pub use show::show_commands;
