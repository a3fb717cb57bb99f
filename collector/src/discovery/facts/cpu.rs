//! Processors: model, sockets, cores, threads, clock, memory nodes, what they can do.

use std::collections::BTreeSet;

use super::answer::Answer;
use super::{Notes, arm, number};

const CPUINFO: &str = "/proc/cpuinfo";
const TOPOLOGY: &str = "/sys/devices/system/cpu";

/// Flags that decide where a program can run, or how fast it encrypts and calculates.
const FLAGS: [&str; 42] = [
    "lm",
    "sse4_2",
    "avx",
    "avx2",
    "avx512f",
    "avx512_vnni",
    "amx_tile",
    "aes",
    "vaes",
    "pclmulqdq",
    "sha_ni",
    "rdrand",
    "fma",
    "bmi2",
    "popcnt",
    "vmx",
    "svm",
    "ht",
    "hypervisor",
    "nx",
    "pdpe1gb",
    "rdtscp",
    "asimd",
    "neon",
    "aes",
    "pmull",
    "sha1",
    "sha2",
    "sha3",
    "sha512",
    "crc32",
    "atomics",
    "lrcpc",
    "fphp",
    "asimdhp",
    "asimddp",
    "sve",
    "sve2",
    "bf16",
    "i8mm",
    "ssbs",
    "altivec",
];

pub(super) fn note(answer: &Answer<'_>, notes: &mut Notes<'_>) {
    let field = |name: &str| answer.field("cpuinfo", name, ':');
    let implementer = field("CPU implementer");
    let model = field("model name")
        .filter(|model| !model.starts_with("ARMv") && !model.starts_with("AArch64"))
        .map(str::to_string)
        .or_else(|| arm::name(implementer?, field("CPU part")?))
        .or_else(|| field("Model Name").map(str::to_string))
        .or_else(|| Some(field("cpu")?.split(',').next()?.to_string()))
        .or_else(|| field("uarch").map(str::to_string))
        .or_else(|| Some(field("processor 0")?.to_string()).filter(|_| field("# processors").is_some()));
    if let Some(model) = model {
        // Makers pad their names with blanks.
        let words: Vec<&str> = model.split_whitespace().collect();
        notes.one("cpu.model", words.join(" "), CPUINFO);
    }
    let vendor = field("vendor_id").map(str::to_string).or_else(|| {
        let implementer = implementer?;
        arm::implementer(implementer).map(str::to_string)
    });
    if let Some(vendor) = vendor {
        notes.one("cpu.vendor", vendor, CPUINFO);
    }
    for (fact, name) in [
        ("cpu.family", "cpu family"),
        ("cpu.model_number", "model"),
        ("cpu.stepping", "stepping"),
    ] {
        if let Some(value) = field(name).filter(|value| number(value).is_some()) {
            notes.one(fact, value, CPUINFO);
        }
    }
    counts(answer, notes);
    clock(answer, notes);
    let flags = field("flags")
        .or_else(|| field("Features"))
        .or_else(|| field("features"));
    if let Some(flags) = flags {
        let there: BTreeSet<&str> = flags.split_whitespace().filter(|flag| FLAGS.contains(flag)).collect();
        notes.one("cpu.flags", Vec::from_iter(there).join(" "), CPUINFO);
    }
}

/// Counts threads, cores and sockets from the topology; from cpuinfo where there is none.
fn counts(answer: &Answer<'_>, notes: &mut Notes<'_>) {
    let online = answer.word("/sys/devices/system/cpu/online").and_then(members);
    let listed = answer.word("processors").and_then(number).filter(|count| *count > 0);
    let siblings: BTreeSet<&str> = files(answer, "/topology/thread_siblings_list").collect();
    let packages: BTreeSet<&str> = files(answer, "/topology/physical_package_id").collect();
    let threads = online.or(listed);
    if let Some(threads) = threads {
        let how = if online.is_some() { TOPOLOGY } else { CPUINFO };
        notes.one("cpu.threads", threads.to_string(), how);
    }
    let field = |name: &str| answer.field("cpuinfo", name, ':').and_then(number);
    if siblings.is_empty() {
        // Each package says how many cores and threads it has: of all its threads, that tells the packages.
        if let (Some(threads), Some(in_package), Some(cores)) = (threads, field("siblings"), field("cpu cores"))
            && in_package > 0
            && threads.is_multiple_of(in_package)
        {
            let sockets = threads / in_package;
            notes.one("cpu.sockets", sockets.to_string(), CPUINFO);
            notes.one("cpu.cores", cores.saturating_mul(sockets).to_string(), CPUINFO);
        }
    } else {
        notes.one("cpu.cores", siblings.len().to_string(), TOPOLOGY);
        // Some virtual machines and boards number their only package -1.
        if !packages.is_empty() {
            notes.one("cpu.sockets", packages.len().to_string(), TOPOLOGY);
        }
    }
    let nodes = answer.files("/sys/devices/system/node/", "").count();
    let nodes = nodes.max(
        answer
            .starting("/sys/devices/system/node/node")
            .filter(|(key, lines)| key.ends_with("/cpulist") && lines.iter().any(|line| !line.trim().is_empty()))
            .count(),
    );
    if nodes > 0 {
        notes.one("cpu.memory_nodes", nodes.to_string(), "/sys/devices/system/node");
    }
}

fn files<'s, 'a: 's>(answer: &'s Answer<'a>, ending: &'static str) -> impl Iterator<Item = &'a str> + 's {
    answer
        .starting("/sys/devices/system/cpu/cpu")
        .filter(move |(key, _)| key.ends_with(ending))
        .filter_map(|(_, lines)| lines.first().map(|line| line.trim()))
        .filter(|word| !word.is_empty())
}

/// Gives the rated clock: of the frequency driver, else of the maker's name; what runs now moves too much.
fn clock(answer: &Answer<'_>, notes: &mut Notes<'_>) {
    let driver = "/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq";
    if let Some(kilohertz) = answer.word(driver).and_then(number).filter(|khz| *khz >= 10_000) {
        notes.one(
            "cpu.clock_max_mhz",
            (kilohertz / 1000).to_string(),
            "/sys/devices/system/cpu/cpu0/cpufreq",
        );
    }
    let named = notes.known("cpu.model").and_then(|model| {
        let (_, speed) = model.rsplit_once("@ ")?;
        let gigahertz: f64 = speed.strip_suffix("GHz")?.trim().parse().ok()?;
        (0.1..20.0)
            .contains(&gigahertz)
            .then(|| format!("{:.0}", gigahertz * 1000.0))
    });
    if let Some(megahertz) = named {
        notes.one("cpu.clock_mhz", megahertz, CPUINFO);
        return;
    }
    // Of a virtual machine this is the base clock of the host and does not move.
    let now = answer
        .field("cpuinfo", "cpu MHz", ':')
        .or_else(|| answer.field("cpuinfo", "clock", ':'));
    let whole = now.and_then(|text| number(text.trim_end_matches("MHz").split('.').next()?));
    let is_virtual = answer
        .field("cpuinfo", "flags", ':')
        .is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor"));
    if let Some(megahertz) = whole.filter(|mhz| (10..20_000).contains(mhz))
        && (is_virtual || answer.field("cpuinfo", "clock", ':').is_some())
    {
        notes.one("cpu.clock_mhz", megahertz.to_string(), CPUINFO);
    }
}

/// Counts the members of a list such as `0-3,8,10-11`.
fn members(list: &str) -> Option<u64> {
    let mut count = 0_u64;
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (number(first)?, number(last)?);
        if last < first || last > 65_535 {
            return None;
        }
        count += last - first + 1;
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_processors_are_counted() {
        assert_eq!(members("0-3,8,10-11"), Some(7));
        assert_eq!(members("0"), Some(1));
        for odd in ["", "3-1", "0-99999999999", "a", "0-"] {
            assert_eq!(members(odd), None, "{odd}");
        }
    }
}
