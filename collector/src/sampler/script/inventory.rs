//! What is asked of the machine, once: what it is, what is installed, what it does at night.
//!
//! Only files that any account may read and four programs that only read; nothing
//! asks the network, no file system is touched that may hang, `sudo` is never
//! tried (a refusal would be logged, and mailed to root), nothing reads the
//! request line from standard input.

/// Statements that define `Inventory`, each with what it is for.
pub(super) const PROGRAM: &[(&str, &str)] = &[
    (
        "I() { grep -s -m 100 '' \"$@\" /dev/null; }",
        "lines of small files, each with its file's name",
    ),
    ("Inventory() { L", "facts about the machine: its layout first"),
    (
        "I /etc/os-release /usr/lib/os-release /etc/redhat-release /etc/SuSE-release /etc/debian_version /etc/alpine-release sys/kernel/hostname sys/kernel/domainname uptime; grep -s ^btime stat /dev/null",
        "distribution, name, time of boot",
    ),
    (
        "echo \"account:$(id -u) $(id -un)\"; echo \"groups:$(id -Gn)\"; command -v sudo | sed 's/^/sudo:/'",
        "the account, and whether sudo is installed; it is not run",
    ),
    (
        "I cpuinfo; grep -s -m 4 -e ^Hardware -e ^machine -e ^platform cpuinfo /dev/null; echo \"processors:$(grep -c '^processor' cpuinfo)\"",
        "model and flags of the first processors",
    ),
    (
        "I /sys/devices/system/cpu/online /sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq /sys/devices/system/node/node[0-9]*/cpulist /sys/devices/system/cpu/cpu[0-9]*/topology/physical_package_id /sys/devices/system/cpu/cpu[0-9]*/topology/thread_siblings_list",
        "sockets, cores, threads, memory nodes, clock",
    ),
    (
        "I meminfo swaps mdstat sysinfo",
        "memory, swap, software RAID, mainframe",
    ),
    (
        "for f in sys_vendor product_name product_version product_sku product_uuid product_serial board_vendor board_name bios_vendor bios_version chassis_type chassis_asset_tag; do I /sys/class/dmi/id/$f; done; [ -r device-tree/model ] && tr '\\0' '\\n' < device-tree/model | sed 's/^/device-tree:/'",
        "maker and model; the serial number only where the account may read it",
    ),
    (
        "I /sys/hypervisor/type xen/capabilities; [ -d vz ] && [ ! -d bc ] && echo virtual:openvz; r=$(systemd-detect-virt < /dev/null) || :; [ -n \"$r\" ] && echo \"virtual:$r\"",
        "hypervisor",
    ),
    (
        "I /sys/block/*/size /sys/block/*/queue/rotational /sys/block/*/device/model /sys/block/*/device/vendor /sys/block/*/dm/name /sys/block/*/md/level",
        "size and kind of disks and volumes",
    ),
    (
        "I /sys/class/net/*/speed /sys/class/net/*/mtu /sys/class/net/*/operstate /sys/class/net/*/address /sys/class/net/*/bonding/mode /sys/class/net/*/bonding/slaves net/route /etc/resolv.conf",
        "interfaces, gateway, name servers",
    ),
    (
        "if command -v ip > /dev/null; then ip -o addr | head -n 2000 | sed 's/^/address:/'; else grep -s -B 1 'host LOCAL' net/fib_trie | sed 's/^/local:/'; fi",
        "addresses",
    ),
    (
        "I /etc/timezone; echo \"localtime:$(readlink /etc/localtime)\"; echo \"zone:$(date +%Z)\"; [ -e /run/systemd/timesync/synchronized ] && echo synchronized:systemd-timesyncd",
        "time zone; whether the clock is set from the network",
    ),
    (
        "grep -s -x -e chronyd -e ntpd -e openntpd -e systemd-timesyn -e ptp4l -e vmtoolsd -e qemu-ga -e hv_kvp_daemon -e amazon-ssm-agen -e waagent -e google_guest_ag -e snapd -e puppet -e chef-client -e salt-minion -e zabbix_agentd -e node_exporter -e telegraf -e filebeat -e td-agent -e fluent-bit -e datadog-agent -e dockerd -e containerd -e crio -e kubelet -e podman -e lxd -e libvirtd [0-9]*/comm /dev/null",
        "agents, container engines and clock programs that run",
    ),
    (
        "grep -s -h -o -e 'docker[-/][0-9a-f]\\{64\\}' -e 'libpod-[0-9a-f]\\{64\\}' -e 'cri-containerd-[0-9a-f]\\{64\\}' -e 'crio-[0-9a-f]\\{64\\}' -e 'lxc[./][A-Za-z0-9_.-]*' [0-9]*/cgroup /dev/null | sort -u | head -n 2000 | sed 's/^/inside:/'",
        "containers that run here, by the control groups of their processes",
    ),
    (
        "if [ -w /run/docker.sock ] && timeout 5 true; then timeout 5 docker ps --no-trunc --format '{{.ID}} {{.Image}} {{.Names}}' < /dev/null | head -n 2000 | sed 's/^/docker:/'; fi",
        "names and images of containers, where the account may ask Docker",
    ),
    (
        "if command -v dpkg-query > /dev/null; then dpkg-query -W -f 'package:dpkg ${Package} ${Version} ${Status}\\n' < /dev/null | head -n 20000; fi; if [ -d /var/lib/rpm ] || [ -d /usr/lib/sysimage/rpm ]; then rpm -qa --qf 'package:rpm %{NAME} %{VERSION}-%{RELEASE}\\n' < /dev/null | head -n 20000; fi; [ -r /lib/apk/db/installed ] && grep -s -e '^P:' -e '^V:' /lib/apk/db/installed | head -n 40000 | sed 's/^/apk:/'",
        "installed packages with their versions",
    ),
    (
        "grep -s -m 200 -e '^[[:blank:]]*[0-9*@]' /etc/crontab /etc/anacrontab /etc/cron.d/* /var/spool/cron/crontabs/* /var/spool/cron/* /dev/null; for f in /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* /etc/cron.monthly/*; do [ -x \"$f\" ] && echo \"periodic:${f#/etc/cron.}\"; done",
        "scheduled jobs that the account may read",
    ),
    (
        "[ -d /run/systemd/system ] && systemctl show -p Id -p TimersCalendar -p TimersMonotonic '*.timer' < /dev/null | head -n 4000 | sed 's/^/timer:/'; :; }",
        "the system's timers",
    ),
];
