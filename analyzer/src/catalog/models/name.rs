//! CPU model strings, as kernels and result tables write them, brought to one form.
//!
//! `Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz`, `Intel Xeon E5-2680 V4` and
//! `Xeon E5-2680v4` all become `e5-2680 v4`.

/// A model string in one form.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Name {
    /// The words that tell models apart, lower case.
    pub(super) key: String,
    /// Nominal clock, where the string says it.
    pub(super) ghz: Option<f64>,
    /// The whole string, lower case, for words the key leaves out.
    pub(super) whole: String,
}

/// Words that tell no model apart.
const NOISE: [&str; 9] = [
    "intel",
    "amd",
    "xeon",
    "cpu",
    "processor",
    "genuine",
    "authentic",
    "with",
    "0",
];

impl Name {
    pub(super) fn of(text: &str) -> Self {
        let whole = text.to_lowercase().replace("(r)", " ").replace("(tm)", " ");
        let (front, clock) = whole.split_once('@').unwrap_or((&whole, ""));
        let ghz = clock
            .trim()
            .strip_suffix("ghz")
            .and_then(|number| number.trim().parse::<f64>().ok())
            .filter(|ghz| (0.1..10.0).contains(ghz));
        let front = front.split(',').next().unwrap_or(front);
        let words: Vec<&str> = front
            .split(|letter: char| letter.is_whitespace() || letter == '_' || letter == '/')
            .filter(|word| !word.is_empty() && !NOISE.contains(word) && !word.ends_with("-core"))
            .collect();
        let mut key = words.join(" ");
        // `e5-2680v4` and `e5-2680 v4` are one.
        for version in ["v2", "v3", "v4", "v5", "v6"] {
            if key.ends_with(version) && !key.ends_with(&format!(" {version}")) {
                key.insert(key.len() - version.len(), ' ');
            }
        }
        Self {
            key,
            ghz,
            whole: whole.clone(),
        }
    }

    /// Gives the first number of at least three digits in the key, and the letters behind it.
    pub(super) fn number(&self) -> Option<(u32, &str)> {
        let start = self
            .key
            .char_indices()
            .map(|(at, _)| at)
            .find(|&at| self.key[at..].chars().take(3).filter(char::is_ascii_digit).count() == 3)?;
        let rest = &self.key[start..];
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest[..digits].parse().ok()?;
        let letters = rest[digits..].split(' ').next().unwrap_or_default();
        Some((number, letters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_model_has_one_name() {
        for text in [
            "Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz",
            "Intel Xeon E5-2680 V4",
            "Xeon E5-2680v4",
        ] {
            assert_eq!(Name::of(text).key, "e5-2680 v4", "{text}");
        }
        assert_eq!(Name::of("AMD EPYC 7763 64-Core Processor").key, "epyc 7763");
        assert_eq!(Name::of("Intel(R) Xeon(R) CPU E5-2665 0 @ 2.40GHz").key, "e5-2665");
        assert_eq!(Name::of("Intel Xeon X5570, 2.933 GHz").key, "x5570");
    }

    #[test]
    fn clock_and_number_are_read() {
        let name = Name::of("Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz");
        assert_eq!(name.ghz, Some(2.5));
        assert_eq!(name.number(), Some((8259, "cl")));
        assert_eq!(Name::of("Common KVM processor").number(), None);
    }
}
