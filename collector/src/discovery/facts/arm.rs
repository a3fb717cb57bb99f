//! Names of ARM processors: the kernel gives numbers only.
//!
//! Source of the numbers: Arm's list of implementers and the part numbers in the
//! technical reference manuals (`MIDR_EL1`), as in Linux `asm/cputype.h`.

/// Names the maker of a core, from `CPU implementer`.
pub(super) fn implementer(number: &str) -> Option<&'static str> {
    Some(match hexadecimal(number)? {
        0x41 => "ARM",
        0x42 => "Broadcom",
        0x43 => "Cavium",
        0x46 => "Fujitsu",
        0x48 => "HiSilicon",
        0x4d => "Motorola",
        0x4e => "NVIDIA",
        0x50 => "APM",
        0x51 => "Qualcomm",
        0x53 => "Samsung",
        0x56 => "Marvell",
        0x61 => "Apple",
        0x66 => "Faraday",
        0x69 => "Intel",
        0x6d => "Microsoft",
        0x70 => "Phytium",
        0xc0 => "Ampere",
        _ => return None,
    })
}

/// Names a core, from `CPU implementer` and `CPU part`; unknown ones keep their numbers.
pub(super) fn name(implementer_number: &str, part: &str) -> Option<String> {
    let (maker, part) = (hexadecimal(implementer_number)?, hexadecimal(part)?);
    let core = match (maker, part) {
        (0x41, 0xc07) => "Cortex-A7",
        (0x41, 0xc08) => "Cortex-A8",
        (0x41, 0xc09) => "Cortex-A9",
        (0x41, 0xc0f) => "Cortex-A15",
        (0x41, 0xd03) => "Cortex-A53",
        (0x41, 0xd04) => "Cortex-A35",
        (0x41, 0xd05) => "Cortex-A55",
        (0x41, 0xd07) => "Cortex-A57",
        (0x41, 0xd08) => "Cortex-A72",
        (0x41, 0xd09) => "Cortex-A73",
        (0x41, 0xd0a) => "Cortex-A75",
        (0x41, 0xd0b) => "Cortex-A76",
        (0x41, 0xd0c) => "Neoverse-N1",
        (0x41, 0xd0d) => "Cortex-A77",
        (0x41, 0xd40) => "Neoverse-V1",
        (0x41, 0xd41) => "Cortex-A78",
        (0x41, 0xd49) => "Neoverse-N2",
        (0x41, 0xd4a) => "Neoverse-E1",
        (0x41, 0xd4f) => "Neoverse-V2",
        (0x41, 0xd83) => "Neoverse-V3AE",
        (0x41, 0xd84) => "Neoverse-V3",
        (0x41, 0xd8e) => "Neoverse-N3",
        (0x42, 0x516) | (0x43, 0x0af) => "ThunderX2",
        (0x43, 0x0a1) => "ThunderX",
        (0x43, 0x0b8) => "ThunderX3",
        (0x46, 0x001) => "A64FX",
        (0x48, 0xd01) => "Kunpeng 920",
        (0x48, 0xd02) => "Kunpeng 930",
        (0x4e, 0x004) => "Carmel",
        (0x50, 0x000) => "X-Gene",
        (0x51, 0xc00) => "Falkor",
        (0x51, 0x001) => "Oryon",
        (0x61, 0x022) => "Apple M1 (Icestorm)",
        (0x61, 0x023) => "Apple M1 (Firestorm)",
        (0x61, 0x032) => "Apple M2 (Blizzard)",
        (0x61, 0x033) => "Apple M2 (Avalanche)",
        (0x6d, 0xd49) => "Azure Cobalt 100",
        (0x70, 0x663) => "FTC663",
        (0xc0, 0xac3) => "Ampere-1",
        (0xc0, 0xac4) => "Ampere-1a",
        (0xc0, 0xac5) => "Ampere-1b",
        _ => {
            let maker =
                implementer(implementer_number).map_or_else(|| format!("implementer {maker:#04x}"), str::to_string);
            return Some(format!("{maker} part {part:#05x}"));
        }
    };
    Some(core.to_string())
}

fn hexadecimal(text: &str) -> Option<u32> {
    let digits = text.trim().strip_prefix("0x")?;
    (digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
}
