//! In which language is the page read?
//!
//! The page is written in English. Another language is one catalogue of
//! templates (`vi.toml`): the finished page is walked, and each text that is
//! shown is looked up, with numbers and dates written as that language writes
//! them. What the page marks `translate="no"` (names of hosts, types, commands)
//! is never touched; what is not in the catalogue stays English and is counted.

mod catalogue;
mod page;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use catalogue::{Catalogue, Translator};
use page::Place;

static VIETNAMESE: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::read(include_str!("vi.toml")).expect("the catalogue is part of the program and a test reads it")
});

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, as the page is written.
    #[default]
    English,
    /// Vietnamese.
    Vietnamese,
}

/// A page in another language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translated {
    /// The page.
    pub page: String,
    /// Texts that stayed English, and how often each stands there.
    pub untranslated: BTreeMap<String, usize>,
    /// Entries of the catalogue that were of use.
    pub used: BTreeSet<&'static str>,
}

/// Gives a finished page in a language.
#[must_use]
pub fn translated(page: String, language: Language) -> Translated {
    match language {
        Language::English => Translated {
            page,
            untranslated: BTreeMap::new(),
            used: BTreeSet::new(),
        },
        Language::Vietnamese => of_catalogue(&page, &VIETNAMESE, "vi"),
    }
}

/// Gives every English template of a language's catalogue, in no order.
pub fn templates(language: Language) -> impl Iterator<Item = &'static str> {
    let catalogue: Option<&'static Catalogue> = match language {
        Language::English => None,
        Language::Vietnamese => Some(&VIETNAMESE),
    };
    catalogue.into_iter().flat_map(Catalogue::english)
}

fn of_catalogue(page: &str, catalogue: &'static Catalogue, code: &str) -> Translated {
    let translator = Translator::new(catalogue, page::names(page));
    let mut untranslated = BTreeMap::new();
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    let mut change = |text: &str, place: Place| {
        if place == Place::Chart && translator.is_name(text) {
            return None;
        }
        let translation = match known.get(text) {
            Some(known) => known.clone(),
            None => {
                let translation = translator.translate(text);
                known.insert(text.to_string(), translation.clone());
                translation
            }
        };
        if translation.is_none() {
            *untranslated.entry(text.to_string()).or_default() += 1;
        }
        translation
    };
    let page = page::walked(page, code, &mut change);
    Translated {
        page,
        untranslated,
        used: translator.used().into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_vietnamese(page: &str) -> Translated {
        translated(page.to_string(), Language::Vietnamese)
    }

    #[test]
    fn the_catalogue_can_be_read_and_both_sides_have_the_same_slots() {
        assert!(templates(Language::Vietnamese).count() > 500);
        assert!(Catalogue::read("keep = []\n[a]\n\"{n} hosts\" = \"{k} máy chủ\"").is_err());
        assert!(Catalogue::read("keep = []\n[a]\n\"b\" = \"c\"\n[d]\n\"b\" = \"e\"").is_err());
    }

    #[test]
    fn sentences_numbers_and_dates_are_vietnamese() {
        let page = "<p>Measured, and about memory: needs 1,234.5 GiB, offers 2.</p>";
        assert_eq!(in_vietnamese(page).untranslated.len(), 1, "not all of it is known");
        let page = "<p>Memory: needs 1,234.5 GiB, offers 2.</p>";
        assert_eq!(
            in_vietnamese(page).page,
            "<p>Bộ nhớ: cần 1.234,5\u{a0}GiB, cung cấp 2.</p>"
        );
        let page = "<p>Decided by CPU, which peaked at 3.2 cores on Thu 14 May, 14:02.</p>";
        assert_eq!(
            in_vietnamese(page).page,
            "<p>Quyết định bởi CPU, đỉnh 3,2\u{a0}nhân vào T5 14/05, 14:02.</p>"
        );
    }

    #[test]
    fn what_a_benchmark_says_is_vietnamese() {
        for words in [
            "narrowed by a benchmark of 2026-11-29 from ± 20.0 % to ± 17.7 %",
            "measured on 2026-11-29, a vCPU taken as a thread of a core with two",
            "a benchmark of 2026-11-29 says 1.93 times as much, which contradicts it and is not used",
        ] {
            let page =
                format!("<p>A source core does 0.89 ± 15 % of an m7i vCPU (Foo: no result of its own; {words}).</p>");
            let vietnamese = in_vietnamese(&page);
            assert!(
                vietnamese.untranslated.is_empty(),
                "{words}: {:?}",
                vietnamese.untranslated
            );
            assert!(vietnamese.page.contains("29/11/2026"), "{}", vietnamese.page);
        }
    }

    #[test]
    fn a_name_that_is_an_english_word_stays() {
        let page = "<bdi translate=\"no\">keep</bdi> <i>keep</i><svg><text>web (3)</text><text>keep</text></svg><bdi translate=\"no\">web</bdi>";
        let vietnamese = in_vietnamese(page);
        assert_eq!(
            vietnamese.page,
            "<bdi translate=\"no\">keep</bdi> <i>giữ nguyên</i><svg><text>web (3)</text><text>keep</text></svg><bdi translate=\"no\">web</bdi>"
        );
        assert!(vietnamese.untranslated.is_empty());
    }

    #[test]
    fn what_is_unknown_stays_english_and_is_counted() {
        let vietnamese = in_vietnamese("<p>Flibber &lt;jib&gt;</p><b>Flibber &lt;jib&gt;</b>");
        assert_eq!(vietnamese.page, "<p>Flibber &lt;jib&gt;</p><b>Flibber &lt;jib&gt;</b>");
        assert_eq!(
            vietnamese.untranslated,
            BTreeMap::from([("Flibber <jib>".to_string(), 2)])
        );
    }
}
