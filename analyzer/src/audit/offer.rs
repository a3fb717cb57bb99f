//! Whether the proposed type exists, may be used, and costs what the row says.

use super::finding::Check;
use super::ledger::{Ledger, near, shown};
use super::market::{self, Market};
use super::subject::Subject;
use crate::catalog::Catalog;
use crate::size::CpuEquivalence;

/// Checks the proposed type; nothing to check where none is proposed.
pub(super) fn check(subject: &Subject<'_>, catalog: &Catalog, market: &Market<'_>, ledger: &mut Ledger) {
    let row = subject.row;
    let Some(name) = &row.instance_type else {
        ledger.same(Check::TypeOffered, "instances without a type", 0, row.instance_count);
        return;
    };
    let ware = market.find(name);
    ledger.expect(
        Check::TypeOffered,
        ware.is_some(),
        "proposed type",
        format!("a type that is offered and priced in {}", row.region),
        if catalog.shape(name).is_some() {
            name.clone()
        } else {
            format!("`{name}`, which the catalog does not know")
        },
    );
    ledger.expect(
        Check::TypeOffered,
        row.instance_count >= 1,
        "instances of the proposed type",
        "at least 1",
        row.instance_count,
    );
    let Some(ware) = ware else { return };

    let price = row.price_usd_per_hour.map(|price| price.as_decimal());
    ledger.same_option(
        Check::Price,
        "price of an hour",
        Some(ware.price.amount.as_decimal()),
        price,
    );
    ledger.same_option(
        Check::Price,
        "month of the price",
        Some(ware.price.as_of),
        row.proof.price_as_of,
    );
    ledger.same_option(
        Check::Price,
        "method of the price",
        Some(ware.price.method),
        row.proof.price_method,
    );

    if let CpuEquivalence::Scored { unscored_types, .. } = &row.proof.cpu_equivalence {
        let mut weakest = f64::INFINITY;
        for shape in &catalog.tables().shapes {
            if let (true, false, Some(score)) = (
                shape.current_generation,
                market::is_on_credits(shape),
                &shape.family_cpu_score,
            ) {
                weakest = weakest.min(score.per_vcpu);
            }
        }
        ledger.expect(
            Check::CpuEquivalence,
            unscored_types.is_some_and(|found| near(weakest, found)),
            "score of a type without one",
            weakest,
            shown(*unscored_types),
        );
    }

    let shape = ware.shape;
    ledger.same_option(Check::ShapeColumns, "vCPUs", Some(shape.vcpu), row.vcpu);
    ledger.rounded(
        Check::ShapeColumns,
        "memory, GiB",
        Some(market::memory_gib(shape)),
        row.memory_gib,
    );
    let architecture = shape.architecture.to_string();
    ledger.same_option(
        Check::ShapeColumns,
        "architecture",
        Some(architecture.as_str()),
        row.architecture.as_deref(),
    );

    let forbidden = if market::is_on_credits(shape) && subject.policy.burstable {
        market::forbidden_otherwise(shape, &subject.policy)
    } else {
        market::forbidden(shape, &subject.policy)
    };
    ledger.expect(
        Check::PolicyAllows,
        forbidden.is_none(),
        "proposed type",
        "a type that the policy allows",
        shown(forbidden),
    );
    ledger.expect(
        Check::PolicyAllows,
        market::architecture_allowed(shape, &subject.policy),
        "architecture of the proposed type",
        format!("one of {:?}", subject.policy.architectures),
        architecture,
    );
}
