//! Transfer, VPN and Direct Connect.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;

use super::super::{ProjectedCost, ProjectionLine};
use crate::catalog::{Catalog, PriceMethod, Product};
use crate::money::{HOURS_PER_MONTH, Usd};
use crate::plan::Plan;
use crate::plan::outlook::Flow;

/// A region whose price stands in where a region has none: most prices of links are alike everywhere.
const STANDS_IN: &str = "us-east-1";

/// Says what is assumed of the network and what is not known.
pub(super) fn notes(plan: &Plan) -> Vec<String> {
    let costs = &plan.assessment.costs;
    let traffic = plan.outlook.as_ref().map(|outlook| outlook.traffic).unwrap_or_default();
    let mut notes = Vec::new();
    if !traffic.is_known {
        notes.push(
            "what hosts send each other is not known, so transfer reads \"at least\": collect with discovery"
                .to_string(),
        );
    } else if costs.cross_zone_share.is_none() {
        notes.push(
            "half of what hosts send each other is taken to cross zones: say [costs] cross_zone_share".to_string(),
        );
    }
    let silent = |flow: Flow, stated: bool| if stated { 0 } else { flow.unknown_links };
    let unknown = silent(traffic.between_hosts, false)
        + silent(traffic.to_internet, costs.internet_gb_per_month.is_some())
        + silent(traffic.to_premises, costs.premises_gb_per_month.is_some());
    if unknown > 0 {
        notes.push(format!(
            "the bytes of {unknown} connections are not known and not counted, so sums read \"at least\""
        ));
    }
    if !traffic.is_known && costs.internet_gb_per_month.is_none() {
        notes.push("traffic to the internet is not known: say [costs] internet_gb_per_month".to_string());
    }
    notes
}

/// Adds transfer and links of a month; `times` is today's traffic that is on AWS by then.
pub(super) fn lines(
    plan: &Plan,
    catalog: &Catalog,
    lines: &mut Vec<ProjectionLine>,
    month: u32,
    times: Decimal,
    is_linked: bool,
) {
    let region = plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region);
    let (costs, moving) = (&plan.assessment.costs, &plan.assessment.transition);
    let traffic = plan.outlook.as_ref().map(|outlook| outlook.traffic).unwrap_or_default();
    let known = |flow: Flow| (traffic.is_known, flow);

    let (is_known, between) = known(traffic.between_hosts);
    let share = costs.cross_zone_share.unwrap_or(Decimal::new(5, 1));
    let crossing = gigabytes(between) * share * Decimal::TWO * times;
    if is_known {
        lines.push(priced(
            catalog,
            region,
            month,
            ProjectedCost::Transfer,
            "between zones, both directions",
            (crossing.round_dp(3), "GB"),
            Product::InterZoneTransferGb,
        ));
    }
    unknown_links(lines, month, "between hosts", is_known, between);

    let (is_known, internet) = known(traffic.to_internet);
    let stated = costs.internet_gb_per_month;
    egress(
        catalog,
        region,
        lines,
        month,
        "to the internet",
        stated.unwrap_or_else(|| gigabytes(internet)) * times,
    );
    if stated.is_none() {
        unknown_links(lines, month, "to the internet", is_known, internet);
    }

    let (is_known, premises) = known(traffic.to_premises);
    let stated = costs.premises_gb_per_month;
    let to_premises = stated.unwrap_or_else(|| gigabytes(premises)) * times;
    if moving.direct_connect_ports.unwrap_or(0) > 0 {
        // Prices of data over Direct Connect depend on region and place; the catalog has three of them.
        if to_premises > Decimal::ZERO {
            lines.push(ProjectionLine::new(
                month + 1,
                ProjectedCost::Transfer,
                "to premises over Direct Connect",
                (to_premises.round_dp(3), "GB"),
                None,
                "no price of data over Direct Connect is known for the region",
            ));
        }
    } else {
        egress(catalog, region, lines, month, "to premises over VPN", to_premises);
    }
    if stated.is_none() && traffic.is_known {
        unknown_links(lines, month, "to premises", is_known, premises);
    }

    if !is_linked {
        return;
    }
    let hours = Decimal::from(HOURS_PER_MONTH);
    for (count, item, product) in [
        (moving.vpn_connections, "VPN connections", Product::VpnConnectionHour),
        (
            moving.direct_connect_ports,
            "Direct Connect ports of 1 Gbit/s",
            Product::DirectConnectPort1GbpsHour,
        ),
    ] {
        if let Some(count) = count.filter(|count| *count > 0) {
            let quantity = (Decimal::from(count) * hours, "hour");
            lines.push(priced(
                catalog,
                region,
                month,
                ProjectedCost::Link,
                item,
                quantity,
                product,
            ));
        }
    }
}

fn gigabytes(flow: Flow) -> Decimal {
    Decimal::from_f64(flow.gb_per_month).unwrap_or_default().round_dp(3)
}

/// Adds a line without an amount where bytes are not known.
fn unknown_links(lines: &mut Vec<ProjectionLine>, month: u32, what: &str, is_known: bool, flow: Flow) {
    let (item, count) = if is_known {
        (format!("links {what} whose bytes are not known"), flow.unknown_links)
    } else {
        (format!("traffic {what}, which nobody measured"), 1)
    };
    if count > 0 {
        lines.push(ProjectionLine::new(
            month + 1,
            ProjectedCost::Transfer,
            item,
            (Decimal::from(count), "link"),
            None,
            "not measured",
        ));
    }
}

/// Adds the tiers of traffic that leaves AWS.
fn egress(catalog: &Catalog, region: &str, lines: &mut Vec<ProjectionLine>, month: u32, what: &str, gb: Decimal) {
    if gb <= Decimal::ZERO {
        return;
    }
    let Ok(tiers) = catalog.internet_egress(region) else {
        lines.push(ProjectionLine::new(
            month + 1,
            ProjectedCost::Transfer,
            format!("traffic {what}"),
            (gb.round_dp(3), "GB"),
            None,
            "no price of traffic to the internet is known for the region",
        ));
        return;
    };
    for (at, tier) in tiers.iter().enumerate() {
        let from = Decimal::from(tier.above_gb);
        let until = tiers.get(at + 1).map(|next| Decimal::from(next.above_gb));
        let within = (until.map_or(gb, |until| gb.min(until)) - from).round_dp(3);
        if within > Decimal::ZERO {
            lines.push(
                ProjectionLine::new(
                    month + 1,
                    ProjectedCost::Transfer,
                    format!("traffic {what} above {} GB", tier.above_gb),
                    (within, "GB"),
                    Some(tier.per_gb.amount),
                    format!("catalog, {region}, {}", tier.per_gb.method),
                )
                .of(tier.per_gb.as_of),
            );
        }
    }
}

/// Makes the line of a product: at the region's price, else at one that stands in and is marked estimated, else unknown.
pub(super) fn priced(
    catalog: &Catalog,
    region: &str,
    month: u32,
    category: ProjectedCost,
    item: &str,
    quantity: (Decimal, &str),
    product: Product,
) -> ProjectionLine {
    let own = catalog
        .product(region, product)
        .map(|price| (region, price.method, price));
    let found = own.or_else(|| {
        catalog
            .product(STANDS_IN, product)
            .map(|price| (STANDS_IN, PriceMethod::Estimated, price))
    });
    let price: Option<Usd> = found.map(|(_, _, price)| price.amount);
    let source = found.map_or_else(
        || "no price is known".to_string(),
        |(of, method, _)| format!("catalog, {of}, {method}"),
    );
    let line = ProjectionLine::new(month + 1, category, item, quantity, price, source);
    match found {
        Some((_, _, price)) => line.of(price.as_of),
        None => line,
    }
}
