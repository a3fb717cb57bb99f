//! Micro-architectures: what a core does per gigahertz, for models without a result of their own.
//!
//! Work per core and nominal GHz, in vCPUs of m7i, taken from the EC2 families
//! that run the micro-architecture (c3, c4, m4, m5, m6i, m7i, m5a, m6a, a1 and
//! Graviton), older ones from `SPECpower` on the same scale. A factor of two in
//! clocks makes a factor of two here, which boost does not keep: hence ±20 %,
//! and ±35 % where the string says no clock.

use super::name::Name;

/// What is known of a micro-architecture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Architecture {
    pub(super) name: &'static str,
    /// Work of a core with all its threads busy, per nominal GHz.
    pub(super) per_ghz: f64,
    /// Usual nominal clock, where the string says none.
    pub(super) usual_ghz: f64,
    pub(super) threads: u32,
    /// What the second thread of a busy core adds (method §3).
    pub(super) smt_gain: f64,
}

const fn architecture(name: &'static str, per_ghz: f64, usual_ghz: f64, threads: u32, smt_gain: f64) -> Architecture {
    Architecture {
        name,
        per_ghz,
        usual_ghz,
        threads,
        smt_gain,
    }
}

const CORE2: Architecture = architecture("Core 2", 0.23, 2.5, 1, 0.0);
const NEHALEM: Architecture = architecture("Nehalem or Westmere", 0.34, 2.6, 2, 0.30);
const SANDY_BRIDGE: Architecture = architecture("Sandy Bridge", 0.42, 2.4, 2, 0.30);
const IVY_BRIDGE: Architecture = architecture("Ivy Bridge", 0.464, 2.5, 2, 0.30);
const HASWELL: Architecture = architecture("Haswell", 0.515, 2.5, 2, 0.32);
const BROADWELL: Architecture = architecture("Broadwell", 0.5, 2.3, 2, 0.32);
const SKYLAKE: Architecture = architecture("Skylake", 0.508, 2.5, 2, 0.32);
const CASCADE_LAKE: Architecture = architecture("Cascade Lake", 0.5, 2.5, 2, 0.32);
const ICE_LAKE: Architecture = architecture("Ice Lake", 0.52, 2.6, 2, 0.03);
const SAPPHIRE_RAPIDS: Architecture = architecture("Sapphire Rapids", 0.83, 2.4, 2, 0.02);
const EMERALD_RAPIDS: Architecture = architecture("Emerald Rapids", 0.85, 2.4, 2, 0.02);
const GRANITE_RAPIDS: Architecture = architecture("Granite Rapids", 0.86, 2.4, 2, 0.02);
const SIERRA_FOREST: Architecture = architecture("Sierra Forest", 0.42, 2.2, 1, 0.0);
const ALDER_LAKE: Architecture = architecture("Alder Lake or later", 0.50, 3.4, 1, 0.0);
const ARROW_LAKE: Architecture = architecture("Arrow Lake", 0.52, 3.4, 1, 0.0);
const K10: Architecture = architecture("K10", 0.23, 2.3, 1, 0.0);
const BULLDOZER: Architecture = architecture("Bulldozer or Piledriver", 0.19, 2.6, 1, 0.0);
const ZEN1: Architecture = architecture("Zen", 0.47, 2.3, 2, 0.25);
const ZEN2: Architecture = architecture("Zen 2", 0.57, 2.4, 2, 0.20);
const ZEN3: Architecture = architecture("Zen 3", 0.71, 2.5, 2, 0.0);
const ZEN4: Architecture = architecture("Zen 4", 0.68, 2.6, 2, 0.0);
const ZEN5: Architecture = architecture("Zen 5", 0.8, 2.6, 2, 0.0);
const CORTEX_A53: Architecture = architecture("Cortex-A53", 0.14, 1.4, 1, 0.0);
const CORTEX_A72: Architecture = architecture("Cortex-A72", 0.25, 2.3, 1, 0.0);
const CORTEX_A76: Architecture = architecture("Cortex-A76", 0.33, 2.4, 1, 0.0);
const NEOVERSE_N1: Architecture = architecture("Neoverse N1", 0.352, 2.5, 1, 0.0);
const NEOVERSE_N2: Architecture = architecture("Neoverse N2", 0.41, 2.7, 1, 0.0);
const NEOVERSE_V1: Architecture = architecture("Neoverse V1", 0.427, 2.6, 1, 0.0);
const NEOVERSE_V2: Architecture = architecture("Neoverse V2", 0.461, 2.8, 1, 0.0);
const NEOVERSE_V3: Architecture = architecture("Neoverse V3", 0.50, 3.3, 1, 0.0);
const AMPERE_ONE: Architecture = architecture("AmpereOne", 0.33, 3.0, 1, 0.0);
const THUNDERX2: Architecture = architecture("ThunderX2", 0.36, 2.2, 4, 0.40);
const KUNPENG: Architecture = architecture("Kunpeng 920", 0.33, 2.6, 1, 0.0);
const APPLE: Architecture = architecture("Apple M", 0.55, 3.2, 1, 0.0);
const POWER9: Architecture = architecture("POWER9", 0.45, 2.9, 4, 0.60);
const POWER10: Architecture = architecture("POWER10", 0.62, 3.0, 8, 0.70);
const U74: Architecture = architecture("SiFive U74", 0.12, 1.2, 1, 0.0);

/// Parts by implementer and number, as `/proc/cpuinfo` of ARM gives them.
const ARM_PARTS: [(&str, &str, Architecture); 14] = [
    ("0x41", "0xd03", CORTEX_A53),
    ("0x41", "0xd08", CORTEX_A72),
    ("0x41", "0xd0b", CORTEX_A76),
    ("0x41", "0xd0c", NEOVERSE_N1),
    ("0x41", "0xd40", NEOVERSE_V1),
    ("0x41", "0xd49", NEOVERSE_N2),
    ("0x41", "0xd4f", NEOVERSE_V2),
    ("0x41", "0xd83", NEOVERSE_V3),
    ("0x42", "0x516", THUNDERX2),
    ("0x43", "0x0af", THUNDERX2),
    ("0x48", "0xd01", KUNPENG),
    ("0xc0", "0xac3", AMPERE_ONE),
    ("0xc0", "0xac4", AMPERE_ONE),
    ("0x61", "0x0", APPLE),
];

/// Names that stand in a string as they are; hypervisors write some of them in brackets.
const WORDS: [(&str, Architecture); 39] = [
    ("neoverse-n1", NEOVERSE_N1),
    ("neoverse-n2", NEOVERSE_N2),
    ("neoverse-v1", NEOVERSE_V1),
    ("neoverse-v2", NEOVERSE_V2),
    ("neoverse-v3", NEOVERSE_V3),
    ("cortex-a53", CORTEX_A53),
    ("cortex-a72", CORTEX_A72),
    ("cortex-a76", CORTEX_A76),
    ("graviton2", NEOVERSE_N1),
    ("graviton3", NEOVERSE_V1),
    ("graviton4", NEOVERSE_V2),
    ("ampere-1", AMPERE_ONE),
    ("altra", NEOVERSE_N1),
    ("thunderx2", THUNDERX2),
    ("kunpeng", KUNPENG),
    ("apple m", APPLE),
    ("power10", POWER10),
    ("power9", POWER9),
    ("u74", U74),
    ("granite", GRANITE_RAPIDS),
    ("sierraforest", SIERRA_FOREST),
    ("emerald", EMERALD_RAPIDS),
    ("sapphire", SAPPHIRE_RAPIDS),
    ("icelake", ICE_LAKE),
    ("ice lake", ICE_LAKE),
    ("cascadelake", CASCADE_LAKE),
    ("cascade lake", CASCADE_LAKE),
    ("skylake", SKYLAKE),
    ("broadwell", BROADWELL),
    ("haswell", HASWELL),
    ("ivybridge", IVY_BRIDGE),
    ("sandybridge", SANDY_BRIDGE),
    ("westmere", NEHALEM),
    ("nehalem", NEHALEM),
    ("epyc-turin", ZEN5),
    ("epyc-genoa", ZEN4),
    ("epyc-milan", ZEN3),
    ("epyc-rome", ZEN2),
    ("penryn", CORE2),
];

/// Finds the micro-architecture of a model.
pub(super) fn of(name: &Name) -> Option<Architecture> {
    arm(&name.whole).or_else(|| by_word(name)).or_else(|| by_number(name))
}

/// Reads an implementer and a part number, wherever they stand.
fn arm(whole: &str) -> Option<Architecture> {
    let numbers: Vec<&str> = whole
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| word.starts_with("0x"))
        .collect();
    let [implementer, part, ..] = numbers.as_slice() else {
        return None;
    };
    ARM_PARTS
        .iter()
        .find(|(maker, number, _)| maker == implementer && (number == part || (*maker == "0x61" && part.len() <= 5)))
        .map(|(.., architecture)| *architecture)
}

fn by_word(name: &Name) -> Option<Architecture> {
    let found = WORDS.iter().find(|(word, _)| name.whole.contains(word));
    found.map(|(_, architecture)| *architecture)
}

/// Reads the generation out of the makers' numbers.
fn by_number(name: &Name) -> Option<Architecture> {
    let key = name.key.as_str();
    let versions = [
        ("v6", SKYLAKE),
        ("v5", SKYLAKE),
        ("v4", BROADWELL),
        ("v3", HASWELL),
        ("v2", IVY_BRIDGE),
    ];
    if ["e3-", "e5-", "e7-"].iter().any(|kind| key.contains(kind)) {
        let version = versions.iter().find(|(version, _)| key.ends_with(version));
        return Some(version.map_or(SANDY_BRIDGE, |(_, architecture)| *architecture));
    }
    if key.contains("ultra") {
        return Some(ARROW_LAKE);
    }
    let (number, letters) = name.number()?;
    let hundreds = number / 100 % 10;
    if key.contains("epyc") {
        return Some(match (number / 1000, number % 10) {
            // The clouds' own: 7R13 and the like have two digits and a letter, and are found by their families.
            (7, 1) => ZEN1,
            (7, 2) => ZEN2,
            (7, 3) => ZEN3,
            (_, 5) => ZEN5,
            _ => ZEN4,
        });
    }
    if key.contains("opteron") {
        let bulldozer =
            (3200..=3399).contains(&number) || (4200..=4399).contains(&number) || (6200..=6399).contains(&number);
        return Some(if bulldozer { BULLDOZER } else { K10 });
    }
    if key.contains("fx") {
        return Some(BULLDOZER);
    }
    if key.contains("ryzen") {
        return Some(match number / 1000 {
            1 | 2 => ZEN1,
            3 => ZEN2,
            5 => ZEN3,
            9 => ZEN5,
            _ => ZEN4,
        });
    }
    if ["platinum", "gold", "silver", "bronze"]
        .iter()
        .any(|tier| key.contains(tier))
    {
        return Some(match hundreds {
            1 => SKYLAKE,
            2 => CASCADE_LAKE,
            3 => ICE_LAKE,
            4 => SAPPHIRE_RAPIDS,
            _ => EMERALD_RAPIDS,
        });
    }
    if key.contains("core") && key.contains('i') {
        return Some(match number {
            10_000.. if number / 1000 >= 12 => ALDER_LAKE,
            10_000.. => SKYLAKE,
            1000.. => match number / 1000 {
                2 => SANDY_BRIDGE,
                3 => IVY_BRIDGE,
                4 => HASWELL,
                5 => BROADWELL,
                _ => SKYLAKE,
            },
            _ => NEHALEM,
        });
    }
    match (number, letters) {
        (6500..=6999, letters) if letters.starts_with('e') => Some(SIERRA_FOREST),
        (6500..=6999, letters) if letters.starts_with('p') => Some(GRANITE_RAPIDS),
        (5500..=5699 | 6500..=7599, _) if key.starts_with(['x', 'e', 'l', 'w']) => Some(NEHALEM),
        (3000..=7499, _) => Some(CORE2),
        _ => None,
    }
}
