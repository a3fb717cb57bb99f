//! AmazonEC2: instances of every tenancy, system, licence and reservation; volumes; what stands beside.

use std::io::{self, Write};

use super::columns::EC2;
use super::{DISCLAIMER, ListedPrice, ListedRegion, ListedType, NANO, Product, TERMS, csv_rows, heading, json, sku};

/// A system with its software: names, operation, how much it adds for a vCPU and hour (nano-dollars), and whether
/// reserved rates are listed.
struct System {
    name: &'static str,
    software: &'static str,
    license: &'static str,
    operation: &'static str,
    per_vcpu_nano: u64,
    is_reservable: bool,
}

const fn system(
    name: &'static str,
    software: &'static str,
    license: &'static str,
    operation: &'static str,
    per_vcpu_nano: u64,
    is_reservable: bool,
) -> System {
    System {
        name,
        software,
        license,
        operation,
        per_vcpu_nano,
        is_reservable,
    }
}

const FREE: &str = "No License required";
const OWN: &str = "Bring your own license";

const SYSTEMS: [System; 17] = [
    system("Linux", "NA", FREE, "RunInstances", 0, true),
    system("Linux", "SQL Web", FREE, "RunInstances:0200", 17_000_000, false),
    system("Linux", "SQL Std", FREE, "RunInstances:0004", 120_000_000, false),
    system("Linux", "SQL Ent", FREE, "RunInstances:0100", 375_000_000, false),
    system("RHEL", "NA", FREE, "RunInstances:0010", 14_400_000, true),
    system("RHEL", "SQL Web", FREE, "RunInstances:0210", 31_400_000, false),
    system("RHEL", "SQL Std", FREE, "RunInstances:0014", 134_400_000, false),
    system("RHEL", "SQL Ent", FREE, "RunInstances:0110", 389_400_000, false),
    system(
        "Red Hat Enterprise Linux with HA",
        "NA",
        FREE,
        "RunInstances:1010",
        19_400_000,
        true,
    ),
    system(
        "Red Hat Enterprise Linux with HA",
        "SQL Std",
        FREE,
        "RunInstances:1014",
        139_400_000,
        false,
    ),
    system("SUSE", "NA", FREE, "RunInstances:000g", 28_100_000, true),
    system("Ubuntu Pro", "NA", FREE, "RunInstances:0g00", 3_500_000, false),
    system("Windows", "NA", FREE, "RunInstances:0002", 46_000_000, true),
    system("Windows", "NA", OWN, "RunInstances:0800", 0, true),
    system("Windows", "SQL Web", FREE, "RunInstances:0202", 63_000_000, true),
    system("Windows", "SQL Std", FREE, "RunInstances:0006", 166_000_000, true),
    system("Windows", "SQL Ent", FREE, "RunInstances:0102", 421_000_000, true),
];

/// Volumes and what stands beside instances: family, usage type, unit, system, nano-dollars.
const BESIDE: [(&str, &str, &str, &str, u64); 20] = [
    ("Storage", "EBS:VolumeUsage.gp2", "GB-Mo", "", 120_000_000),
    ("Storage", "EBS:VolumeUsage.gp3", "GB-Mo", "", 96_000_000),
    ("System Operation", "EBS:VolumeP-IOPS.gp3", "IOPS-Mo", "", 6_000_000),
    (
        "Provisioned Throughput",
        "EBS:VolumeP-Throughput.gp3",
        "GiBps-mo",
        "",
        49_152_000_000,
    ),
    ("Storage", "EBS:VolumeUsage.piops", "GB-Mo", "", 138_000_000),
    ("System Operation", "EBS:VolumeP-IOPS.piops", "IOPS-Mo", "", 72_000_000),
    ("Storage", "EBS:VolumeUsage.io2", "GB-Mo", "", 138_000_000),
    ("System Operation", "EBS:VolumeP-IOPS.io2", "IOPS-Mo", "", 72_000_000),
    (
        "System Operation",
        "EBS:VolumeP-IOPS.io2.tier2",
        "IOPS-Mo",
        "",
        50_400_000,
    ),
    (
        "System Operation",
        "EBS:VolumeP-IOPS.io2.tier3",
        "IOPS-Mo",
        "",
        35_280_000,
    ),
    ("Storage", "EBS:VolumeUsage.st1", "GB-Mo", "", 54_000_000),
    ("Storage", "EBS:VolumeUsage.sc1", "GB-Mo", "", 18_000_000),
    ("Storage", "EBS:VolumeUsage", "GB-Mo", "", 80_000_000),
    ("System Operation", "EBS:VolumeIOUsage", "IOs", "", 80),
    ("Storage Snapshot", "EBS:SnapshotUsage", "GB-Mo", "", 50_000_000),
    ("NAT Gateway", "NatGateway-Hours", "Hrs", "", 59_000_000),
    ("NAT Gateway", "NatGateway-Bytes", "GB", "", 59_000_000),
    ("CPU Credits", "CPUCredits:t3", "vCPU-Hours", "Linux", 50_000_000),
    ("CPU Credits", "CPUCredits:t3", "vCPU-Hours", "Windows", 96_000_000),
    ("CPU Credits", "CPUCredits:t4g", "vCPU-Hours", "Linux", 40_000_000),
];

/// Which rows of a type are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// What AWS lists: about 400 rows with reserved rates, 100 without.
    Real,
    /// Three: Linux, Windows, and Linux on dedicated tenancy.
    Few,
}

impl Mix {
    fn lists(self, system: &System, tenancy: &str, status: &str) -> bool {
        match self {
            Self::Real => true,
            Self::Few => {
                let is_linux = system.operation == "RunInstances";
                status == "Used"
                    && match tenancy {
                        "Shared" => is_linux || system.operation == "RunInstances:0002",
                        "Dedicated" => is_linux,
                        _ => false,
                    }
            }
        }
    }
}

/// A file of AmazonEC2.
#[derive(Clone, Debug)]
pub struct Ec2List<'t> {
    /// Where and when.
    pub region: ListedRegion,
    /// What is listed.
    pub types: &'t [ListedType],
    /// Once so many bytes are written, further types are listed without reserved rates; 0 lists none at all.
    pub reserved_until_bytes: u64,
    /// Which rows.
    pub mix: Mix,
}

impl Ec2List<'_> {
    /// Writes the file as CSV; gives its bytes.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_csv(&self, mut to: impl Write) -> io::Result<u64> {
        let mut text = heading("AmazonEC2", &self.region, true);
        let quoted: Vec<String> = EC2.iter().map(|column| format!("\"{column}\"")).collect();
        text.push_str(&quoted.join(","));
        text.push('\n');
        let mut bytes = 0;
        let effective = self.region.published.get(..10).unwrap_or_default();
        for listed in self.types {
            for product in self.instances(listed, bytes) {
                csv_rows(&EC2, &product, effective, &mut text);
            }
            bytes += text.len() as u64;
            to.write_all(text.as_bytes())?;
            text.clear();
        }
        for product in self.beside() {
            csv_rows(&EC2, &product, effective, &mut text);
        }
        bytes += text.len() as u64;
        to.write_all(text.as_bytes())?;
        Ok(bytes)
    }

    /// Writes the file as JSON: products, then their terms.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_json(&self, to: impl Write) -> io::Result<()> {
        let mut products: Vec<Product> = self.types.iter().flat_map(|listed| self.instances(listed, 0)).collect();
        products.extend(self.beside());
        json::write("AmazonEC2", DISCLAIMER, &self.region, &products, to)
    }

    /// All products of a type.
    fn instances(&self, listed: &ListedType, bytes: u64) -> Vec<Product> {
        let is_metal = listed.name.contains("metal");
        let mut products = Vec::new();
        for system in &SYSTEMS {
            let added = system.per_vcpu_nano * u64::from(listed.vcpu);
            for (tenancy, use_of, permille) in [
                ("Shared", "BoxUsage", 1000),
                ("Dedicated", "DedicatedUsage", 1060),
                ("Host", "HostBoxUsage", 0),
            ] {
                if tenancy == "Host" && system.software != "NA" {
                    continue;
                }
                let linux = listed.linux_nano * permille / 1000;
                for (status, use_of) in [
                    ("Used", use_of),
                    ("UnusedCapacityReservation", "UnusedBox"),
                    ("AllocatedCapacityReservation", "Reservation"),
                ] {
                    if (status != "Used" && tenancy == "Host") || !self.mix.lists(system, tenancy, status) {
                        continue;
                    }
                    let nano = match (status, tenancy) {
                        ("AllocatedCapacityReservation", _) | (_, "Host") => 0,
                        _ => linux + added,
                    };
                    let what = format!("{} {} {}", tenancy, system.name, listed.name);
                    let mut prices = vec![ListedPrice::on_demand(
                        nano,
                        "Hrs",
                        format!("${} per {what} {status} Instance Hour", super::dollars(nano)),
                    )];
                    let is_reserved = system.is_reservable
                        && status == "Used"
                        && tenancy != "Host"
                        && (tenancy == "Shared" || system.software == "NA")
                        && bytes < self.reserved_until_bytes;
                    if is_reserved {
                        for terms in TERMS {
                            ListedPrice::reserved(terms, linux, added, &what, &mut prices);
                        }
                    }
                    products.push(self.instance(listed, system, tenancy, status, use_of, is_metal, prices));
                }
            }
        }
        products
    }

    #[allow(clippy::too_many_arguments, reason = "the cells of one row")]
    fn instance(
        &self,
        listed: &ListedType,
        system: &System,
        tenancy: &str,
        status: &str,
        use_of: &str,
        is_metal: bool,
        prices: Vec<ListedPrice>,
    ) -> Product {
        let usage = format!("{}{use_of}:{}", self.region.prefix, listed.name);
        let family = if is_metal {
            "Compute Instance (bare metal)"
        } else {
            "Compute Instance"
        };
        let memory = f64::from(listed.memory_mib) / 1024.0;
        Product {
            sku: sku(&format!(
                "{usage} {tenancy} {status} {} {}",
                system.operation, system.license
            )),
            cells: vec![
                ("Product Family", family.into()),
                ("serviceCode", "AmazonEC2".into()),
                ("Location", self.region.location.clone()),
                ("Location Type", "AWS Region".into()),
                ("Instance Type", listed.name.clone()),
                ("Current Generation", "Yes".into()),
                ("Instance Family", "General purpose".into()),
                ("vCPU", listed.vcpu.to_string()),
                ("Physical Processor", "Intel Xeon Scalable (Sapphire Rapids)".into()),
                ("Clock Speed", "3.2 GHz".into()),
                ("Memory", format!("{memory} GiB")),
                ("Storage", "EBS only".into()),
                ("Network Performance", "Up to 12500 Megabit".into()),
                ("Processor Architecture", "64-bit".into()),
                ("Tenancy", tenancy.into()),
                ("Operating System", system.name.into()),
                ("License Model", system.license.into()),
                ("usageType", usage),
                ("operation", system.operation.into()),
                ("AvailabilityZone", "NA".into()),
                ("CapacityStatus", status.into()),
                ("ClassicNetworkingSupport", "false".into()),
                ("Dedicated EBS Throughput", "Up to 10000 Mbps".into()),
                ("ECU", "NA".into()),
                ("Enhanced Networking Supported", "Yes".into()),
                ("GPU Memory", "NA".into()),
                ("Intel AVX2 Available", "Yes".into()),
                ("Intel AVX Available", "Yes".into()),
                ("Intel Turbo Available", "Yes".into()),
                ("MarketOption", "OnDemand".into()),
                ("Normalization Size Factor", "8".into()),
                ("Pre Installed S/W", system.software.into()),
                (
                    "Processor Features",
                    "Intel AVX; Intel AVX2; Intel AVX512; Intel Turbo".into(),
                ),
                ("Region Code", self.region.code.clone()),
                ("serviceName", "Amazon Elastic Compute Cloud".into()),
                ("VPCNetworkingSupport", "true".into()),
            ],
            prices,
        }
    }

    fn beside(&self) -> Vec<Product> {
        BESIDE
            .iter()
            .map(|(family, usage, unit, system, nano)| {
                let usage = format!("{}{usage}", self.region.prefix);
                let mut cells = vec![
                    ("Product Family", (*family).to_string()),
                    ("serviceCode", "AmazonEC2".into()),
                    ("Location", self.region.location.clone()),
                    ("Location Type", "AWS Region".into()),
                    ("usageType", usage.clone()),
                    ("Region Code", self.region.code.clone()),
                    ("serviceName", "Amazon Elastic Compute Cloud".into()),
                ];
                if !system.is_empty() {
                    cells.push(("Operating System", (*system).to_string()));
                }
                Product {
                    sku: sku(&format!("{usage} {system}")),
                    cells,
                    prices: vec![ListedPrice::on_demand(
                        *nano,
                        unit,
                        format!("${} per {unit} of {usage}", nano / NANO),
                    )],
                }
            })
            .collect()
    }
}
