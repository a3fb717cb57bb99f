#!/usr/bin/env bash
# A small company on one machine: hosts in network, process, mount and control-group namespaces of their own, each
# with a real sshd and real services from Debian, and load between them.
#
#   estate.sh up DIR       makes the hosts; writes DIR/hosts.toml, DIR/key, DIR/known_hosts
#   estate.sh load DIR S   puts load on them for S seconds
#   estate.sh down DIR     ends everything and removes DIR
#
# Needs root and Debian's openssh-server postgresql redis-server memcached mariadb-server nginx haproxy wrk iproute2.
# Nothing outside DIR is written; the hosts see a copy of /etc and an empty /run, /tmp and /var/log of their own.
set -euo pipefail

net=10.99.7
bridge=sw-estate
#     name    last byte of the address, services
hosts="lb-1 11 haproxy
web-1 21 nginx
web-2 22 nginx
pg-1 31 postgresql
maria-1 32 mariadb
cache-1 41 redis memcached
load-1 91 none"

each_host() { printf '%s\n' "$hosts"; }

make_network() {
    ip link add "$bridge" type bridge
    ip addr add "$net.1/24" dev "$bridge"
    ip link set "$bridge" up
}

# Puts a new host into its control groups and namespaces and starts its first process.
make_host() {
    local name=$1 byte=$2 services=$3 root="$dir/$1"
    mkdir -p "$root"/{run,tmp,log,data}
    cp -a /etc "$root/etc"
    # The account of the assessment: no password, no shell history, nothing but a key.
    grep -q '^assessor:' "$root/etc/passwd" || echo 'assessor:x:4711:4711:assessment:/tmp:/bin/sh' >>"$root/etc/passwd"
    grep -q '^assessor:' "$root/etc/group" || echo 'assessor:x:4711:' >>"$root/etc/group"
    grep -q '^assessor:' "$root/etc/shadow" || echo 'assessor:*:19000:0:99999:7:::' >>"$root/etc/shadow"
    ssh-keygen -q -t ed25519 -N '' -f "$root/etc/ssh/estate_host_key"
    cp "$dir/key.pub" "$root/etc/ssh/assessor_keys"
    printf '%s %s\n' "$net.$byte" "$(cut -d' ' -f1,2 "$root/etc/ssh/estate_host_key.pub")" >>"$dir/known_hosts"
    cat >"$root/etc/ssh/sshd_config" <<CONFIG
Port 22
HostKey /etc/ssh/estate_host_key
AuthorizedKeysFile /etc/ssh/assessor_keys
StrictModes no
UsePAM no
PidFile none
CONFIG
    ip netns add "sw-$name"
    ip link add "v-$name" type veth peer name eth0 netns "sw-$name"
    ip link set "v-$name" master "$bridge" up
    ip -n "sw-$name" addr add "$net.$byte/24" dev eth0
    ip -n "sw-$name" link set lo up
    ip -n "sw-$name" link set eth0 up
    for controller in cpu cpuacct memory; do
        mkdir -p "/sys/fs/cgroup/$controller/sw-$name"
    done
    (
        for controller in cpu cpuacct memory; do
            echo "$BASHPID" >"/sys/fs/cgroup/$controller/sw-$name/cgroup.procs"
        done
        exec setsid nsenter --net="/run/netns/sw-$name" unshare --mount --pid --uts --fork --kill-child \
            bash "$self" inside "$dir" "$name" "$byte" "$services" </dev/null >"$root/log/init" 2>&1
    ) &
    printf '\n[[hosts]]\nname = "%s"\naddress = "%s"\n' "$name" "$net.$byte" >>"$dir/hosts.toml"
}

# The first process of a host: mounts, services, sshd.
inside() {
    local name=$1 byte=$2 services=$3 root="$dir/$1"
    hostname "$name"
    mount --make-rprivate /
    mount --bind "$root/etc" /etc
    mount --bind "$root/run" /run
    mount --bind "$root/log" /var/log
    # A /sys of this network, with this host's own control groups.
    for controller in cpu cpuacct memory; do
        mkdir -p "$root/groups/$controller"
        mount --bind "/sys/fs/cgroup/$controller/sw-$name" "$root/groups/$controller"
    done
    mount -t sysfs sysfs /sys
    mount -t tmpfs tmpfs /sys/fs/cgroup
    for controller in cpu cpuacct memory; do
        mkdir "/sys/fs/cgroup/$controller"
        mount --bind "$root/groups/$controller" "/sys/fs/cgroup/$controller"
    done
    mount --bind "$root/tmp" /tmp
    mount -t proc proc /proc
    chmod 1777 /tmp
    mkdir -p /run/sshd
    touch /run/.containerenv
    local service
    for service in $services; do
        [ "$service" = none ] || "start_$service"
    done
    /usr/sbin/sshd
    exec sleep infinity
}

start_postgresql() {
    local bin
    bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -n 1)")
    mkdir -p /run/postgresql /tmp/pg && chown postgres /run/postgresql /tmp/pg
    su postgres -c "$bin/initdb -D /tmp/pg/main -A trust >/dev/null"
    echo "host all all $net.0/24 trust" >>/tmp/pg/main/pg_hba.conf
    su postgres -c "$bin/pg_ctl -D /tmp/pg/main -o '-c listen_addresses=* -c shared_buffers=256MB -c max_connections=120' -l /tmp/pg/log -w start"
    su postgres -c 'psql -qc "CREATE ROLE assessor LOGIN; GRANT pg_monitor TO assessor; CREATE ROLE app LOGIN"'
    su postgres -c 'createdb -O app payments'
}

start_mariadb() {
    mkdir -p /run/mysqld /tmp/maria && chown mysql /run/mysqld /tmp/maria
    mariadb-install-db --user=mysql --datadir=/tmp/maria >/dev/null
    mariadbd --user=mysql --datadir=/tmp/maria --socket=/run/mysqld/mysqld.sock --bind-address=0.0.0.0 \
        --innodb-buffer-pool-size=256M &
    local try
    for try in $(seq 100); do mariadb-admin ping >/dev/null 2>&1 && break; sleep 0.2; done
    mariadb -e "CREATE USER app@'$net.%'; CREATE DATABASE ledger; GRANT ALL ON ledger.* TO app@'$net.%';
        CREATE USER assessor@localhost IDENTIFIED VIA unix_socket; GRANT PROCESS, REPLICATION CLIENT ON *.* TO assessor@localhost"
}

start_redis() {
    mkdir -p /tmp/redis && redis-server --bind "$net.41" 127.0.0.1 --protected-mode no --maxmemory 256mb \
        --maxmemory-policy allkeys-lru --dir /tmp/redis --daemonize yes >/dev/null
}

start_memcached() { memcached -d -u nobody -m 64 -l "$net.41"; }

start_nginx() {
    mkdir -p /tmp/www /var/log/nginx && head -c 20000 /dev/zero | tr '\0' x >/tmp/www/index.html
    cat >/tmp/nginx.conf <<CONFIG
worker_processes 1; pid /run/nginx.pid; error_log /var/log/nginx/error.log;
events { worker_connections 512; }
http { access_log off; server { listen 80; root /tmp/www; gzip on;
  location /status { stub_status; } } }
CONFIG
    nginx -c /tmp/nginx.conf
}

start_haproxy() {
    cat >/tmp/haproxy.cfg <<CONFIG
global
  stats socket /run/haproxy.sock mode 666
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend shop
  bind :80
  default_backend web
backend web
  server web-1 $net.21:80
  server web-2 $net.22:80
CONFIG
    haproxy -D -f /tmp/haproxy.cfg
}

# Runs a command on a host, as root.
on() {
    local name=$1
    shift
    nsenter -t "$(first_process "$name")" --mount --net --uts --pid -- "$@"
}

# The process that keeps a host's namespaces, seen from outside, and its child, the host's first process.
keeper() { pgrep -f "^unshare .*estate.sh inside $dir $1 " || true; }
first_process() { pgrep -P "$(keeper "$1")" | head -n 1; }

load() {
    local seconds=$1 bin until
    bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/pgbench /usr/bin/pgbench 2>/dev/null | tail -n 1)")
    until=$(($(date +%s) + seconds))
    on load-1 "$bin/pgbench" -h "$net.31" -U app -i -s 10 -q payments >/dev/null 2>&1
    on load-1 mariadb -h "$net.32" -u app ledger -e \
        "CREATE TABLE IF NOT EXISTS entry (id BIGINT AUTO_INCREMENT PRIMARY KEY, account INT, amount DECIMAL(12,2), note VARCHAR(80), KEY (account))"
    # A day in six minutes: quiet, morning, noon, afternoon, evening, batch.
    local part=0
    while [ "$(date +%s)" -lt "$until" ]; do
        local clients rate
        case $((part % 6)) in
            0) clients=1 rate=20 ;; 1) clients=2 rate=60 ;; 2) clients=6 rate=200 ;;
            3) clients=4 rate=120 ;; 4) clients=2 rate=80 ;; 5) clients=8 rate=40 ;;
        esac
        part=$((part + 1))
        on load-1 timeout 62 "$bin/pgbench" -h "$net.31" -U app -c "$clients" -R "$rate" -T 58 -n payments >/dev/null 2>&1 &
        on load-1 timeout 62 wrk -t 1 -c "$((clients * 4))" -d 58s "http://$net.11/" >/dev/null 2>&1 &
        on load-1 timeout 58 redis-benchmark -h "$net.41" -c "$clients" -n "$((rate * 2000))" -r 200000 -d 200 -t set,get -q >/dev/null 2>&1 &
        on load-1 timeout 58 bash -c "while :; do for i in \$(seq $rate); do echo \"INSERT INTO entry (account, amount, note) VALUES (\$((RANDOM)), \$((RANDOM)).50, REPEAT('x', 60)); SELECT COUNT(*) FROM entry WHERE account = \$((RANDOM));\"; done | mariadb -h $net.32 -u app ledger >/dev/null; sleep 1; done" &
        wait
    done
}

up() {
    mkdir -p "$dir" && chmod 755 "$dir"
    [ -e "$dir/key" ] || ssh-keygen -q -t ed25519 -N '' -f "$dir/key"
    : >"$dir/known_hosts"
    cat >"$dir/hosts.toml" <<CONFIG
[defaults]
user = "assessor"
key = "$dir/key"
known_hosts = "$dir/known_hosts"
CONFIG
    make_network
    while read -r name byte services; do make_host "$name" "$byte" "$services"; done < <(each_host)
    while read -r name byte services; do
        local try
        for try in $(seq 150); do
            ssh -q -o BatchMode=yes -o ConnectTimeout=1 -o UserKnownHostsFile="$dir/known_hosts" -i "$dir/key" \
                "assessor@$net.$byte" true </dev/null && break
            sleep 0.2
        done
        # `for` ends well also when its last try failed.
        [ "$try" -lt 150 ] || { echo "$name did not come up:" >&2; cat "$dir/$name/log/init" >&2; exit 1; }
    done < <(each_host)
}

down() {
    while read -r name _ _; do
        keeper "$name" | xargs -r kill -KILL
        ip link del "v-$name" 2>/dev/null || true
        ip netns del "sw-$name" 2>/dev/null || true
    done < <(each_host)
    ip link del "$bridge" 2>/dev/null || true
    sleep 1
    while read -r name _ _; do
        for controller in cpu cpuacct memory; do rmdir "/sys/fs/cgroup/$controller/sw-$name" 2>/dev/null || true; done
    done < <(each_host)
    rm -rf "$dir"
}

self=$(readlink -f "$0")
verb=${1:-}
dir=${2:-}
[ -n "$dir" ] || { sed -n '2,11p' "$self" >&2; exit 2; }
shift 2
case $verb in
    up) up ;;
    load) load "$1" ;;
    inside) inside "$@" ;;
    down) down ;;
    *) sed -n '2,11p' "$self" >&2; exit 2 ;;
esac
