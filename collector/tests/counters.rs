//! Counters of real services, asked by an ordinary user through a real sshd.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "counters/responder.rs"]
mod responder;
#[path = "counters/running.rs"]
mod running;
mod sshd;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use collector::campaign::{Aside as _, Feed, Opener as _, Reacher};
use collector::counters::{
    Account, Answer, Asked, Counters, Ledger, Line, Login, Metric, Product, Totals, Unavailable, Why, ask,
};
use collector::hosts::{Client, Reach, SecretSource, Target};
use collector::ssh::{Limits, Lobby, Secret, SecretRequest, SecretStore, Secrets, Settings};
use running::Running;
use sizewright_collector as collector;
use sshd::{Rig, Sshd, account};

/// A host whose sshd lets an ordinary user in.
struct Host {
    rig: Rig,
    sshd: Sshd,
    /// Kept, since the account goes when it is dropped.
    account: Option<account::Account>,
}

impl Host {
    fn start(lines: &[&str]) -> Self {
        let rig = Rig::new();
        // The ordinary user reads its authorized keys there.
        fs::set_permissions(rig.path("."), fs::Permissions::from_mode(0o755)).unwrap();
        let plan = lines.iter().fold(rig.server(), |plan, line| plan.line(line));
        let sshd = plan.start();
        let account = account::Account::make();
        Self { rig, sshd, account }
    }

    fn user(&self) -> String {
        self.account
            .as_ref()
            .map_or_else(sshd::own_name, |account| account.name.clone())
    }

    fn target(&self, client: Client) -> Target {
        let mut endpoint = self.rig.endpoint(&self.sshd);
        endpoint.user = self.user();
        endpoint.client = client;
        Target {
            name: "db-1".to_string(),
            reach: Reach::Ssh(endpoint),
            interval: Duration::from_secs(60),
            tick: Duration::from_secs(10),
            processes: None,
            connections: None,
            environment: None,
            tags: Vec::new(),
        }
    }

    fn visit(&self, client: Client, work: &mut dyn FnMut(&mut dyn Feed)) {
        let secrets = SecretStore::new(None);
        let reacher = Reacher {
            settings: Settings::default(),
            secrets: &secrets,
            lobby: Lobby::new(Limits::default()),
        };
        let visited = reacher.visit(&self.target(client), &mut |feed| {
            work(feed);
            // The host's own counters are still answered.
            let layout = feed.layout()?;
            feed.read(&layout, true)?;
            Ok(())
        });
        visited.unwrap();
    }

    fn ask(&self, text: &str, login: Option<&Login>) -> Result<Answer, Unavailable> {
        let asked = Asked::read(text).unwrap();
        let mut answer = None;
        self.visit(Client::BuiltIn, &mut |feed| {
            let mut line = Line { feed, carried: false };
            answer = Some(ask(&mut line, &mut asked.clone(), login, true));
        });
        answer.unwrap()
    }
}

fn login(user: &str, password: &str) -> Login {
    Login {
        user: user.to_string(),
        password: Secret::new(password.to_string()),
        database: None,
    }
}

fn value(answer: &Answer, name: &str) -> f64 {
    let found = answer.values.iter().find(|(metric, _)| metric.name() == name);
    let metric: Metric = found.unwrap_or_else(|| panic!("no {name} in {answer:?}")).0;
    answer.value(metric).unwrap()
}

#[test]
fn redis_memcached_nginx_and_haproxy_answer_through_channels() {
    let host = Host::start(&[]);
    let redis = Running::redis(None);
    let answer = host.ask(&format!("redis:{}", redis.port), None).unwrap();
    assert!(value(&answer, "memory_used_bytes") > 1e5);
    assert!(answer.fact_named("version").is_some());
    let memcached = Running::memcached();
    let answer = host.ask(&format!("memcached:{}", memcached.port), None).unwrap();
    assert_eq!(value(&answer, "memory_limit_bytes"), 67_108_864.0);
    let nginx = Running::nginx();
    let answer = host.ask(&format!("nginx:{}", nginx.port), None).unwrap();
    assert!(value(&answer, "connections") >= 1.0);
    assert!(answer.fact_named("version").is_some());
    let haproxy = Running::haproxy();
    let answer = host
        .ask(&format!("haproxy:{}", haproxy.socket.display()), None)
        .unwrap();
    assert!(value(&answer, "connections_limit") > 0.0);
    // The page asks for an account.
    let page = format!("haproxy:{}/stats", haproxy.port);
    assert_eq!(host.ask(&page, None).unwrap_err().why, Why::NoPassword);
    let answer = host.ask(&page, Some(&login("viewer", "secret-haproxy"))).unwrap();
    assert!(value(&answer, "operations_per_s") >= 1.0);
    // Another protocol than the one that is asked for.
    let wrong = host.ask(&format!("memcached:{}", redis.port), None).unwrap_err();
    assert_eq!(wrong.why, Why::Odd);
    assert_eq!(host.ask("redis:1", None).unwrap_err().why, Why::Unreachable);
}

#[test]
fn databases_answer_to_the_accounts_of_the_host_and_to_read_only_ones() {
    let host = Host::start(&[]);
    let postgresql = Running::postgresql(&host.user());
    let place = format!(
        "postgresql:{}/.s.PGSQL.{}",
        postgresql.folder.path().display(),
        postgresql.port
    );
    let answer = host.ask(&place, None).unwrap();
    assert_eq!(answer.fact_named("role"), Some("standalone"));
    assert!(value(&answer, "data_bytes") > 1e6 && value(&answer, "buffer_size_bytes") > 1e6);
    assert!(
        answer
            .facts
            .iter()
            .any(|(name, part, _)| *name == "table_bytes" && part == "shop.public.orders"),
        "{answer:?}"
    );
    let place = format!("postgresql:{}", postgresql.port);
    let answer = host.ask(&place, Some(&login("monitor", "secret-monitor"))).unwrap();
    assert!(value(&answer, "connections_active") < 100.0);
    assert!(answer.missing.is_empty(), "{:?}", answer.missing);
    let refused = host.ask(&place, Some(&login("monitor", "canary-1"))).unwrap_err();
    assert_eq!(refused.why, Why::WrongPassword);
    assert!(!refused.to_string().contains("canary"));

    let mariadb = Running::mariadb();
    let place = format!("mariadb:{}", mariadb.port);
    let answer = host.ask(&place, Some(&login("monitor", "secret-monitor"))).unwrap();
    assert!(value(&answer, "operations_per_s") > 0.0);
    assert_eq!(answer.fact_named("product"), Some("mariadb"));
    assert!(answer.missing.is_empty(), "{:?}", answer.missing);
    let refused = host.ask(&place, Some(&login("monitor", "canary-1"))).unwrap_err();
    assert_eq!(refused.why, Why::WrongPassword);
    assert_eq!(host.ask(&place, None).unwrap_err().why, Why::NoPassword);
    // What the monitor asked could not have written.
    assert_eq!(mariadb.rows(), 1);
}

#[test]
fn mongodb_and_elasticsearch_are_read_from_a_responder() {
    let host = Host::start(&[]);
    let mongodb = responder::mongodb(Some(("monitor", "secret-mongo")));
    let place = format!("mongodb:{mongodb}");
    let answer = host.ask(&place, Some(&login("monitor", "secret-mongo"))).unwrap();
    assert_eq!(answer.fact_named("role"), Some("primary"));
    assert_eq!(value(&answer, "data_bytes"), 3_221_225_472.0);
    let refused = host.ask(&place, Some(&login("monitor", "canary-1"))).unwrap_err();
    assert_eq!(
        (refused.why, refused.to_string().contains("canary")),
        (Why::WrongPassword, false)
    );
    assert_eq!(host.ask(&place, None).unwrap_err().why, Why::NotAllowed);
    let elasticsearch = responder::elasticsearch();
    let answer = host.ask(&format!("opensearch:{elasticsearch}"), None).unwrap();
    assert_eq!(answer.fact_named("version"), Some("8.15.2"));
    assert_eq!(value(&answer, "primary_data_bytes"), 3e9);
}

#[test]
fn what_real_servers_of_mongodb_and_elasticsearch_said_is_read_over_the_wire() {
    let host = Host::start(&[]);
    let mongodb = responder::mongodb_recorded();
    let answer = host.ask(&format!("mongodb:{mongodb}"), None).unwrap();
    assert_eq!(answer.fact_named("version"), Some("2.6.7"));
    assert_eq!(answer.fact_named("role"), Some("standalone"), "asked by the older name");
    assert_eq!(value(&answer, "connections_limit"), 819.0);
    assert_eq!(value(&answer, "memory_resident_bytes"), 10_485_760.0);
    assert!(answer.missing[0].starts_with("listDatabases: "), "{:?}", answer.missing);
    let elasticsearch = responder::elasticsearch_recorded();
    let answer = host.ask(&format!("elasticsearch:{elasticsearch}"), None).unwrap();
    assert_eq!(answer.fact_named("version"), Some("7.9.2"));
    assert_eq!(value(&answer, "heap_used_bytes"), 18_251_576_896.0);
    assert_eq!(value(&answer, "shards"), 1_140.0);
    assert_eq!(answer.missing, ["no primary shard is listed"]);
}

#[test]
fn where_channels_are_forbidden_a_program_of_the_host_carries_the_bytes() {
    let host = Host::start(&["AllowTcpForwarding no", "AllowStreamLocalForwarding no"]);
    let redis = Running::redis(Some("secret-redis"));
    let haproxy = Running::haproxy();
    host.visit(Client::BuiltIn, &mut |feed| {
        let mut line = Line { feed, carried: false };
        let asked = Asked::read(&format!("redis:{}", redis.port)).unwrap();
        let answer = ask(&mut line, &mut asked.clone(), Some(&login("", "secret-redis")), false).unwrap();
        assert!(value(&answer, "memory_used_bytes") > 1e5);
        assert!(line.carried, "it is remembered");
        let asked = Asked::read(&format!("haproxy:{}", haproxy.socket.display())).unwrap();
        assert!(ask(&mut line, &mut asked.clone(), None, false).is_ok());
    });
}

#[test]
fn the_users_own_ssh_reaches_services_too() {
    let host = Host::start(&[]);
    let redis = Running::redis(None);
    host.visit(Client::Ssh, &mut |feed| {
        let mut line = Line { feed, carried: false };
        let asked = Asked::read(&format!("redis:{}", redis.port)).unwrap();
        let answer = ask(&mut line, &mut asked.clone(), None, false).unwrap();
        assert!(value(&answer, "memory_used_bytes") > 1e5);
        let nobody = Asked::read("redis:1").unwrap();
        assert!(ask(&mut line, &mut nobody.clone(), None, false).is_err());
    });
}

#[test]
fn a_wrong_password_is_sent_once_in_a_run_and_seen_nowhere() {
    let host = Host::start(&[]);
    let redis = Running::redis(Some("secret-redis"));
    let secrets: Arc<dyn Secrets> = Arc::new(SecretStore::new(Some(Box::new(|_: &SecretRequest| {
        Ok(Secret::new("canary-7731".to_string()))
    }))));
    let accounts = [Account {
        product: Product::Redis,
        hosts: vec!["db-*".to_string()],
        user: String::new(),
        password: Some(SecretSource::Prompt),
        database: None,
    }];
    let ledger = Arc::new(Ledger::default());
    let mut said = Vec::new();
    for _ in 0..3 {
        host.visit(Client::BuiltIn, &mut |feed| {
            let asked = vec![Asked::read(&format!("redis:{}", redis.port)).unwrap()];
            let mut counters = Counters::new("db-1", asked, &accounts, Arc::clone(&secrets), Arc::clone(&ledger));
            for minute in 1..4 {
                let now_ms = minute * 60_000;
                if counters.is_due(now_ms) {
                    assert!(counters.ask(feed, now_ms).unwrap().is_empty());
                    said.extend(counters.complaints());
                }
            }
        });
    }
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("WRONGPASS") && !said[0].contains("canary"), "{said:?}");
    assert!(!format!("{:?}", ledger.facts()).contains("canary"));
    let info = host
        .ask(&format!("redis:{}", redis.port), Some(&login("", "secret-redis")))
        .unwrap();
    assert!(info.fact_named("version").is_some());
    assert_eq!(redis.denied_logins(), 1);
}

#[test]
fn rates_follow_what_a_service_did() {
    let host = Host::start(&[]);
    let redis = Running::redis(None);
    let begun = Instant::now();
    let mut totals = Totals::default();
    let mut measure = || {
        let answer = host.ask(&format!("redis:{}", redis.port), None).unwrap();
        totals.measure(&answer, begun.elapsed().as_millis() as i64, 180_000)
    };
    let rate = |measured: &[(Metric, f64)]| {
        measured
            .iter()
            .find(|(metric, _)| metric.name() == "writes_per_s")
            .map(|(_, rate)| *rate)
    };
    assert_eq!(rate(&measure()), None, "the first answer has nothing before it");
    let before = begun.elapsed().as_secs_f64();
    redis.write(500);
    let measured = measure();
    let expected = 500.0 / (begun.elapsed().as_secs_f64() - before);
    let found = rate(&measured).unwrap();
    assert!(
        found > expected / 3.0 && found <= expected * 1.5,
        "{found} is not about {expected}"
    );
}

#[test]
fn rabbitmq_answers_over_its_management_interface_and_refuses_the_rest() {
    let host = Host::start(&[]);
    let rabbitmq = Running::rabbitmq();
    let place = format!("rabbitmq:{}", rabbitmq.port);
    let monitor = login("monitor", "secret-monitor");
    // A node that has just started says what memory it uses after its first look, five seconds later.
    let begun = Instant::now();
    let answer = loop {
        let answer = host.ask(&place, Some(&monitor)).unwrap();
        if answer.uptime_s.is_some() || begun.elapsed() > Duration::from_secs(30) {
            break answer;
        }
        std::thread::sleep(Duration::from_millis(500));
    };
    assert_eq!(answer.fact_named("role"), Some("standalone"));
    assert_eq!(value(&answer, "queues"), 0.0);
    assert!(value(&answer, "memory_limit_bytes") > 1e8);
    assert_eq!(
        host.ask(&place, Some(&login("monitor", "canary-1"))).unwrap_err().why,
        Why::WrongPassword
    );
    if host.account.is_some() {
        // An ordinary user has no cookie.
        assert_eq!(host.ask(&place, None).unwrap_err().why, Why::NotAllowed);
    }
}

#[test]
fn the_documentation_names_every_metric_and_product() {
    let text = include_str!("../../docs/counters.md");
    for (metric, meaning) in collector::counters::METRICS {
        let row = format!("| `{}` | {meaning} |", metric.name());
        assert!(text.contains(&row), "docs/counters.md lacks the row {row}");
    }
    for name in Product::names().split(", ") {
        assert!(text.contains(&format!("`{name}`")), "docs/counters.md lacks {name}");
    }
}
