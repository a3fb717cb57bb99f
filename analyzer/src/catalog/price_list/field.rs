//! The cells of a price list row that are read, whatever the file calls and orders them.

macro_rules! fields {
    ($($name:ident => $word:literal,)+) => {
        /// A cell that is read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Field { $($name,)+ }

        impl Field {
            pub(super) const ALL: &'static [Self] = &[$(Self::$name,)+];
            pub(super) const COUNT: usize = Self::ALL.len();

            /// The name without case, spaces and punctuation: `Pre Installed S/W` and `preInstalledSw` are one.
            const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

fields! {
    Sku => "sku",
    TermType => "termtype",
    StartingRange => "startingrange",
    Unit => "unit",
    PricePerUnit => "priceperunit",
    Currency => "currency",
    LeaseContractLength => "leasecontractlength",
    PurchaseOption => "purchaseoption",
    OfferingClass => "offeringclass",
    ProductFamily => "productfamily",
    Location => "location",
    LocationType => "locationtype",
    InstanceType => "instancetype",
    Vcpu => "vcpu",
    Memory => "memory",
    Tenancy => "tenancy",
    OperatingSystem => "operatingsystem",
    LicenseModel => "licensemodel",
    UsageType => "usagetype",
    Operation => "operation",
    CapacityStatus => "capacitystatus",
    PreInstalledSoftware => "preinstalledsw",
    MarketOption => "marketoption",
    RegionCode => "regioncode",
    DatabaseEngine => "databaseengine",
    DatabaseEdition => "databaseedition",
    DeploymentOption => "deploymentoption",
    ExtendedSupportYear => "extendedsupportpricingyear",
    CacheEngine => "cacheengine",
    YearNumber => "yearnumber",
    BrokerEngine => "brokerengine",
    UnbundledLicensing => "unbundledlicensing",
    DiscountedRate => "discountedrate",
    DiscountedServiceCode => "discountedservicecode",
    DiscountedUsageType => "discountedusagetype",
    DiscountedOperation => "discountedoperation",
    DiscountedRegionCode => "discountedregioncode",
    LeaseContractLengthUnit => "leasecontractlengthunit",
}

impl Field {
    /// Finds the field of a column's or attribute's name.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let word: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        Self::ALL.iter().copied().find(|field| field.word() == word)
    }

    /// Gives its place among the cells.
    pub(super) const fn place(self) -> usize {
        self as usize
    }
}

/// The cells of one row; what the file lacks is empty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    cells: [&'a str; Field::COUNT],
}

impl<'a> Row<'a> {
    pub(super) const EMPTY: Row<'static> = Row {
        cells: [""; Field::COUNT],
    };

    pub(super) fn put(&mut self, field: Field, text: &'a str) {
        self.cells[field.place()] = text;
    }

    pub(super) fn cell(&self, field: Field) -> &'a str {
        self.cells[field.place()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_name_are_one_field() {
        for (name, field) in [
            ("Pre Installed S/W", Field::PreInstalledSoftware),
            ("preInstalledSw", Field::PreInstalledSoftware),
            ("usageType", Field::UsageType),
            ("usagetype", Field::UsageType),
            ("vCPU", Field::Vcpu),
            ("CapacityStatus", Field::CapacityStatus),
            ("Region Code", Field::RegionCode),
        ] {
            assert_eq!(Field::of_name(name), Some(field), "{name}");
        }
        assert_eq!(Field::of_name("Clock Speed"), None);
    }
}
