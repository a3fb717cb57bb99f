//! An answer of HTTP/1.1: status, the headers that matter, and the body in one piece.

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Status, such as 200.
    pub status: u16,
    /// What the server calls itself.
    pub server: Option<String>,
    /// The body, without the marks of chunks.
    pub body: Vec<u8>,
}

/// Reads an answer that came whole; nothing when it is no HTTP.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Page> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
    let body = bytes.get(end + 4..)?;
    let mut lines = head.split("\r\n");
    let first = lines.next()?.strip_prefix("HTTP/1.")?;
    let status = first.split_whitespace().nth(1)?.parse().ok()?;
    let mut page = Page {
        status,
        ..Page::default()
    };
    let (mut is_chunked, mut length) = (false, None);
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "transfer-encoding" => is_chunked = value.to_ascii_lowercase().contains("chunked"),
            "content-length" => length = value.trim().parse::<usize>().ok(),
            "server" => page.server = Some(value.trim().chars().take(100).collect()),
            _ => {}
        }
    }
    page.body = match (is_chunked, length) {
        (true, _) => joined(body),
        (false, Some(length)) => body.get(..length)?.to_vec(),
        (false, None) => body.to_vec(),
    };
    Some(page)
}

fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = chunks.windows(2).position(|window| window == b"\r\n") {
        let size = chunks.get(..end).and_then(|line| std::str::from_utf8(line).ok());
        let size = size.and_then(|line| usize::from_str_radix(line.split(';').next()?.trim(), 16).ok());
        let Some(size) = size.filter(|size| *size > 0) else {
            break;
        };
        let Some(chunk) = size.checked_add(end + 2).and_then(|to| chunks.get(end + 2..to)) else {
            break;
        };
        body.extend_from_slice(chunk);
        chunks = chunks.get(end + 4 + size..).unwrap_or_default();
    }
    body
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_put_together() {
        let page = read(
            b"HTTP/1.1 200 OK\r\nServer: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;a=b\r\nde\r\n0\r\n\r\n",
        )
        .unwrap();
        assert_eq!((page.status, page.body.as_slice()), (200, b"abcde".as_slice()));
        assert_eq!(read(b"HTTP/1.0 401 No\r\n\r\nno").unwrap().status, 401);
        assert!(
            read(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").is_none(),
            "cut short"
        );
        assert!(read(b"-NOAUTH\r\n\r\n").is_none());
        for huge in ["ffffffffffffffff", "fffffffffffffff0"] {
            read(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{huge}\r\nabc").as_bytes()).unwrap();
        }
    }
}
