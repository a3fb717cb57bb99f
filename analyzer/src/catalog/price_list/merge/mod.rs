//! Puts price lists of a region into a catalog's tables.
//!
//! The rule: within the region of a list, tables of instances (EC2, RDS,
//! `ElastiCache`, `OpenSearch`, brokers …) are replaced as a whole, so that
//! what AWS no longer lists is gone; volumes and products are replaced line by
//! line, so that what a list does not name keeps its older price with its
//! older date. Other regions are not touched. Every price that comes in is
//! *listed*, of the month of publication, and names its file.

mod commitments;
mod databases;
mod ec2;
mod managed;
mod nodes;

use rust_decimal::Decimal;

use super::collect::PriceList;
use super::fact::{Key, Subject};
use super::offer::Offer;
use crate::catalog::listed::{ListedFile, RegionLists};
use crate::catalog::price::{Amount, Price, PriceDetail, PriceMethod, YearMonth};
use crate::catalog::region::Region;
use crate::catalog::services::{Product, ProductPrice};
use crate::catalog::source::Source;
use crate::catalog::tables::Tables;
use crate::money::Usd;

/// What was read of a file, beside what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFile {
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
    /// Bytes of it.
    pub bytes: u64,
}

/// A list on its way into the tables.
struct Incoming<'l> {
    list: &'l PriceList,
    as_of: YearMonth,
    detail: PriceDetail,
}

impl Incoming<'_> {
    /// Makes a price that names its file.
    fn price<T: Amount>(&self, amount: Decimal) -> Price<T> {
        Price {
            amount: T::of(amount),
            method: PriceMethod::Listed,
            as_of: self.as_of,
            detail: Some(self.detail.clone()),
        }
    }

    /// Makes a price of a table whose files are named beside it.
    fn plain<T: Amount>(&self, amount: Decimal) -> Price<T> {
        Price::listed(T::of(amount), self.as_of)
    }

    /// Gives the on-demand prices.
    fn on_demand(&self) -> impl Iterator<Item = (&Subject, Decimal)> {
        self.list
            .prices
            .iter()
            .filter(|(key, _)| key.commitment.is_none())
            .map(|(key, amount)| (&key.subject, *amount))
    }

    fn amount(&self, subject: Subject) -> Option<Decimal> {
        let key = Key {
            subject,
            commitment: None,
            at_once: false,
        };
        self.list.prices.get(&key).copied()
    }
}

/// Puts a list into the tables; gives what the reader should know.
pub fn merge(tables: &mut Tables, list: &PriceList, file: &ReadFile) -> Vec<String> {
    let incoming = Incoming {
        list,
        as_of: YearMonth::of(list.published),
        detail: PriceDetail::new(format!("price list {} {}", list.offer.code(), list.version)),
    };
    let mut remarks = Vec::new();
    let region = list.region.as_str();
    let mut lists = tables.lists.remove(region).unwrap_or_default();
    match list.offer {
        Offer::Ec2 => {
            ec2::merge(tables, &mut lists, &incoming, &mut remarks);
            name_region(tables, list);
        }
        Offer::Rds => databases::merge(tables, &mut lists, &incoming, &mut remarks),
        Offer::ElastiCache => nodes::merge_cache(tables, &mut lists, &incoming, &mut remarks),
        Offer::OpenSearch => nodes::merge_search(tables, &mut lists, &incoming, &mut remarks),
        Offer::DocumentDb | Offer::Mq | Offer::Dms => managed::merge(tables, &incoming, &mut remarks),
        Offer::LoadBalancing => {}
        Offer::ComputeSavingsPlans => commitments::merge_savings_plans(&mut lists, &incoming),
        Offer::DatabaseSavingsPlans => commitments::merge_database_savings_plans(tables, &incoming),
    }
    products(tables, &incoming);
    record(tables, &mut lists, list, file);
    tables.lists.insert(region.to_owned(), lists);
    tables.built_on = tables.built_on.max(list.published);
    remarks
}

/// Replaces the products that the list prices.
fn products(tables: &mut Tables, incoming: &Incoming<'_>) {
    let region = &incoming.list.region;
    for (subject, amount) in incoming.on_demand() {
        let Subject::Product(product) = subject else { continue };
        let price: Price<Usd> = incoming.price(amount);
        let wanted = (region.as_str(), *product);
        match tables.products.binary_search_by(|row| key_of(row).cmp(&wanted)) {
            Ok(at) => tables.products[at].price = price,
            Err(at) => tables.products.insert(
                at,
                ProductPrice {
                    region: region.clone(),
                    product: *product,
                    price,
                },
            ),
        }
    }
}

fn key_of(row: &ProductPrice) -> (&str, Product) {
    (row.region.as_str(), row.product)
}

/// Names a region that the catalog did not know.
fn name_region(tables: &mut Tables, list: &PriceList) {
    let place = tables.regions.binary_search_by(|known| known.code.cmp(&list.region));
    let (Err(at), true) = (place, tables.ec2.contains_key(&list.region)) else {
        return;
    };
    let location = list.location.clone().unwrap_or_else(|| list.region.clone());
    let continent = location.split(" (").next().unwrap_or_default().to_owned();
    tables.regions.insert(
        at,
        Region {
            code: list.region.clone(),
            location,
            continent,
        },
    );
}

/// Writes down which file it was.
fn record(tables: &mut Tables, lists: &mut RegionLists, list: &PriceList, file: &ReadFile) {
    let offer = list.offer.code();
    lists.files.retain(|known| known.offer != offer);
    lists.files.push(ListedFile {
        offer: offer.to_owned(),
        version: list.version.clone(),
        published: list.published,
        sha256: file.sha256.clone(),
        bytes: file.bytes,
        rows: list.rows,
        taken: list.prices.len() as u64,
    });
    lists.files.sort_by(|one, other| one.offer.cmp(&other.offer));
    let key = format!("LIST-{}-{offer}", list.region);
    tables.sources.retain(|source| source.key != key);
    tables.sources.push(Source {
        key,
        name: format!("AWS price list {offer}, {}", list.region),
        version: list.version.clone(),
        dated: list.published.to_string(),
        licence: "AWS: for informational purposes only".to_owned(),
        tables: tables_of(list.offer).iter().map(|table| (*table).to_owned()).collect(),
    });
    tables.sources.sort_by(|one, other| one.key.cmp(&other.key));
}

/// Names the tables that an offer fills.
const fn tables_of(offer: Offer) -> &'static [&'static str] {
    match offer {
        Offer::Ec2 => &["ec2", "os_prices", "reserved", "ebs", "products"],
        Offer::Rds => &["rds", "rds_licensed", "rds_reserved", "products"],
        Offer::ElastiCache => &["cache"],
        Offer::OpenSearch => &["search", "products"],
        Offer::DocumentDb | Offer::Mq | Offer::Dms => &["managed", "products"],
        Offer::LoadBalancing => &["products"],
        Offer::ComputeSavingsPlans => &["savings_plans"],
        Offer::DatabaseSavingsPlans => &["database_savings_plan"],
    }
}

/// Names some of many.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}
