//! AmazonRDS: instances of the open engines in every layout, and storage.

use std::io::{self, Write};

use super::columns::RDS;
use super::{DISCLAIMER, ListedPrice, ListedRegion, Product, TERMS, csv_rows, heading, json, sku};

/// An instance class to be listed, with the engine's price.
#[derive(Clone, Debug)]
pub struct ListedClass {
    /// Such as `db.m7g.large`.
    pub name: String,
    /// Logical CPUs.
    pub vcpu: u32,
    /// Memory, MiB.
    pub memory_mib: u32,
    /// The engine in the words of the catalog's engines, such as `aurora-mysql`.
    pub engine: String,
    /// Single-AZ on demand, nano-dollars an hour.
    pub single_az_nano: u64,
}

/// A file of AmazonRDS.
#[derive(Clone, Debug)]
pub struct RdsList<'c> {
    /// Where and when.
    pub region: ListedRegion,
    /// What is listed.
    pub classes: &'c [ListedClass],
}

/// Storage and the like: usage type, engine, unit, nano-dollars.
const BESIDE: [(&str, &str, &str, u64); 9] = [
    ("RDS:GP3-Storage", "Any", "GB-Mo", 138_000_000),
    ("RDS:GP3-Storage", "MySQL", "GB-Mo", 138_000_000),
    ("RDS:Multi-AZ-GP3-Storage", "Any", "GB-Mo", 276_000_000),
    ("RDS:GP2-Storage", "Any", "GB-Mo", 138_000_000),
    ("RDS:ChargedBackupUsage", "Any", "GB-Mo", 95_000_000),
    ("Aurora:StorageUsage", "Any", "GB-Mo", 110_000_000),
    ("Aurora:StorageIOUsage", "Any", "IOs", 220),
    ("Aurora:IO-OptimizedStorageUsage", "Any", "GB-Mo", 248_000_000),
    ("Aurora:ServerlessV2Usage", "Aurora PostgreSQL", "ACU-Hr", 200_000_000),
];

impl RdsList<'_> {
    /// Writes the file as CSV.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_csv(&self, mut to: impl Write) -> io::Result<()> {
        let mut text = heading("AmazonRDS", &self.region, true);
        let quoted: Vec<String> = RDS.iter().map(|column| format!("\"{column}\"")).collect();
        text.push_str(&quoted.join(","));
        text.push('\n');
        let effective = self.region.published.get(..10).unwrap_or_default();
        for product in self.products() {
            csv_rows(&RDS, &product, effective, &mut text);
        }
        to.write_all(text.as_bytes())
    }

    /// Writes the file as JSON.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_json(&self, to: impl Write) -> io::Result<()> {
        json::write("AmazonRDS", DISCLAIMER, &self.region, &self.products(), to)
    }

    fn products(&self) -> Vec<Product> {
        let mut products = Vec::new();
        for class in self.classes {
            let (engine, operation, is_aurora) = match class.engine.as_str() {
                "mysql" => ("MySQL", "CreateDBInstance:0002", false),
                "mariadb" => ("MariaDB", "CreateDBInstance:0018", false),
                "postgres" => ("PostgreSQL", "CreateDBInstance:0014", false),
                "aurora-mysql" => ("Aurora MySQL", "CreateDBInstance:0016", true),
                _ => ("Aurora PostgreSQL", "CreateDBInstance:0021", true),
            };
            let layouts: &[(&str, &str, u64)] = if is_aurora {
                &[
                    ("InstanceUsage", "Single-AZ", 1000),
                    ("InstanceUsageIOOptimized", "Single-AZ", 1300),
                ]
            } else {
                &[
                    ("InstanceUsage", "Single-AZ", 1000),
                    ("Multi-AZUsage", "Multi-AZ", 2000),
                    ("Multi-AZClusterUsage", "Multi-AZ (readable standbys)", 3000),
                ]
            };
            for (use_of, deployment, permille) in layouts {
                let nano = class.single_az_nano * permille / 1000;
                let usage = format!("{}{use_of}:{}", self.region.prefix, class.name.replace("xlarge", "xl"));
                let mut prices = vec![ListedPrice::on_demand(
                    nano,
                    "Hrs",
                    format!("per {} {deployment} instance hour running {engine}", class.name),
                )];
                if *permille <= 2000 && *use_of != "InstanceUsageIOOptimized" {
                    for terms in TERMS.into_iter().filter(|(_, _, _, class, _)| *class == "standard") {
                        ListedPrice::reserved(terms, nano, 0, &format!("{engine}, {}", class.name), &mut prices);
                    }
                }
                products.push(Product {
                    sku: sku(&format!("{usage} {engine}")),
                    cells: vec![
                        ("Product Family", "Database Instance".into()),
                        ("serviceCode", "AmazonRDS".into()),
                        ("Location", self.region.location.clone()),
                        ("Location Type", "AWS Region".into()),
                        ("Instance Type", class.name.clone()),
                        ("Current Generation", "Yes".into()),
                        ("vCPU", class.vcpu.to_string()),
                        ("Memory", format!("{} GiB", f64::from(class.memory_mib) / 1024.0)),
                        ("Storage", "EBS Only".into()),
                        ("Database Engine", engine.into()),
                        ("License Model", "No license required".into()),
                        ("Deployment Option", (*deployment).into()),
                        ("usageType", usage),
                        ("operation", operation.into()),
                        ("Region Code", self.region.code.clone()),
                        ("serviceName", "Amazon Relational Database Service".into()),
                    ],
                    prices,
                });
            }
        }
        for (usage, engine, unit, nano) in BESIDE {
            let usage = format!("{}{usage}", self.region.prefix);
            products.push(Product {
                sku: sku(&format!("{usage} {engine}")),
                cells: vec![
                    ("Product Family", "Database Storage".into()),
                    ("serviceCode", "AmazonRDS".into()),
                    ("Location", self.region.location.clone()),
                    ("Location Type", "AWS Region".into()),
                    ("Database Engine", engine.into()),
                    ("usageType", usage),
                    ("Region Code", self.region.code.clone()),
                ],
                prices: vec![ListedPrice::on_demand(nano, unit, format!("per {unit}"))],
            });
        }
        products
    }
}
