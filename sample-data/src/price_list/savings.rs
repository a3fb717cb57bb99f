//! AWSComputeSavingsPlan: what an hour of each type costs under each plan.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::columns::SAVINGS;
use super::{ListedRegion, ListedType, dollars, heading, sku};

/// A file of AWSComputeSavingsPlan.
#[derive(Clone, Debug)]
pub struct SavingsList<'t> {
    /// Where and when.
    pub region: ListedRegion,
    /// What is discounted.
    pub types: &'t [ListedType],
}

/// Systems: operation and what is added for a vCPU and hour, nano-dollars.
const SYSTEMS: [(&str, u64); 4] = [
    ("RunInstances", 0),
    ("RunInstances:0002", 46_000_000),
    ("RunInstances:0010", 14_400_000),
    ("RunInstances:0202", 63_000_000),
];

/// Plans: family, years, upfront, per mille saved.
const PLANS: [(&str, u32, &str, u64); 12] = [
    ("ComputeSavingsPlans", 1, "No Upfront", 270),
    ("ComputeSavingsPlans", 1, "Partial Upfront", 305),
    ("ComputeSavingsPlans", 1, "All Upfront", 320),
    ("ComputeSavingsPlans", 3, "No Upfront", 470),
    ("ComputeSavingsPlans", 3, "Partial Upfront", 505),
    ("ComputeSavingsPlans", 3, "All Upfront", 520),
    ("EC2InstanceSavingsPlans", 1, "No Upfront", 370),
    ("EC2InstanceSavingsPlans", 1, "Partial Upfront", 400),
    ("EC2InstanceSavingsPlans", 1, "All Upfront", 412),
    ("EC2InstanceSavingsPlans", 3, "No Upfront", 560),
    ("EC2InstanceSavingsPlans", 3, "Partial Upfront", 592),
    ("EC2InstanceSavingsPlans", 3, "All Upfront", 617),
];

impl SavingsList<'_> {
    /// Writes the file as CSV.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_csv(&self, mut to: impl Write) -> io::Result<()> {
        let ListedRegion {
            code,
            location,
            prefix,
            published,
            ..
        } = &self.region;
        let mut text = heading("AmazonComputeSavingsPlan", &self.region, false);
        text.push_str(SAVINGS);
        text.push('\n');
        for (family, years, upfront, saved) in PLANS {
            for listed in self.types {
                let kind = listed.name.split('.').next().unwrap_or_default();
                let plan = sku(&format!("{family} {years} {upfront} {kind}"));
                let is_own = family == "EC2InstanceSavingsPlans";
                let instance_family = if is_own { kind } else { "" };
                for (operation, per_vcpu) in SYSTEMS {
                    let added = per_vcpu * u64::from(listed.vcpu);
                    for (use_of, permille) in [("BoxUsage", 1000), ("DedicatedUsage", 1060), ("UnusedBox", 1000)] {
                        let usage = format!("{prefix}{use_of}:{}", listed.name);
                        let discounted = sku(&format!("{usage} {operation}"));
                        let nano = listed.linux_nano * permille / 1000 * (1000 - saved) / 1000 + added;
                        let rate = dollars(nano / 100_000 * 100_000);
                        // Writing to a text does not fail.
                        let _ = writeln!(
                            text,
                            "{plan},{plan}.{discounted},Hrs,{published},{rate},USD,{discounted},AmazonEC2,{usage},{operation},{upfront},{years},year,ComputeSavingsPlans,{prefix}EC2SP:{kind}.{years}yr,,{years} year {upfront} Savings Plan,{instance_family},{location},AWS Region,hourly,{family},{code},{}",
                            listed.name
                        );
                    }
                }
            }
            to.write_all(text.as_bytes())?;
            text.clear();
        }
        Ok(())
    }
}
