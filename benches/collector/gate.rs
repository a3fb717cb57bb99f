//! How many handshakes go on at once towards one server, and through one bastion.

use std::path::Path;
use std::time::Duration;

use crate::estate::{Estate, hosts, known_hosts, names_of_one_server};
use crate::running::Running;
use crate::servers::{Admissions, Keys, Server};

/// Connects so many names of one server; gives what the server saw and the hosts that came up.
pub fn towards_one_server(work: &Path, keys: &Keys, count: usize) -> (Admissions, bool) {
    let server = Server::start(keys, "one-server");
    let hosts = names_of_one_server(count, &server);
    let estate = Estate::make(work.join("one-server"), keys, &hosts, "");
    let is_whole = connect(&estate, count);
    (server.admissions(), is_whole)
}

/// Connects so many hosts through one jump host; gives what the server behind it saw, what the jump host saw, and
/// whether all came up.
pub fn through_one_bastion(work: &Path, keys: &Keys, count: usize) -> (Admissions, Admissions, bool) {
    let bastion = Server::start(keys, "bastion");
    let behind = [Server::start(keys, "behind-the-bastion")];
    let hosts = hosts(count, &behind);
    let jump = format!("jump = \"{}@127.0.0.1:{}\"", keys.account, bastion.port);
    let estate = Estate::make(work.join("bastion"), keys, &hosts, &jump);
    let mut known = hosts;
    known.extend(names_of_one_server(1, &bastion));
    known_hosts(keys, &estate.folder.join("known_hosts"), &known);
    let is_whole = connect(&estate, count);
    (Admissions::of(&behind), bastion.admissions(), is_whole)
}

fn connect(estate: &Estate, count: usize) -> bool {
    let running = Running::start(estate);
    let sampling = running.wait_until_sampling(count, Duration::from_secs(60));
    for trouble in running.troubles() {
        eprintln!("  {trouble}");
    }
    running.stop();
    sampling.is_some()
}
