//! HTTP with the proxy and the certificates of the user's surroundings.
//!
//! `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say which proxy;
//! `SSL_CERT_FILE` and `SSL_CERT_DIR` say whom to trust, else the system does.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::anyhow;
use reqwest::StatusCode;
use tokio::runtime::Runtime;

use crate::failure::Failure;
use crate::interrupt::INTERRUPTED;

/// A server that does not even accept.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// A server that sends nothing for so long.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(30);
/// How often Ctrl-C is looked for while waiting.
const LOOK: Duration = Duration::from_millis(100);
/// Most bytes of an index; EC2's has about 8,000.
const LARGEST_INDEX: usize = 8 << 20;
/// How often an index is asked for before giving up.
const ATTEMPTS: u32 = 3;

/// Asks one server.
pub(super) struct Client {
    base: String,
    http: reqwest::Client,
    runtime: Runtime,
}

impl Client {
    /// Gets ready; nothing is asked yet.
    pub(super) fn new(url: &str) -> Result<Self, Failure> {
        let address = reqwest::Url::parse(url).map_err(|error| {
            Failure::user(error)
                .while_trying(format!("`{url}` is no address of a server"))
                .hint("an address looks like https://pricing.us-east-1.amazonaws.com")
        })?;
        if !address.username().is_empty() || address.password().is_some() {
            return Err(Failure::user(anyhow!("an address holds no account")).hint("leave the part before the @ out"));
        }
        // A mirror on the inside may be plain; but what was asked for through TLS does not come without it.
        let http = reqwest::Client::builder()
            .https_only(address.scheme() == "https")
            .user_agent(concat!("sizewright/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(SILENCE_TIMEOUT)
            .build()
            .map_err(|error| {
                Failure::user(error)
                    .while_trying("cannot get ready to ask a server")
                    .hint("check SSL_CERT_FILE and HTTPS_PROXY")
            })?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::internal)?;
        Ok(Self {
            base: url.trim_end_matches('/').to_string(),
            http,
            runtime,
        })
    }

    /// Gives the address, as it was given.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Starts a request for a path.
    pub(super) fn request(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("{}{path}", self.base))
    }

    /// Makes this thread one in which requests can be made, as long as what is given lives.
    pub(super) fn enter(&self) -> tokio::runtime::EnterGuard<'_> {
        self.runtime.enter()
    }

    /// Waits for something, unless Ctrl-C comes first.
    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        self.runtime.block_on(unless_interrupted(work))
    }

    /// Gets a small file; nothing if the server says that there is none.
    pub(super) fn small(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let answer = self.wait(self.small_once(path))?;
            match answer {
                Ok(answer) => return Ok(answer),
                Err(Small::Failed(error)) if attempt < ATTEMPTS => {
                    pause_before(self, attempt)?;
                    drop(error);
                }
                Err(Small::Failed(error)) => return Err(self.failed(path, error)),
                Err(Small::Refused(words, hint)) => return Err(self.refused(path, &words, hint)),
            }
        }
    }

    async fn small_once(&self, path: &str) -> Result<Option<Vec<u8>>, Small> {
        let mut response = self.request(path).send().await?;
        match response.status() {
            StatusCode::OK => {}
            // S3 says 403 where it does not want to say whether there is something.
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
            status if is_passing(status) => {
                return Err(Small::Failed(response.error_for_status().err().ok_or_else(|| {
                    Small::Refused(format!("the server answered {status}"), HINT_LATER)
                })?));
            }
            status => return Err(Small::Refused(format!("the server answered {status}"), HINT_ADDRESS)),
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if bytes.len() + chunk.len() > LARGEST_INDEX {
                return Err(Small::Refused(
                    "the answer is longer than any index".to_string(),
                    HINT_ADDRESS,
                ));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Some(bytes))
    }

    /// Says that asking did not work out.
    pub(super) fn failed(&self, path: &str, error: reqwest::Error) -> Failure {
        let hint = if error.is_timeout() {
            "the server or the way to it is slow; try again, it goes on where it stopped"
        } else if error.is_connect() {
            "check the network, HTTPS_PROXY and SSL_CERT_FILE; without a network take files with `--from DIR`"
        } else {
            "try again: it goes on where it stopped"
        };
        Failure::user(error.without_url())
            .while_trying(format!("cannot get {}{path}", self.base))
            .hint(hint)
    }

    /// Says that the answer cannot be used.
    pub(super) fn refused(&self, path: &str, words: &str, hint: &str) -> Failure {
        Failure::user(anyhow!("{words}"))
            .while_trying(format!("cannot get {}{path}", self.base))
            .hint(hint)
    }
}

pub(super) const HINT_LATER: &str = "try again later: it goes on where it stopped";
pub(super) const HINT_ADDRESS: &str =
    "the address stands before /offers/v1.0/aws/…; a proxy may have answered in the server's place";

/// Why a small file was not had.
enum Small {
    Failed(reqwest::Error),
    Refused(String, &'static str),
}

impl From<reqwest::Error> for Small {
    fn from(error: reqwest::Error) -> Self {
        Self::Failed(error)
    }
}

/// Says whether a status may be another one soon.
pub(super) fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::REQUEST_TIMEOUT
}

/// Waits longer each time: 0.2 s, 0.4 s, 0.8 s …
pub(super) fn pause_before(client: &Client, attempt: u32) -> Result<(), Failure> {
    let pause = Duration::from_millis(100 << attempt.min(6));
    client.wait(tokio::time::sleep(pause))
}

async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let interrupted = async {
        while !INTERRUPTED.load(Ordering::SeqCst) {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        done = work => Ok(done),
        () = interrupted => Err(Failure::interrupted()),
    }
}
