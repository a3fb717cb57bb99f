//! Stand-ins for products that the distribution has no package of: they speak just the requests that are made.
//!
//! The answers are those in `answers/`, in their documented form, or those in `recorded/`, which real servers gave.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use collector::counters::read::bson;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sizewright_collector as collector;

fn serve(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap());
        }
    });
    port
}

/// Serves pages of Elasticsearch; a path that has none is not found.
fn pages(page: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> u16 {
    serve(move |mut stream| {
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let first = lines.next().and_then(Result::ok).unwrap_or_default();
        while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
        let body = page(first.split(' ').nth(1).unwrap_or_default());
        let (status, body) = body.map_or((404, String::new()), |body| (200, body));
        let length = body.len();
        let _ = write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n\r\n{body}");
    })
}

/// Names the page of a path.
fn page(path: &str) -> Option<&'static str> {
    match path {
        "/" => Some("root"),
        path if path.starts_with("/_cluster/health") => Some("health"),
        path if path.starts_with("/_nodes/_local/stats/") => Some("stats"),
        path if path.starts_with("/_cat/shards?format=json") => Some("shards"),
        _ => None,
    }
}

/// Serves Elasticsearch in the documented form.
pub fn elasticsearch() -> u16 {
    let all: Value = serde_json::from_slice(include_bytes!("answers/elasticsearch-8.json")).unwrap();
    pages(move |path| Some(all[page(path)?].to_string()))
}

/// Serves what real servers of Elasticsearch said; `/` alone is in the documented form.
pub fn elasticsearch_recorded() -> u16 {
    pages(|path| {
        let body = match page(path)? {
            "health" => include_str!("recorded/elasticsearch-cluster-health.json"),
            "stats" => include_str!("recorded/elasticsearch-7.9-nodes-stats.json"),
            "shards" => include_str!("recorded/elasticsearch-cat-shards.json"),
            _ => r#"{"cluster_name": "testy", "version": {"number": "7.9.2"}}"#,
        };
        Some(body.to_string())
    })
}

/// Serves the commands of MongoDB in the documented form, to an account where one is given.
pub fn mongodb(account: Option<(&'static str, &'static str)>) -> u16 {
    let all: Value = serde_json::from_slice(include_bytes!("answers/mongodb-7.0.json")).unwrap();
    serve(move |stream| {
        let _ = talk(stream, &|name| all.get(name).map(bson::write), account);
    })
}

/// Serves what a real MongoDB said of its status, byte for byte; it is older than the command `hello`.
pub fn mongodb_recorded() -> u16 {
    serve(|stream| {
        let answer = |name: &str| match name {
            "hello" => Some(bson::write(
                &json!({"ok": 0.0, "errmsg": "no such command: 'hello'", "code": 59, "codeName": "CommandNotFound"}),
            )),
            "isMaster" => Some(bson::write(&json!({"ismaster": true, "maxWireVersion": 2, "ok": 1.0}))),
            "buildInfo" => Some(bson::write(&json!({"version": "2.6.7", "ok": 1.0}))),
            "serverStatus" => Some(include_bytes!("recorded/mongodb-2.6-server-status.bson").to_vec()),
            _ => None,
        };
        let _ = talk(stream, &answer, None);
    })
}

fn talk(
    mut stream: TcpStream,
    answers: &dyn Fn(&str) -> Option<Vec<u8>>,
    account: Option<(&str, &str)>,
) -> std::io::Result<()> {
    let mut is_in = account.is_none();
    let mut exchange = (String::new(), String::new());
    loop {
        let mut head = [0; 16];
        stream.read_exact(&mut head)?;
        let length = u32::from_le_bytes(head[..4].try_into().unwrap()) as usize;
        if !(26..10_000).contains(&length) || head[12..16] != 2013_u32.to_le_bytes() {
            return Ok(());
        }
        let mut body = vec![0; length - 16];
        stream.read_exact(&mut body)?;
        let name = body[10..].split(|byte| *byte == 0).next().unwrap_or_default();
        let name = String::from_utf8_lossy(name).into_owned();
        let command = bson::read(&body[5..]).unwrap_or_default();
        let payload = command["payload"].as_str().unwrap_or_default().to_string();
        let answer = match (name.as_str(), account) {
            ("saslStart", Some(_)) => {
                let first = payload.strip_prefix("n,,").unwrap_or_default().to_string();
                let nonce = first.split(",r=").nth(1).unwrap_or_default();
                exchange = (
                    first.clone(),
                    format!("r={nonce}server,s={},i=4096", STANDARD.encode("salt")),
                );
                bson::write(&json!({"conversationId": 1, "done": false, "payload": {"$binary": exchange.1}, "ok": 1.0}))
            }
            ("saslContinue", Some((_, password))) => match signature(&exchange, &payload, password) {
                Some(signature) => {
                    is_in = true;
                    bson::write(
                        &json!({"conversationId": 1, "done": true, "payload": {"$binary": signature}, "ok": 1.0}),
                    )
                }
                None => refusal("Authentication failed.", 18),
            },
            (name, _) if is_in || name == "hello" => answers(name).unwrap_or_else(|| refusal("no such command", 59)),
            _ => refusal("Command requires authentication", 13),
        };
        let mut message = vec![0; 5];
        message.extend(answer);
        let mut bytes = Vec::new();
        for word in [message.len() as u32 + 16, 2, 1, 2013] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(message);
        stream.write_all(&bytes)?;
    }
}

fn refusal(words: &str, code: u32) -> Vec<u8> {
    bson::write(&json!({"ok": 0.0, "errmsg": words, "code": code}))
}

/// The server's side of SCRAM-SHA-256: checks the proof, gives its own.
fn signature((first, challenge): &(String, String), last: &str, password: &str) -> Option<String> {
    let keyed = |key: &[u8], text: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text);
        mac.finalize().into_bytes().to_vec()
    };
    let mut round = keyed(password.as_bytes(), b"salt\0\0\0\x01");
    let mut salted = round.clone();
    for _ in 1..4096 {
        round = keyed(password.as_bytes(), &round);
        salted.iter_mut().zip(&round).for_each(|(sum, byte)| *sum ^= byte);
    }
    let (without_proof, proof) = last.split_once(",p=")?;
    let all = format!("{first},{challenge},{without_proof}");
    let stored = Sha256::digest(keyed(&salted, b"Client Key")).to_vec();
    let mask = keyed(&stored, all.as_bytes());
    let key: Vec<u8> = STANDARD
        .decode(proof)
        .ok()?
        .iter()
        .zip(mask)
        .map(|(one, other)| one ^ other)
        .collect();
    (Sha256::digest(key).to_vec() == stored).then(|| {
        format!(
            "v={}",
            STANDARD.encode(keyed(&keyed(&salted, b"Server Key"), all.as_bytes()))
        )
    })
}
