//! Addresses become others, and what was one subnet stays one.
//!
//! Prefix-preserving as in Crypto-PAn (Xu, Fan, Ammar, Moon 2002): each bit is
//! turned or not by a keyed digest of the bits before it. Two addresses share as
//! many leading bits after as before. Private ranges stay private, since a plan's
//! reader must see which network is inside; loopback and the like stay as they are.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Gives how many leading bits of an IPv4 address are kept: those that say what kind of address it is.
fn kept_v4(address: u32) -> u32 {
    let [first, second, ..] = address.to_be_bytes();
    match (first, second) {
        (0 | 127 | 224..=255, _) => 32,
        (10, _) => 8,
        (100, 64..=127) => 10,
        (172, 16..=31) => 12,
        (169, 254) | (192, 168) => 16,
        _ => 0,
    }
}

/// The same for IPv6.
fn kept_v6(address: u128) -> u32 {
    let first = (address >> 120) as u8;
    match first {
        0 | 0xff => 128,
        0xfc | 0xfd => 8,
        0xfe => 10,
        _ => 3,
    }
}

/// Turns one address into its pseudonym, or back.
pub(super) fn turned(secret: &[u8; 32], address: IpAddr, back: bool) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let mut bits = u32::from(address);
            let kept = kept_v4(bits);
            if kept == 32 {
                return IpAddr::V4(address);
            }
            // A public address must not become one of another kind: walk on until it is public. What is special are
            // whole networks of 16 bits or fewer, so all of a subnet walk together and it stays whole.
            loop {
                bits = walk(secret, u128::from(bits) << 96, 32, kept, 4, back).wrapping_shr(96) as u32;
                if kept_v4(bits) == kept {
                    return IpAddr::V4(Ipv4Addr::from(bits));
                }
            }
        }
        IpAddr::V6(address) => {
            let mut bits = u128::from(address);
            let kept = kept_v6(bits);
            if kept == 128 {
                return IpAddr::V6(address);
            }
            loop {
                bits = walk(secret, bits, 128, kept, 6, back);
                if kept_v6(bits) == kept {
                    return IpAddr::V6(Ipv6Addr::from(bits));
                }
            }
        }
    }
}

/// Gives the first address of a network's pseudonym: its own leading bits turned, the rest zero.
pub(super) fn network(secret: &[u8; 32], first: IpAddr, back: bool) -> IpAddr {
    turned(secret, first, back)
}

fn walk(secret: &[u8; 32], bits: u128, length: u32, kept: u32, family: u8, back: bool) -> u128 {
    let mut original = bits;
    let mut out = bits;
    for at in kept..length.min(128) {
        let place = 127 - at;
        let before = original.checked_shr(place + 1).unwrap_or(0);
        let mut message = [0_u8; 21];
        message[0] = family;
        message[1..5].copy_from_slice(&at.to_be_bytes());
        message[5..].copy_from_slice(&before.to_be_bytes());
        let turn = u128::from(blake3::keyed_hash(secret, &message).as_bytes()[0] & 1) << place;
        out ^= turn;
        if back {
            // The bits before this one are known by now.
            original ^= turn;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared_bits(one: IpAddr, other: IpAddr) -> u32 {
        match (one, other) {
            (IpAddr::V4(one), IpAddr::V4(other)) => (u32::from(one) ^ u32::from(other)).leading_zeros(),
            (IpAddr::V6(one), IpAddr::V6(other)) => (u128::from(one) ^ u128::from(other)).leading_zeros(),
            _ => 0,
        }
    }

    #[test]
    fn subnets_stay_and_the_way_back_is_exact() {
        let secret = [7; 32];
        let mut seen = std::collections::BTreeSet::new();
        let mut state = 1_u64;
        for _ in 0..2_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let bits = (state >> 32) as u32;
            let one = IpAddr::V4(Ipv4Addr::from(bits));
            let neighbour = IpAddr::V4(Ipv4Addr::from(bits ^ 1));
            let (turned_one, turned_neighbour) = (turned(&secret, one, false), turned(&secret, neighbour, false));
            assert_eq!(turned(&secret, turned_one, true), one);
            assert_eq!(shared_bits(turned_one, turned_neighbour), 31, "{one}");
            assert_eq!(
                kept_v4(bits),
                kept_v4(match turned_one {
                    IpAddr::V4(a) => u32::from(a),
                    IpAddr::V6(_) => 0,
                })
            );
            seen.insert(turned_one);
            let six = IpAddr::V6(Ipv6Addr::from(u128::from(state) << 64 | u128::from(bits)));
            assert_eq!(turned(&secret, turned(&secret, six, false), true), six);
        }
        assert!(seen.len() > 1_990, "no two become one");
    }

    #[test]
    fn what_names_nobody_stays() {
        for text in ["127.0.0.1", "0.0.0.0", "::1", "255.255.255.255"] {
            let address: IpAddr = text.parse().unwrap_or(IpAddr::V4(Ipv4Addr::BROADCAST));
            assert_eq!(turned(&[1; 32], address, false), address);
        }
        let private = turned(&[1; 32], IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3)), false);
        assert!(private.to_string().starts_with("10."));
    }
}
