//! One process's line of `stat`.

use telemetry::untrusted::for_terminal;

/// Letters of a name at most: 15 of a process, up to 64 of the kernel's own threads.
const NAME_LETTERS: usize = 64;

/// What the line says that is of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) name: String,
    pub(super) parent: u32,
    pub(super) cpu_ticks: u64,
    pub(super) children_ticks: u64,
    pub(super) started_ticks: u64,
    pub(super) resident_pages: u64,
}

impl Stat {
    /// Reads the line; the name may hold blanks, parentheses and line breaks, so it ends at the last parenthesis.
    pub(super) fn read(line: &[u8], pid: u32) -> Option<Self> {
        let text = String::from_utf8_lossy(line);
        let (number, rest) = text.split_once(" (")?;
        if number.parse() != Ok(pid) {
            return None;
        }
        let (name, rest) = rest.rsplit_once(") ")?;
        let mut fields = rest.split_ascii_whitespace().skip(1);
        let parent = fields.next()?.parse().ok()?;
        // Group, session, terminal, its group, flags, four counts of faults.
        let mut fields = fields.skip(9);
        let mut next = || fields.next()?.parse::<u64>().ok();
        let cpu_ticks = next()?.checked_add(next()?)?;
        // Signed: some kernels say a little less than nothing.
        let mut signed = || Some(fields.next()?.parse::<i64>().ok()?.max(0).unsigned_abs());
        let children_ticks = signed()?.checked_add(signed()?)?;
        // Priority, nice, threads, a timer that is always 0.
        let mut fields = fields.skip(4);
        let started_ticks = fields.next()?.parse().ok()?;
        let resident_pages = fields.nth(1)?.parse::<i64>().ok()?.max(0).unsigned_abs();
        let name: String = name.chars().take(NAME_LETTERS).collect();
        Some(Self {
            name: for_terminal(&name).into_owned(),
            parent,
            cpu_ticks,
            children_ticks,
            started_ticks,
            resident_pages,
        })
    }
}
