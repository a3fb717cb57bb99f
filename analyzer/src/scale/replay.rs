//! What would have happened: a policy replayed on a need, minute by minute.
//!
//! Input: a [`Need`], a [`Fleet`], a [`ScalingPolicy`] with its [`Floors`], and
//! losses to replay. Output: an [`Outcome`]. The order within a minute:
//!
//! 1. minimum by clock and forecast is set, and what it asks for is launched;
//! 2. launched instances whose boot is over take load;
//! 3. instances are lost, if so told;
//! 4. the minute's load is served, or not, and every instance that runs is billed 60 seconds;
//! 5. alarms look at the minute and policies launch or terminate, from the next minute on.
//!
//! What AWS documents is followed: the high alarm of target tracking after
//! three data points and proportional scale-out, what is on its way counted;
//! scale-in after fifteen points below 90 % of the target, never while
//! instances warm up; a step policy's cooldown; the largest of several
//! policies wins and all must agree to scale in. Where AWS says only "more
//! gradually" (scale-in of target tracking), the highest of the fifteen points
//! decides. A hole in the data ends pending launches and is neither scored nor
//! billed. Everything is deterministic; nothing is drawn.

use serde::{Deserialize, Serialize};

use super::fleet::{Count, Fleet, MOST_SIZES};
use super::load::Need;
use super::policy::{Metric, ScalingPolicy, TRACKING_HIGH_POINTS, TRACKING_LOW_POINTS, TRACKING_LOW_SHARE};
use super::watch::Watch;

/// When the minimum changes and to what; ascending by minute of the series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Floors {
    /// Minute of the series, and the minimum from then on.
    pub changes: Vec<(u32, u32)>,
}

impl Floors {
    /// Gives what is left from a minute on, counted from there.
    #[must_use]
    pub fn from(&self, minute: usize) -> Self {
        let start = self.changes.partition_point(|(at, _)| (*at as usize) <= minute);
        let standing = start.checked_sub(1).map(|before| (0, self.changes[before].1));
        let later = self.changes[start..]
            .iter()
            .map(|&(at, floor)| (at - minute as u32, floor));
        Self {
            changes: standing.into_iter().chain(later).collect(),
        }
    }
}

/// Instances that are lost at a minute: a zone fails, spot capacity is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// Minute of the series.
    pub minute: u32,
    /// Share of what serves, 0 to 1; whole instances, rounded up.
    pub share: f64,
    /// Minutes until it is noticed and replaced; a spot notice counts from before, so nothing.
    pub noticed_after: u32,
}

/// Everything that was measured in a replay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Minutes scored.
    pub minutes: u64,
    /// Seconds billed of each size, in the order of [`Fleet::sizes`].
    pub instance_seconds: Vec<u64>,
    /// Units of capacity times minutes billed.
    pub unit_minutes: u64,
    /// Minutes in which more was asked for than the ready capacity serves.
    pub short_minutes: u64,
    /// Runs of such minutes.
    #[serde(default)]
    pub shortages: u64,
    /// Longest run of such minutes.
    pub longest_short_minutes: u64,
    /// Unit-minutes that were asked for and not served.
    pub unserved: f64,
    /// Unit-minutes that were asked for.
    pub asked: f64,
    /// Minutes in which the zone with the most instances could not have been lost without shortage.
    pub short_without_a_zone: u64,
    /// Times that capacity was raised.
    pub raised: u64,
    /// Times that capacity was lowered.
    pub lowered: u64,
    /// Instances launched.
    pub launched: u64,
    /// Instances terminated.
    pub terminated: u64,
    /// Most units at once.
    pub most_units: u32,
    /// Seconds billed for filling the warm pool.
    pub pool_boot_seconds: u64,
    /// Instance-seconds stopped in the warm pool.
    pub pool_stopped_seconds: u64,
}

impl Outcome {
    /// Adds what was measured on another stretch of the same group.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.minutes += other.minutes;
        self.instance_seconds
            .resize(self.instance_seconds.len().max(other.instance_seconds.len()), 0);
        self.instance_seconds
            .iter_mut()
            .zip(&other.instance_seconds)
            .for_each(|(sum, more)| *sum += more);
        self.unit_minutes += other.unit_minutes;
        self.short_minutes += other.short_minutes;
        self.shortages += other.shortages;
        self.longest_short_minutes = self.longest_short_minutes.max(other.longest_short_minutes);
        self.unserved += other.unserved;
        self.asked += other.asked;
        self.short_without_a_zone += other.short_without_a_zone;
        self.raised += other.raised;
        self.lowered += other.lowered;
        self.launched += other.launched;
        self.terminated += other.terminated;
        self.most_units = self.most_units.max(other.most_units);
        self.pool_boot_seconds += other.pool_boot_seconds;
        self.pool_stopped_seconds += other.pool_stopped_seconds;
        self
    }

    /// Gives the share of minutes short.
    #[must_use]
    pub fn short_share(&self) -> f64 {
        self.short_minutes as f64 / self.minutes.max(1) as f64
    }

    /// Gives the share of minutes short that is to be expected of as much time again: one shortage more than were seen,
    /// of their mean length (the rule of succession), since a few rare ones say little of how rare they are.
    #[must_use]
    pub fn expected_short_share(&self) -> f64 {
        let seen = self.shortages.max(1) as f64;
        self.short_share() * (self.shortages as f64 + 1.0) / seen
    }

    /// Gives the share of the work that was not served.
    #[must_use]
    pub fn unserved_share(&self) -> f64 {
        if self.asked > 0.0 {
            self.unserved / self.asked
        } else {
            0.0
        }
    }

    /// Gives the share of minutes that the loss of a zone would have made short.
    #[must_use]
    pub fn short_without_a_zone_share(&self) -> f64 {
        self.short_without_a_zone as f64 / self.minutes.max(1) as f64
    }

    /// Gives the mean utilisation of what was billed.
    #[must_use]
    pub fn mean_utilisation(&self) -> f64 {
        (self.asked - self.unserved) / self.unit_minutes.max(1) as f64
    }

    /// Gives changes of capacity a day.
    #[must_use]
    pub fn actions_per_day(&self) -> f64 {
        (self.raised + self.lowered) as f64 * 1_440.0 / self.minutes.max(1) as f64
    }

    /// Gives the hours billed, of all sizes and of the warm pool's boots.
    #[must_use]
    pub fn instance_hours(&self) -> f64 {
        (self.instance_seconds.iter().sum::<u64>() + self.pool_boot_seconds) as f64 / 3_600.0
    }
}

/// Replays a policy on a need.
///
/// `floors` is what [`super::floors`] makes of the policy's schedule and
/// forecast; `losses` must ascend by minute.
#[must_use]
pub fn replay(
    need: &Need,
    fleet: &Fleet,
    policy: &ScalingPolicy,
    floors: &Floors,
    losses: &[Loss],
    watch: &mut impl Watch,
) -> Outcome {
    let mut group = Group::new(fleet, policy, floors, losses);
    let tracking_highest = need.highest_of_last(TRACKING_LOW_POINTS);
    for stretch in need.stretches() {
        group.resume(stretch.start as u32);
        for minute in stretch.clone() {
            let asked = need.per_minute[minute];
            group.begin(minute as u32);
            group.serve(asked);
            watch.minute(minute, group.serving, group.running());
            if watch.has_seen_enough(&group.outcome) {
                return group.finish();
            }
            group.react(asked, tracking_highest[minute], minute as u32);
        }
    }
    group.finish()
}

/// The group at a moment.
struct Group<'a> {
    fleet: &'a Fleet,
    policy: &'a ScalingPolicy,
    floors: std::iter::Peekable<std::slice::Iter<'a, (u32, u32)>>,
    losses: std::iter::Peekable<std::slice::Iter<'a, Loss>>,
    reactive: bool,
    floor: u32,
    desired: u32,
    serving: u32,
    serving_count: Count,
    booting_count: Count,
    /// What boots, by the minute it will take load, in a ring.
    booting: Vec<Count>,
    booting_units: u32,
    /// Nothing is removed before this minute.
    warm_until: u32,
    cooled_at: u32,
    replace_at: Option<u32>,
    pool: u32,
    pool_ready: Vec<u32>,
    high_run: u32,
    low_run: u32,
    step_high_run: u32,
    step_low_run: u32,
    short_run: u64,
    billed_seconds: [u64; MOST_SIZES],
    /// Minutes that were scored when the bill was last settled.
    settled_minutes: u64,
    outcome: Outcome,
}

impl<'a> Group<'a> {
    fn new(fleet: &'a Fleet, policy: &'a ScalingPolicy, floors: &'a Floors, losses: &'a [Loss]) -> Self {
        let ring = fleet
            .boot_minutes
            .max(fleet.warm_pool.map_or(0, |pool| pool.start_minutes)) as usize
            + 2;
        Self {
            fleet,
            policy,
            floors: floors.changes.iter().peekable(),
            losses: losses.iter().peekable(),
            reactive: policy.tracking.is_some() || policy.steps.is_some(),
            floor: policy.minimum,
            desired: policy.minimum,
            serving: 0,
            serving_count: Count::default(),
            booting_count: Count::default(),
            booting: vec![Count::default(); ring],
            booting_units: 0,
            warm_until: 0,
            cooled_at: 0,
            replace_at: None,
            pool: fleet.warm_pool.map_or(0, |pool| pool.instances),
            pool_ready: vec![0; ring],
            high_run: 0,
            low_run: 0,
            step_high_run: 0,
            step_low_run: 0,
            short_run: 0,
            billed_seconds: [0; MOST_SIZES],
            settled_minutes: 0,
            outcome: Outcome::default(),
        }
    }

    fn running(&self) -> u32 {
        self.serving + self.booting_units
    }

    /// Starts a stretch of data: what booted in the hole is there, and alarms begin anew.
    fn resume(&mut self, minute: u32) {
        self.settle_bill();
        self.booting.fill(Count::default());
        let arrived = std::mem::take(&mut self.booting_count);
        for slot in &mut self.pool_ready {
            self.pool += std::mem::take(slot);
        }
        self.serving_count.add(arrived);
        self.serving += self.booting_units;
        self.booting_units = 0;
        self.warm_until = 0;
        self.set_floor(minute);
        if !self.reactive && self.desired > self.floor {
            self.lower(self.floor);
        }
        let first = self.desired.max(self.floor).min(self.policy.maximum);
        // A series begins with the capacity that its clock and minimum ask for already there.
        if self.serving < first {
            // Nobody saw it launch, so it is no action.
            let count = Count::to_fill(first - self.serving, &self.fleet.sizes);
            self.serving += count.units(&self.fleet.sizes);
            self.serving_count.add(count);
        }
        self.desired = first;
        self.outcome.most_units = self.outcome.most_units.max(self.serving);
        self.high_run = 0;
        self.low_run = 0;
        self.step_high_run = 0;
        self.step_low_run = 0;
        self.outcome.longest_short_minutes = self.outcome.longest_short_minutes.max(self.short_run);
        self.short_run = 0;
    }

    fn set_floor(&mut self, minute: u32) -> bool {
        let mut changed = false;
        while let Some(&(_, floor)) = self.floors.next_if(|(from, _)| *from <= minute) {
            self.floor = floor.max(self.policy.minimum).min(self.policy.maximum);
            changed = true;
        }
        changed
    }

    #[inline]
    fn begin(&mut self, minute: u32) {
        if self.set_floor(minute) {
            if self.desired < self.floor {
                self.raise(self.floor, minute);
            } else if !self.reactive && self.desired > self.floor {
                self.lower(self.floor);
            }
        }
        if self.replace_at.is_some_and(|at| at <= minute) {
            self.replace_at = None;
            let running = self.running();
            if running < self.desired {
                self.launch(self.desired - running, minute);
            }
        }
        while let Some(&loss) = self.losses.next_if(|loss| loss.minute <= minute) {
            self.lose(loss, minute);
        }
        if self.booting_units > 0 {
            let slot = minute as usize % self.booting.len();
            let arrived = std::mem::take(&mut self.booting[slot]);
            let units = arrived.units(&self.fleet.sizes);
            self.serving += units;
            self.booting_units -= units;
            self.booting_count.take(arrived);
            self.serving_count.add(arrived);
        }
        if let Some(pool) = &self.fleet.warm_pool {
            let slot = minute as usize % self.pool_ready.len();
            self.pool += std::mem::take(&mut self.pool_ready[slot]);
            self.outcome.pool_stopped_seconds += 60 * u64::from(self.pool.min(pool.instances));
        }
    }

    #[inline]
    fn serve(&mut self, asked: f32) {
        let outcome = &mut self.outcome;
        outcome.minutes += 1;
        outcome.asked += f64::from(asked);
        let serving = self.serving as f32;
        if asked > serving {
            outcome.short_minutes += 1;
            outcome.shortages += u64::from(self.short_run == 0);
            outcome.unserved += f64::from(asked - serving);
            self.short_run += 1;
        } else if self.short_run > 0 {
            outcome.longest_short_minutes = outcome.longest_short_minutes.max(self.short_run);
            self.short_run = 0;
        }
        let lost = self.serving.div_ceil(self.fleet.zones);
        outcome.short_without_a_zone += u64::from(asked > (self.serving - lost) as f32);
    }

    #[inline]
    fn react(&mut self, asked: f32, tracking_highest: f32, minute: u32) {
        if !self.reactive {
            return;
        }
        let serving = self.serving as f32;
        let mut out = 0;
        let mut inward = 0;
        let mut agreed = true;
        if let Some(tracking) = &self.policy.tracking {
            let target = tracking.target as f32;
            let seen = match tracking.metric {
                Metric::Cpu => asked.min(serving),
                Metric::Requests => asked,
            };
            let level = target * serving;
            self.high_run = if seen > level { self.high_run + 1 } else { 0 };
            self.low_run = if seen < TRACKING_LOW_SHARE * level {
                self.low_run + 1
            } else {
                0
            };
            if self.high_run >= TRACKING_HIGH_POINTS {
                out = whole(seen / target);
            }
            if tracking.scale_in {
                agreed &= self.low_run >= TRACKING_LOW_POINTS;
                inward = whole(tracking_highest / target);
            } else {
                // What only scales out must still be content with what the others leave.
                inward = whole(seen / target);
            }
        }
        if let Some(steps) = &self.policy.steps {
            let seen = match steps.metric {
                Metric::Cpu => asked.min(serving),
                Metric::Requests => asked,
            };
            let utilisation = f64::from(seen) / f64::from(serving.max(1.0));
            self.step_high_run = if utilisation > steps.high {
                self.step_high_run + 1
            } else {
                0
            };
            self.step_low_run = if utilisation < steps.low {
                self.step_low_run + 1
            } else {
                0
            };
            if self.step_high_run >= steps.high_points && !steps.out.is_empty() {
                let share = steps
                    .out
                    .iter()
                    .rev()
                    .find(|(from, _)| utilisation >= *from)
                    .map_or(0.0, |step| step.1);
                // AWS rounds more than one instance down, and less than one up to one.
                out = out.max(self.serving + ((f64::from(self.serving) * share + 1e-9) as u32).max(1));
            }
            agreed &= self.step_low_run >= steps.low_points && minute >= self.cooled_at;
            let removed = ((f64::from(self.serving) * steps.remove).floor() as u32).max(1);
            let least = if steps.low > 0.0 {
                whole((f64::from(seen) / steps.low) as f32)
            } else {
                0
            };
            inward = inward.max(self.serving.saturating_sub(removed)).max(least);
        }
        if out > self.desired {
            self.raise(out.min(self.policy.maximum), minute + 1);
        } else if agreed && inward < self.desired && minute >= self.warm_until && self.booting_units == 0 {
            let wanted = inward.max(self.floor);
            if wanted < self.desired {
                self.lower(wanted);
                if let Some(steps) = &self.policy.steps {
                    self.cooled_at = minute + steps.cooldown_minutes;
                }
            }
        }
    }

    fn raise(&mut self, desired: u32, minute: u32) {
        if desired <= self.desired {
            return;
        }
        self.desired = desired;
        let running = self.running();
        if desired > running {
            self.launch(desired - running, minute);
            self.outcome.raised += 1;
            if let Some(steps) = &self.policy.steps {
                self.cooled_at = minute + steps.cooldown_minutes;
            }
        }
    }

    /// Launches so many units; they are billed from this minute on.
    fn launch(&mut self, units: u32, minute: u32) {
        let mut count = Count::to_fill(units, &self.fleet.sizes);
        self.outcome.launched += u64::from(count.instances());
        self.warm_until = self
            .warm_until
            .max(minute + self.fleet.warm_up_minutes.max(self.fleet.boot_minutes));
        if let Some(pool) = &self.fleet.warm_pool {
            let mut fast = Count::default();
            for (fast, slow) in fast.0.iter_mut().zip(&mut count.0) {
                let taken = (*slow).min(self.pool);
                self.pool -= taken;
                *slow -= taken;
                *fast = taken;
            }
            let refilled = fast.instances();
            self.outcome.pool_boot_seconds += u64::from(refilled) * 60 * u64::from(self.fleet.boot_minutes.max(1));
            let slot = (minute + self.fleet.boot_minutes.max(1)) as usize % self.pool_ready.len();
            self.pool_ready[slot] += refilled;
            self.boot(fast, pool.start_minutes, minute);
        }
        self.boot(count, self.fleet.boot_minutes, minute);
    }

    fn boot(&mut self, count: Count, minutes: u32, minute: u32) {
        let units = count.units(&self.fleet.sizes);
        if units == 0 {
            return;
        }
        self.settle_bill();
        let slot = (minute + minutes) as usize % self.booting.len();
        self.booting[slot].add(count);
        self.booting_count.add(count);
        self.booting_units += units;
        self.outcome.most_units = self.outcome.most_units.max(self.running());
    }

    /// Terminates what serves beyond the wish; what boots is left to finish.
    fn lower(&mut self, desired: u32) {
        self.desired = desired;
        let excess = self.running().saturating_sub(desired).min(self.serving);
        let gone = self.serving_count.to_remove(excess, &self.fleet.sizes);
        self.remove(gone);
        self.outcome.lowered += u64::from(gone.instances() > 0);
    }

    fn lose(&mut self, loss: Loss, minute: u32) {
        let units = (f64::from(self.serving) * loss.share.clamp(0.0, 1.0) - 1e-9).ceil() as u32;
        let mut gone = self.serving_count.to_remove(units, &self.fleet.sizes);
        if gone.units(&self.fleet.sizes) < units
            && let Some(last) = self.fleet.sizes.len().checked_sub(1)
            && gone.0[last] < self.serving_count.0[last]
        {
            gone.0[last] += 1;
        }
        self.remove(gone);
        self.replace_at = Some(minute + loss.noticed_after);
        if loss.noticed_after == 0 {
            let running = self.running();
            if running < self.desired {
                self.launch(self.desired - running, minute);
            }
            self.replace_at = None;
        }
    }

    fn remove(&mut self, gone: Count) {
        self.settle_bill();
        self.serving_count.take(gone);
        self.serving -= gone.units(&self.fleet.sizes);
        self.outcome.terminated += u64::from(gone.instances());
        for (seconds, count) in self.billed_seconds.iter_mut().zip(gone.0) {
            *seconds += u64::from(count) * u64::from(self.fleet.draining_seconds);
        }
    }

    /// Bills what ran since the last change: whole minutes, so that nothing runs less than AWS's minute.
    fn settle_bill(&mut self) {
        let minutes = self.outcome.minutes - self.settled_minutes;
        self.settled_minutes = self.outcome.minutes;
        self.outcome.unit_minutes += minutes * u64::from(self.running());
        let mut running = self.serving_count;
        running.add(self.booting_count);
        for (seconds, count) in self.billed_seconds.iter_mut().zip(running.0) {
            *seconds += 60 * minutes * u64::from(count);
        }
    }

    fn finish(mut self) -> Outcome {
        self.settle_bill();
        self.outcome.instance_seconds = self.billed_seconds[..self.fleet.sizes.len().min(MOST_SIZES)].to_vec();
        self.outcome.longest_short_minutes = self.outcome.longest_short_minutes.max(self.short_run);
        self.outcome
    }
}

/// Gives the whole units that hold so much; a hair above a whole number is rounding.
#[inline]
fn whole(units: f32) -> u32 {
    (units - 1e-4).ceil().max(0.0) as u32
}
