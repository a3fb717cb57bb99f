//! What a group is made of and how long its instances take: sizes, zones, boot, warm pool.

use serde::{Deserialize, Serialize};

/// Most sizes in a mixed group.
pub const MOST_SIZES: usize = 4;

/// The instances of a group and their times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fleet {
    /// Units of capacity of each size, the largest first; one entry of 1 where all are alike.
    pub sizes: Vec<u32>,
    /// Minutes from launch until an instance takes load.
    pub boot_minutes: u32,
    /// Minutes from launch in which an instance counts as on its way and nothing is removed; at least the boot time counts.
    pub warm_up_minutes: u32,
    /// Minutes until a lost instance is noticed and replaced.
    pub health_check_minutes: u32,
    /// Availability zones; instances are spread evenly.
    pub zones: u32,
    /// How far the most loaded instance stands above the mean, as a fraction.
    pub imbalance: f64,
    /// Seconds an instance is billed on while its connections drain.
    pub draining_seconds: u32,
    /// Stopped instances that start faster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_pool: Option<WarmPool>,
}

/// Instances that are booted once, stopped, and start faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmPool {
    /// How many are kept.
    pub instances: u32,
    /// Minutes from start until one takes load.
    pub start_minutes: u32,
}

impl Default for Fleet {
    fn default() -> Self {
        Self {
            sizes: vec![1],
            // Method §7: 3 to 5 minutes from launch to taking load; the careful end.
            boot_minutes: 5,
            warm_up_minutes: 5,
            // Two failed load-balancer checks of 30 s and the group's own look at it.
            health_check_minutes: 2,
            zones: 2,
            imbalance: 0.0,
            draining_seconds: 0,
            warm_pool: None,
        }
    }
}

impl Fleet {
    /// Gives the units of the smallest size, to which everything rounds up.
    #[must_use]
    pub fn smallest(&self) -> u32 {
        self.sizes.iter().copied().min().unwrap_or(1).max(1)
    }

    /// Says what is wrong with it, if anything.
    ///
    /// # Errors
    /// With the reason and what was expected.
    pub fn check(&self) -> Result<(), String> {
        if self.sizes.is_empty() || self.sizes.len() > MOST_SIZES {
            return Err(format!(
                "a group has one to {MOST_SIZES} sizes, not {}",
                self.sizes.len()
            ));
        }
        if self.sizes.contains(&0) || !self.sizes.is_sorted_by(|one, next| one > next) {
            return Err("sizes must differ, be more than nothing, and come largest first".to_string());
        }
        if self.zones == 0 {
            return Err("a group needs at least one zone".to_string());
        }
        if !self.imbalance.is_finite() || self.imbalance < 0.0 {
            return Err("imbalance must be a fraction such as 0.1".to_string());
        }
        if self.boot_minutes > 240 || self.warm_up_minutes > 240 {
            return Err("boot and warm-up of more than four hours cannot follow any load".to_string());
        }
        Ok(())
    }
}

/// Instances by size, in the order of [`Fleet::sizes`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) [u32; MOST_SIZES]);

impl Count {
    /// Fills at least `units` with instances: the largest that fit, and the smallest size for what remains.
    pub(crate) fn to_fill(units: u32, sizes: &[u32]) -> Self {
        let mut count = Self::default();
        let mut left = units;
        for (size, taken) in sizes.iter().zip(&mut count.0) {
            *taken = left / size;
            left -= *taken * size;
        }
        if left > 0
            && let Some(last) = sizes.len().checked_sub(1)
        {
            count.0[last] += 1;
        }
        count
    }

    /// Takes instances of at most `units` in all out of these: the largest that fit.
    pub(crate) fn to_remove(self, units: u32, sizes: &[u32]) -> Self {
        let mut count = Self::default();
        let mut left = units;
        for ((size, have), taken) in sizes.iter().zip(self.0).zip(&mut count.0) {
            *taken = (left / size).min(have);
            left -= *taken * size;
        }
        count
    }

    pub(crate) fn units(self, sizes: &[u32]) -> u32 {
        sizes.iter().zip(self.0).map(|(size, count)| size * count).sum()
    }

    pub(crate) fn instances(self) -> u32 {
        self.0.iter().sum()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(count, more)| *count += more);
    }

    pub(crate) fn take(&mut self, other: Self) {
        self.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(count, less)| *count -= less.min(*count));
    }
}
