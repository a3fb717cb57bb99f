//! Servers that lie: each is refused with place, cause and hint, and what is in use stays.

use std::fs;

use super::files::{Assessment, ec2_csv, gzip, put, said};
use super::server::{Manner, Server};

/// Refreshes twice: well, and then from the liar; gives what the second said.
fn lied(bytes: &[u8], manner: Manner, code: i32) -> String {
    let acme = Assessment::new();
    put(&acme.path("lists/a.csv"), &ec2_csv(1050));
    assert!(acme.refresh("lists", &[]).status.success());
    let in_use = fs::read(acme.catalog()).unwrap();
    let server = Server::start();
    server.offer("AmazonEC2", bytes, manner);
    let output = acme.refresh(&server.url, &["--offers", "ec2"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains("error: ") && text.contains("hint: "), "{text}");
    assert_eq!(fs::read(acme.catalog()).unwrap(), in_use, "what is in use stays");
    text
}

#[test]
fn a_length_that_is_never_reached() {
    let text = lied(&ec2_csv(1000), Manner::LongerThanItIs(1_000), 2);
    assert!(
        text.contains("broke off") || text.contains("the answer ended after"),
        "{text}"
    );
}

#[test]
fn a_hash_that_does_not_hold() {
    let wrong = vec![("Repr-Digest", format!("sha-256=:{}=:", "A".repeat(43)))];
    let text = lied(&ec2_csv(1000), Manner::With(wrong), 3);
    assert!(
        text.contains("its SHA-256 is") && text.contains("and should be 0000"),
        "{text}"
    );
}

#[test]
fn a_web_page_with_and_without_its_type() {
    let page = b"<!DOCTYPE html><html><body>Please sign in</body></html>";
    let html = vec![("Content-Type", "text/html; charset=utf-8".to_string())];
    for manner in [Manner::With(html), Manner::Well] {
        let text = lied(page, manner, 2);
        assert!(text.contains("the answer is a web page, not a price list"), "{text}");
    }
}

#[test]
fn a_web_page_in_place_of_an_index() {
    let acme = Assessment::new();
    let server = Server::start();
    server.put(
        "/offers/v1.0/aws/AmazonEC2/current/region_index.json",
        b"<html>sign in</html>",
        Manner::Well,
    );
    let output = acme.refresh(&server.url, &["--offers", "ec2"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("it is no index of regions"), "{text}");
}

#[test]
fn packed_bytes_that_are_cut() {
    let packed = gzip(&ec2_csv(1000));
    let text = lied(&packed[..packed.len() - 1_000], Manner::Well, 3);
    assert!(text.contains("the file cannot be read to its end"), "{text}");
}

#[test]
fn rows_that_are_cut() {
    let bytes = ec2_csv(1000);
    let text = lied(&bytes[..bytes.len() - 100], Manner::Well, 3);
    assert!(text.contains("cut"), "{text}");
}

#[test]
fn the_file_of_another_region() {
    let text = String::from_utf8(ec2_csv(1000)).unwrap();
    let other = text.replace("\"ap-southeast-1\"", "\"eu-west-1\"");
    let text = lied(other.as_bytes(), Manner::Well, 3);
    assert!(text.contains("it prices eu-west-1, not ap-southeast-1"), "{text}");
}

#[test]
fn the_file_of_another_offer() {
    let text = String::from_utf8(ec2_csv(1000)).unwrap();
    let other = text.replace("\"OfferCode\",\"AmazonEC2\"", "\"OfferCode\",\"AmazonS3\"");
    let text = lied(other.as_bytes(), Manner::Well, 3);
    assert!(
        text.contains("it is a file of offer AmazonS3, not of AmazonEC2"),
        "{text}"
    );
}

#[test]
fn other_money() {
    let text = String::from_utf8(ec2_csv(1000)).unwrap();
    let text = lied(text.replace("\"USD\"", "\"CNY\"").as_bytes(), Manner::Well, 3);
    assert!(text.contains("the price is in CNY, not in USD"), "{text}");
}

#[test]
fn prices_that_cannot_be() {
    let text = lied(&ec2_csv(2_000), Manner::Well, 3);
    assert!(
        text.contains("refused: EC2 Linux: prices of 1 families were multiplied (m7i by 1.90)"),
        "{text}"
    );
    assert!(text.contains("--accept"), "{text}");
    let text = lied(&ec2_csv(0), Manner::Well, 3);
    assert!(text.contains("refused: "), "{text}");
}

#[test]
fn half_of_the_rows() {
    let text = String::from_utf8(ec2_csv(1000)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let half = format!("{}\n", lines[..lines.len() / 2].join("\n"));
    let text = lied(half.as_bytes(), Manner::Well, 3);
    assert!(text.contains("prices are still there"), "{text}");
}

#[test]
fn no_server_at_all() {
    let acme = Assessment::new();
    let output = acme.refresh("http://127.0.0.1:9", &["--offers", "ec2"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("cannot get http://127.0.0.1:9/offers/v1.0/aws/AmazonEC2/current/region_index.json"),
        "{text}"
    );
    assert!(text.contains("--from DIR"), "{text}");
    let output = acme.refresh("https://user:pw@mirror.example", &[]);
    let text = said(&output);
    assert!(
        text.contains("an address holds no account") && !text.contains("pw"),
        "{text}"
    );
}

#[test]
fn what_was_refused_can_be_accepted_without_fetching_it_again() {
    let acme = Assessment::new();
    let server = Server::start();
    let path = server.offer("AmazonEC2", &ec2_csv(2_000), Manner::Well);
    let refused = acme.refresh(&server.url, &["--offers", "ec2"]);
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    assert!(!acme.catalog().exists());
    let accepted = acme.refresh(&server.url, &["--offers", "ec2", "--accept"]);
    assert!(accepted.status.success(), "{}", said(&accepted));
    assert_eq!(server.asked(&path).len(), 1);
}
