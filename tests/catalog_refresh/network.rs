//! Servers that are slow, break off, move, or come back.

use std::fs;
use std::time::Duration;

use super::files::{Assessment, ec2_csv, gzip, said, savings_csv};
use super::server::{Manner, Server};

#[test]
fn a_server_that_works_gives_a_catalog_and_nothing_stays_behind() {
    let (acme, server) = (Assessment::new(), Server::start());
    let path = server.offer("AmazonEC2", &ec2_csv(1100), Manner::Well);
    let plan = "/savingsPlan/v1.0/aws/AWSComputeSavingsPlan";
    let file = format!("{plan}/20260507192915/ap-southeast-1/index");
    server.put(
        &format!("{plan}/current/region_index.json"),
        format!(r#"{{"regions":[{{"regionCode":"ap-southeast-1","versionUrl":"{file}.json"}}]}}"#).as_bytes(),
        Manner::Well,
    );
    server.put(&format!("{file}.csv"), &savings_csv(), Manner::Well);
    let output = acme.refresh(&server.url, &["--region", "ap-southeast-1"]);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("savings-plans") && text.contains("the server has no file of AmazonRDS"),
        "{text}"
    );
    assert_eq!(server.asked(&path).len(), 1);
    assert!(acme.catalog().exists());
    assert!(!acme.path("acme/catalog/download").exists(), "downloads are removed");
}

#[test]
fn a_slow_server_is_waited_for() {
    let (acme, server) = (Assessment::new(), Server::start());
    server.offer(
        "AmazonEC2",
        &ec2_csv(1000),
        Manner::Slowly(100_000, Duration::from_millis(20)),
    );
    let output = acme.refresh(&server.url, &[]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn a_connection_that_breaks_is_gone_on_with() {
    let (acme, server) = (Assessment::new(), Server::start());
    let path = server.offer(
        "AmazonEC2",
        &ec2_csv(1000),
        Manner::BreaksOff {
            after: 500_000,
            times: 3,
        },
    );
    let output = acme.refresh(&server.url, &[]);
    assert!(output.status.success(), "{}", said(&output));
    let asked = server.asked(&path);
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert_eq!(asked[0].range, None);
    assert_eq!(asked[1].range.as_deref(), Some("bytes=500000-"));
    assert_eq!(asked[2].range.as_deref(), Some("bytes=1000000-"));
    assert_eq!(asked[3].if_range.as_deref(), Some("\"one\""));
}

#[test]
fn what_was_left_is_gone_on_with_by_the_next_run() {
    let (acme, server) = (Assessment::new(), Server::start());
    let bytes = ec2_csv(1000);
    let path = server.offer(
        "AmazonEC2",
        &bytes,
        Manner::BreaksOff {
            after: 900_000,
            times: 1,
        },
    );
    // The first run gets a part, and then the server is not reachable any more.
    server.put(
        &path,
        &bytes,
        Manner::BreaksOff {
            after: 900_000,
            times: 1,
        },
    );
    let output = acme.refresh(&server.url, &["--offers", "ec2"]);
    assert!(output.status.success(), "{}", said(&output));
    // By hand: a part of a run that was killed.
    let acme = Assessment::new();
    let folder = acme.path("acme/catalog/download");
    fs::create_dir_all(&folder).unwrap();
    let name = "AmazonEC2-20260507192915-ap-southeast-1.csv";
    fs::write(folder.join(format!("{name}.part")), &bytes[..1_000_000]).unwrap();
    let about = format!(
        r#"{{"url":"{}{path}","validator":"\"one\"","length":{},"sha256":null}}"#,
        server.url,
        bytes.len()
    );
    fs::write(folder.join(format!("{name}.part.json")), about).unwrap();
    let before = server.asked(&path).len();
    let output = acme.refresh(&server.url, &["--offers", "ec2"]);
    assert!(output.status.success(), "{}", said(&output));
    let asked = server.asked(&path);
    assert_eq!(asked.len(), before + 1);
    assert_eq!(asked[before].range.as_deref(), Some("bytes=1000000-"));
}

#[test]
fn a_file_that_changed_meanwhile_is_fetched_whole() {
    let (acme, server) = (Assessment::new(), Server::start());
    let path = server.offer(
        "AmazonEC2",
        &ec2_csv(1000),
        Manner::BreaksOffAndChanges {
            after: 500_000,
            then: ec2_csv(1200),
        },
    );
    let output = acme.refresh(&server.url, &["--diff"]);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("+20.0"), "the later file, from its beginning: {text}");
    assert_eq!(server.asked(&path)[1].range.as_deref(), Some("bytes=500000-"));
}

#[test]
fn a_server_without_parts_sends_it_whole_again() {
    let (acme, server) = (Assessment::new(), Server::start());
    server.offer(
        "AmazonEC2",
        &ec2_csv(1100),
        Manner::BreaksOffWithoutRanges { after: 500_000 },
    );
    let output = acme.refresh(&server.url, &[]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn another_part_than_was_asked_for_is_not_glued_on() {
    let (acme, server) = (Assessment::new(), Server::start());
    let bytes = ec2_csv(1000);
    let path = server.offer("AmazonEC2", &bytes, Manner::AnotherPart { after: 500_000 });
    let output = acme.refresh(&server.url, &["--offers", "ec2"]);
    assert!(output.status.success(), "{}", said(&output));
    let asked = server.asked(&path);
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert_eq!((asked[1].range.is_some(), asked[2].range.is_some()), (true, false));
}

#[test]
fn a_server_that_is_busy_is_asked_again_and_a_moved_file_is_followed() {
    let (acme, server) = (Assessment::new(), Server::start());
    let path = server.offer("AmazonEC2", &[], Manner::MovedTo("/elsewhere/list.csv".into()));
    server.put("/elsewhere/list.csv", &ec2_csv(1100), Manner::Status(503, 2));
    let output = acme.refresh(&server.url, &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(server.asked(&path).len(), 3);
}

#[test]
fn json_is_taken_where_there_is_no_csv_and_packed_files_are_unpacked() {
    let (acme, server) = (Assessment::new(), Server::start());
    server.offer("AmazonEC2", &gzip(&ec2_csv(1100)), Manner::Well);
    let output = acme.refresh(&server.url, &[]);
    assert!(output.status.success(), "{}", said(&output));

    let (acme, server) = (Assessment::new(), Server::start());
    let csv = server.offer("AmazonEC2", &[], Manner::Status(404, usize::MAX));
    let types = super::files::types();
    let mut json = Vec::new();
    sample_data::price_list::Ec2List {
        region: sample_data::price_list::ListedRegion::singapore(),
        types: &types,
        reserved_until_bytes: 0,
        mix: sample_data::price_list::Mix::Few,
    }
    .write_json(&mut json)
    .unwrap();
    server.put(&csv.replace(".csv", ".json"), &json, Manner::Well);
    let output = acme.refresh(&server.url, &[]);
    assert!(output.status.success(), "{}", said(&output));
}
