//! A real Prometheus that scrapes a real node_exporter, asked plainly and through TLS.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(program: &str, arguments: &[String]) -> Running {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} does not start ({error}): `make test` installs it"));
    Running(child)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(30), "nothing listens on {port}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn import(folder: &Path, words: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(["-C", "acme", "import", "prometheus"])
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.success(), text)
}

#[test]
fn a_real_server_is_asked_plainly_and_through_tls() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path();
    let (exporter, server, secure) = (free_port(), free_port(), free_port());
    let _exporter = start(
        "prometheus-node-exporter",
        &[format!("--web.listen-address=127.0.0.1:{exporter}")],
    );
    fs::write(
        folder.join("prometheus.yml"),
        format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: node, static_configs: [{{targets: ['127.0.0.1:{exporter}']}}]}}]\n"
        ),
    )
    .unwrap();
    let _server = start(
        "prometheus",
        &[
            format!("--config.file={}", folder.join("prometheus.yml").display()),
            format!("--storage.tsdb.path={}", folder.join("data").display()),
            format!("--web.listen-address=127.0.0.1:{server}"),
        ],
    );
    let key = folder.join("key.pem");
    let certificate = folder.join("certificate.pem");
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ])
        .args([
            "-addext",
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let _front = start(
        "socat",
        &[
            format!(
                "OPENSSL-LISTEN:{secure},bind=127.0.0.1,reuseaddr,fork,cert={},key={},verify=0",
                certificate.display(),
                key.display()
            ),
            format!("TCP:127.0.0.1:{server}"),
        ],
    );
    [exporter, server, secure].into_iter().for_each(wait_for);
    let from = jiff::Timestamp::now();
    std::thread::sleep(Duration::from_secs(14));
    let made = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(["init", "acme", "--region", "us-east-1"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success());

    let from = from.to_string();
    let plain = format!("http://127.0.0.1:{server}");
    let (is_done, text) = import(folder, &["--url", &plain, "--from", &from, "--step", "1s", "--dry-run"]);
    assert!(is_done, "{text}");
    for part in [
        "1 hosts",
        "in table host",
        "in table disk",
        "in table network",
        "in table filesystem",
        "usually every 1 s",
    ] {
        // A machine without disks or interfaces of its own has no rows of them.
        let is_optional = part.ends_with("disk") || part.ends_with("network") || part.ends_with("filesystem");
        assert!(text.contains(part) || is_optional, "{part}: {text}");
    }
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(text.contains("cpu_cores "), "{text}");
    let online = fs::read_to_string("/proc/stat").unwrap();
    let online = online
        .lines()
        .filter(|line| line.starts_with("cpu") && !line.starts_with("cpu "))
        .count();
    assert!(
        text.contains(&format!("cpu_cores {online}")),
        "{cores} of {online}: {text}"
    );

    fs::write(folder.join("token"), "a-secret-token\n").unwrap();
    let tls = format!("https://localhost:{secure}");
    let words = ["--url", &tls, "--from", &from, "--step", "1s", "--token-file", "token"];
    let (is_done, text) = import(folder, &words);
    assert!(
        !is_done && text.contains("certificate"),
        "a stranger's certificate is refused: {text}"
    );
    let trusted: Vec<&str> = words.iter().copied().chain(["--ca", "certificate.pem"]).collect();
    let (is_done, text) = import(folder, &trusted);
    assert!(is_done, "{text}");
    assert!(!text.contains("a-secret-token"));
    let origins = folder.join("acme/telemetry/origins");
    let record = fs::read_dir(origins).unwrap().next().unwrap().unwrap().path();
    let record = fs::read_to_string(record).unwrap();
    assert!(record.contains("node_cpu_seconds_total") && !record.contains("a-secret-token"));
    let remote = [
        "--url",
        "http://prometheus.example",
        "--from",
        &from,
        "--token-file",
        "token",
    ];
    let (is_done, text) = import(folder, &remote);
    assert!(!is_done && text.contains("only sent over https"), "{text}");
}
