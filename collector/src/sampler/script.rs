//! The commands that run on a target.
//!
//! One fixed command starts a shell that reads its program from standard input,
//! so nothing is written on the target and nothing but the command shows in its
//! process list. The program is POSIX sh. Each tick forks once: `grep` with
//! several files prints `FILE:LINE`, so one process reads all files, marks each
//! line, and leaves out at the source what would be thrown away (the interrupt
//! line, the lines of single CPUs, loop and RAM disks).

mod benchmark;
mod inventory;
mod processes;
mod programs;
mod sockets;

/// The command that is run on the target.
pub const COMMAND: &str = "/bin/sh -c 'IFS= read -r s && eval \"$s\"'";

/// Lines of `/proc` that no tick needs; the second pattern of each pair leaves the single CPUs in.
pub(super) const LEAVE_OUT_FINE: &str = "-e '^cpu[0-9]' -e '^intr' -e '^softirq' -e ' loop[0-9p]* ' -e ' z*ram[0-9]* '";
pub(super) const LEAVE_OUT_WHOLE: &str = "-e '^intr' -e '^softirq' -e ' loop[0-9p]* ' -e ' z*ram[0-9]* ' -e '^nr_' -e '^numa_' -e '^pgsteal' -e '^pgscan' -e '^thp_' -e '^compact_' -e '^workingset' -e '^htlb' -e '^balloon' -e '^zone_' -e '^drop_' -e '^unevictable' -e '^kswapd' -e '^DirectMap'";

/// The program, one statement a line; `{nonce}` stands for 16 random hexadecimal digits.
const PROGRAM: &[(&str, &str)] = &[
    (
        "LC_ALL=C; PATH=/usr/sbin:/usr/bin:/sbin:/bin; export LC_ALL PATH; umask 077; exec 2>/dev/null",
        "plain numbers, known programs, no noise",
    ),
    (
        "N={nonce}; C=/sys/fs/cgroup; K=",
        "marks of the replies; where control groups are",
    ),
    ("cd /proc || exit 1", "names of files are relative to /proc"),
    (
        "if [ -e /.dockerenv ]; then K=docker; elif [ -e /run/.containerenv ]; then K=podman; elif [ -r /run/systemd/container ]; then K=yes; elif [ -d /var/run/secrets/kubernetes.io ]; then K=kubernetes; fi",
        "is this a container?",
    ),
    (
        "F=; for f in uptime stat diskstats net/dev; do [ -r $f ] && F=\"$F $f\"; done",
        "files of every tick, those that can be read",
    ),
    (
        "if [ -n \"$K\" ]; then for f in $C/cpu.stat $C/cpu.max $C/cpu,cpuacct/cpuacct.usage $C/cpuacct/cpuacct.usage $C/cpu/cpu.cfs_quota_us $C/cpu/cpu.cfs_period_us; do [ -r $f ] && F=\"$F $f\"; done; fi",
        "a container's own CPU time and limit",
    ),
    (
        "S=; for f in loadavg meminfo vmstat pressure/cpu pressure/memory pressure/io; do [ -r $f ] && S=\"$S $f\"; done",
        "files of one tick a minute",
    ),
    (
        "if [ -n \"$K\" ]; then for f in $C/memory.current $C/memory.max $C/memory.stat $C/memory/memory.usage_in_bytes $C/memory/memory.limit_in_bytes $C/memory/memory.stat; do [ -r $f ] && S=\"$S $f\"; done; fi",
        "a container's own memory and limit",
    ),
    (
        "L() { r=; IFS= read -r r < /proc/sys/kernel/random/boot_id; echo \"boot_id:$r\"; echo \"clock_ticks:$(getconf CLK_TCK)\"; echo \"page_bytes:$(getconf PAGESIZE)\"; echo \"machine:$(uname -m)\"; echo \"kernel:$(uname -r)\"; echo \"now:$(date -u +%s)\"; [ -n \"$K\" ] && echo \"container:$K\"",
        "what the host is built of, once per connection and hour",
    ),
    (
        "if [ -e $C/cgroup.controllers ]; then echo cgroup:v2; else echo cgroup:v1; fi; r=; read -r r < sys/vm/min_free_kbytes; echo \"min_free_kbytes:$r\"",
        "version of control groups; memory the kernel keeps free",
    ),
    (
        "for d in /sys/block/*; do [ -e \"$d\" ] || continue; v=0; [ -e \"$d/device\" ] && v=1; h=0; [ -r \"$d/hidden\" ] && read -r h < \"$d/hidden\"; m=0; [ -r \"$d/removable\" ] && read -r m < \"$d/removable\"; s=; for l in \"$d\"/slaves/*; do [ -e \"$l\" ] && s=\"$s,${l##*/}\"; done; echo \"disk:${d##*/} device=$v slaves=${s#,} hidden=$h removable=$m\"; if [ -r \"$d/dm/uuid\" ]; then r=; read -r r < \"$d/dm/uuid\"; echo \"dm:${d##*/} $r\"; fi; done",
        "disks: which are physical, which are made of others",
    ),
    (
        "for d in /sys/class/net/*; do [ -e \"$d\" ] || continue; v=0; [ -e \"$d/device\" ] && v=1; t=0; [ -r \"$d/type\" ] && read -r t < \"$d/type\"; s=; for l in \"$d\"/lower_*; do [ -e \"$l\" ] && s=\"$s,${l##*/lower_}\"; done; m=; for l in \"$d\"/upper_*; do [ -e \"$l\" ] && [ -e \"$d/master\" ] && m=${l##*/upper_}; done; echo \"interface:${d##*/} device=$v master=$m lower=${s#,} type=$t\"; done",
        "interfaces: which are physical, which are made of others",
    ),
    (
        "while read -r e d x; do [ \"$d\" = 00000000 ] && echo \"route:$e\" && break; done < net/route",
        "the interface of the default route",
    ),
    (
        "for f in uptime stat diskstats net/dev loadavg meminfo vmstat pressure/cpu pressure/memory pressure/io; do [ -r $f ] || echo \"unreadable:$f\"; done",
        "what cannot be read",
    ),
    (
        "grep -v -e ' - proc ' -e ' - sysfs ' -e ' - tmpfs ' -e ' - devtmpfs ' -e ' - cgroup' -e ' - overlay ' -e ' - squashfs ' -e ' - devpts ' -e ' - mqueue ' -e ' - nsfs ' self/mountinfo /dev/null | while IFS= read -r r; do echo \"mountinfo:${r#self/mountinfo:}\"; done; }",
        "mounts that may hold data",
    ),
];

/// The loop that answers; it stands after the functions of [`processes`], [`sockets`], [`inventory`], [`programs`] and
/// [`benchmark`].
const ANSWER: &[(&str, &str)] = &[
    ("echo \"@$N R 1\"", "ready"),
    (
        "while read -r q i a; do case $q in t) echo \"@$N B $i\"; grep -v {fine} $F /dev/null; echo \"@$N E $i\";; m) echo \"@$N B $i\"; grep -v {whole} $F $S /dev/null; echo \"@$N E $i\";; l) echo \"@$N B $i\"; L; echo \"@$N E $i\";; f) echo \"@$N B $i\"; set -f; df -kP -- $a; set +f; echo \"@$N E $i\";; p) echo \"@$N B $i\"; Processes; echo \"@$N E $i\";; a) echo \"@$N B $i\"; ProcessesInFull; echo \"@$N E $i\";; n) echo \"@$N B $i\"; Sockets; echo \"@$N E $i\";; i) echo \"@$N B $i\"; Inventory; echo \"@$N E $i\";; x) echo \"@$N B $i\"; Programs; echo \"@$N E $i\";; s) echo \"@$N B $i\"; Benchmark; echo \"@$N E $i\";; k) echo \"@$N B $i\"; echo \"@$N E $i\";; q) exit 0;; esac; done",
        "one reply per request, until the connection ends",
    ),
];

/// Gives the statements with what each is for.
pub(super) fn statements(nonce: &str) -> Vec<(String, &'static str)> {
    [
        PROGRAM,
        processes::PROGRAM,
        sockets::PROGRAM,
        inventory::PROGRAM,
        programs::PROGRAM,
        benchmark::PROGRAM,
        ANSWER,
    ]
    .into_iter()
    .flatten()
    .map(|(statement, why)| {
        let statement = statement
            .replace("{nonce}", nonce)
            .replace("{fine}", LEAVE_OUT_FINE)
            .replace("{whole}", LEAVE_OUT_WHOLE);
        (statement, *why)
    })
    .collect()
}

/// Gives the program as the one line that is sent.
pub(super) fn program(nonce: &str) -> String {
    let statements: Vec<String> = statements(nonce).into_iter().map(|(statement, _)| statement).collect();
    statements.join("; ")
}

/// Gives the mount points that may be sent, in the order given: those of letters, digits and `_ . / @ : + -`.
///
/// The program splits them at blanks and does not look for patterns in them; nothing else of them reaches a shell.
pub(super) fn plain_mounts(mounts: &[String]) -> Vec<&str> {
    let plain = |mount: &&str| {
        mount.starts_with('/')
            && mount
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_./@:+-".contains(&byte))
    };
    mounts.iter().map(String::as_str).filter(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_one_line() {
        let program = program("0123456789abcdef");
        assert!(!program.contains('\n'));
        for placeholder in ["{nonce}", "{fine}", "{whole}"] {
            assert!(!program.contains(placeholder), "{placeholder} is not filled");
        }
    }

    #[test]
    fn no_mount_point_can_run_a_command() {
        let mounts = ["/", "/var", "/a'; rm -rf /", "relative", "/tab\there", "/a*", "/$(id)"].map(str::to_string);
        assert_eq!(plain_mounts(&mounts), ["/", "/var"]);
    }
}
