//! What a month of a type costs in an environment of a scenario, worked out once for each type.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::case::{Case, Terms};
use super::optimised::Optimised;
use super::private::{OwnLine, Private, PrivatePrices};
use super::purchase::Buying;
use super::schedule::Schedule;
use crate::catalog::{Catalog, Offer, PriceMethod};
use crate::money::UsdPerMonth;
use crate::price::purchase::{Subject, ec2_rate};

/// What a host's owners bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Bears {
    /// Nothing was said: no interruption.
    None,
    /// Two minutes' notice.
    Interruption,
}

/// What a month of a type costs, and how many of it were asked for.
struct Month<'t> {
    offer: &'t Offer,
    bears: Bears,
    known: Option<(UsdPerMonth, PriceMethod)>,
    copies: u32,
}

/// Works out months.
pub(super) struct Till<'t> {
    catalog: &'t Catalog,
    region: &'t str,
    purchase: Buying,
    hours: Decimal,
    scheduled_hours: Decimal,
    private: &'t PrivatePrices,
    optimised: &'t Optimised,
    months: HashMap<(*const Offer, Bears), Month<'t>>,
    volumes: UsdPerMonth,
}

impl<'t> Till<'t> {
    pub(super) fn new(catalog: &'t Catalog, terms: &Terms, case: &'t Case, optimised: &'t Optimised) -> Self {
        // What is committed to is paid for every hour.
        let schedule = match terms.purchase {
            Buying::All(kind) if kind.commitment().is_some() => Schedule::ALWAYS,
            _ => terms.schedule,
        };
        Self {
            catalog,
            region: &case.region,
            purchase: terms.purchase,
            hours: schedule.hours_per_month(),
            scheduled_hours: terms.schedule.hours_per_month(),
            private: &case.private,
            optimised,
            months: HashMap::new(),
            volumes: UsdPerMonth::ZERO,
        }
    }

    /// Gives the cost of a month on demand, day and night where it is committed to.
    pub(super) fn at_most(&self, offer: &Offer) -> UsdPerMonth {
        self.of_hour(offer, offer.price.amount.as_decimal())
    }

    /// Gives what one instance costs a month, and notes how many there are.
    pub(super) fn month(&mut self, offer: &'t Offer, bears: Bears, copies: u32) -> Option<(UsdPerMonth, PriceMethod)> {
        let key = (std::ptr::from_ref(offer), bears);
        if let Some(month) = self.months.get_mut(&key) {
            month.copies += copies;
            return month.known;
        }
        let known = self
            .hour(offer, bears)
            .map(|(hour, method)| (self.of_hour(offer, hour), method));
        let month = Month {
            offer,
            bears,
            known,
            copies,
        };
        self.months.insert(key, month);
        known
    }

    /// Gives what volumes cost, and notes it.
    pub(super) fn volumes(&mut self, amount: UsdPerMonth, times: Decimal) -> UsdPerMonth {
        let off = self.private.of_service("ebs").map_or(Decimal::ZERO, |off| off.share);
        let paid = amount.times((Decimal::ONE - off) * times);
        self.volumes = self.volumes + paid;
        paid
    }

    /// Gives an hour as it is bought, before private prices.
    fn hour(&self, offer: &Offer, bears: Bears) -> Option<(Decimal, PriceMethod)> {
        let kind = match self.purchase {
            Buying::All(kind) => kind,
            Buying::Optimised => {
                let on_demand = offer.price.amount.as_decimal();
                let paid = self
                    .optimised
                    .paid(&offer.shape.name, bears == Bears::Interruption)
                    .map_or((Decimal::ONE, offer.price.method), |paid| (paid.share, paid.method));
                return Some((on_demand * paid.0, paid.1));
            }
        };
        let subject = Subject {
            service: "ec2",
            instance_type: &offer.shape.name,
            engine: None,
            deployment: "single-az",
            region: self.region,
            on_demand: offer.price.amount,
            method: offer.price.method,
            as_of: offer.price.as_of,
        };
        let rate = match self.private.of_type(&offer.shape.name, &offer.shape.family) {
            // Its price is the user's, whatever AWS sells.
            Some(Private::Price(..)) => return Some((offer.price.amount.as_decimal(), PriceMethod::Listed)),
            _ => ec2_rate(self.catalog, &subject, kind)?,
        };
        let known = rate.known()?;
        let hour = known.effective_usd_per_hour.as_decimal();
        // A commitment's hour is told to a millionth of a dollar, as AWS lists it.
        let hour = if kind.commitment().is_some() {
            hour.round_dp(6)
        } else {
            hour
        };
        Some((hour, known.method))
    }

    fn of_hour(&self, offer: &Offer, hour: Decimal) -> UsdPerMonth {
        UsdPerMonth::from_decimal(match self.private.of_type(&offer.shape.name, &offer.shape.family) {
            Some(Private::Price(price, _)) => price * self.scheduled_hours,
            Some(Private::Off(off)) => hour * self.hours * (Decimal::ONE - off.share),
            None => hour * self.hours,
        })
    }

    /// Gives what rests on the user's own prices.
    pub(super) fn own_lines(&self) -> Vec<OwnLine> {
        let mut lines = Vec::new();
        for month in self.months.values() {
            let (offer, Some((amount, _))) = (month.offer, month.known) else {
                continue;
            };
            let (source, hours) = match self.private.of_type(&offer.shape.name, &offer.shape.family) {
                Some(Private::Price(_, source)) => (source.to_string(), self.scheduled_hours),
                Some(Private::Off(off)) => (off.source.clone(), self.hours),
                None => continue,
            };
            let copies = Decimal::from(month.copies);
            let usual = self.hour(offer, month.bears).map(|(hour, _)| hour);
            lines.push(OwnLine {
                item: format!("EC2 {}", offer.shape.name),
                quantity: hours * copies,
                unit: "hour".to_string(),
                usual_unit_price_usd: usual,
                unit_price_usd: amount.as_decimal().checked_div(hours).unwrap_or_default().normalize(),
                usd_per_month: amount.times(copies),
                source,
            });
        }
        if let Some(off) = self
            .private
            .of_service("ebs")
            .filter(|_| self.volumes > UsdPerMonth::ZERO)
        {
            let left = Decimal::ONE - off.share;
            // Volumes are of many sizes and kinds: what is listed for them is the quantity.
            let listed = self.volumes.as_decimal().checked_div(left).unwrap_or_default();
            lines.push(OwnLine {
                item: "EBS volumes".to_string(),
                quantity: listed.round_dp(6).normalize(),
                unit: "listed dollar".to_string(),
                usual_unit_price_usd: Some(Decimal::ONE),
                unit_price_usd: left,
                usd_per_month: self.volumes,
                source: off.source.clone(),
            });
        }
        lines
    }
}
