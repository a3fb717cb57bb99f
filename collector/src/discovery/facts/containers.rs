//! Container engines, containers that run, agents.

use std::collections::BTreeMap;

use super::Notes;
use super::answer::Answer;

/// Processes that say what the machine is used with: the kernel keeps 15 letters of a name.
const ENGINES: [(&str, &str); 7] = [
    ("dockerd", "docker"),
    ("containerd", "containerd"),
    ("crio", "cri-o"),
    ("kubelet", "kubelet"),
    ("podman", "podman"),
    ("lxd", "lxd"),
    ("libvirtd", "libvirt"),
];
const CLOCKS: [&str; 5] = ["chronyd", "ntpd", "openntpd", "ptp4l", "systemd-timesyn"];

pub(super) fn note(answer: &Answer<'_>, notes: &mut Notes<'_>) {
    let how = "/proc/PID/comm";
    let running = answer
        .starting("")
        .filter(|(key, _)| {
            key.strip_suffix("/comm")
                .is_some_and(|pid| !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit()))
        })
        .filter_map(|(_, lines)| lines.first().map(|line| line.trim()));
    for name in running {
        if let Some((_, engine)) = ENGINES.iter().find(|(process, _)| *process == name) {
            notes.of("container.engine", engine, "running", how);
        } else if !CLOCKS.contains(&name) {
            notes.of("agent", name, "running", how);
        }
    }
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for line in answer.lines("inside") {
        let engine = ["docker", "libpod", "cri-containerd", "crio", "lxc"]
            .into_iter()
            .find(|engine| {
                line.strip_prefix(engine)
                    .is_some_and(|rest| rest.starts_with(['/', '-', '.']))
            });
        if let Some(engine) = engine {
            *counts.entry(engine).or_default() += 1;
        }
    }
    for (engine, count) in counts {
        let name = match engine {
            "libpod" => "podman",
            "cri-containerd" => "containerd",
            "crio" => "cri-o",
            other => other,
        };
        notes.of("container.running", name, count.to_string(), "/proc/PID/cgroup");
    }
    for line in answer.lines("docker") {
        let mut words = line.split(' ');
        if let (Some(_), Some(image), Some(name)) = (words.next(), words.next(), words.next()) {
            notes.of("container.image", name, image, "docker ps");
        }
    }
}
