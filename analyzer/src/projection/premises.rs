//! What the estate costs where it is, and while it moves.

use rust_decimal::Decimal;

use super::growth::Growing;
use super::{ProjectedCost, ProjectionLine};
use crate::growth::Case;
use crate::money::{HOURS_PER_MONTH, Usd};
use crate::plan::Plan;
use crate::plan::bought::{bought, phase_names};
use crate::policy::OnPremises;

/// Years over which hardware is written off unless stated: computers are five-year property (IRS publication 946).
const DEPRECIATION_YEARS: u32 = 5;
/// Power of the room over that of its machines unless stated: the mean of 500 rooms in 2011 (Uptime Institute), which
/// older rooms of companies still have; the mean over all sizes was 1.58 in 2023. Method §8.
const PUE_TENTHS: i64 = 18;
/// Decimals of a monthly price that is a part of a yearly one.
const PRICE_DECIMALS: u32 = 6;

/// One thing that is paid each month.
struct Item {
    name: &'static str,
    unit: &'static str,
    quantity: Decimal,
    price: Decimal,
    source: String,
    /// Whether it grows with demand: machines do, people do not.
    grows: bool,
    is_staff: bool,
}

/// What the estate costs where it is.
pub(super) struct Premises {
    items: Vec<Item>,
    missing: Vec<&'static str>,
    assumed: Vec<String>,
    uncertainty: Decimal,
    staff_after: Decimal,
}

impl Premises {
    /// Reads what the assessment states; nothing where it states nothing.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let stated = &plan.assessment.on_premises;
        if stated.is_empty() {
            return None;
        }
        let mut out = Self {
            items: Vec::new(),
            missing: Vec::new(),
            assumed: Vec::new(),
            uncertainty: stated.uncertainty_percent.unwrap_or_default() / Decimal::ONE_HUNDRED,
            staff_after: stated.staff_share_after.unwrap_or_default(),
        };
        out.hardware(stated);
        out.room(stated);
        out.people(stated);
        Some(out)
    }

    fn add(&mut self, name: &'static str, (quantity, unit): (Decimal, &'static str), price: Decimal, source: &str) {
        self.items.push(Item {
            name,
            unit,
            quantity,
            price: price.round_dp(PRICE_DECIMALS),
            source: format!("assessment.toml: {source}"),
            grows: true,
            is_staff: false,
        });
    }

    fn hardware(&mut self, stated: &OnPremises) {
        let Some(hardware) = stated.hardware_usd else {
            self.missing.push("hardware_usd");
            return;
        };
        let years = stated.depreciation_years.unwrap_or_else(|| {
            self.assumed
                .push(format!("hardware is written off over {DEPRECIATION_YEARS} years"));
            DEPRECIATION_YEARS
        });
        let months = Decimal::from(years * 12);
        self.add(
            "hardware, written off",
            (Decimal::ONE, "month"),
            hardware / months,
            &format!("hardware_usd over {years} years"),
        );
        match stated.maintenance_percent_per_year {
            Some(percent) => self.add(
                "hardware maintenance",
                (Decimal::ONE, "month"),
                hardware * percent / Decimal::from(1_200),
                "maintenance_percent_per_year",
            ),
            None => self.missing.push("maintenance_percent_per_year"),
        }
    }

    fn room(&mut self, stated: &OnPremises) {
        match (stated.power_kw, stated.usd_per_kwh) {
            (Some(kilowatts), Some(price)) => {
                let pue = stated.pue.unwrap_or_else(|| {
                    self.assumed
                        .push("the room draws 1.8 times what its machines draw".to_string());
                    Decimal::new(PUE_TENTHS, 1)
                });
                let hours = Decimal::from(HOURS_PER_MONTH);
                self.add(
                    "power",
                    (kilowatts * pue * hours, "kWh"),
                    price,
                    "power_kw × pue × 730 h, usd_per_kwh",
                );
            }
            _ => self.missing.push("power_kw and usd_per_kwh"),
        }
        match (stated.racks, stated.usd_per_rack_month) {
            (Some(racks), Some(price)) => {
                self.add("floor and hands", (racks, "rack-month"), price, "usd_per_rack_month")
            }
            _ => self.missing.push("racks and usd_per_rack_month"),
        }
        match stated.licenses_usd_per_year {
            Some(licenses) => self.add(
                "licences",
                (Decimal::ONE, "month"),
                licenses / Decimal::from(12),
                "licenses_usd_per_year",
            ),
            None => self.missing.push("licenses_usd_per_year"),
        }
    }

    fn people(&mut self, stated: &OnPremises) {
        match (stated.staff, stated.usd_per_staff_year) {
            (Some(staff), Some(price)) => {
                self.add(
                    "people",
                    (staff, "person-month"),
                    price / Decimal::from(12),
                    "staff, usd_per_staff_year",
                );
                if let Some(item) = self.items.last_mut() {
                    (item.grows, item.is_staff) = (false, true);
                }
            }
            _ => self.missing.push("staff and usd_per_staff_year"),
        }
        if let Some(network) = stated.network_usd_per_month {
            self.add(
                "network lines",
                (Decimal::ONE, "month"),
                network,
                "network_usd_per_month",
            );
            if let Some(item) = self.items.last_mut() {
                item.grows = false;
            }
        }
    }

    /// Says what is assumed and what is not counted.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self
            .assumed
            .iter()
            .map(|words| format!("assumed on premises: {words}"))
            .collect();
        notes.push("on premises, machines, power, floor and licences are taken to grow with demand".to_string());
        if !self.missing.is_empty() {
            notes.push(format!(
                "not counted on premises, since [on_premises] does not state it: {}",
                self.missing.join(", ")
            ));
        }
        notes
    }

    /// Gives the lines of an estate that stays.
    pub(super) fn staying(&self, plan: &Plan, months: u32, case: Case) -> Vec<ProjectionLine> {
        let Some(phase) = phase_names(plan).first().copied() else {
            return Vec::new();
        };
        let rows = bought(plan, phase);
        let growing = Growing::of(plan, &rows);
        (0..months)
            .flat_map(|month| {
                let demand = growing.demand(month, case).max(Decimal::ONE);
                self.month(month, Decimal::ONE, Decimal::ONE, demand, case)
            })
            .collect()
    }

    /// Gives the lines of a month in which a share of the machines, and of the people's work, is still there.
    pub(super) fn month(
        &self,
        month: u32,
        machines: Decimal,
        people: Decimal,
        demand: Decimal,
        case: Case,
    ) -> Vec<ProjectionLine> {
        let off = match case {
            Case::Low => Decimal::ONE - self.uncertainty,
            Case::Mid => Decimal::ONE,
            Case::High => Decimal::ONE + self.uncertainty,
        };
        self.items
            .iter()
            .filter_map(|item| {
                let share = if item.is_staff {
                    people.max(self.staff_after)
                } else {
                    machines
                };
                let grown = if item.grows { demand } else { Decimal::ONE };
                let quantity = item.quantity * share * grown * off;
                (quantity > Decimal::ZERO).then(|| {
                    ProjectionLine::new(
                        month + 1,
                        ProjectedCost::Premises,
                        item.name,
                        (quantity, item.unit),
                        Some(Usd::from_decimal(item.price)),
                        item.source.clone(),
                    )
                })
            })
            .collect()
    }
}
