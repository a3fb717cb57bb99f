//! Asks a Prometheus server for node_exporter's metrics and keeps its answers as files, which are then imported like any.
//!
//! Plain HTTP/1.1 or TLS, one request at a time, each for so many points that
//! the server answers; where it finds that too much, for half as many. A token
//! goes into no message and no file. Redirects are not followed, so that it
//! goes nowhere else either.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::counters::metrics;
use crate::import::error::{ImportError, shown};
use crate::import::watch::Watch;

/// Points of a series that Prometheus gives at most are 11,000.
const POINTS_AT_MOST: i64 = 10_000;
/// Fewer points than this are not asked for: then something else is wrong.
const POINTS_AT_LEAST: i64 = 10;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(180);
/// Most bytes of one answer.
const ANSWER_AT_MOST: u64 = 1 << 30;

/// What to ask for, and of whom.
#[derive(Clone, Copy)]
pub struct ServerRequest<'a> {
    /// `http[s]://HOST[:PORT][/PREFIX]`.
    pub url: &'a str,
    /// First point, UTC milliseconds.
    pub from_ms: i64,
    /// Last point, UTC milliseconds.
    pub to_ms: i64,
    /// Seconds from point to point.
    pub step_s: i64,
    /// Bearer token.
    pub token: Option<&'a str>,
    /// Certificates to trust instead of the system's, as PEM.
    pub ca: Option<&'a Path>,
}

impl std::fmt::Debug for ServerRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerRequest")
            .field("url", &self.url)
            .field("token", &self.token.map(|_| "…"))
            .finish_non_exhaustive()
    }
}

/// Fetches every metric that is used into files of a folder, and gives the files.
///
/// # Errors
/// When the server cannot be reached or refuses, or when cancelled.
pub fn fetch_prometheus(
    request: &ServerRequest<'_>,
    folder: &Path,
    watch: &Watch<'_>,
) -> Result<Vec<PathBuf>, ImportError> {
    let server = Server::new(request)?;
    let mut files = Vec::new();
    for metric in metrics() {
        let mut points = POINTS_AT_MOST;
        let mut from = request.from_ms;
        while from <= request.to_ms {
            if watch.cancelled.load(Ordering::Relaxed) {
                return Err(ImportError::Cancelled {
                    path: PathBuf::from(request.url),
                });
            }
            let to = (from + points * request.step_s * 1000).min(request.to_ms);
            let (status, body) = server.range(metric, from, to, request.step_s)?;
            match status {
                200 => {
                    let name = format!("{metric}.{}.json", from / 1000);
                    let path = folder.join(name);
                    std::fs::write(&path, &body).map_err(|source| ImportError::io(&path, source))?;
                    files.push(path);
                    from = to + request.step_s * 1000;
                }
                // Too many samples, or too slow: less at a time.
                422 | 503 if points > POINTS_AT_LEAST => points /= 2,
                status => return Err(server.said(status, &body)),
            }
        }
    }
    Ok(files)
}

struct Server<'a> {
    url: &'a str,
    host: String,
    port: u16,
    prefix: String,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    token: Option<&'a str>,
}

impl<'a> Server<'a> {
    fn new(request: &ServerRequest<'a>) -> Result<Self, ImportError> {
        let url = request.url;
        let bad = |reason: &str| failed(url, reason.to_string());
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| bad("expected http://HOST:PORT or https://HOST:PORT"))?;
        let is_tls = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(bad("expected http:// or https://")),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') || url.bytes().any(|byte| byte.is_ascii_control() || byte == b' ') {
            return Err(bad(
                "an address holds no account, space or control character; a token comes from a file",
            ));
        }
        let default = if is_tls { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (
                host,
                port.parse().map_err(|_| bad("its port is no number from 1 to 65535"))?,
            ),
            _ => (authority, default),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_string();
        if !is_tls && request.token.is_some() && !is_loopback(&host) {
            return Err(bad("a token is only sent over https://, or to this machine"));
        }
        let tls = match is_tls {
            false => None,
            true => {
                let name =
                    ServerName::try_from(host.clone()).map_err(|_| bad("its host is no name that TLS can check"))?;
                Some((config(url, request.ca)?, name))
            }
        };
        Ok(Self {
            url,
            host,
            port,
            prefix: path.trim_end_matches('/').to_string(),
            tls,
            token: request.token,
        })
    }

    fn range(&self, metric: &str, from_ms: i64, to_ms: i64, step_s: i64) -> Result<(u16, Vec<u8>), ImportError> {
        let prefix = if self.prefix.is_empty() {
            String::new()
        } else {
            format!("/{}", self.prefix)
        };
        let path = format!(
            "{prefix}/api/v1/query_range?query={metric}&start={:.3}&end={:.3}&step={step_s}",
            from_ms as f64 / 1000.0,
            to_ms as f64 / 1000.0
        );
        let token = self
            .token
            .map(|token| format!("Authorization: Bearer {token}\r\n"))
            .unwrap_or_default();
        let asked = format!(
            "GET {path} HTTP/1.1\r\nHost: {}:{}\r\nAccept: application/json\r\nUser-Agent: sizewright\r\n{token}Connection: close\r\n\r\n",
            self.host, self.port
        );
        self.ask(&asked).map_err(|source| ImportError::Server {
            url: shown(self.url),
            source: Box::new(source),
        })
    }

    fn ask(&self, asked: &str) -> std::io::Result<(u16, Vec<u8>)> {
        let mut last = std::io::Error::new(std::io::ErrorKind::NotFound, "its name has no address");
        let mut connected = None;
        for address in (self.host.as_str(), self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
                Ok(stream) => {
                    connected = Some(stream);
                    break;
                }
                Err(error) => last = error,
            }
        }
        let Some(stream) = connected else { return Err(last) };
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        stream.set_write_timeout(Some(ANSWER_TIMEOUT))?;
        let answer = match &self.tls {
            None => exchange(stream, asked)?,
            Some((config, name)) => {
                let tls = ClientConnection::new(Arc::clone(config), name.clone()).map_err(std::io::Error::other)?;
                exchange(StreamOwned::new(tls, stream), asked)?
            }
        };
        answer_of(&answer).ok_or_else(|| {
            std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "what it answered is no whole HTTP answer",
            )
        })
    }

    fn said(&self, status: u16, body: &[u8]) -> ImportError {
        let text = serde_json::from_slice::<serde_json::Value>(body)
            .ok()
            .and_then(|answer| answer["error"].as_str().map(str::to_string))
            .unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
        failed(self.url, format!("it answered {status}: {}", shown(text.trim())))
    }
}

fn failed(url: &str, reason: String) -> ImportError {
    ImportError::Server {
        url: shown(url),
        source: reason.into(),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn config(url: &str, ca: Option<&Path>) -> Result<Arc<ClientConfig>, ImportError> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => {
            let certificates = CertificateDer::pem_file_iter(path)
                .map_err(|error| failed(url, format!("`{}` cannot be read: {error}", path.display())))?;
            for certificate in certificates {
                certificate
                    .ok()
                    .and_then(|certificate| roots.add(certificate).ok())
                    .ok_or_else(|| {
                        failed(
                            url,
                            format!("`{}` holds something that is no certificate", path.display()),
                        )
                    })?;
            }
        }
        None => {
            // Certificates that cannot be used are left out, as every client does.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(failed(
            url,
            "there is no certificate to trust; give one with --ca".to_string(),
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(url, error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn exchange(mut stream: impl Read + Write, asked: &str) -> std::io::Result<Vec<u8>> {
    stream.write_all(asked.as_bytes())?;
    stream.flush()?;
    let mut answer = Vec::new();
    match stream.take(ANSWER_AT_MOST).read_to_end(&mut answer) {
        // Some servers close without TLS's farewell; whether the answer is whole its length tells.
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(answer),
        Err(error) => Err(error),
        Ok(_) => Ok(answer),
    }
}

/// Takes an answer apart: status and body; nothing where it is not whole.
fn answer_of(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let body = &answer[end + 4..];
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut length = None;
    for line in lines {
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "transfer-encoding" if value.trim().eq_ignore_ascii_case("chunked") => {
                return Some((status, unchunked(body)?));
            }
            "content-length" => length = value.trim().parse::<usize>().ok(),
            _ => {}
        }
    }
    match length {
        Some(length) => Some((status, body.get(..length)?.to_vec())),
        None => Some((status, body.to_vec())),
    }
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::with_capacity(rest.len());
    loop {
        let end = rest.windows(2).position(|part| part == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_whole_or_none() {
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2;x=y\r\nef\r\n0\r\n\r\n";
        assert_eq!(answer_of(chunked), Some((200, b"abcdef".to_vec())));
        assert_eq!(answer_of(&chunked[..chunked.len() - 12]), None);
        assert_eq!(
            answer_of(b"HTTP/1.1 422 X\r\nContent-Length: 2\r\n\r\nabc"),
            Some((422, b"ab".to_vec()))
        );
        assert_eq!(answer_of(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), None);
        assert_eq!(
            answer_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
            None
        );
    }

    #[test]
    fn a_token_never_leaves_in_the_clear() {
        let request = |url| ServerRequest {
            url,
            from_ms: 0,
            to_ms: 0,
            step_s: 60,
            token: Some("secret-token"),
            ca: None,
        };
        let error = Server::new(&request("http://prometheus.example"))
            .err()
            .map(|error| format!("{error:?}"));
        assert!(error.is_some_and(|text| text.contains("https://") && !text.contains("secret-token")));
        assert!(Server::new(&request("http://127.0.0.1:9090/prefix/")).is_ok());
        assert!(!format!("{:?}", request("https://a")).contains("secret-token"));
        assert!(Server::new(&request("https://user:pw@a")).is_err());
    }
}
