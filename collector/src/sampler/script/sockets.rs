//! What is asked of the sockets.

/// Statements that define `Sockets`, each with what it is for.
pub(super) const PROGRAM: &[(&str, &str)] = &[(
    "Sockets() { head -n 50000 -v net/tcp net/tcp6 net/udp net/udp6; }",
    "sockets that listen and connections that stand",
)];
