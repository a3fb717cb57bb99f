//! A server of price lists that can be slow, break off, and lie.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::files::REGION;

pub const VERSION: &str = "20260507192915";

/// How a file is served.
#[derive(Clone, Debug)]
pub enum Manner {
    /// As it should be.
    Well,
    /// So many bytes at a time, with a pause after each.
    Slowly(usize, Duration),
    /// The connection ends after so many bytes, for the first so many requests.
    BreaksOff { after: usize, times: usize },
    /// As above, and the file changes with its tag after the first request.
    BreaksOffAndChanges { after: usize, then: Vec<u8> },
    /// As above, and parts are not served.
    BreaksOffWithoutRanges { after: usize },
    /// Announces so many bytes more than there are.
    LongerThanItIs(usize),
    /// Answers a part with another part.
    AnotherPart { after: usize },
    /// With these headers.
    With(Vec<(&'static str, String)>),
    /// With this status, for the first so many requests.
    Status(u16, usize),
    /// From elsewhere on the same server.
    MovedTo(String),
    /// Only the file itself, and never an end.
    Hangs,
}

/// One request: path, and which part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub path: String,
    pub range: Option<String>,
    pub if_range: Option<String>,
}

type Files = Arc<Mutex<BTreeMap<String, (Vec<u8>, Manner)>>>;

pub struct Server {
    pub url: String,
    files: Files,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let files: Files = Files::default();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (shelf, log) = (Arc::clone(&files), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (shelf, log) = (Arc::clone(&shelf), Arc::clone(&log));
                std::thread::spawn(move || {
                    // A client that goes away is its own affair.
                    let _ = serve(stream.unwrap(), &shelf, &log);
                });
            }
        });
        Self { url, files, asked }
    }

    pub fn put(&self, path: &str, bytes: &[u8], manner: Manner) {
        self.files.lock().unwrap().insert(path.into(), (bytes.to_vec(), manner));
    }

    /// Puts the CSV of an offer there, with its index.
    pub fn offer(&self, code: &str, bytes: &[u8], manner: Manner) -> String {
        let path = format!("/offers/v1.0/aws/{code}/{VERSION}/{REGION}/index");
        let index =
            format!(r#"{{"regions":{{"{REGION}":{{"regionCode":"{REGION}","currentVersionUrl":"{path}.json"}}}}}}"#);
        self.put(
            &format!("/offers/v1.0/aws/{code}/current/region_index.json"),
            index.as_bytes(),
            Manner::Well,
        );
        let csv = format!("{path}.csv");
        self.put(&csv, bytes, manner);
        csv
    }

    /// Gives the requests for a path.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|asked| asked.path == path).cloned().collect()
    }
}

fn serve(mut stream: TcpStream, files: &Files, log: &Arc<Mutex<Vec<Asked>>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_string();
    // A proxy is asked for whole addresses.
    let path = match path.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/".to_string(), |at| rest[at..].to_string()),
        None => path,
    };
    let (mut range, mut if_range) = (None, None);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let header = line.trim_end();
        if header.is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "range" => range = Some(value.to_string()),
                "if-range" => if_range = Some(value.to_string()),
                _ => {}
            }
        }
    }
    let earlier = {
        let mut log = log.lock().unwrap();
        let earlier = log.iter().filter(|asked| asked.path == path).count();
        log.push(Asked {
            path: path.clone(),
            range: range.clone(),
            if_range: if_range.clone(),
        });
        earlier
    };
    let known = files.lock().unwrap().get(&path).cloned();
    let Some((mut bytes, manner)) = known else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let mut tag = "\"one\"";
    let mut headers = String::new();
    let (mut at_most, mut announced_more, mut has_ranges, mut shift) = (usize::MAX, 0, true, 0);
    match &manner {
        Manner::BreaksOff { after, times } if earlier < *times => at_most = *after,
        Manner::BreaksOffAndChanges { after, then } => {
            if earlier == 0 {
                at_most = *after;
            } else {
                bytes.clone_from(then);
                tag = "\"two\"";
            }
        }
        Manner::BreaksOffWithoutRanges { after } => {
            has_ranges = false;
            if earlier == 0 {
                at_most = *after;
            }
        }
        Manner::LongerThanItIs(more) => announced_more = *more,
        Manner::AnotherPart { after } => {
            if earlier == 0 {
                at_most = *after;
            } else {
                shift = 17;
            }
        }
        Manner::With(more) => {
            for (name, value) in more {
                headers.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        Manner::Status(status, times) if earlier < *times => {
            return stream.write_all(
                format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes(),
            );
        }
        Manner::MovedTo(place) => {
            return stream.write_all(
                format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .as_bytes(),
            );
        }
        _ => {}
    }
    let whole = bytes.len() + announced_more;
    let start = range
        .filter(|_| has_ranges && if_range.as_deref().is_none_or(|known| known == tag))
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let head = match start {
        Some(start) if start >= whole => {
            return stream.write_all(b"HTTP/1.1 416 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        Some(start) => format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {}-{}/{whole}\r\nContent-Length: {}\r\n",
            start + shift,
            whole - 1,
            whole - start
        ),
        None => format!("HTTP/1.1 200 OK\r\nContent-Length: {whole}\r\n"),
    };
    stream.write_all(format!("{head}ETag: {tag}\r\n{headers}Connection: close\r\n\r\n").as_bytes())?;
    let body = &bytes[start.unwrap_or_default().min(bytes.len())..];
    let body = &body[..body.len().min(at_most)];
    match manner {
        Manner::Slowly(piece, pause) => {
            for piece in body.chunks(piece) {
                stream.write_all(piece)?;
                stream.flush()?;
                std::thread::sleep(pause);
            }
        }
        Manner::Hangs => {
            stream.write_all(&body[..body.len() / 2])?;
            stream.flush()?;
            std::thread::sleep(Duration::from_secs(60));
        }
        _ => stream.write_all(body)?,
    }
    Ok(())
}
