//! From telemetry, policy and catalog to a plan, its proof and its report.
//!
//! Modules import only to their left:
//! `money, catalog, policy, inventory, dependency, growth, profile → size → scale → price, commit → service → readiness →
//! managed → plan → projection, scenario → backtest → proof → report`;
//! `audit` checks a finished plan from scratch and shares no code with `size`.
//! Nothing here reads the clock, the environment or the network.

pub mod audit;
pub mod backtest;
pub mod catalog;
pub mod commit;
pub mod dependency;
pub mod growth;
pub mod inventory;
pub mod managed;
pub mod money;
pub mod plan;
pub mod policy;
pub mod price;
pub mod profile;
pub mod projection;
pub mod proof;
pub mod readiness;
pub mod report;
pub mod scale;
pub mod scenario;
pub mod service;
pub mod size;
