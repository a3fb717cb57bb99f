//! The answer as `key:value` lines, by key. Nothing of it is trusted: it is cut to size here.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::kernel::FRAME_BYTES_AT_MOST;

/// Lines of one key that are kept: a host has at most so many packages.
const LINES_AT_MOST: usize = 40_000;
/// Keys that are kept: a host has at most so many files about processors, disks and interfaces.
const KEYS_AT_MOST: usize = 50_000;

/// Lines by the file or the word before the first colon, in the order of the answer.
#[derive(Debug, Default)]
pub(super) struct Answer<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Answer<'a> {
    pub(super) fn split(text: &'a str) -> Self {
        let mut lines: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let most = text.floor_char_boundary(FRAME_BYTES_AT_MOST);
        for line in text.get(..most).unwrap_or_default().lines() {
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            if lines.len() >= KEYS_AT_MOST && !lines.contains_key(key) {
                continue;
            }
            let values = lines.entry(key).or_default();
            if values.len() < LINES_AT_MOST {
                values.push(value);
            }
        }
        Self(lines)
    }

    /// Gives the lines of a key.
    pub(super) fn lines(&self, key: &str) -> &[&'a str] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// Gives the first line of a key without blanks around it; nothing when it is empty.
    pub(super) fn word(&self, key: &str) -> Option<&'a str> {
        let word = self.lines(key).first()?.trim();
        (!word.is_empty()).then_some(word)
    }

    /// Gives what stands in files `PREFIX name SUFFIX`, as name and first line.
    pub(super) fn files<'s>(
        &'s self,
        prefix: &'s str,
        suffix: &'s str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 's {
        self.0
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(move |(key, _)| key.starts_with(prefix))
            .filter_map(move |(key, lines)| {
                let name = key.strip_prefix(prefix)?.strip_suffix(suffix)?;
                let word = lines.first()?.trim();
                (!name.is_empty() && !name.contains('/') && !word.is_empty()).then_some((name, word))
            })
    }

    /// Gives all keys that start so, with their lines.
    pub(super) fn starting<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = (&'a str, &'s [&'a str])> + 's {
        self.0
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(move |(key, _)| key.starts_with(prefix))
            .map(|(key, lines)| (*key, lines.as_slice()))
    }

    /// Gives the value of `name : value` or `name=value` within the lines of a key.
    pub(super) fn field(&self, key: &str, name: &str, mark: char) -> Option<&'a str> {
        self.lines(key).iter().find_map(|line| {
            let (field, value) = line.split_once(mark)?;
            let value = value.trim();
            (field.trim() == name && !value.is_empty()).then_some(value)
        })
    }
}
