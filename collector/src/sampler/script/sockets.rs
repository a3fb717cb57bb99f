//! What is asked of the sockets.
//!
//! `ss` tells bytes and the control group to every account, `/proc/net` neither.
//! Its details are long (600 bytes a socket), so they are asked for while the
//! host has at most 8,000 sockets, and `sed` keeps of them what is used. Above
//! that, connections are told without bytes. The whole reply stays below the
//! bound of a frame; both sources list sockets that listen first, so what is cut
//! are connections.

/// Statements that define `Sockets`, each with what it is for.
pub(super) const PROGRAM: &[(&str, &str)] = &[(
    "Sockets() { s=0; while read -r x y n o p w r; do case $x in TCP:) s=$((s+${n:-0}+${w:-0}));; TCP6:) s=$((s+${n:-0}));; esac; done < net/sockstat; while read -r x y n r; do case $x in TCP6:) s=$((s+${n:-0}));; esac; done < net/sockstat6; z='state listening state unconnected state established state time-wait'; if command -v ss; then if [ $s -le 8000 ]; then ss -tunaeip $z | sed -e 's/^[[:space:]].* bytes_acked:/ bytes_acked:/' -e 's/ segs_out:.*//' -e 's/ <->.*//' -e 's/  */ /g'; else ss -tun $z | sed -e 's/  */ /g'; fi; else head -n 11000 net/udp net/udp6 net/tcp6 net/tcp; fi | head -c 4000000; }",
    "sockets that listen and connections that stand, or stood a minute ago",
)];
