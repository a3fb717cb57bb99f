//! For which processor programs outside the system's folders were built, asked as an ordinary account asks.
#![allow(clippy::unwrap_used, missing_docs, clippy::print_stderr)]

mod estate;

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use collector::discovery::facts::program_facts;
use collector::sampler::{Question, Request, Sampler};
use sizewright_collector as collector;
use telemetry::inventory::Privilege;

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Copies `sleep` to a path and runs it.
fn run(path: &Path, mode: u32, arguments: &[&str]) -> Running {
    fs::copy("/bin/sleep", path).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let mut command = Command::new(path);
    command.arg("300").args(arguments).stdin(Stdio::null());
    Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

#[test]
fn programs_of_ones_own_are_told_by_their_header_and_nothing_else_is_read() {
    let Ok(folder) = tempfile::tempdir_in("/opt") else {
        eprintln!("not run: only root may put a program into /opt");
        return;
    };
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let path = |name: &str| folder.path().join(name);
    let odd = "or der';$(touch x)\u{1b}d";
    // What is not executable is not read, whoever names it; what this account may not read is not told.
    fs::write(path("secret.key"), "hunter2hunter2hunter2").unwrap();
    let secret = path("secret.key");
    let closed_to_others = estate::is_root();
    let _running = [
        run(&path("orderd"), 0o755, &[]),
        run(&path(odd), 0o755, &[]),
        run(&path("closed"), 0o700, &[]),
    ];
    let script = path("job");
    fs::write(&script, "#!/bin/sh\n# stays until its input ends\nread -r line\n").unwrap();
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(&script);
    let _script = Running(
        command
            .arg(&secret)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );

    let shell = estate::shell_loop("sh", Some("daemon"));
    let mut sampler = Sampler::start(Box::new(shell), 7).unwrap();
    // A process that has just been started shows its arguments once it runs.
    let mut frame = Vec::new();
    for _ in 0..50 {
        frame = sampler.request(Request::Question(Question::Programs)).unwrap().text;
        if String::from_utf8_lossy(&frame).matches("program:").count() >= 3 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let text = String::from_utf8_lossy(&frame);
    assert!(!text.contains("secret.key") && !text.contains("68756e746572"), "{text}");
    let facts = program_facts("h", 1, Privilege::User, &frame);
    let built: BTreeMap<&str, &str> = facts
        .iter()
        .map(|fact| (fact.item.as_str(), fact.value.as_str()))
        .collect();
    let of = |name: &str| built.get(path(name).to_str().unwrap()).copied();
    let here = match std::env::consts::ARCH {
        "x86_64" => "x86-64",
        "aarch64" => "arm64",
        other => panic!("{other} has no word here"),
    };
    assert_eq!(of("orderd"), Some(here), "{built:?}");
    assert_eq!(of("job"), None, "a script");
    if closed_to_others {
        assert_eq!(of("closed"), None);
    }
    // A name that a shell would run and a terminal obey is neither run nor obeyed.
    let harmless = built.keys().find(|path| path.contains("or der"));
    assert!(harmless.is_some_and(|path| !path.contains('\u{1b}')), "{built:?}");
    assert!(!Path::new("/proc/x").exists() && !path("x").exists());
}
