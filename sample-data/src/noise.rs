//! Cheap randomness that is the same everywhere: uniform, bell-shaped, wandering, in bursts.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

/// A stream of random numbers of one host.
pub(crate) struct Noise(ChaCha8Rng);

impl Noise {
    /// Starts the stream that belongs to an estate's seed and a host's name.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        // FNV-1a of the name, so that the stream does not depend on the host's position.
        let digest = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&digest.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Draws from 0 up to, but not including, 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Draws two independent numbers between 0 and 1 for the price of one.
    pub(crate) fn pair(&mut self) -> (f64, f64) {
        let bits = self.0.next_u64();
        let unit = 1.0 / f64::from(u32::MAX);
        (f64::from(bits as u32) * unit, f64::from((bits >> 32) as u32) * unit)
    }

    /// Draws from a bell of mean 0 and standard deviation 1 that never leaves ±3.47.
    ///
    /// The sum of four uniform numbers (Irwin–Hall): one draw, no logarithm.
    /// The short tails are wanted: they make limits provable.
    pub(crate) fn normal(&mut self) -> f64 {
        let bits = self.0.next_u64();
        let sum = (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
        (sum as f64 / 65_536.0 - 2.0) * 1.732_050_8
    }

    /// Draws a factor around 1 with this relative standard deviation, never negative.
    pub(crate) fn factor(&mut self, deviation: f64) -> f64 {
        (1.0 + deviation * self.normal()).max(0.0)
    }

    /// Draws how far the highest 10 s of a minute stand above its mean: 1.05 to 2.5, mostly below 1.7.
    ///
    /// Many cores average out: the excess halves at `smoothing` busy cores of 16.
    pub(crate) fn peak_ratio(&mut self, smoothing: f64) -> f64 {
        let (u, v) = self.pair();
        1.05 + (0.05 + 1.4 * u * v) / (1.0 + smoothing / 16.0)
    }
}

/// A value that forgets slowly: an autoregressive process of order one with mean 0.
pub(crate) struct Wander {
    keep: f64,
    step: f64,
    value: f64,
}

impl Wander {
    /// Starts at 0; `keep` is what remains of the value after a step, `deviation` its spread in the long run.
    pub(crate) fn new(keep: f64, deviation: f64) -> Self {
        Self {
            keep,
            step: deviation * (1.0 - keep * keep).sqrt(),
            value: 0.0,
        }
    }

    pub(crate) fn next(&mut self, noise: &mut Noise) -> f64 {
        self.value = self.keep * self.value + self.step * noise.normal();
        self.value
    }
}

/// Rare, short excesses: a minute to `longest` minutes of extra load.
pub(crate) struct Bursts {
    per_minute: f64,
    longest: f64,
    height: f64,
    left: u32,
    current: f64,
}

impl Bursts {
    pub(crate) fn new(per_day: f64, longest: f64, height: f64) -> Self {
        Self {
            per_minute: per_day / 1440.0,
            longest,
            height,
            left: 0,
            current: 0.0,
        }
    }

    /// Gives the extra load of the next minute; `likelihood` scales how often one begins.
    pub(crate) fn next(&mut self, likelihood: f64, noise: &mut Noise) -> f64 {
        if self.left > 0 {
            self.left -= 1;
            return self.current;
        }
        if noise.uniform() >= self.per_minute * likelihood {
            return 0.0;
        }
        let (length, height) = noise.pair();
        self.left = (length * length * self.longest) as u32;
        self.current = self.height * (0.4 + 0.6 * height);
        self.current
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bell_has_mean_0_and_deviation_1() {
        let mut noise = Noise::new(1, "a");
        let draws: Vec<f64> = (0..100_000).map(|_| noise.normal()).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|draw| draw * draw).sum::<f64>() / draws.len() as f64;
        assert!(mean.abs() < 0.02, "{mean}");
        assert!((variance - 1.0).abs() < 0.02, "{variance}");
        assert!(draws.iter().all(|draw| draw.abs() < 3.47));
    }

    #[test]
    fn hosts_have_streams_of_their_own() {
        let first = |seed, name| Noise::new(seed, name).uniform();
        assert_eq!(first(1, "a"), first(1, "a"));
        assert_ne!(first(1, "a"), first(1, "b"));
        assert_ne!(first(1, "a"), first(2, "a"));
    }

    #[test]
    fn a_wander_keeps_its_spread() {
        let mut noise = Noise::new(3, "w");
        let mut wander = Wander::new(0.9, 0.2);
        let walk: Vec<f64> = (0..100_000).map(|_| wander.next(&mut noise)).collect();
        let variance = walk.iter().map(|step| step * step).sum::<f64>() / walk.len() as f64;
        assert!((variance.sqrt() - 0.2).abs() < 0.02, "{variance}");
    }
}
