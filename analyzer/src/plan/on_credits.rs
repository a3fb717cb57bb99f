//! What a row says of types on CPU credits: proposed, or passed over and why.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, Product, Shape};
use crate::money::{UsdPerHour, UsdPerMonth};
use crate::size::{CreditFit, HostSize, number};

/// A type on CPU credits beside the type without.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreditProof {
    /// The type on credits.
    pub instance_type: String,
    /// Whether it is proposed: its credits are enough for the policy's dial.
    pub is_proposed: bool,
    /// Its price of an hour.
    pub price_usd_per_hour: UsdPerHour,
    /// The cheapest type without credits that fits.
    pub instead_of: String,
    /// What the type on credits is cheaper by, a month, in standard mode.
    pub saving_usd_per_month: UsdPerMonth,
    /// How the host would do on it.
    pub fit: CreditFit,
    /// What unlimited mode would have added, a month; absent where its price or its amount is not known.
    pub surplus_usd_per_month: Option<UsdPerMonth>,
}

/// Writes what is known of a host on credits; nothing where the policy or the shop has no such type for it.
pub(super) fn of_host(size: &HostSize<'_>, catalog: &Catalog, region: &str) -> Option<CreditProof> {
    let found = size.on_credits.as_ref()?;
    let name = &found.offer.shape.name;
    let chosen = size.choice.chosen?;
    let (own, fixed) = (found.offer.price.amount, found.fixed.price.amount);
    Some(CreditProof {
        instance_type: name.clone(),
        is_proposed: chosen.shape.name == *name,
        price_usd_per_hour: own,
        instead_of: found.fixed.shape.name.clone(),
        saving_usd_per_month: fixed.per_month() - own.per_month(),
        fit: rounded(found.fit),
        surplus_usd_per_month: surplus(found.fit, &found.offer.shape, catalog, region),
    })
}

fn rounded(fit: CreditFit) -> CreditFit {
    let to = |value: f64, digits: f64| (value * digits).round() / digits;
    CreditFit {
        baseline_cores: to(fit.baseline_cores, 1e6),
        short_measured: to(fit.short_measured, 1e6),
        short_expected: to(fit.short_expected, 1e6),
        surplus_vcpu_hours: fit.surplus_vcpu_hours.map(|hours| to(hours, 1e3)),
    }
}

/// Prices the surplus of unlimited mode with Linux.
fn surplus(fit: CreditFit, shape: &Shape, catalog: &Catalog, region: &str) -> Option<UsdPerMonth> {
    let product = match shape.family.as_str() {
        "t3" | "t3a" => Product::T3SurplusVcpuHour,
        "t4g" => Product::T4gSurplusVcpuHour,
        // Older types have no unlimited mode, or one at a price that no source has.
        _ => return None,
    };
    let hours = Decimal::from_f64((fit.surplus_vcpu_hours? * 1e3).round() / 1e3)?;
    let price = catalog.product(region, product)?;
    Some(UsdPerMonth::from_decimal(price.amount.as_decimal() * hours))
}

impl CreditProof {
    /// Says it in lines for a reader; `risk` is the policy's dial.
    #[must_use]
    pub fn lines(&self, risk: f64) -> Vec<String> {
        let percent = |share: f64| format!("{:.2} %", share * 100.0);
        let cents = |amount: UsdPerMonth| format!("USD {:.2}", amount.rounded_to_cents().as_decimal());
        let fit = &self.fit;
        let mut lines = vec![format!(
            "{} serves {} source cores for ever and more while its CPU credits last",
            self.instance_type,
            number(fit.baseline_cores)
        )];
        let short = format!(
            "its credits would not have been enough for {} of the measured time, {} are expected",
            percent(fit.short_measured),
            percent(fit.short_expected)
        );
        lines.push(match (fit.short_expected <= risk, self.is_proposed) {
            (true, _) => format!("{short}: within the dial of {}", percent(risk)),
            (false, true) => format!(
                "{short}: above the dial of {}, kept from the plan before",
                percent(risk)
            ),
            (false, false) => format!("{short}: above the dial of {}, so it is passed over", percent(risk)),
        });
        lines.push(match self.surplus_usd_per_month {
            Some(surplus) => format!(
                "standard mode is {} a month cheaper than {}; unlimited mode would have added {} of surplus credits",
                cents(self.saving_usd_per_month),
                self.instead_of,
                cents(surplus)
            ),
            None => format!(
                "standard mode is {} a month cheaper than {}; what unlimited mode would add is not known",
                cents(self.saving_usd_per_month),
                self.instead_of
            ),
        });
        lines
    }
}
