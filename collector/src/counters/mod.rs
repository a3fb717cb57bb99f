//! What do the services of a host say about themselves?
//!
//! ```text
//! hosts.toml, inventory ─► Asked ─► talk ─► read ─► Answer ─► Totals ─► rows of table `service`
//!                                                     └─► Ledger ─► facts `service.…`
//! ```
//!
//! Input: which services a host has, and read-only accounts where needed. Output:
//! rates and levels once a minute, sizes every 15 minutes, facts for the
//! inventory. `talk` moves bytes over the connection that the collector has
//! already, one conversation at a time; `read` are pure parsers, and what they
//! read is hostile. Nothing is ever written to a service: the questions are
//! compiled in, and SQL runs in read-only sessions with a limit on its time.

mod answer;
mod aside;
mod asked;
mod conversation;
mod ledger;
mod metric;
mod product;
mod rates;
pub mod read;
mod talk;
mod unavailable;

pub use answer::{Answer, Value};
pub use aside::Counters;
pub use asked::{Account, Asked, Spot, Stated};
pub use conversation::{Login, ask};
pub use ledger::{Ledger, facts_of};
pub use metric::{METRICS, Metric};
pub use product::Product;
pub use rates::Totals;
pub use talk::{Line, show_questions};
pub use unavailable::{Unavailable, Why};
