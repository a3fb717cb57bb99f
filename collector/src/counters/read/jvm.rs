//! Java virtual machines: `jstat -gc` and `jstat -gccapacity` of each that the account may look into.

use crate::counters::answer::{Answer, number};
use crate::counters::metric::*;

/// Reads blocks that begin with `pid NUMBER`; gives the answer and how many machines could not be read.
#[must_use]
pub fn read(text: &[u8]) -> (Answer, u32) {
    let text = String::from_utf8_lossy(text);
    let mut answer = Answer::default();
    let (mut used, mut committed, mut limit, mut collecting_s) = (0.0, 0.0, 0.0, 0.0);
    let (mut seen, mut read) = (0_u32, 0_u32);
    let mut header: Vec<&str> = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["pid", _] = words.as_slice() {
            seen += 1;
            header.clear();
        } else if words.iter().any(|word| *word == "EU" || *word == "NGCMX") {
            header = words;
        } else if !header.is_empty() && words.len() == header.len() {
            let of = |name: &str| {
                header
                    .iter()
                    .position(|known| *known == name)
                    .and_then(|at| number(words.get(at)?))
            };
            let sum = |names: &[&str]| names.iter().map(|name| of(name)).sum::<Option<f64>>();
            if let (Some(heap), Some(capacity)) = (sum(&["S0U", "S1U", "EU", "OU"]), sum(&["S0C", "S1C", "EC", "OC"])) {
                read += 1;
                used += heap;
                committed += capacity;
                collecting_s += of("GCT").unwrap_or(0.0);
            } else if let (Some(young), Some(old)) = (of("NGCMX"), of("OGCMX")) {
                // G1 may give the whole heap to either generation, so that each claims all of it.
                limit += if young == old { young } else { young + old };
            }
            header.clear();
        }
    }
    if read > 0 {
        const KIBIBYTE: f64 = 1024.0;
        answer.level(HEAP_USED, Some(used * KIBIBYTE));
        answer.level(HEAP_COMMITTED, Some(committed * KIBIBYTE));
        answer.level(HEAP_LIMIT, (limit > 0.0).then_some(limit * KIBIBYTE));
        answer.level(JVMS, Some(f64::from(read)));
        answer.total(GC_BUSY, Some(collecting_s));
    }
    (answer, seen - read.min(seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_answer_is_read() {
        let (answer, hidden) = read(include_bytes!("../../../tests/counters/answers/jstat-17.txt"));
        assert_eq!(hidden, 1, "one belongs to another account");
        assert_eq!(answer.value(JVMS), Some(1.0));
        let of = |metric| answer.value(metric).unwrap_or(0.0);
        assert!(of(HEAP_USED) > 0.0 && of(HEAP_USED) <= of(HEAP_COMMITTED) && of(HEAP_COMMITTED) <= of(HEAP_LIMIT));
        assert_eq!(of(HEAP_LIMIT), 67_108_864.0, "-Xmx64m");
    }
}
