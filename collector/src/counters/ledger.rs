//! What all hosts' services said of themselves, and which are not asked again; shared by all host threads.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use telemetry::inventory::{Fact, Learnt, Privilege};

use super::answer::Answer;
use super::unavailable::Unavailable;

/// A host and a service of it.
type Key = (String, String);

/// Facts and failures of one run.
#[derive(Debug, Default)]
pub struct Ledger {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// By host, name and item.
    facts: BTreeMap<(String, String, String), Fact>,
    failures: BTreeMap<Key, Failures>,
    changed: bool,
}

/// How often a service failed in a row, and when it may be asked again.
#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    /// UTC milliseconds; nothing: not in this run.
    not_before_ms: Option<i64>,
}

impl Ledger {
    /// Says whether a service may be asked now.
    #[must_use]
    pub fn may_ask(&self, host: &str, service: &str, now_ms: i64) -> bool {
        let kept = self.locked();
        let failures = kept.failures.get(&(host.to_string(), service.to_string()));
        failures.is_none_or(|failures| failures.not_before_ms.is_some_and(|not_before| now_ms >= not_before))
    }

    /// Notes an answer.
    pub fn answered(&self, host: &str, service: &str, facts: Vec<Fact>) {
        let mut kept = self.locked();
        kept.failures.remove(&(host.to_string(), service.to_string()));
        kept.take(facts);
    }

    /// Notes a failure; says when the service is asked again.
    pub fn failed(&self, host: &str, service: &str, why: &Unavailable, now_ms: i64) {
        let mut kept = self.locked();
        let key = (host.to_string(), service.to_string());
        let count = kept.failures.get(&key).map_or(0, |failures| failures.count) + 1;
        let not_before_ms = why
            .again_after(count)
            .and_then(|wait| now_ms.checked_add(i64::try_from(wait.as_millis()).ok()?));
        kept.failures.insert(key, Failures { count, not_before_ms });
        let value = format!("unavailable: {}", why.words);
        kept.take(vec![fact(host, "counters", service, &value, now_ms, Privilege::User)]);
    }

    /// Gives all facts learnt so far, by host, name and item.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        self.locked().facts.values().cloned().collect()
    }

    /// Gives all facts when there is one that was not given yet.
    #[must_use]
    pub fn new_facts(&self) -> Option<Vec<Fact>> {
        let mut kept = self.locked();
        std::mem::take(&mut kept.changed).then(|| kept.facts.values().cloned().collect())
    }

    fn locked(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn take(&mut self, facts: Vec<Fact>) {
        for mut fact in facts {
            let key = (fact.host.clone(), fact.name.clone(), fact.item.clone());
            if let Some(known) = self.facts.get(&key).filter(|known| known.value == fact.value) {
                fact.learnt.first_at_ms = known.learnt.first_at_ms;
            } else {
                self.changed = true;
            }
            self.facts.insert(key, fact);
        }
    }
}

/// Makes inventory facts of an answer: `service.NAME` with the service, or service and part, as the item.
#[must_use]
pub fn facts_of(host: &str, service: &str, answer: &Answer, at_ms: i64, privilege: Privilege) -> Vec<Fact> {
    let mut facts = vec![fact(host, "counters", service, "read", at_ms, privilege)];
    for (name, part, value) in &answer.facts {
        let item = match part.as_str() {
            "" => service.to_string(),
            part => format!("{service}/{part}"),
        };
        facts.push(fact(host, name, &item, value, at_ms, privilege));
    }
    for missing in &answer.missing {
        facts.push(fact(host, "missing", service, missing, at_ms, privilege));
    }
    facts
}

fn fact(host: &str, name: &str, item: &str, value: &str, at_ms: i64, privilege: Privilege) -> Fact {
    Fact {
        host: host.to_string(),
        name: format!("service.{name}"),
        item: item.to_string(),
        value: value.to_string(),
        learnt: Learnt {
            first_at_ms: at_ms,
            last_at_ms: at_ms,
            how: "the service itself".to_string(),
            privilege,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::unavailable::Why;
    use super::*;

    #[test]
    fn a_wrong_password_is_not_sent_again_whoever_connects_anew() {
        let ledger = Ledger::default();
        ledger.failed("db-1", "redis", &Unavailable::new(Why::WrongPassword, "WRONGPASS"), 0);
        assert!(!ledger.may_ask("db-1", "redis", i64::MAX));
        assert!(ledger.may_ask("db-2", "redis", 0));
        assert_eq!(ledger.facts()[0].value, "unavailable: WRONGPASS");
        ledger.failed("db-1", "nginx", &Unavailable::new(Why::Slow, "slow"), 0);
        assert!(!ledger.may_ask("db-1", "nginx", 60_000) && ledger.may_ask("db-1", "nginx", 120_000));
    }

    #[test]
    fn a_fact_that_stays_keeps_when_it_was_first_seen() {
        let ledger = Ledger::default();
        let mut answer = Answer::default();
        answer.fact("version", "7.0.15");
        for at_ms in [1_000, 2_000] {
            ledger.answered("a", "redis", facts_of("a", "redis", &answer, at_ms, Privilege::User));
        }
        let facts = ledger.new_facts().unwrap_or_default();
        let version = facts.iter().find(|fact| fact.name == "service.version");
        let learnt = version.map(|fact| (fact.learnt.first_at_ms, fact.learnt.last_at_ms));
        assert_eq!(learnt, Some((1_000, 2_000)));
        assert!(ledger.new_facts().is_none());
    }
}
