#!/bin/sh
# Installs what is needed and the machine lacks (Debian, or any machine that has it):
#
#   install-tools.sh         what building needs: a C compiler, OpenSSL's headers
#   install-tools.sh test    what tests need besides
#   install-tools.sh bench   what figures need besides
#   install-tools.sh book    what builds the documents as pages, alone
set -eu

if [ "${1:-}" = book ]; then
    if ! command -v mdbook >/dev/null 2>&1; then
        echo "installing mdbook" >&2
        cargo install --locked --quiet mdbook --no-default-features --features search
    fi
    exit 0
fi

missing=""
# need PROGRAM PACKAGES: installs the packages where the program is missing.
need() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing="$missing $2"; }

need cc "gcc libc6-dev"
need pkg-config pkg-config
pkg-config --exists openssl 2>/dev/null || missing="$missing libssl-dev"
case "${1:-}" in test | bench)
    need sshd openssh-server
    need ssh-agent openssh-client
    # Namespaces, and the kernel's own figures of a connection.
    need ip iproute2
    # Services that discovery finds; tests and figures start them themselves, on loopback.
    for service in redis-server memcached nginx haproxy apache2 rabbitmq-server busybox socat; do
        need $service $service
    done
    need redis-benchmark redis-tools
    need mariadbd mariadb-server
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
    ;;
esac
case "${1:-}" in
test)
    # A locale that writes numbers otherwise.
    [ -e /usr/share/i18n/locales/de_DE ] || missing="$missing locales"
    # Fuzzing.
    need c++ g++
    # What reads exported scaling policies (cfn-lint and others, from PyPI).
    # Workbooks are recalculated, and binary files of sar read.
    need soffice libreoffice-calc
    need sadf sysstat
    # A real Prometheus over a real node_exporter, asked through TLS.
    need prometheus prometheus
    need prometheus-node-exporter prometheus-node-exporter
    need openssl openssl
    # The page as a PDF, and its text.
    need chromium chromium
    need pdftotext poppler-utils
    # Notebooks run in an environment of their own.
    need python3 python3
    python3 -c 'import ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"
    ;;
bench)
    # The peers.
    need python3 python3
    python3 -c 'import ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"
    ;;
esac
if [ -n "$missing" ]; then
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        echo "installing$missing" >&2
        apt-get update -q >/dev/null
        # Services are installed, not started: tests start their own.
        policy=/usr/sbin/policy-rc.d
        if [ ! -e $policy ]; then
            printf '#!/bin/sh\nexit 101\n' >$policy
            chmod 755 $policy
            trap 'rm -f $policy' EXIT
        fi
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
