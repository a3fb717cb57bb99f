//! What would AWS's price list file of a region look like, with known prices in it?
//!
//! Input: instance types with their Linux price, a region, how large the file
//! should be. Output: CSV or JSON with AWS's columns of 2026-05 and its mix of
//! rows: of about 400 rows a type, one is the Linux price. Everything follows
//! from the input: the same types give the same bytes.

mod columns;
mod ec2;
mod json;
mod rds;
mod savings;

use std::fmt::Write as _;

pub use self::ec2::{Ec2List, Mix};
pub use self::rds::{ListedClass, RdsList};
pub use self::savings::SavingsList;

/// Nano-dollars in a dollar.
pub const NANO: u64 = 1_000_000_000;

/// An instance type to be listed.
#[derive(Clone, Debug)]
pub struct ListedType {
    /// Such as `m7i.xlarge`.
    pub name: String,
    /// Logical CPUs.
    pub vcpu: u32,
    /// Memory, MiB.
    pub memory_mib: u32,
    /// Linux on demand, nano-dollars an hour.
    pub linux_nano: u64,
}

/// Where a file is of, and of when.
#[derive(Clone, Debug)]
pub struct ListedRegion {
    /// Code, such as `ap-southeast-1`.
    pub code: String,
    /// AWS's name, such as `Asia Pacific (Singapore)`.
    pub location: String,
    /// Prefix of usage types with its hyphen, such as `APS1-`; empty for us-east-1.
    pub prefix: String,
    /// Version, such as `20260507192915`.
    pub version: String,
    /// Time of publication, such as `2026-05-07T19:29:15Z`.
    pub published: String,
}

impl ListedRegion {
    /// Singapore in May 2026.
    #[must_use]
    pub fn singapore() -> Self {
        Self {
            code: "ap-southeast-1".into(),
            location: "Asia Pacific (Singapore)".into(),
            prefix: "APS1-".into(),
            version: "20260507192915".into(),
            published: "2026-05-07T19:29:15Z".into(),
        }
    }
}

/// The sentence that every file has.
const DISCLAIMER: &str = "This pricing list is for informational purposes only. All prices are subject to the additional terms included in the pricing pages on http://aws.amazon.com. All Free Tier prices are also subject to the terms included at https://aws.amazon.com/free/";

/// One product: its SKU and cells by column.
#[derive(Clone, Debug)]
struct Product {
    sku: String,
    cells: Vec<(&'static str, String)>,
    prices: Vec<ListedPrice>,
}

/// One price of a product.
#[derive(Clone, Debug)]
struct ListedPrice {
    /// Code of the term.
    term: &'static str,
    /// Code of the rate.
    rate: &'static str,
    description: String,
    unit: &'static str,
    /// As written.
    amount: String,
    /// Length, purchase option, class; nothing on demand.
    reserved: Option<(&'static str, &'static str, &'static str)>,
}

/// Code of the rate per hour.
const HOURLY: &str = "6YS6EN2CT7";
/// Code of the upfront fee.
const UPFRONT: &str = "2TG2D8R56U";
/// Code of on demand.
const ON_DEMAND: &str = "JRTCKXETXF";

/// The twelve sets of terms: code, length, purchase option, class, and per mille saved.
const TERMS: [(&str, &str, &str, &str, u64); 12] = [
    ("4NA7Y494T4", "1yr", "No Upfront", "standard", 370),
    ("HU7G6KETJZ", "1yr", "Partial Upfront", "standard", 400),
    ("6QCMYABX3D", "1yr", "All Upfront", "standard", 412),
    ("BPH4J8HBKS", "3yr", "No Upfront", "standard", 560),
    ("38NPMPTW36", "3yr", "Partial Upfront", "standard", 592),
    ("NQ3QZPMQV9", "3yr", "All Upfront", "standard", 617),
    ("7NE97W5U4E", "1yr", "No Upfront", "convertible", 280),
    ("CUZHX8X6JH", "1yr", "Partial Upfront", "convertible", 310),
    ("VJWZNREJX2", "1yr", "All Upfront", "convertible", 324),
    ("Z2E3P23VKM", "3yr", "No Upfront", "convertible", 490),
    ("R5XV2EPZQZ", "3yr", "Partial Upfront", "convertible", 524),
    ("MZU6U2429S", "3yr", "All Upfront", "convertible", 533),
];

impl ListedPrice {
    fn on_demand(nano: u64, unit: &'static str, description: String) -> Self {
        Self {
            term: ON_DEMAND,
            rate: HOURLY,
            description,
            unit,
            amount: dollars(nano),
            reserved: None,
        }
    }

    /// The rows of one set of terms: discounted is what the discount holds for, whole what is added in full.
    fn reserved(
        (term, length, option, class, saved): (&'static str, &'static str, &'static str, &'static str, u64),
        discounted_nano: u64,
        added_nano: u64,
        what: &str,
        rows: &mut Vec<Self>,
    ) {
        let hours = if length == "1yr" { 8_760 } else { 26_280 };
        let effective = discounted_nano * (1000 - saved) / 1000 + added_nano;
        let (hourly, fee) = match option {
            "No Upfront" => (effective, None),
            "Partial Upfront" => (effective / 2, Some((effective - effective / 2) * hours / NANO)),
            _ => (0, Some(effective * hours / NANO)),
        };
        let terms = Some((length, option, class));
        rows.push(Self {
            term,
            rate: HOURLY,
            description: format!("{what} reserved instance applied"),
            unit: "Hrs",
            // Published rates have five decimals.
            amount: dollars(hourly / 10_000 * 10_000),
            reserved: terms,
        });
        if let Some(fee) = fee {
            rows.push(Self {
                term,
                rate: UPFRONT,
                description: "Upfront Fee".into(),
                unit: "Quantity",
                amount: fee.max(1).to_string(),
                reserved: terms,
            });
        }
    }
}

/// Writes nano-dollars with ten decimals, as AWS does.
fn dollars(nano: u64) -> String {
    format!("{}.{:09}0", nano / NANO, nano % NANO)
}

/// Makes a SKU of what it stands for: sixteen letters and digits that follow from the text.
fn sku(text: &str) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ1";
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        state ^= state >> 29;
    }
    let mut sku = String::with_capacity(16);
    for _ in 0..16 {
        state = state.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
        sku.push(char::from(LETTERS[(state >> 59) as usize]));
    }
    sku
}

/// Writes the five lines about a file.
fn heading(offer: &str, region: &ListedRegion, quoted: bool) -> String {
    let mut text = String::new();
    for (name, value) in [
        ("FormatVersion", "v1.0"),
        ("Disclaimer", DISCLAIMER),
        ("Publication Date", &region.published),
        ("Version", &region.version),
        ("OfferCode", offer),
    ] {
        // Writing to a text does not fail.
        let _ = if quoted {
            writeln!(text, "\"{name}\",\"{value}\"")
        } else {
            writeln!(text, "{name},{value}")
        };
    }
    text
}

/// Rows of products under a list's columns, quoted as AWS does: empty cells are not.
fn csv_rows(columns: &[&str], product: &Product, effective: &str, into: &mut String) {
    let common: usize = 15;
    let mut rest = String::new();
    for column in &columns[common..] {
        rest.push(',');
        if let Some((_, value)) = product.cells.iter().find(|(name, _)| name == column) {
            rest.push('"');
            rest.push_str(value);
            rest.push('"');
        }
    }
    rest.push('\n');
    for price in &product.prices {
        let Product { sku, .. } = product;
        let ListedPrice {
            term,
            rate,
            description,
            unit,
            amount,
            reserved,
        } = price;
        let term_type = if reserved.is_some() { "Reserved" } else { "OnDemand" };
        let range = if *rate == UPFRONT { "," } else { "\"0\",\"Inf\"" };
        // Writing to a text does not fail.
        let _ = write!(
            into,
            "\"{sku}\",\"{term}\",\"{sku}.{term}.{rate}\",\"{term_type}\",\"{description}\",\"{effective}\",{range},\"{unit}\",\"{amount}\",\"USD\",,"
        );
        let _ = match reserved {
            Some((length, option, class)) => write!(into, "\"{length}\",\"{option}\",\"{class}\""),
            None => write!(into, ",,"),
        };
        into.push_str(&rest);
    }
}
