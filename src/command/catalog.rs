//! `catalog show|verify`: what AWS types can do and cost, how old that is, and whether it obeys its laws;
//! `catalog refresh` is in its own file.

use analyzer::catalog::show::{FamilyRow, Pricing};
use analyzer::catalog::verify::verify;
use analyzer::plan::explain::dollars;
use jiff::tz::TimeZone;

use crate::cli::{Catalog, CatalogAction, Format};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;
use crate::table::Table;

type Prices = analyzer::catalog::Catalog;

/// Shows or checks the catalog.
pub fn run(flags: &Catalog, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let catalog = folder.catalog()?;
    match &flags.action {
        CatalogAction::Show {
            name: Some(name),
            region,
            ..
        } => show_type(catalog, name, region, printer),
        CatalogAction::Show {
            family: Some(family),
            region,
            ..
        } => show_family(catalog, family, region, printer),
        CatalogAction::Show { region, .. } => show_catalog(catalog, region, printer),
        CatalogAction::Verify => check(catalog, printer),
        CatalogAction::Refresh(flags) => super::catalog_refresh::run(flags, catalog, folder, printer),
    }
}

fn show_type(catalog: &Prices, name: &str, region: &str, printer: &Printer) -> Result<Outcome, Failure> {
    let view = catalog.show_type(name, region).map_err(Failure::user)?;
    if printer.format() == Format::Json {
        let json = serde_json::to_string_pretty(&view).map_err(Failure::internal)?;
        printer.data(&format!("{json}\n"))?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(&["property", "value"]);
    let mut put = |name: &str, value: String| table.row(vec![name.to_string(), value]);
    put("type", view.shape.name.clone());
    put("region", format!("{} ({})", view.region.code, view.region.location));
    put("price", price_words(&view.pricing));
    if let Pricing::Priced(offer) = &view.pricing {
        put("a month", dollars(offer.per_month));
        put("rank", format!("{} of {} by price", offer.rank, offer.of));
    }
    for specification in &view.specifications {
        put(
            specification.name,
            specification.value.clone().unwrap_or_else(|| "not stated".to_string()),
        );
    }
    let neighbour = |row: &Option<FamilyRow>| {
        row.as_ref().map_or("none".to_string(), |row| {
            format!("{}, {}", row.shape.name, price_words(&row.pricing))
        })
    };
    put("next smaller", neighbour(&view.smaller));
    put("next larger", neighbour(&view.bigger));
    printer.data(&table.render(printer.format()))?;
    age(catalog, region, printer);
    Ok(Outcome::Done)
}

fn show_family(catalog: &Prices, family: &str, region: &str, printer: &Printer) -> Result<Outcome, Failure> {
    let view = catalog.show_family(family, region).map_err(Failure::user)?;
    let mut table = Table::new(&[
        "type",
        "#vCPU",
        "#GiB",
        "architecture",
        "#network Mbit/s",
        "#EBS Mbit/s",
        "#EBS IOPS",
        "#USD/hour",
        "price",
    ]);
    for row in &view.rows {
        let shape = &row.shape;
        table.row(vec![
            shape.name.clone(),
            shape.vcpu.to_string(),
            format!("{}", shape.memory_gib()),
            shape.architecture.to_string(),
            format!("{:.0}", shape.network.baseline.as_megabits_per_second()),
            shape.ebs.as_ref().map_or(String::new(), |ebs| {
                format!("{:.0}", ebs.baseline.as_megabits_per_second())
            }),
            shape.ebs.as_ref().map_or(String::new(), |ebs| {
                format!("{:.0}", ebs.baseline_iops.as_operations_per_second())
            }),
            row.pricing
                .hourly()
                .map_or(String::new(), |price| price.as_decimal().normalize().to_string()),
            how_known(&row.pricing),
        ]);
    }
    printer.data(&table.render(printer.format()))?;
    age(catalog, region, printer);
    Ok(Outcome::Done)
}

fn show_catalog(catalog: &Prices, region: &str, printer: &Printer) -> Result<Outcome, Failure> {
    let offers = catalog.offers(region).map_err(Failure::user)?;
    let dates = catalog.ec2_prices_as_of(region).map_err(Failure::user)?;
    let mut table = Table::new(&["property", "value"]);
    let mut put = |name: &str, value: String| table.row(vec![name.to_string(), value]);
    put("catalog", format!("{}, {}", catalog.id(), catalog.origin()));
    put("built", catalog.built_on().to_string());
    put("EC2 types", catalog.shapes().len().to_string());
    put("regions with EC2 prices", catalog.regions().len().to_string());
    put(&format!("offers in {region}"), offers.len().to_string());
    put("prices of", format!("{} to {}", dates.oldest, dates.newest));
    printer.data(&table.render(printer.format()))?;
    let mut sources = Table::new(&["source", "version", "data of", "licence"]);
    for source in catalog.sources() {
        sources.row(vec![
            source.name.clone(),
            source.version.clone(),
            source.dated.clone(),
            source.licence.clone(),
        ]);
    }
    if printer.format() == Format::Table {
        printer.data("\n")?;
        printer.data(&sources.render(Format::Table))?;
    }
    age(catalog, region, printer);
    Ok(Outcome::Done)
}

fn check(catalog: &Prices, printer: &Printer) -> Result<Outcome, Failure> {
    let verification = verify(catalog);
    let mut table = Table::new(&["law", "#checked", "#violations", "#known exceptions"]);
    for result in &verification.results {
        table.row(vec![
            result.check.law().to_string(),
            result.checked.to_string(),
            result.violations().to_string(),
            result.exceptions().to_string(),
        ]);
    }
    printer.data(&table.render(printer.format()))?;
    let mut broken = 0;
    for finding in verification.results.iter().flat_map(|result| &result.findings) {
        let region = finding
            .region
            .as_ref()
            .map(|region| format!(" in {region}"))
            .unwrap_or_default();
        let words = format!("{}{region}: {}", finding.subject, finding.observed);
        match finding.exception {
            Some(why) => printer.detail(&format!("known exception: {words} ({why})")),
            None => {
                broken += 1;
                printer.warning(&words);
            }
        }
    }
    printer.note(&format!("{broken} violations; known exceptions are listed with -v"));
    if verification.holds() {
        Ok(Outcome::Done)
    } else {
        Err(Failure::data(anyhow::anyhow!("the catalog breaks {broken} laws")))
    }
}

fn price_words(pricing: &Pricing) -> String {
    match pricing {
        Pricing::Priced(offer) => format!(
            "USD {} an hour, {} as of {}{}",
            offer.price.amount.as_decimal().normalize(),
            offer.price.method.word(),
            offer.price.as_of,
            offer
                .price
                .detail
                .as_ref()
                .map(|detail| format!(" ({})", detail.as_str()))
                .unwrap_or_default()
        ),
        Pricing::Unpriced => "offered there, but the catalog has no price".to_string(),
        Pricing::Withdrawn { price } => format!(
            "no longer offered there; was USD {} an hour in {}",
            price.amount.as_decimal().normalize(),
            price.as_of
        ),
        Pricing::NotOffered => "not offered there".to_string(),
        Pricing::Unknown => "unknown".to_string(),
    }
}

fn how_known(pricing: &Pricing) -> String {
    match pricing {
        Pricing::Priced(offer) => format!("{} {}", offer.price.method.word(), offer.price.as_of),
        Pricing::Unpriced => "no price".to_string(),
        Pricing::Withdrawn { .. } => "withdrawn".to_string(),
        Pricing::NotOffered => "not offered".to_string(),
        Pricing::Unknown => "unknown".to_string(),
    }
}

/// Says how old the prices are, and warns when they are stale.
fn age(catalog: &Prices, region: &str, printer: &Printer) {
    let today = jiff::Timestamp::now().to_zoned(TimeZone::UTC).date();
    let (Ok(days), Ok(dates)) = (catalog.age_days(region, today), catalog.ec2_prices_as_of(region)) else {
        return;
    };
    if catalog.is_stale(region, today).unwrap_or(false) {
        printer.warning(&format!(
            "the newest EC2 price for {region} is of {}, {days} days ago",
            dates.newest
        ));
    } else if days < 0 {
        printer.note(&format!(
            "the newest EC2 price for {region} is of {}, {} days after today by this machine's clock",
            dates.newest, -days
        ));
    } else {
        printer.note(&format!(
            "the newest EC2 price for {region} is of {}, {days} days ago",
            dates.newest
        ));
    }
}
