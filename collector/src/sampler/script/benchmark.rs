//! What is run for `discover --benchmark`, and at no other time.
//!
//! `gzip` at its usual level, since it is on every Linux, its compressor has been
//! the same for decades, and the bytes it makes tell that the same work was
//! done. It reads a text that `awk` makes in memory (two copies of which are
//! further apart than it looks back), so nothing is read from a disk and nothing
//! written. CPU time is that of the shell's ended children, which the kernel
//! counts: time in which others had the core does not count.

/// Statements that define `Benchmark`, each with what it is for.
pub(super) const PROGRAM: &[(&str, &str)] = &[
    (
        "BenchmarkText() { awk 'BEGIN { a = \"the quick brown fox jumps over a lazy dog, 0123456789=;\"; s = 1; for (i = 0; i < 40000; i++) { s = s * 16807 % 2147483647; printf \"%s\", substr(a, 1 + s % 47, 2 + s % 7) } }' < /dev/null; }",
        "200 kB of made-up words, the same everywhere",
    ),
    (
        "BenchmarkMarks() { r=; read -r r < self/stat; echo \"self:$r\"; read -r r < stat; echo \"host:$r\"; read -r r < uptime; echo \"uptime:$r\"; r=${r%% *}; r=${r%.*}${r#*.}; }",
        "CPU time of the shell's children and of the host, time",
    ),
    (
        "Benchmark() { unset GZIP; gzip --version 2>&1 < /dev/null | head -n 2 | sed 's/^/version:/'; echo \"clock_ticks:$(getconf CLK_TCK)\"; w=$(BenchmarkText); w=$w$w$w$w; BenchmarkMarks; b=$r; while :; do z=$(for x in 1 2 3 4 5 6 7; do echo \"$w\"; done | nice -n 19 gzip -n | wc -c); echo \"bytes:$z\"; BenchmarkMarks; [ \"$r\" -lt $((b+300)) ] && [ \"$z\" -gt 1000 ] || break; done; w=; }",
        "only with `discover --benchmark`: gzip on one core, at the lowest priority, until three seconds are over",
    ),
];
