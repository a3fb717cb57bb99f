//! What is asked of the process table.
//!
//! No process is started per process: one `head` reads all files of a kind. The
//! order matters to the parser: lines that no process can forge come first, then
//! `stat` (whose name may hold line breaks, but is too short to forge a header),
//! then arguments, one line of each. Every part is bounded in bytes, so that a
//! process with endless arguments cannot make the frame too long.

/// Statements that define `Processes` and `ProcessesInFull`, each with what it is for.
pub(super) const PROGRAM: &[(&str, &str)] = &[
    (
        "ProcessUnits() { [ -n \"$T\" ] || { T=$(getconf CLK_TCK); G=$(getconf PAGESIZE); [ -n \"$G\" ] || G=$(grep -m 1 KernelPageSize self/smaps); }; echo \"clock_ticks:$T\"; echo \"page_bytes:$G\"; echo \"container:$K\"; grep '^cpu ' stat /dev/null; }",
        "units of the process table; CPU time of the host",
    ),
    (
        "ProcessTimes() { head -n 16 uptime [0-9]*/stat | sed 's/ 18446744073709551615 .*//' | head -c 2000000; }",
        "CPU time and memory of every process, without the addresses behind them",
    ),
    (
        "Processes() { ProcessUnits; ProcessTimes; }",
        "what each group of processes uses, now and then",
    ),
    (
        "ProcessesInFull() { ProcessUnits; echo \"account:$(id -u)\"; cut -d : -f 1,3 /etc/passwd | head -n 2000 | sed 's/^/user:/'; grep -s -e ^Uid: [0-9]*/status /dev/null | head -c 200000; grep -s -e '^0::/.' -e ':name=[a-z]*:/.' -e ':pids:/.' [0-9]*/cgroup /dev/null | head -c 400000; ProcessTimes; echo; head -n 1 [0-9]*/cmdline /dev/null | tr '\\000' '\\036' | cut -b 1-32768 | head -c 1400000; }",
        "what every process is: account, control group, arguments (cleaned of secrets by the collector before anything else)",
    ),
];
