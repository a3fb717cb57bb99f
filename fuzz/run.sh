#!/usr/bin/env bash
# Fuzzes every target: fuzz/run.sh SECONDS (per target; 60 when not said).
# Starts from the committed corpus and never changes it; what is new stays in fuzz/found.
# `make test` runs it for 20 s a target.
# A crash ends the run with an error; its input is in fuzz/artifacts/TARGET.
set -euo pipefail
cd "$(dirname "$0")"

seconds="${1:-60}"
if ! [[ "$seconds" =~ ^[1-9][0-9]*$ ]]; then
    echo "usage: fuzz/run.sh SECONDS" >&2
    exit 2
fi

if ! cargo fuzz --version >/dev/null 2>&1; then
    cargo install cargo-fuzz --version 0.13.1 --locked
fi

# cargo-fuzz asks rustc for the address sanitizer, an unstable option: this lets the pinned stable toolchain take it.
export RUSTC_BOOTSTRAP=1
# Outside the clone where there is a place, and apart from what other profiles build there.
target_folder="$PWD/target"
[ -z "${CARGO_TARGET_DIR:-}" ] || target_folder="$CARGO_TARGET_DIR/fuzz"
build=(--fuzz-dir . --target-dir "$target_folder")
cargo fuzz build "${build[@]}"

for target in reading layout filesystems processes redaction sockets counters price_list; do
    mkdir -p "found/$target"
    echo "== $target, $seconds s"
    # The first folder takes new inputs. Frames are small; a slow input is a fault too.
    cargo fuzz run "${build[@]}" "$target" "found/$target" "corpus/$target" -- \
        -max_total_time="$seconds" -max_len=16384 -timeout=5 -rss_limit_mb=2048 -print_final_stats=1
done
