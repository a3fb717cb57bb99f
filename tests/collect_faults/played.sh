# Answers the collector's protocol from a script, as the host that the first argument names.
# The second names a file with the moment of the boot (milliseconds since 1970) and the boot's identity.
IFS= read -r program
nonce=${program#*; N=}
nonce=${nonce%%;*}

flood() { while :; do head -c 1000000 /dev/zero | tr '\0' "$1" || exit; done; }

case $1 in
garbage-first) head -c 30000 /dev/urandom; exit 3 ;;
flood-first) flood x ;;
esac
echo "@$nonce R 1"

layout() {
    echo "boot_id:$id"
    echo "clock_ticks:100"
    echo "disk:sda device=1 slaves= hidden=0 removable=0"
    echo "interface:eth0 device=1 master= lower= type=1"
    echo "route:eth0"
}

# Four cores of which one and a half work, 1,000 reads a second, 1 MB a second received.
tick() {
    echo "uptime:$((up / 1000)).$((up % 1000 / 100))$((up % 100 / 10)) 0.00"
    echo "stat:cpu  $((up * 15 / 100)) 0 0 $((up * 25 / 100)) 0 0 0 0 0 0"
    [ "$1" = m ] && for cpu in 0 1 2 3; do echo "stat:cpu$cpu 0 0 0 $up 0 0 0 0 0 0"; done
    echo "diskstats:   8       0 sda $up 0 $((up * 8)) 0 0 0 0 0 0 $up $up"
    echo "net/dev:  eth0: $((up * 1000)) $up 0 0 0 0 0 0 $((up * 100)) $up 0 0 0 0 0 0"
    [ "$1" = m ] && printf 'meminfo:MemTotal: 8000000 kB\nmeminfo:MemFree: 100 kB\nmeminfo:MemAvailable: 4000000 kB\n'
}

# Numbers that no machine has, and words where numbers belong.
absurd() {
    echo "uptime:$((up / 1000)).00 0.00"
    echo "stat:cpu  18446744073709551615 -5 $up 1e99 NaN 99999999999999999999999999 0 0 0 0"
    echo "diskstats:   8       0 sda 18446744073709551615 0 -1 0 0 0 0 0 0 0 0"
    echo "net/dev:  eth0: $((9223372036854775807 - up)) 1 0 0 0 0 0 0 18446744073709551615 1 0 0 0 0 0 0"
    printf 'meminfo:MemTotal: 0 kB\nmeminfo:MemAvailable: -7 kB\n\033[2Jmeminfo:\n'
}

while read -r question number rest; do
    read -r booted id <"$2"
    up=$(($(date +%s%3N) - booted))
    echo "@$nonce B $number"
    case $1-$question in
    *-l) layout ;;
    garbage-inside-*) head -c 100000 /dev/urandom ;;
    flood-inside-*) flood y ;;
    flood-lines-*) flood '\n' ;;
    absurd-[tm]) absurd ;;
    *-[tm]) tick "$question" ;;
    esac
    echo "@$nonce E $number"
done
