//! `[growth]` of assessment.toml: what people assume of the years to come.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What people assume; without it nothing grows but what the data shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Growth {
    /// Growth of every group that is not named, percent a year; less than none shrinks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent_per_year: Option<f64>,
    /// Least and most that growth may turn out to be, percent a year, for the low and the high case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent_per_year_low_high: Option<[f64; 2]>,
    /// By name of a group or an environment.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, GroupGrowth>,
    /// Days from which on there is more, or less.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub launches: Vec<Launch>,
}

/// What is assumed of one group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupGrowth {
    /// Percent a year at first.
    pub percent_per_year: f64,
    /// How many times today's demand it will never exceed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saturates_at: Option<f64>,
}

/// A day from which on demand is a multiple.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Launch {
    /// Its name.
    pub name: String,
    /// From this day on.
    pub on: Date,
    /// How many times what would be otherwise.
    pub times: f64,
    /// Names of groups or environments; all unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

impl Growth {
    /// Says whether nothing is assumed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Gives the first of some names, such as a host's group and environment, that something is assumed of.
    #[must_use]
    pub fn of(&self, names: &[&str]) -> Option<GroupGrowth> {
        names
            .iter()
            .find_map(|name| self.groups.get(*name).cloned())
            .or_else(|| {
                self.percent_per_year.map(|percent_per_year| GroupGrowth {
                    percent_per_year,
                    saturates_at: None,
                })
            })
    }

    /// Says what is out of range, if anything.
    ///
    /// # Errors
    /// With the field and what was expected.
    pub(super) fn check(&self) -> Result<(), String> {
        let percent = |name: &str, value: f64| {
            if (-95.0..=1_000.0).contains(&value) {
                Ok(())
            } else {
                Err(format!("`{name}` is {value}; expected -95 to 1000 percent a year"))
            }
        };
        if let Some(value) = self.percent_per_year {
            percent("percent_per_year", value)?;
        }
        if let Some([low, high]) = self.percent_per_year_low_high {
            percent("percent_per_year_low_high", low)?;
            percent("percent_per_year_low_high", high)?;
            if low > high {
                return Err("`percent_per_year_low_high` has the higher first".to_string());
            }
        }
        for (name, group) in &self.groups {
            percent(&format!("groups.{name}.percent_per_year"), group.percent_per_year)?;
            if group.saturates_at.is_some_and(|times| !(times > 1.0 && times <= 1e6)) {
                return Err(format!(
                    "`groups.{name}.saturates_at` must be more than 1: times of today's demand"
                ));
            }
        }
        for launch in &self.launches {
            if !(launch.times > 0.0 && launch.times <= 1_000.0) {
                return Err(format!(
                    "`times` of launch `{}` is {}; expected more than 0 and at most 1000",
                    launch.name, launch.times
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_out_of_range_is_named() {
        let growth = |text: &str| toml::from_str::<Growth>(text).unwrap().check();
        assert_eq!(growth("percent_per_year = 20"), Ok(()));
        assert!(growth("percent_per_year = -99").unwrap_err().contains("-99"));
        assert!(
            growth("[groups.web]\npercent_per_year = 5\nsaturates_at = 0.5")
                .unwrap_err()
                .contains("web")
        );
        assert!(
            growth("percent_per_year_low_high = [30, 10]")
                .unwrap_err()
                .contains("higher first")
        );
        let launch = "[[launches]]\nname = 'app'\non = '2026-09-01'\ntimes = 0";
        assert!(growth(launch).unwrap_err().contains("app"));
        assert!(toml::from_str::<Growth>("percent = 3").is_err());
    }

    #[test]
    fn a_group_goes_before_its_environment_and_both_before_all() {
        let growth: Growth = toml::from_str(
            "percent_per_year = 5\n[groups.web]\npercent_per_year = 30\n[groups.production]\npercent_per_year = 10",
        )
        .unwrap();
        assert_eq!(growth.of(&["web", "production"]).unwrap().percent_per_year, 30.0);
        assert_eq!(growth.of(&["db", "production"]).unwrap().percent_per_year, 10.0);
        assert_eq!(growth.of(&["db", "test"]).unwrap().percent_per_year, 5.0);
        assert_eq!(Growth::default().of(&["web"]), None);
    }
}
