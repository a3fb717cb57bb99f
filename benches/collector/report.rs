//! Which figures the measurements are, against which goals, and how each was taken.

use crate::asyncssh::Asyncssh;
use crate::figures::{Figures, Goal};
use crate::kills::Toll;
use crate::many::Held;
use crate::openssh::Openssh;
use crate::servers::Admissions;
use crate::target::Seen;

/// Names the environment variable for the seconds that the main run is held.
pub const HOLD: &str = "SIZEWRIGHT_BENCH_HOLD";
/// Names the environment variable for the number of hosts of the main run and its peers.
pub const HOSTS: &str = "SIZEWRIGHT_BENCH_HOSTS";

/// The run with 500 hosts; `one` is the same with one host, the base of the memory.
pub fn many(figures: &mut Figures, run: &Held, one: &Held) {
    let hosts = run.hosts;
    let how = format!(
        "one `sizewright collect`, {hosts} hosts (127.x.y.z at 8 loopback sshd), interval 60 s, tick 10 s, steady state of \
         {:.0} s; {HOLD}=600 holds it for 10 minutes",
        run.window_s
    );
    figures.add(
        format!("readings lost, {hosts} hosts"),
        run.lost_readings as f64,
        "readings",
        Goal::AtMost(0.0),
        format!(
            "{how}; {} readings in the window; hosts that went down: {}; exit code {:?}",
            run.readings,
            run.troubles.len(),
            run.exit_code
        ),
    );
    figures.add(
        format!("whole minutes missing in the store, {hosts} hosts"),
        run.lost_minutes as f64,
        "minutes",
        Goal::AtMost(0.0),
        format!(
            "of {} whole minutes between a host's first and last reading",
            run.minutes
        ),
    );
    figures.add(
        format!("CPU of the collector, {hosts} hosts"),
        100.0 * run.cpu_s / run.window_s,
        "% of a core",
        Goal::AtMost(6.0),
        format!("user and system time of the process in the window, syncing the log included; {how}"),
    );
    figures.add(
        "CPU of the collector per reading",
        run.cpu_ms_per_reading(),
        "ms",
        Goal::Reported,
        "the same window",
    );
    figures.add(
        "CPU of the collector to connect a host and read it once",
        run.connect_cpu_s * 1e3 / hosts as f64,
        "ms",
        Goal::Reported,
        "the same run, from its start until all hosts were read",
    );
    figures.add(
        "CPU of making a segment, per host-minute",
        run.segment_cpu_s * 1e3 / (hosts as f64 * (run.window_s + run.sampling_after_s.unwrap_or(0.0)) / 60.0),
        "ms",
        Goal::Reported,
        "the end of the same run: the log becomes Parquet; otherwise every 15 minutes",
    );
    figures.add(
        "memory of the collector per host",
        (run.resident_kib - one.resident_kib) / (hosts as f64 - 1.0),
        "KiB",
        Goal::AtMost(256.0),
        format!(
            "highest VmRSS of the window, {:.1} MiB, less {:.1} MiB with one host; {:.0} MiB at most while the segment is made",
            run.resident_kib / 1024.0,
            one.resident_kib / 1024.0,
            run.peak_kib / 1024.0
        ),
    );
    figures.add(
        format!("all {hosts} hosts connected and read"),
        run.sampling_after_s.unwrap_or(f64::NAN),
        "s",
        Goal::AtMost(30.0),
        "from the start of the program to the first reading of the last host, both sides on two cores",
    );
    figures.add(
        format!("connections refused by MaxStartups, {hosts} hosts"),
        run.admissions.refused as f64,
        "connections",
        Goal::AtMost(0.0),
        format!(
            "the servers' logs; MaxStartups is the default; at most {} at once at one server",
            run.admissions.most_at_once
        ),
    );
    figures.add(
        "CPU on a host at a tick of 10 s",
        run.target_ms_per_reading() / 10_000.0 * 100.0,
        "% of a core",
        Goal::AtMost(0.03),
        format!(
            "sshd, sh and grep of all sessions in the window, {:.2} ms a reading; two cores with {hosts} hosts on them",
            run.target_ms_per_reading()
        ),
    );
    figures.add(
        "bytes on the wire per stored minute",
        run.wire_bytes.unwrap_or(f64::NAN) / run.host_minutes() / 1024.0,
        "KiB",
        Goal::AtMost(25.0),
        "both ways, TCP's own counters (ss -ti) of all connections in the window, with the headers of 1,500-byte packets",
    );
}

/// asyncssh against the main run.
pub fn asyncssh(figures: &mut Figures, run: &Held, peer: Result<Asyncssh, String>) {
    let peer = match peer {
        Ok(peer) if peer.hosts == run.hosts => peer,
        Ok(peer) => {
            eprintln!(
                "not comparable: asyncssh reached {} hosts: {:?}",
                peer.hosts, peer.failures
            );
            return;
        }
        Err(why) => {
            eprintln!("not run: asyncssh: {why}");
            return;
        }
    };
    let each_ms = peer.cpu_s * 1e3 / peer.replies as f64;
    figures.add(
        "less CPU per reading than asyncssh",
        each_ms / run.cpu_ms_per_reading(),
        "x",
        Goal::AtLeast(2.5),
        format!(
            "asyncssh {}, {} hosts, same command, program and ticks, replies of {:.0} bytes kept in a file synced every second \
             and not parsed: {each_ms:.2} ms a reading over {} readings; {:.0} MiB; connected in {:.0} s",
            peer.version,
            peer.hosts,
            peer.bytes / peer.replies as f64,
            peer.replies,
            peer.resident_kib / 1024.0,
            peer.connected_s
        ),
    );
}

/// OpenSSH's client against the main run; `one` is the collector with a single host.
pub fn openssh(figures: &mut Figures, run: &Held, one: &Held, peer: &Openssh) {
    if peer.clients != run.hosts {
        eprintln!(
            "not comparable: {} OpenSSH clients answered, of {}",
            peer.clients, run.hosts
        );
        return;
    }
    let of_a_client = peer.proportional_kib / peer.clients as f64;
    let of_a_host = (run.proportional_kib - one.proportional_kib) / (run.hosts as f64 - 1.0);
    figures.add(
        "less memory for a host than one OpenSSH client takes",
        of_a_client / of_a_host,
        "x",
        Goal::AtLeast(10.0),
        format!(
            "{} `ssh` processes with the same program, {of_a_client:.0} KiB each, against {of_a_host:.0} KiB that each \
             further host adds to the collector; shared pages by share (Pss)",
            peer.clients
        ),
    );
    figures.add(
        "less memory than OpenSSH clients, the program itself included",
        peer.proportional_kib / run.proportional_kib,
        "x",
        Goal::Reported,
        format!(
            "{:.0} MiB of all `ssh` processes against the whole collector, {:.0} MiB, of which {:.0} MiB are there with \
             one host",
            peer.proportional_kib / 1024.0,
            run.proportional_kib / 1024.0,
            one.proportional_kib / 1024.0
        ),
    );
}

/// The run with 1,000 hosts.
pub fn thousand(figures: &mut Figures, run: &Held) {
    let how = format!(
        "{} hosts at 16 sshd, all sampling after {:.0} s, held for {:.0} s: {} readings, {:.2} % of a core, {:.0} MiB, {} hosts \
         went down, {} of {} whole minutes missing in the store",
        run.hosts,
        run.sampling_after_s.unwrap_or(f64::NAN),
        run.window_s,
        run.readings,
        100.0 * run.cpu_s / run.window_s,
        run.resident_kib / 1024.0,
        run.troubles.len(),
        run.lost_minutes,
        run.minutes
    );
    figures.add(
        "readings and minutes lost, 1,000 hosts",
        (run.lost_readings + run.lost_minutes) as f64,
        "readings",
        Goal::AtMost(0.0),
        how,
    );
}

/// Handshakes at once.
pub fn gate(
    figures: &mut Figures,
    (one, is_one_whole): (Admissions, bool),
    (behind, bastion, is_behind_whole): (Admissions, Admissions, bool),
) {
    let at_most = |admissions: &Admissions, is_whole: bool| {
        if is_whole {
            admissions.most_at_once as f64
        } else {
            f64::NAN
        }
    };
    figures.add(
        "handshakes at once towards one server",
        at_most(&one, is_one_whole),
        "handshakes",
        Goal::AtMost(8.0),
        format!(
            "the server's log; {} connections, {} refused by MaxStartups",
            one.connections, one.refused
        ),
    );
    figures.add(
        "handshakes at once through one bastion",
        at_most(&behind, is_behind_whole),
        "handshakes",
        Goal::AtMost(8.0),
        format!(
            "the log of the server behind it; {} connections, {} refused by MaxStartups; {} connections to the bastion itself",
            behind.connections, behind.refused, bastion.connections
        ),
    );
}

/// Forks and files on a host.
pub fn target(figures: &mut Figures, seen: Result<Seen, String>) {
    let seen = match seen {
        Ok(seen) => seen,
        Err(why) => {
            eprintln!("not run: forks and files on a host: {why}");
            return;
        }
    };
    figures.add(
        "forks per tick on a host",
        f64::from(seen.forks) / seen.ticks as f64,
        "forks",
        Goal::AtMost(1.0),
        format!(
            "an sshd in a process namespace of its own: {} numbers were given out in {} ticks, by their difference",
            seen.forks, seen.ticks
        ),
    );
    figures.add(
        "files written on a host",
        seen.files as f64,
        "files",
        Goal::AtMost(0.0),
        "the same sshd: every file system read-only but for empty /tmp, /var/tmp and /dev/shm, which stay empty",
    );
}

/// Kills.
pub fn kills(figures: &mut Figures, toll: &Toll) {
    let how = format!(
        "{} kills of 8 collectors, of two hosts over SSH and two local ones each, at random moments, interval and tick 1 s, half of them with a segment \
         every second; acknowledged = in the synced log or the store right before the kill",
        toll.kills
    );
    figures.add(
        "kills of the collector",
        toll.kills as f64,
        "kills",
        Goal::AtLeast(190.0),
        how.clone(),
    );
    // With few of them the next figure would say little.
    figures.add(
        "intervals acknowledged before the kills",
        toll.acknowledged as f64,
        "intervals",
        Goal::AtLeast(500.0),
        how.clone(),
    );
    figures.add(
        "acknowledged intervals lost to kills",
        toll.lost as f64,
        "intervals",
        Goal::AtMost(0.0),
        format!(
            "of {} acknowledged, {} in the store at the end; {how}",
            toll.acknowledged, toll.rows
        ),
    );
    figures.add(
        "logs and tables unreadable after a kill",
        toll.unreadable.len() as f64,
        "files",
        Goal::AtMost(0.0),
        format!("everything was read after each kill; {:?}", toll.unreadable.first()),
    );
}
