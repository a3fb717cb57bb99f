#!/bin/sh
# Installs what building needs and the machine lacks: a C compiler (for zstd,
# mimalloc and libssh2) and OpenSSL's headers. With `test` also what tests need:
# a real sshd, and cargo-nextest. With `bench` what the figures need: a real sshd
# and ssh, ss, and Python for the peers. Debian, or any machine that has them.
set -eu

missing=""
command -v cc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
command -v pkg-config >/dev/null 2>&1 || missing="$missing pkg-config"
pkg-config --exists openssl 2>/dev/null || missing="$missing libssl-dev"
case "${1:-}" in test | bench)
    [ -x /usr/sbin/sshd ] || missing="$missing openssh-server"
    command -v ssh-agent >/dev/null 2>&1 || missing="$missing openssh-client"
    ;;
esac
if [ "${1:-}" = bench ]; then
    command -v ss >/dev/null 2>&1 || missing="$missing iproute2"
    python3 -c 'import ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"
fi
if [ -n "$missing" ]; then
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        echo "installing$missing" >&2
        apt-get update -q >/dev/null
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
    else
        echo "please install:$missing" >&2
        exit 1
    fi
fi
[ "${1:-}" = test ] || exit 0

if ! cargo nextest --version >/dev/null 2>&1; then
    echo "installing cargo-nextest" >&2
    cargo install --locked --quiet cargo-nextest
fi
for component in rustfmt clippy; do
    case $component in rustfmt) probe=fmt ;; *) probe=clippy ;; esac
    cargo $probe --version >/dev/null 2>&1 || rustup component add $component
done
