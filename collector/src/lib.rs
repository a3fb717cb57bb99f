//! Brings telemetry in: importers of other tools' exports.
//!
//! Everything here ends in the tables of the telemetry crate, with its units;
//! nothing here knows sizes or money, and nothing here talks to the user.

pub mod import;
