//! Whether the plan says rightly which catalog it used and how old that was.

use super::finding::Check;
use super::ledger::Ledger;
use super::subject::region;
use crate::catalog::Catalog;
use crate::plan::Plan;

/// Prices older than this are stale; catalog documentation, "stale after 90 days".
const STALE_AFTER_DAYS: i64 = 90;

/// Checks the stamp against the catalog's rows and the day of the plan.
pub(super) fn check(plan: &Plan, catalog: &Catalog, ledger: &mut Ledger) {
    let (check, stamp) = (Check::CatalogStamp, &plan.catalog);
    ledger.same(check, "identifier of the catalog", catalog.id(), stamp.id.as_str());
    ledger.same(
        check,
        "day the catalog was built",
        catalog.tables().built_on,
        stamp.built_on,
    );
    let files: Vec<String> = catalog
        .tables()
        .lists
        .get(region(plan))
        .into_iter()
        .flat_map(|lists| &lists.files)
        .map(|file| {
            let (offer, version, hash) = (&file.offer, &file.version, &file.sha256);
            format!("{offer} {version} of {}, sha256 {hash}", file.published)
        })
        .collect();
    if !(files.is_empty() && stamp.price_lists.is_empty()) {
        ledger.same(
            check,
            "price lists of the region",
            files.join("; "),
            stamp.price_lists.join("; "),
        );
    }
    let months = || {
        catalog
            .tables()
            .ec2
            .get(region(plan))
            .into_iter()
            .flat_map(|known| &known.prices)
    };
    let oldest = months().map(|(_, price)| price.as_of).min();
    let newest = months().map(|(_, price)| price.as_of).max();
    ledger.same_option(check, "month of the oldest price", oldest, Some(stamp.prices_oldest));
    ledger.same_option(check, "month of the newest price", newest, Some(stamp.prices_newest));
    let Some(newest) = newest else { return };
    let age = newest
        .first_day()
        .until(plan.planned_on)
        .map_or(i64::MAX, |span| i64::from(span.get_days()));
    ledger.same(check, "age of the newest price, days", age, stamp.age_days);
    ledger.same(check, "whether prices are stale", age > STALE_AFTER_DAYS, stamp.stale);
}
