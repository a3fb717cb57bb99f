//! Asks the services of one host for their counters, beside the host's own, minute by minute.

use std::sync::Arc;
use std::time::{Duration, Instant};

use telemetry::Table;
use telemetry::inventory::Privilege;
use telemetry::schema::service::VALUE;

use super::asked::{Account, Asked};
use super::conversation::{Login, ask};
use super::ledger::{Ledger, facts_of};
use super::product::Product;
use super::rates::Totals;
use super::talk::Line;
use super::unavailable::{Unavailable, Why};
use crate::campaign::{Aside, Feed, Trouble};
use crate::hosts::{SecretSource, fits_pattern};
use crate::log::Measured;
use crate::ssh::{Secret, SecretRequest, Secrets};

/// Time between two questions about what is cheap to say, milliseconds.
const EVERY_MS: i64 = 60_000;
/// Time between two questions about what is slow to say, milliseconds.
const SIZES_EVERY_MS: i64 = 900_000;
/// Time after which the other services wait for the next tick, so that the host's own counters are read on time.
const LONGEST_TURN: Duration = Duration::from_secs(5);

/// The services of one host.
pub struct Counters {
    host: String,
    services: Vec<One>,
    secrets: Arc<dyn Secrets>,
    ledger: Arc<Ledger>,
    carried: bool,
    complaints: Vec<String>,
    begun: Instant,
}

/// One service and what is remembered of it.
struct One {
    asked: Asked,
    account: Option<Account>,
    totals: Totals,
    /// End of the interval that was asked for last, UTC milliseconds.
    last_ms: i64,
    sizes_last_ms: i64,
}

impl One {
    fn every_ms(&self) -> i64 {
        // `rabbitmqctl` starts an Erlang machine for each question.
        let is_program = self.asked.product == Product::Rabbitmq && self.account.is_none();
        if self.asked.product.is_costly() || is_program {
            SIZES_EVERY_MS
        } else {
            EVERY_MS
        }
    }

    fn is_due(&self, now_ms: i64) -> bool {
        end_of(now_ms, self.every_ms()) > self.last_ms
    }
}

/// Gives the end of the interval that an instant falls in, on the UTC clock.
fn end_of(now_ms: i64, every_ms: i64) -> i64 {
    (now_ms - 1).div_euclid(every_ms) * every_ms + every_ms
}

impl Counters {
    /// Takes the services of a host, the accounts of all hosts, and where passwords and answers go.
    pub fn new(
        host: &str,
        asked: Vec<Asked>,
        accounts: &[Account],
        secrets: Arc<dyn Secrets>,
        ledger: Arc<Ledger>,
    ) -> Self {
        let fits = |account: &&Account| account.hosts.iter().any(|pattern| fits_pattern(pattern, host));
        let accounts: Vec<Account> = accounts.iter().filter(fits).cloned().collect();
        let one = |asked: Asked| One {
            account: accounts
                .iter()
                .find(|account| account.product == asked.product)
                .cloned(),
            asked,
            totals: Totals::default(),
            last_ms: i64::MIN,
            sizes_last_ms: i64::MIN,
        };
        Self {
            host: host.to_string(),
            services: asked.into_iter().map(one).collect(),
            secrets,
            ledger,
            carried: false,
            complaints: Vec::new(),
            begun: Instant::now(),
        }
    }

    /// Says whether there is anything to ask.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.services.is_empty()
    }
}

/// Gets the password of an account; nothing when there is no account.
fn login(account: Option<&Account>, host: &str, secrets: &dyn Secrets) -> Result<Option<Login>, Unavailable> {
    let Some(account) = account else {
        return Ok(None);
    };
    let password = match &account.password {
        None => Secret::new(String::new()),
        Some(source) => secrets
            .password(&SecretRequest::Service {
                product: account.product.name().to_string(),
                user: account.user.clone(),
                host: matches!(source, SecretSource::Command(_)).then(|| host.to_string()),
                source: source.clone(),
            })
            .map_err(|error| Unavailable::new(Why::NoPassword, error.to_string()))?,
    };
    // It goes on a line of its own to client programs.
    if password.reveal().contains(['\n', '\r', '\0']) {
        return Err(Unavailable::new(
            Why::NoPassword,
            "the password has signs that cannot be sent",
        ));
    }
    Ok(Some(Login {
        user: account.user.clone(),
        password,
        database: account.database.clone(),
    }))
}

impl Aside for Counters {
    fn is_due(&self, now_ms: i64) -> bool {
        self.services
            .iter()
            .any(|one| one.is_due(now_ms) && self.ledger.may_ask(&self.host, &one.asked.service, now_ms))
    }

    fn ask(&mut self, feed: &mut dyn Feed, now_ms: i64) -> Result<Vec<Measured>, Trouble> {
        let turn = Instant::now();
        let mut line = Line {
            feed,
            carried: self.carried,
        };
        let mut rows = Vec::new();
        for one in &mut self.services {
            let service = one.asked.service.clone();
            if !one.is_due(now_ms) || !self.ledger.may_ask(&self.host, &service, now_ms) {
                continue;
            }
            if turn.elapsed() >= LONGEST_TURN {
                break;
            }
            let every_ms = one.every_ms();
            one.last_ms = end_of(now_ms, every_ms);
            let sizes = end_of(now_ms, SIZES_EVERY_MS) > one.sizes_last_ms;
            if sizes {
                // Before the answer is there: if it never comes, the cheap counters are asked alone next time.
                one.sizes_last_ms = end_of(now_ms, SIZES_EVERY_MS);
            }
            let login = login(one.account.as_ref(), &self.host, &*self.secrets);
            let answer = login.and_then(|login| ask(&mut line, &mut one.asked, login.as_ref(), sizes));
            match answer {
                Ok(answer) => {
                    let at_ms = i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX);
                    let row_at_ms = end_of(now_ms, EVERY_MS);
                    for (metric, value) in one.totals.measure(&answer, at_ms, 3 * every_ms) {
                        let labels = vec![service.clone(), metric.name().to_string()];
                        rows.push(Measured::new(
                            Table::Service,
                            labels,
                            row_at_ms,
                            &[(VALUE, Some(value))],
                        ));
                    }
                    for missing in &answer.missing {
                        self.complaints.push(format!("{service}: {missing}"));
                    }
                    let privilege = match one.account {
                        Some(_) => Privilege::Credential,
                        None => Privilege::User,
                    };
                    let facts = facts_of(&self.host, &service, &answer, now_ms, privilege);
                    self.ledger.answered(&self.host, &service, facts);
                }
                Err(why) => {
                    self.complaints
                        .push(format!("{service}: its counters are unavailable: {why}"));
                    self.ledger.failed(&self.host, &service, &why, now_ms);
                }
            }
        }
        self.carried = line.carried;
        Ok(rows)
    }

    fn complaints(&mut self) -> Vec<String> {
        std::mem::take(&mut self.complaints)
    }
}
