//! Brings telemetry in: from Linux servers over SSH, and from other tools' exports.
//!
//! ```text
//! hosts ─► ssh ─► sampler ─► kernel ─► reading ─► log ─► rates ─► telemetry
//!                  local ──────┘      └──── campaign ────┘
//! files ─► import ─────────────────────────────────────────────► telemetry
//! ```
//!
//! Everything here ends in the tables of the telemetry crate, with its units;
//! nothing here knows sizes or money, and nothing here talks to the user.

pub mod campaign;
pub mod counters;
pub mod discovery;
pub mod hosts;
pub mod import;
pub mod kernel;
pub mod local;
pub mod log;
pub mod rates;
pub mod reading;
pub mod sampler;
pub mod ssh;
