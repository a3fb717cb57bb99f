//! What `catalog refresh` of a regional file of 300 MB takes: time and memory, from disk and from a server.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use analyzer::catalog::Catalog;
use sample_data::price_list::{Ec2List, ListedRegion, ListedType, Mix};

use crate::figures::{Figures, Goal};

const REGION: &str = "ap-southeast-1";
/// Bytes of a regional file of AWS's; a smaller one would not be what is promised.
const LEAST_BYTES: u64 = 300_000_000;
/// Bytes of rows with reserved rates; the rest of the file is on demand.
const RESERVED_UNTIL: u64 = 300_000_000;
/// Types that are listed besides those of the catalog, as of families that came out since: AWS lists more types in a
/// region than the catalog has prices for. So many more are added until the file is large enough.
const NEW_TYPES: usize = 50;
const HOW: &str = "generated with AWS's columns and mix of rows; the whole command, checks included, median of 3";

/// Adds the figures of refreshing.
pub fn measure(figures: &mut Figures, _root: &Path) {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path().join("lists");
    fs::create_dir_all(&folder).unwrap();
    let csv = folder.join("index.csv");
    let (types, bytes) = (0..)
        .map(|rounds| {
            let types = types(rounds * NEW_TYPES);
            let bytes = list(&types)
                .write_csv(BufWriter::new(File::create(&csv).unwrap()))
                .unwrap();
            (types, bytes)
        })
        .find(|(_, bytes)| *bytes >= LEAST_BYTES)
        .unwrap();
    let list = list(&types);
    assert_eq!(fs::metadata(&csv).unwrap().len(), bytes);
    assert!(bytes >= LEAST_BYTES, "{bytes} bytes");
    println!("  the regional file: {} types, {bytes} bytes", types.len());
    let megabytes = bytes as f64 / 1e6;
    figures.add("bytes of the regional file", megabytes, "MB", Goal::AtLeast(300.0), HOW);

    let (seconds, peak) = median(|| run(work.path(), folder.to_str().unwrap()));
    figures.add(
        "refresh from disk, CSV",
        megabytes / seconds,
        "MB/s",
        Goal::AtLeast(100.0),
        HOW,
    );
    figures.add("memory of it", peak, "MiB", Goal::AtMost(256.0), HOW);

    let url = serve(csv.clone());
    let (seconds, peak) = median(|| run(work.path(), &url));
    figures.add(
        "refresh from a local server, CSV",
        megabytes / seconds,
        "MB/s",
        Goal::AtLeast(100.0),
        HOW,
    );
    figures.add("memory of it", peak, "MiB", Goal::AtMost(256.0), HOW);

    fs::remove_file(&csv).unwrap();
    let json = folder.join("index.json");
    // The same types as JSON: attributes once a product, so the file is smaller.
    list.write_json(File::create(&json).unwrap()).unwrap();
    let megabytes = fs::metadata(&json).unwrap().len() as f64 / 1e6;
    let (seconds, peak) = median(|| run(work.path(), folder.to_str().unwrap()));
    figures.add(
        "refresh from disk, JSON",
        megabytes / seconds,
        "MB/s",
        Goal::Reported,
        HOW,
    );
    figures.add("memory of it", peak, "MiB", Goal::AtMost(256.0), HOW);
}

fn list(types: &[ListedType]) -> Ec2List<'_> {
    Ec2List {
        region: ListedRegion::singapore(),
        types,
        reserved_until_bytes: RESERVED_UNTIL,
        mix: Mix::Real,
    }
}

/// Gives the types of the catalog and so many more with other names.
fn types(more: usize) -> Vec<ListedType> {
    let mut types: Vec<ListedType> = Catalog::embedded()
        .offers(REGION)
        .unwrap()
        .iter()
        .map(|offer| ListedType {
            name: offer.shape.name.clone(),
            vcpu: offer.shape.vcpu,
            memory_mib: offer.shape.memory_mib,
            linux_nano: (offer.price.amount.approximately() * 1e9).round() as u64,
        })
        .collect();
    let known = types.clone();
    let newer = known.iter().cycle().take(more).enumerate().map(|(at, one)| ListedType {
        name: one.name.replacen('.', &format!("new{}.", at / known.len() + 1), 1),
        ..one.clone()
    });
    types.extend(newer);
    types
}

/// Seconds and MiB of one refresh.
fn run(folder: &Path, from: &str) -> (f64, f64) {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args([
            "catalog",
            "refresh",
            "--region",
            REGION,
            "--offers",
            "ec2",
            "--out",
            "new.catalog",
            "--from",
            from,
        ])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak_kib: f64 = 0.0;
    loop {
        if let Some(kib) = fs::read_to_string(&status).ok().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("VmHWM"))?.to_string();
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        }) {
            peak_kib = peak_kib.max(kib);
        }
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let seconds = begun.elapsed().as_secs_f64();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (seconds, peak_kib / 1024.0)
}

fn median(mut once: impl FnMut() -> (f64, f64)) -> (f64, f64) {
    let mut runs: Vec<(f64, f64)> = (0..3).map(|_| once()).collect();
    let peak = runs.iter().map(|(_, peak)| *peak).fold(0.0, f64::max);
    runs.sort_by(|one, other| one.0.total_cmp(&other.0));
    (runs[1].0, peak)
}

/// Serves one file with its index, to whoever asks.
fn serve(file: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let file = file.clone();
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut first = String::new();
                reader.read_line(&mut first).unwrap();
                let mut line = String::new();
                while reader.read_line(&mut line).unwrap() > 2 {
                    line.clear();
                }
                if first.contains("region_index.json") {
                    let index = format!(
                        r#"{{"regions":{{"{REGION}":{{"regionCode":"{REGION}","currentVersionUrl":"/offers/v1.0/aws/AmazonEC2/20260507192915/{REGION}/index.json"}}}}}}"#
                    );
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                        index.len()
                    );
                    stream.write_all(format!("{head}{index}").as_bytes()).unwrap();
                } else {
                    let mut file = File::open(file).unwrap();
                    let length = file.metadata().unwrap().len();
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nETag: \"one\"\r\nConnection: close\r\n\r\n"
                    );
                    stream.write_all(head.as_bytes()).unwrap();
                    std::io::copy(&mut file, &mut stream).unwrap();
                }
            });
        }
    });
    url
}
