//! Reads the binary pieces of SSH: strings with a length of four bytes before them.

/// Splits the first string off; nothing when the bytes end too soon.
pub(super) fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}

/// Gives the kind that a public key blob names itself, such as `ssh-ed25519`.
pub(super) fn kind_of_key(blob: &[u8]) -> Option<&str> {
    let (kind, _) = string(blob)?;
    let kind = std::str::from_utf8(kind).ok()?;
    (!kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_graphic())).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_that_is_cut_off_is_none() {
        assert_eq!(string(&[0, 0, 0, 1, b'a', b'b']), Some((&b"a"[..], &b"b"[..])));
        assert_eq!(string(&[0, 0, 0, 2, b'a']), None);
        assert_eq!(string(&[0, 0, 0]), None);
        assert_eq!(string(&[0xff; 8]), None);
    }

    #[test]
    fn a_kind_is_plain_text() {
        assert_eq!(kind_of_key(b"\0\0\0\x07ssh-rsa rest"), Some("ssh-rsa"));
        assert_eq!(kind_of_key(b"\0\0\0\x07ssh\x1brsa"), None);
    }
}
