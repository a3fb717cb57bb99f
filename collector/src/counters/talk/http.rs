//! Services that answer over HTTP: one request a connection, one after the other.

use base64::Engine as _;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Line, Talk, or_missing};
use crate::counters::answer::Answer;
use crate::counters::asked::Spot;
use crate::counters::conversation::Login;
use crate::counters::read;
use crate::counters::read::http::Page;
use crate::counters::unavailable::{Unavailable, Why};

fn page(feed: &mut Line<'_>, spot: &Spot, path: &str, login: Option<&Login>) -> Result<Page, Unavailable> {
    let host = match spot {
        Spot::Tcp { address, port, .. } if address.contains(':') => format!("[{address}]:{port}"),
        Spot::Tcp { address, port, .. } => format!("{address}:{port}"),
        Spot::Socket { .. } => "localhost".to_string(),
    };
    let mut talk = Talk::open(feed, spot)?;
    let mut request = Zeroizing::new(format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: sizewright\r\nAccept: */*\r\nConnection: close\r\n"
    ));
    if let Some(login) = login {
        let pair = Zeroizing::new(format!("{}:{}", login.user, login.password()));
        let code = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()));
        request.push_str("Authorization: Basic ");
        request.push_str(&code);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    talk.send(request.as_bytes())?;
    let bytes = talk.rest()?;
    let page = read::http::read(&bytes).ok_or_else(|| {
        // An alert or hello of TLS, or nothing at all.
        let words = match bytes.first() {
            Some(0x15 | 0x16) | None => "it does not speak plain HTTP; counters behind TLS are not read",
            Some(_) => "it does not speak HTTP",
        };
        Unavailable::new(Why::Odd, words)
    })?;
    match page.status {
        200..300 => Ok(page),
        401 if login.is_none() => Err(Unavailable::new(Why::NoPassword, "it wants an account")),
        401 => Err(Unavailable::new(Why::WrongPassword, "it refuses the account")),
        403 => Err(Unavailable::new(
            Why::NotAllowed,
            format!("the account may not see `{path}`"),
        )),
        status => Err(Unavailable::new(Why::Odd, format!("`{path}` answers {status}"))),
    }
}

fn json(feed: &mut Line<'_>, spot: &Spot, path: &str, login: Option<&Login>) -> Result<Value, Unavailable> {
    let page = page(feed, spot, path, login)?;
    serde_json::from_slice(&page.body).map_err(|_| Unavailable::new(Why::Odd, format!("`{path}` is no JSON")))
}

/// Asks nginx at the page that the user named, or at the pages that are usual.
pub(in crate::counters) fn nginx(
    feed: &mut Line<'_>,
    spot: &Spot,
    login: Option<&Login>,
) -> Result<Answer, Unavailable> {
    const USUAL: [&str; 4] = ["/nginx_status", "/stub_status", "/basic_status", "/status"];
    let named = match spot {
        Spot::Tcp { page: Some(page), .. } => Some(page.as_str()),
        _ => None,
    };
    let pages = named.map_or(USUAL.to_vec(), |named| vec![named]);
    for path in &pages {
        match page(feed, spot, path, login) {
            Ok(page) => {
                let answer = read::nginx::read(&page.body, page.server.as_deref());
                if !answer.is_empty() {
                    return Ok(answer);
                }
            }
            Err(error) if matches!(error.why, Why::Odd | Why::NotAllowed) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Unavailable::new(
        Why::NotAllowed,
        format!("no page of stub_status at {}", pages.join(", ")),
    ))
}

/// Asks HAProxy's statistics page.
pub(in crate::counters) fn haproxy_page(
    feed: &mut Line<'_>,
    spot: &Spot,
    login: Option<&Login>,
) -> Result<Answer, Unavailable> {
    let path = match spot {
        Spot::Tcp { page: Some(page), .. } => page.clone(),
        _ => "/".to_string(),
    };
    let page = page(feed, spot, &format!("{path};csv"), login)?;
    Ok(read::haproxy::read(&page.body))
}

/// Asks Elasticsearch or OpenSearch.
pub(in crate::counters) fn elasticsearch(
    feed: &mut Line<'_>,
    spot: &Spot,
    login: Option<&Login>,
    sizes: bool,
) -> Result<Answer, Unavailable> {
    let root = json(feed, spot, "/", login)?;
    let health = json(feed, spot, "/_cluster/health?timeout=3s", login)?;
    let stats = json(feed, spot, "/_nodes/_local/stats/indices,jvm,fs,http?timeout=3s", login)?;
    let shards = sizes.then(|| {
        let page = "/_cat/shards?format=json&bytes=b&h=index,prirep,state,store";
        json(feed, spot, page, login)
    });
    let (shards, refused) = or_missing(shards, "/_cat/shards");
    let mut answer = read::elasticsearch::read(&root, &health, &stats, shards.as_ref());
    answer.missing.extend(refused);
    Ok(answer)
}

/// Asks RabbitMQ's management interface.
pub(in crate::counters) fn rabbitmq_management(
    feed: &mut Line<'_>,
    spot: &Spot,
    login: &Login,
    sizes: bool,
) -> Result<Answer, Unavailable> {
    let overview = json(feed, spot, "/api/overview", Some(login))?;
    // The overview names the node that answers; its name goes into a path, so only a plain one does.
    let name = overview.get("node").and_then(Value::as_str).unwrap_or_default();
    let is_plain = !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "@._-".contains(letter));
    let node = match is_plain {
        true => json(feed, spot, &format!("/api/nodes/{name}"), Some(login))?,
        false => Value::Null,
    };
    let queues = sizes
        .then(|| json(feed, spot, "/api/queues?columns=name,vhost,type,messages", Some(login)))
        .transpose()?;
    Ok(read::rabbitmq::read_management(&overview, &node, queues.as_ref()))
}
