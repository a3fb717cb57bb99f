//! Lists made for the tests: of the built-in catalog's own types and prices.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use sample_data::price_list::{Ec2List, ListedClass, ListedRegion, ListedType, Mix, RdsList, SavingsList};
use sizewright_analyzer::catalog::Catalog;
use sizewright_analyzer::catalog::price_list::{Expected, ListError, Offer, PriceList, read};

pub const REGION: &str = "ap-southeast-1";

pub fn nano(amount: Decimal) -> u64 {
    (amount * Decimal::from(1_000_000_000_u64)).round().to_u64().unwrap()
}

/// Every type that the region offers, at its price.
pub fn types() -> Vec<ListedType> {
    Catalog::embedded()
        .offers(REGION)
        .unwrap()
        .iter()
        .map(|offer| ListedType {
            name: offer.shape.name.clone(),
            vcpu: offer.shape.vcpu,
            memory_mib: offer.shape.memory_mib,
            linux_nano: nano(offer.price.amount.as_decimal()),
        })
        .collect()
}

/// Every class and engine of the region, at its price.
pub fn classes() -> Vec<ListedClass> {
    Catalog::embedded().tables().rds[REGION]
        .iter()
        .filter_map(|offer| {
            Some(ListedClass {
                name: offer.class.name.clone(),
                vcpu: offer.class.vcpu,
                memory_mib: offer.class.memory_mib,
                engine: offer.engine.word().to_string(),
                single_az_nano: nano(offer.single_az.as_ref()?.amount.as_decimal()),
            })
        })
        .collect()
}

pub fn ec2_csv(types: &[ListedType], reserved_until_bytes: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let list = Ec2List {
        region: ListedRegion::singapore(),
        types,
        reserved_until_bytes,
        mix: if types.len() > 50 { Mix::Few } else { Mix::Real },
    };
    list.write_csv(&mut bytes).unwrap();
    bytes
}

pub fn ec2_json(types: &[ListedType]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let list = Ec2List {
        region: ListedRegion::singapore(),
        types,
        reserved_until_bytes: u64::MAX,
        mix: Mix::Real,
    };
    list.write_json(&mut bytes).unwrap();
    bytes
}

pub fn rds(classes: &[ListedClass]) -> (Vec<u8>, Vec<u8>) {
    let (mut csv, mut json) = (Vec::new(), Vec::new());
    let list = RdsList {
        region: ListedRegion::singapore(),
        classes,
    };
    list.write_csv(&mut csv).unwrap();
    list.write_json(&mut json).unwrap();
    (csv, json)
}

pub fn savings_csv(types: &[ListedType]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let list = SavingsList {
        region: ListedRegion::singapore(),
        types,
    };
    list.write_csv(&mut bytes).unwrap();
    bytes
}

/// Reads a list of a region, in blocks of so many bytes.
pub fn read_as(bytes: &[u8], region: &str, offer: Option<Offer>, block: usize) -> Result<PriceList, ListError> {
    struct Blocks<'b>(&'b [u8], usize);
    impl std::io::Read for Blocks<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let take = self.1.min(into.len()).min(self.0.len());
            into[..take].copy_from_slice(&self.0[..take]);
            self.0 = &self.0[take..];
            Ok(take)
        }
    }
    read(Blocks(bytes, block), &Expected { region, offer }, &mut |_| true)
}

pub fn read_here(bytes: &[u8]) -> Result<PriceList, ListError> {
    read_as(bytes, REGION, None, usize::MAX)
}

/// A CSV of the few columns that EC2 needs, and rows of cells.
pub fn small_csv(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    const COLUMNS: [&str; 20] = [
        "SKU",
        "TermType",
        "StartingRange",
        "Unit",
        "PricePerUnit",
        "Currency",
        "LeaseContractLength",
        "PurchaseOption",
        "OfferingClass",
        "Product Family",
        "Location Type",
        "Instance Type",
        "Tenancy",
        "Operating System",
        "License Model",
        "usageType",
        "operation",
        "CapacityStatus",
        "Pre Installed S/W",
        "Region Code",
    ];
    let plain = [
        ("SKU", "AAAA"),
        ("TermType", "OnDemand"),
        ("StartingRange", "0"),
        ("Unit", "Hrs"),
        ("PricePerUnit", "0.2400000000"),
        ("Currency", "USD"),
        ("Product Family", "Compute Instance"),
        ("Location Type", "AWS Region"),
        ("Instance Type", "m7i.xlarge"),
        ("Tenancy", "Shared"),
        ("Operating System", "Linux"),
        ("License Model", "No License required"),
        ("usageType", "APS1-BoxUsage:m7i.xlarge"),
        ("operation", "RunInstances"),
        ("CapacityStatus", "Used"),
        ("Pre Installed S/W", "NA"),
        ("Region Code", REGION),
    ];
    let mut text = String::from(
        "\"FormatVersion\",\"v1.0\"\n\"Disclaimer\",\"…\"\n\"Publication Date\",\"2026-05-07T19:29:15Z\"\n\"Version\",\"20260507192915\"\n\"OfferCode\",\"AmazonEC2\"\n",
    );
    let quote = |cell: &str| match cell {
        "" => String::new(),
        cell => format!("\"{}\"", cell.replace('"', "\"\"")),
    };
    text.push_str(&COLUMNS.map(quote).join(","));
    text.push('\n');
    for row in rows {
        let cells = COLUMNS.map(|column| {
            let of = |cells: &[(&str, &'_ str)]| {
                cells
                    .iter()
                    .rev()
                    .find(|(name, _)| *name == column)
                    .map(|(_, value)| (*value).to_string())
            };
            quote(&of(row).or_else(|| of(&plain)).unwrap_or_default())
        });
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text.into_bytes()
}
