//! nginx: the page of `stub_status`.

use crate::counters::answer::{Answer, number};
use crate::counters::metric::*;

/// Reads the page, and the version from the header `Server`.
#[must_use]
pub fn read(page: &[u8], server: Option<&str>) -> Answer {
    let text = String::from_utf8_lossy(page);
    let mut answer = Answer::default();
    let mut lines = text.lines();
    let Some(active) = lines
        .next()
        .and_then(|line| line.trim().strip_prefix("Active connections:"))
    else {
        return answer;
    };
    answer.level(CONNECTIONS, number(active));
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            // Accepted, handled, requests.
            [accepted, _, requests] => {
                answer.total(CONNECTIONS_OPENED, number(accepted));
                answer.total(OPERATIONS, number(requests));
            }
            ["Reading:", reading, "Writing:", writing, "Waiting:", _] => {
                let active = number(reading).and_then(|reading| Some(reading + number(writing)?));
                answer.level(CONNECTIONS_ACTIVE, active);
            }
            _ => {}
        }
    }
    if let Some(version) = server.and_then(|server| server.strip_prefix("nginx/")) {
        answer.fact("version", version);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_page_is_read() {
        let answer = read(
            include_bytes!("../../../tests/counters/answers/nginx-1.22.txt"),
            Some("nginx/1.22.1"),
        );
        assert_eq!(answer.value(CONNECTIONS), Some(1.0));
        assert_eq!(answer.value(CONNECTIONS_OPENED), Some(3.0));
        assert_eq!(answer.value(OPERATIONS), Some(3.0));
        assert_eq!(answer.value(CONNECTIONS_ACTIVE), Some(1.0));
        assert_eq!(answer.fact_named("version"), Some("1.22.1"));
        assert!(
            read(b"<html>1 2 3</html>", None).is_empty(),
            "another page is no answer"
        );
    }
}
