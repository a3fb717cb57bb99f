//! Addresses as `ss` and the kernel write them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads `ADDRESS:PORT` of `ss`: with or without brackets, with `*` for every address, with a zone that is left out.
///
/// IPv4 addresses that are mapped into IPv6 become IPv4. A port `*` gives no end.
pub(super) fn end(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.rsplit_once(':')?;
    let port = port.parse().ok()?;
    if address == "*" || address.is_empty() {
        return Some((IpAddr::V6(Ipv6Addr::UNSPECIFIED), port));
    }
    // `[fe80::1]%eth0`, `[fe80::1%eth0]` and `127.0.0.53%lo` are all written.
    let bare = address.split('%').next()?.trim_start_matches('[').trim_end_matches(']');
    let address: IpAddr = bare.parse().ok()?;
    Some((address.to_canonical(), port))
}

/// Reads `HEX:HEX` of `/proc/net`: words of 32 bits in the byte order of the machine, which is taken to be little-endian.
pub(super) fn hexadecimal(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |from: usize| {
        let digits = address.get(from..from + 8)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
    };
    let address = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?.to_le_bytes())),
        32 => {
            let mut bytes = [0; 16];
            for (place, four) in bytes.chunks_exact_mut(4).enumerate() {
                four.copy_from_slice(&word(place * 8)?.to_le_bytes());
            }
            IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical()
        }
        _ => return None,
    };
    Some((address, port))
}
