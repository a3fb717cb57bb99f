//! Stand-ins for products that the distribution has no package of: they speak just the requests that are made.
//!
//! The answers have the documented form; see docs/counters.md.

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

/// Serves the pages of Elasticsearch.
pub fn elasticsearch() -> u16 {
    let all: Value = serde_json::from_slice(include_bytes!("answers/elasticsearch-8.json")).unwrap();
    serve(move |mut stream| {
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let first = lines.next().and_then(Result::ok).unwrap_or_default();
        while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
        let page = match first.split(' ').nth(1).unwrap_or_default() {
            "/" => Some("root"),
            path if path.starts_with("/_cluster/health") => Some("health"),
            path if path.starts_with("/_nodes/_local/stats/") => Some("stats"),
            path if path.starts_with("/_cat/shards?format=json") => Some("shards"),
            _ => None,
        };
        let (status, body) = page.map_or((404, String::new()), |page| (200, all[page].to_string()));
        let length = body.len();
        let _ = write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n\r\n{body}");
    })
}

/// Serves the commands of MongoDB, to an account where one is given.
pub fn mongodb(account: Option<(&'static str, &'static str)>) -> u16 {
    let all: Value = serde_json::from_slice(include_bytes!("answers/mongodb-7.0.json")).unwrap();
    serve(move |stream| {
        let _ = talk(stream, &all, account);
    })
}

fn talk(mut stream: TcpStream, all: &Value, account: Option<(&str, &str)>) -> std::io::Result<()> {
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
                json!({"conversationId": 1, "done": false, "payload": {"$binary": exchange.1}, "ok": 1.0})
            }
            ("saslContinue", Some((_, password))) => match signature(&exchange, &payload, password) {
                Some(signature) => {
                    is_in = true;
                    json!({"conversationId": 1, "done": true, "payload": {"$binary": signature}, "ok": 1.0})
                }
                None => json!({"ok": 0.0, "errmsg": "Authentication failed.", "code": 18}),
            },
            ("hello", _) => all["hello"].clone(),
            (name, _) if is_in && all.get(name).is_some() => all[name].clone(),
            _ => json!({"ok": 0.0, "errmsg": "Command requires authentication", "code": 13}),
        };
        let mut message = vec![0; 5];
        message.extend(bson::write(&answer));
        let mut bytes = Vec::new();
        for word in [message.len() as u32 + 16, 2, 1, 2013] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(message);
        stream.write_all(&bytes)?;
    }
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
