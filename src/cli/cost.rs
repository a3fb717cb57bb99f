//! What can be typed about cost: scenarios and budgets.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use crate::units::{amount, day};

/// Arguments of `compare`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright -C demo compare\n  sizewright -C demo compare arm64 arm64+nights --base right-sized\n  sizewright -C demo compare --set headroom=20% --set architectures=x86_64,arm64\n  sizewright -C demo compare right-sized arm64 --sweep headroom=0%..50%:5% --out curves"
)]
pub struct Compare {
    /// Scenarios of scenarios/*.toml; `a+b` is b on top of a; all of them unless given.
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// Set on top of every scenario, or of the plan where none is named, such as headroom=20%; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// What they are compared with; the scenario that says so, else the plan, unless given.
    #[arg(long, value_name = "SCENARIO")]
    pub base: Option<String>,
    /// Draw the curve of every scenario over a setting, such as headroom=0%..50%:5%.
    #[arg(long, value_name = "KEY=FROM..TO:STEP")]
    pub sweep: Option<String>,
    /// Folder for the charts, as SVG and PNG.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Look for the flip lines of demand and headroom on an estate of any size.
    #[arg(long)]
    pub flip: bool,
    /// The day the plan is for; today unless given.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Date>,
}

/// Arguments of `budget`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright -C demo budget 15000\n  sizewright -C demo budget 12000 --set region=us-east-1"
)]
pub struct Budget {
    /// US dollars a month.
    #[arg(value_name = "USD", value_parser = amount)]
    pub usd_per_month: rust_decimal::Decimal,
    /// The scenario to start from; the plan unless given.
    #[arg(long, value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// Set on top of it, such as region=us-east-1; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// The day the plan is for; today unless given.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Date>,
}
