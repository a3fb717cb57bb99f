//! The proxy and the certificates of the user's surroundings, and Ctrl-C.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::files::{Assessment, ec2_csv, said};
use super::server::{Manner, Server};

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_proxy_is_asked_unless_the_host_is_excepted() {
    let acme = Assessment::new();
    // It serves whatever address it is asked for: so does a proxy.
    let proxy = Server::start();
    proxy.offer("AmazonEC2", &ec2_csv(1100), Manner::Well);
    let words = [
        "-C",
        "acme",
        "catalog",
        "refresh",
        "--from",
        "http://prices.example",
        "--offers",
        "ec2",
        "--dry-run",
    ];
    let through = acme.command(&words).env("HTTP_PROXY", &proxy.url).output().unwrap();
    assert!(through.status.success(), "{}", said(&through));
    let around = acme
        .command(&words)
        .env("HTTP_PROXY", &proxy.url)
        .env("NO_PROXY", "prices.example")
        .output()
        .unwrap();
    assert_eq!(around.status.code(), Some(2), "{}", said(&around));
}

#[test]
fn a_certificate_counts_once_the_surroundings_say_so() {
    let acme = Assessment::new();
    let server = Server::start();
    server.offer("AmazonEC2", &ec2_csv(1100), Manner::Well);
    let (key, certificate) = (acme.path("key.pem"), acme.path("certificate.pem"));
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
        .unwrap_or_else(|error| panic!("openssl does not start ({error}): `make test` installs it"));
    assert!(made.status.success());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let plain = server.url.strip_prefix("http://").unwrap();
    let front = Command::new("socat")
        .arg(format!(
            "OPENSSL-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,cert={},key={},verify=0",
            certificate.display(),
            key.display()
        ))
        .arg(format!("TCP:{plain}"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("socat does not start ({error}): `make test` installs it"));
    let _front = Running(front);
    wait_until("the front listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    let url = format!("https://localhost:{port}");
    let words = [
        "-C",
        "acme",
        "catalog",
        "refresh",
        "--from",
        &url,
        "--offers",
        "ec2",
        "--dry-run",
    ];
    let unknown = acme.command(&words).output().unwrap();
    let text = said(&unknown);
    assert_eq!(unknown.status.code(), Some(2), "{text}");
    assert!(text.to_lowercase().contains("certificate"), "{text}");
    let known = acme
        .command(&words)
        .env("SSL_CERT_FILE", &certificate)
        .output()
        .unwrap();
    assert!(known.status.success(), "{}", said(&known));
}

#[test]
fn ctrl_c_keeps_the_part_and_what_is_in_use() {
    let acme = Assessment::new();
    let server = Server::start();
    let bytes = ec2_csv(1100);
    let path = server.offer("AmazonEC2", &bytes, Manner::Hangs);
    let child = acme
        .command(&[
            "-C",
            "acme",
            "catalog",
            "refresh",
            "--from",
            &server.url,
            "--offers",
            "ec2",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let part = acme.path("acme/catalog/download/AmazonEC2-20260507192915-ap-southeast-1.csv.part");
    wait_until("a part comes", || {
        fs::metadata(&part).is_ok_and(|about| about.len() > 0)
    });
    let id = rustix::process::Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", said(&ended));
    assert!(!acme.catalog().exists());
    let here = fs::metadata(&part).unwrap().len();
    assert!(here > 0 && here < bytes.len() as u64);
    // It goes on where it stopped.
    server.put(&path, &bytes, Manner::Well);
    let output = acme.refresh(&server.url, &["--offers", "ec2"]);
    assert!(output.status.success(), "{}", said(&output));
    let asked = server.asked(&path);
    assert_eq!(asked[1].range.as_deref(), Some(format!("bytes={here}-").as_str()));
}
