//! Hosts outside production, and when nobody needs them.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use telemetry::StoreError;

use super::{Placed, ScalingInputs, host_load, is_production};
use crate::money::UsdPerMonth;
use crate::plan::Plan;
use crate::scale::{NoHours, OfficeHours, office_hours};

/// A host that need not run day and night, or why it must.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NightRest {
    /// The host.
    pub host: String,
    /// Its environment.
    pub environment: String,
    /// When it is needed; absent where no hours can be told.
    pub hours: Option<OfficeHours>,
    /// Why not.
    pub because: Option<NoHours>,
    /// Compute that stopping it saves a month; volumes are paid for all the same.
    pub saving_usd_per_month: Option<UsdPerMonth>,
}

/// Looks at every host outside production.
pub(super) fn nights(
    plan: &Plan,
    placed: &BTreeMap<&str, Placed<'_>>,
    inputs: &ScalingInputs<'_>,
) -> Result<Vec<NightRest>, StoreError> {
    let zone = plan.assessment.zone().unwrap_or(jiff::tz::TimeZone::UTC);
    placed
        .par_iter()
        .map(|(_, placed)| placed.row)
        .filter(|row| !is_production(&row.environment))
        .map(|row| {
            let found = match host_load(&row.host, inputs.read)? {
                Some(load) => office_hours(&load, &zone),
                None => Err(NoHours::ShortHistory),
            };
            let saving = found.as_ref().ok().and_then(|hours| {
                let share = rust_decimal::Decimal::try_from(hours.saving).ok()?.round_dp(6);
                Some(row.compute_usd_per_month?.times(share))
            });
            Ok(NightRest {
                host: row.host.clone(),
                environment: row.environment.clone(),
                because: found.as_ref().err().copied(),
                hours: found.ok(),
                saving_usd_per_month: saving,
            })
        })
        .collect()
}
