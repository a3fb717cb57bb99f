#!/bin/sh
# Installs what building needs and the machine lacks: a C compiler (for zstd,
# mimalloc and libssh2) and OpenSSL's headers. With `test` also what tests need:
# a real sshd, services, and cargo-nextest. Debian, or any machine that has them.
set -eu

missing=""
command -v cc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
command -v pkg-config >/dev/null 2>&1 || missing="$missing pkg-config"
pkg-config --exists openssl 2>/dev/null || missing="$missing libssl-dev"
if [ "${1:-}" = test ]; then
    [ -x /usr/sbin/sshd ] || missing="$missing openssh-server"
    command -v ssh-agent >/dev/null 2>&1 || missing="$missing openssh-client"
    # Services whose counters are read; the tests start them themselves, on loopback.
    for service in redis-server memcached nginx haproxy rabbitmq-server socat; do
        PATH="$PATH:/usr/sbin" command -v $service >/dev/null 2>&1 || missing="$missing $service"
    done
    PATH="$PATH:/usr/sbin" command -v mariadbd >/dev/null 2>&1 || missing="$missing mariadb-server"
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
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
