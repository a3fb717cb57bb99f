//! A file that comes in parts: kept while it is not whole, and gone on with.
//!
//! `NAME.part` holds what came, `NAME.part.json` of which answer it is. The rest
//! is asked for with `Range` and `If-Range`, so that a server whose file has
//! changed sends it whole. A part without a validator is begun anew.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use base64::Engine as _;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, IF_RANGE, LAST_MODIFIED, RANGE,
};
use reqwest::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::client::{Client, HINT_ADDRESS, HINT_LATER, is_passing, pause_before};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress;

/// How often a file is asked for anew while nothing comes.
const ATTEMPTS: u32 = 5;
/// Most bytes of a file; the largest regional one has less than a tenth.
const LARGEST: u64 = 8 << 30;
/// Bytes gathered before they are written.
const BLOCK: usize = 1 << 18;

/// A file that was fetched as a whole.
pub(super) struct Fetched {
    pub(super) path: PathBuf,
    /// Hash that the server promised, in hexadecimal.
    pub(super) sha256: Option<String>,
}

/// A file that is not whole yet.
pub(super) struct Partial {
    whole: PathBuf,
    part: PathBuf,
    about: PathBuf,
}

/// Of which answer a part is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct About {
    url: String,
    validator: Option<String>,
    length: Option<u64>,
    sha256: Option<String>,
}

impl Partial {
    pub(super) fn of(folder: &Path, name: &Path) -> Self {
        let whole = folder.join(name);
        let with = |ending: &str| {
            let mut path = whole.as_os_str().to_os_string();
            path.push(ending);
            PathBuf::from(path)
        };
        Self {
            part: with(".part"),
            about: with(".part.json"),
            whole,
        }
    }

    fn io(&self, error: std::io::Error) -> Failure {
        Failure::user(error)
            .while_trying(format!("cannot write `{}`", self.part.display()))
            .hint("check permissions and free space; what came so far is kept")
    }

    /// Gives what is here of an answer: bytes, and which answer.
    fn begun(&self, url: &str) -> (u64, About) {
        let about: Option<About> = fs::read(&self.about)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let here = fs::metadata(&self.part).map_or(0, |about| about.len());
        match about {
            Some(about) if about.url == url && about.validator.is_some() && here > 0 => (here, about),
            _ => (0, About::default()),
        }
    }

    fn note(&self, about: &About) -> Result<(), Failure> {
        let text = serde_json::to_vec(about).map_err(Failure::internal)?;
        fs::write(&self.about, text).map_err(|error| self.io(error))
    }

    fn forget(&self) {
        // What is not there need not be removed; what cannot be is written over.
        let _ = fs::remove_file(&self.about);
        let _ = fs::remove_file(&self.part);
    }
}

/// How one request ended.
enum Step {
    Whole,
    /// More came than before, and then it broke off.
    Broke(String),
    /// Nothing more can be had of this part.
    Anew(String),
    NotThere,
}

/// Fetches a file, going on where an earlier run stopped; nothing if the server says that there is none.
pub(super) fn fetch(
    client: &Client,
    path: &str,
    partial: &Partial,
    what: &str,
    printer: &Printer,
) -> Result<Option<Fetched>, Failure> {
    let url = format!("{}{path}", client.base());
    if let Some(folder) = partial.part.parent() {
        fs::create_dir_all(folder).map_err(|error| partial.io(error))?;
    }
    if partial.whole.exists() {
        // Its version is in its name; it was whole when it got that name.
        let sha256 = partial.begun_or_noted(&url);
        return Ok(Some(Fetched {
            path: partial.whole.clone(),
            sha256,
        }));
    }
    let mut idle = 0;
    let mut anew = 0;
    loop {
        let (here, about) = partial.begun(&url);
        if here > 0 {
            printer.detail(&format!("{what}: going on at byte {here}"));
        }
        let before = here;
        let reason = match once(client, path, &url, partial, (here, about), what, printer)? {
            Step::Whole => break,
            Step::NotThere => {
                partial.forget();
                return Ok(None);
            }
            Step::Broke(reason) => {
                let now = fs::metadata(&partial.part).map_or(0, |about| about.len());
                idle = if now > before { 0 } else { idle + 1 };
                reason
            }
            Step::Anew(reason) => {
                partial.forget();
                anew += 1;
                reason
            }
        };
        if idle >= ATTEMPTS || anew >= ATTEMPTS {
            return Err(client.refused(path, &reason, HINT_LATER));
        }
        printer.detail(&format!("{what}: {reason}; asking again"));
        pause_before(client, idle.max(anew))?;
    }
    let about = partial.noted();
    fs::rename(&partial.part, &partial.whole).map_err(|error| partial.io(error))?;
    Ok(Some(Fetched {
        path: partial.whole.clone(),
        sha256: about.sha256,
    }))
}

impl Partial {
    fn noted(&self) -> About {
        fs::read(&self.about)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    fn begun_or_noted(&self, url: &str) -> Option<String> {
        let about = self.noted();
        about.sha256.filter(|_| about.url == url)
    }
}

/// Asks once, and takes what comes.
fn once(
    client: &Client,
    path: &str,
    url: &str,
    partial: &Partial,
    (here, begun): (u64, About),
    what: &str,
    printer: &Printer,
) -> Result<Step, Failure> {
    let mut request = client.request(path).header(ACCEPT_ENCODING, "identity");
    if let (1.., Some(validator)) = (here, &begun.validator) {
        request = request
            .header(RANGE, format!("bytes={here}-"))
            .header(IF_RANGE, validator);
    }
    let response = match client.wait(request.send())? {
        Ok(response) => response,
        Err(error) if error.is_connect() || error.is_builder() => return Err(client.failed(path, error)),
        Err(error) => return Ok(Step::Broke(chain(&error))),
    };
    let status = response.status();
    let (start, about) = match status {
        StatusCode::OK => (0, about(url, response.headers())),
        StatusCode::PARTIAL_CONTENT => match range_of(response.headers()) {
            Some((start, total)) if start == here && begun.length.is_none_or(|known| known == total) => (here, begun),
            _ => {
                return Ok(Step::Anew(
                    "the server sent another part than was asked for".to_string(),
                ));
            }
        },
        StatusCode::RANGE_NOT_SATISFIABLE => {
            return Ok(Step::Anew("the part here is longer than the file".to_string()));
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(Step::NotThere),
        status if is_passing(status) => return Ok(Step::Broke(format!("the server answered {status}"))),
        status => {
            let words = format!("the server answered {status}");
            return Err(client.refused(path, &words, HINT_ADDRESS));
        }
    };
    if is_web_page(response.headers()) {
        return Err(client.refused(path, "the answer is a web page, not a price list", HINT_ADDRESS));
    }
    if about.length.is_some_and(|length| length > LARGEST) {
        return Err(client.refused(path, "the file is larger than any price list of a region", HINT_ADDRESS));
    }
    partial.note(&about)?;
    take(client, path, response, partial, start, &about, what, printer)
}

#[allow(clippy::too_many_arguments, reason = "what comes, where it goes, and who is told")]
fn take(
    client: &Client,
    path: &str,
    mut response: Response,
    partial: &Partial,
    start: u64,
    about: &About,
    what: &str,
    printer: &Printer,
) -> Result<Step, Failure> {
    let file = File::options()
        .create(true)
        .write(true)
        .append(start > 0)
        .truncate(start == 0)
        .open(&partial.part)
        .map_err(|error| partial.io(error))?;
    let mut file = BufWriter::with_capacity(BLOCK, file);
    let bar = progress::bytes(printer, about.length.unwrap_or_default(), what);
    let mut here = start;
    let ended = loop {
        let chunk = match client.wait(response.chunk()) {
            Ok(chunk) => chunk,
            Err(failure) => break Err(failure),
        };
        match chunk {
            Ok(Some(chunk)) => {
                if here == 0 && chunk.trim_ascii_start().starts_with(b"<") {
                    break Err(client.refused(path, "the answer is a web page, not a price list", HINT_ADDRESS));
                }
                if let Err(error) = file.write_all(&chunk) {
                    break Err(partial.io(error));
                }
                here += chunk.len() as u64;
                bar.set_position(here);
                if here > LARGEST {
                    break Err(client.refused(path, "the answer has no end", HINT_ADDRESS));
                }
            }
            Ok(None) => break Ok(None),
            Err(error) => break Ok(Some(chain(&error))),
        }
    };
    bar.finish_and_clear();
    // Also what came before a fault is gone on with.
    file.flush().map_err(|error| partial.io(error))?;
    let broke = match ended {
        Err(failure) => {
            if here == 0 {
                partial.forget();
            }
            return Err(failure);
        }
        Ok(broke) => broke,
    };
    match (broke, about.length) {
        (Some(reason), _) => Ok(Step::Broke(reason)),
        (None, Some(length)) if here < length => {
            Ok(Step::Broke(format!("the answer ended after {here} of {length} bytes")))
        }
        (None, Some(length)) if here > length => Ok(Step::Anew(format!(
            "the answer has {here} bytes, and should have {length}"
        ))),
        (None, _) if here == 0 => Err(Failure::data(anyhow!("the answer is empty"))
            .while_trying(format!("cannot get {}{path}", client.base()))
            .hint(HINT_LATER)),
        (None, _) => Ok(Step::Whole),
    }
}

fn about(url: &str, headers: &HeaderMap) -> About {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // A weak tag does not promise the same bytes.
    let tag = text(ETAG.as_str()).filter(|tag| !tag.starts_with("W/"));
    About {
        url: url.to_string(),
        validator: tag.or_else(|| text(LAST_MODIFIED.as_str())).map(str::to_string),
        length: text(CONTENT_LENGTH.as_str()).and_then(|length| length.parse().ok()),
        sha256: promised(headers),
    }
}

/// Reads a SHA-256 of the whole file from the headers that may have one: RFC 9530, RFC 3230, S3.
fn promised(headers: &HeaderMap) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let of_list = |list: &str| {
        list.split(',').find_map(|entry| {
            let (name, value) = entry.trim().split_once('=')?;
            name.eq_ignore_ascii_case("sha-256")
                .then(|| value.trim_matches(':').to_string())
        })
    };
    let encoded = text("repr-digest")
        .and_then(of_list)
        .or_else(|| text("digest").and_then(of_list))
        .or_else(|| text("x-amz-checksum-sha256").map(str::to_string))?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    // S3's checksum of parts is no checksum of the file, and no 32 bytes.
    (bytes.len() == 32).then(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Reads `bytes 100-199/200`: where the part starts, and how long the whole is.
fn range_of(headers: &HeaderMap) -> Option<(u64, u64)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.parse().ok()?, total.parse().ok()?))
}

fn is_web_page(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"))
}

/// Tells an error with its causes, in one line and without the address.
fn chain(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        words.push(deeper.to_string());
        cause = deeper.source();
    }
    match words.last() {
        Some(last) => format!("the connection broke off ({last})"),
        None => "the connection broke off".to_string(),
    }
}
