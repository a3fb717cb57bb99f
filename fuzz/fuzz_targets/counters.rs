//! An answer of a service: does anything of it become negative, unsafe or unbounded? The first byte chooses the product.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use subject::check_answer;
use subject::counters::read;

fuzz_target!(|input: &[u8]| {
    let Some((product, text)) = input.split_first() else {
        return;
    };
    let json = || serde_json::from_slice::<Value>(text).unwrap_or_default();
    let of = |all: &Value, name: &str| all.get(name).cloned().unwrap_or_default();
    match product {
        b'r' => check_answer(&read::redis::read(text)),
        b'm' => check_answer(&read::memcached::read(text)),
        b'p' => check_answer(&read::postgresql::read(text).0),
        b's' => check_answer(&read::mysql::read(text).0),
        b'h' => check_answer(&read::haproxy::read(text)),
        b'n' => check_answer(&read::nginx::read(text, None)),
        b'j' => check_answer(&read::jvm::read(text).0),
        b't' => assert!(read::http::read(text).is_none_or(|page| page.body.len() <= text.len())),
        b'q' => {
            let all = json();
            check_answer(&read::rabbitmq::read_control(&all, all.get("queues")));
            check_answer(&read::rabbitmq::read_management(
                &of(&all, "overview"),
                &of(&all, "node"),
                all.get("queues"),
            ));
        }
        b'e' => {
            let all = json();
            let (root, health, stats) = (of(&all, "root"), of(&all, "health"), of(&all, "stats"));
            check_answer(&read::elasticsearch::read(&root, &health, &stats, all.get("shards")));
        }
        b'b' => {
            if let Some(all) = read::bson::read(text) {
                check_answer(&read::mongodb::read(&all, &all, &all, Some(&all)));
            }
        }
        _ => {
            let all = json();
            let (hello, build, status) = (of(&all, "hello"), of(&all, "buildInfo"), of(&all, "serverStatus"));
            check_answer(&read::mongodb::read(&hello, &build, &status, all.get("listDatabases")));
        }
    }
});
