//! Which times of a series have been seen, wherever in the file they stood?
//!
//! Times with a constant step take no room at all, others four bytes each: so
//! a duplicate is recognised over the whole file, while a file may be much
//! larger than memory.

use std::collections::BTreeMap;

/// Milliseconds a chunk covers, as a power of two: about 18.6 hours.
const CHUNK_BITS: u32 = 26;

/// A set of times.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeenTimes {
    chunks: BTreeMap<i64, Chunk>,
}

/// Offsets within one chunk.
#[derive(Clone, Debug)]
enum Chunk {
    /// `count` times, the first at `first`, `step` apart.
    Run { first: u32, step: u32, count: u32 },
    /// Times in order.
    List(Vec<u32>),
}

impl SeenTimes {
    /// Adds a time; false when it was there already.
    pub(crate) fn insert(&mut self, at_ms: i64) -> bool {
        let (chunk, offset) = split(at_ms);
        match self.chunks.entry(chunk) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(Chunk::Run {
                    first: offset,
                    step: 0,
                    count: 1,
                });
                true
            }
            std::collections::btree_map::Entry::Occupied(mut place) => place.get_mut().insert(offset),
        }
    }

    /// Says whether a time is there.
    pub(crate) fn contains(&self, at_ms: i64) -> bool {
        let (chunk, offset) = split(at_ms);
        self.chunks.get(&chunk).is_some_and(|chunk| chunk.contains(offset))
    }

    /// Gives the times in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        self.chunks.iter().flat_map(|(&chunk, times)| {
            let base = chunk << CHUNK_BITS;
            times.iter().map(move |offset| base + i64::from(offset))
        })
    }
}

impl Chunk {
    fn insert(&mut self, offset: u32) -> bool {
        if let Chunk::Run { first, step, count } = self {
            let last = *first + *step * (*count - 1);
            if offset > last && (*count == 1 || offset - last == *step) {
                *step = offset - last;
                *count += 1;
                return true;
            }
            if self.contains(offset) {
                return false;
            }
            *self = Chunk::List(self.iter().collect());
        }
        let Chunk::List(offsets) = self else { return false };
        if offsets.last().is_none_or(|&last| last < offset) {
            offsets.push(offset);
            return true;
        }
        match offsets.binary_search(&offset) {
            Ok(_) => false,
            Err(place) => {
                offsets.insert(place, offset);
                true
            }
        }
    }

    fn contains(&self, offset: u32) -> bool {
        match self {
            Chunk::Run { first, step, count } => {
                let Some(past) = offset.checked_sub(*first) else {
                    return false;
                };
                past == 0 || (*step > 0 && past % *step == 0 && past / *step < *count)
            }
            Chunk::List(offsets) => offsets.binary_search(&offset).is_ok(),
        }
    }

    fn iter(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match *self {
            Chunk::Run { first, step, count } => Box::new((0..count).map(move |index| first + index * step)),
            Chunk::List(ref offsets) => Box::new(offsets.iter().copied()),
        }
    }
}

fn split(at_ms: i64) -> (i64, u32) {
    let chunk = at_ms >> CHUNK_BITS;
    // The rest has CHUNK_BITS bits, fewer than 32.
    (chunk, (at_ms - (chunk << CHUNK_BITS)) as u32)
}

/// Finds the usual (median) distance of consecutive times, and counts the pauses longer than twice it.
pub(crate) fn usual_step_and_gaps(times: &SeenTimes) -> (Option<i64>, u64) {
    let mut steps: BTreeMap<i64, u64> = BTreeMap::new();
    let mut last = None;
    for at in times.iter() {
        if let Some(last) = last {
            *steps.entry(at - last).or_default() += 1;
        }
        last = Some(at);
    }
    let total: u64 = steps.values().sum();
    let mut passed = 0;
    let usual = steps.iter().find_map(|(&step, &count)| {
        passed += count;
        (passed * 2 >= total).then_some(step)
    });
    let gaps = usual.map_or(0, |usual| steps.range(2 * usual + 1..).map(|(_, count)| count).sum());
    (usual, gaps)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set_in_order(times in prop::collection::vec(-200_000_000_i64..200_000_000, 0..200), step in 1_i64..50_000_000) {
            let mut seen = SeenTimes::default();
            let mut model = BTreeSet::new();
            for time in times.into_iter().chain((0..50).map(|n| n * step)) {
                prop_assert_eq!(seen.contains(time), model.contains(&time));
                prop_assert_eq!(seen.insert(time), model.insert(time));
            }
            prop_assert!(seen.iter().eq(model.iter().copied()));
        }
    }

    #[test]
    fn regular_times_take_no_room() {
        let mut seen = SeenTimes::default();
        (0..1_000).for_each(|n| assert!(seen.insert(n * 60_000)));
        assert!(seen.chunks.len() == 1 && matches!(seen.chunks[&0], Chunk::Run { count: 1_000, .. }));
    }

    #[test]
    fn gaps_are_longer_than_twice_the_usual_step() {
        let mut seen = SeenTimes::default();
        for minute in [0, 1, 2, 3, 5, 6, 9, 10] {
            seen.insert(minute * 60_000);
        }
        assert_eq!(usual_step_and_gaps(&seen), (Some(60_000), 1));
        assert_eq!(usual_step_and_gaps(&SeenTimes::default()), (None, 0));
    }
}
