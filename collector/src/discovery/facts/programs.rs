//! For which processor were the programs built that no package of the system brought? Facts from the answer to [`Question::Programs`](crate::sampler::Question).
//!
//! An ELF header tells: class and byte order in bytes 4 and 5, the machine in 18
//! and 19. Scripts and what is not ELF tell nothing and are no fact.

use super::Notes;

/// Programs of one host that are kept.
const PROGRAMS_AT_MOST: usize = 60;

/// Notes each program with the processor it was built for.
pub(super) fn note(text: &str, notes: &mut Notes<'_>) {
    let lines = text.lines().filter_map(|line| line.strip_prefix("program:"));
    for line in lines.take(PROGRAMS_AT_MOST) {
        let Some((header, path)) = line.split_once(' ') else {
            continue;
        };
        if let Some(machine) = machine(header)
            && path.starts_with('/')
        {
            notes.of("program.built_for", path, machine, "ELF header");
        }
    }
}

/// Reads the processor out of the first 20 bytes of a program, in hexadecimal digits.
fn machine(header: &str) -> Option<String> {
    if header.len() != 40 || !header.is_ascii() {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(header.get(2 * at..2 * at + 2)?, 16).ok();
    if [byte(0)?, byte(1)?, byte(2)?, byte(3)?] != *b"\x7fELF" {
        return None;
    }
    let number = match byte(5)? {
        1 => u16::from_le_bytes([byte(18)?, byte(19)?]),
        2 => u16::from_be_bytes([byte(18)?, byte(19)?]),
        _ => return None,
    };
    // Numbers of the System V interface, as in <elf.h>.
    Some(match number {
        3 => "x86, 32 bits".to_string(),
        20 => "powerpc".to_string(),
        21 => "powerpc64".to_string(),
        22 => "s390".to_string(),
        40 => "arm, 32 bits".to_string(),
        62 => "x86-64".to_string(),
        183 => "arm64".to_string(),
        243 => "risc-v".to_string(),
        other => format!("machine {other}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headers_of_real_programs_are_read() {
        let of = |ident: &str, kind_and_machine: &str| machine(&format!("{ident}0000000000000000{kind_and_machine}"));
        assert_eq!(of("7f454c4602010100", "03003e00").as_deref(), Some("x86-64"));
        assert_eq!(of("7f454c4602010100", "0300b700").as_deref(), Some("arm64"));
        assert_eq!(of("7f454c4601010100", "02000300").as_deref(), Some("x86, 32 bits"));
        assert_eq!(of("7f454c4602020100", "00020016").as_deref(), Some("s390"));
        assert_eq!(of("7f454c4602010100", "0300ffff").as_deref(), Some("machine 65535"));
        let script = "23212f62696e2f73680a23206d6164650a0a6563"; // "#!/bin/sh\n# made\n\nec"
        assert_eq!(machine(script), None);
        assert_eq!(machine("7f454c46"), None, "a file of four bytes");
    }

    proptest! {
        #[test]
        fn no_header_breaks_it(header in "\\PC{0,44}", digits in "[0-9a-fA-F]{40}") {
            let _ = (machine(&header), machine(&digits), machine(&format!("7f454c46{}", &digits[8..])));
        }
    }
}
