//! The JSON layout: all products, then all terms.

use std::io::{self, BufWriter, Write};

use super::{ListedPrice, ListedRegion, Product};

/// Names an attribute as JSON files do: first word small, no spaces.
fn attribute(column: &str) -> String {
    match column {
        "vCPU" => "vcpu".into(),
        "usageType" => "usagetype".into(),
        "CapacityStatus" => "capacitystatus".into(),
        "MarketOption" => "marketoption".into(),
        "Pre Installed S/W" => "preInstalledSw".into(),
        "serviceCode" => "servicecode".into(),
        "serviceName" => "servicename".into(),
        other => {
            let mut name = String::new();
            for (number, word) in other.split(' ').enumerate() {
                if number == 0 {
                    name.push_str(&word.to_lowercase());
                } else {
                    name.push_str(word);
                }
            }
            name
        }
    }
}

pub(super) fn write(
    offer: &str,
    disclaimer: &str,
    region: &ListedRegion,
    products: &[Product],
    to: impl Write,
) -> io::Result<()> {
    let mut to = BufWriter::new(to);
    let (published, version) = (&region.published, &region.version);
    writeln!(
        to,
        "{{\n  \"formatVersion\" : \"v1.0\",\n  \"disclaimer\" : \"{disclaimer}\",\n  \"offerCode\" : \"{offer}\",\n  \"version\" : \"{version}\",\n  \"publicationDate\" : \"{published}\",\n  \"products\" : {{"
    )?;
    for (number, product) in products.iter().enumerate() {
        let sku = &product.sku;
        let separator = if number == 0 { "" } else { ",\n" };
        write!(to, "{separator}    \"{sku}\" : {{\n      \"sku\" : \"{sku}\"")?;
        if let Some((_, family)) = product.cells.iter().find(|(name, _)| *name == "Product Family") {
            write!(to, ",\n      \"productFamily\" : \"{family}\"")?;
        }
        write!(to, ",\n      \"attributes\" : {{")?;
        let mut separator = "\n";
        for (name, value) in product.cells.iter().filter(|(name, _)| *name != "Product Family") {
            write!(to, "{separator}        \"{}\" : \"{value}\"", attribute(name))?;
            separator = ",\n";
        }
        write!(to, "\n      }}\n    }}")?;
    }
    write!(to, "\n  }},\n  \"terms\" : {{")?;
    terms(products, "OnDemand", region, &mut to)?;
    write!(to, ",")?;
    terms(products, "Reserved", region, &mut to)?;
    writeln!(to, "\n  }},\n  \"attributesList\" : {{ }}\n}}")?;
    to.flush()
}

fn terms(products: &[Product], kind: &str, region: &ListedRegion, to: &mut impl Write) -> io::Result<()> {
    let is_of_kind = |price: &&ListedPrice| price.reserved.is_some() == (kind == "Reserved");
    write!(to, "\n    \"{kind}\" : {{")?;
    let mut separator = "\n";
    for product in products
        .iter()
        .filter(|product| product.prices.iter().any(|price| is_of_kind(&price)))
    {
        let sku = &product.sku;
        write!(to, "{separator}      \"{sku}\" : {{")?;
        separator = ",\n";
        let mut codes: Vec<&str> = product
            .prices
            .iter()
            .filter(is_of_kind)
            .map(|price| price.term)
            .collect();
        codes.dedup();
        for (number, code) in codes.iter().enumerate() {
            let prices: Vec<&ListedPrice> = product.prices.iter().filter(|price| price.term == *code).collect();
            let between = if number == 0 { "\n" } else { ",\n" };
            write!(
                to,
                "{between}        \"{sku}.{code}\" : {{\n          \"offerTermCode\" : \"{code}\",\n          \"sku\" : \"{sku}\",\n          \"effectiveDate\" : \"{}\",\n          \"priceDimensions\" : {{",
                region.published
            )?;
            for (number, price) in prices.iter().enumerate() {
                let between = if number == 0 { "\n" } else { ",\n" };
                let rate = format!("{sku}.{code}.{}", price.rate);
                write!(
                    to,
                    "{between}            \"{rate}\" : {{ \"rateCode\" : \"{rate}\", \"description\" : \"{}\", \"beginRange\" : \"0\", \"endRange\" : \"Inf\", \"unit\" : \"{}\", \"pricePerUnit\" : {{ \"USD\" : \"{}\" }}, \"appliesTo\" : [ ] }}",
                    price.description, price.unit, price.amount
                )?;
            }
            write!(to, "\n          }},\n          \"termAttributes\" : {{")?;
            if let Some((length, option, class)) = prices.first().and_then(|price| price.reserved) {
                write!(
                    to,
                    " \"LeaseContractLength\" : \"{length}\", \"OfferingClass\" : \"{class}\", \"PurchaseOption\" : \"{option}\" "
                )?;
            }
            write!(to, "}}\n        }}")?;
        }
        write!(to, "\n      }}")?;
    }
    write!(to, "\n    }}")
}
