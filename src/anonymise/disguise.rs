//! Gives each name its pseudonym, or each pseudonym its name.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::Key;
use super::address::{network, turned};
use super::words::{is_device, is_known};

/// Letters of a pseudonym: no vowels, so that it spells nothing.
const LETTERS: &[u8; 20] = b"bcdfghjkmnpqrstvwxz3";
/// Letters after the kind: 20^8 are 2.6·10^10, so that of 10,000 names hardly two meet; those that do get more.
const LENGTH: usize = 8;

/// Gives pseudonyms, or takes them back.
pub struct Disguise {
    key: Key,
    secret: [u8; 32],
    back: bool,
    /// What was said already, in the direction asked for.
    said: BTreeMap<String, String>,
}

impl Disguise {
    /// Gives pseudonyms and remembers them in the key.
    pub fn of(key: Key) -> Option<Self> {
        Self::new(key, false)
    }

    /// Takes pseudonyms back.
    pub fn back(key: Key) -> Option<Self> {
        Self::new(key, true)
    }

    fn new(key: Key, back: bool) -> Option<Self> {
        let names = key.names().iter();
        let said = if back {
            names
                .map(|(pseudonym, name)| (pseudonym.clone(), name.clone()))
                .collect()
        } else {
            names
                .map(|(pseudonym, name)| (name.clone(), pseudonym.clone()))
                .collect()
        };
        Some(Self {
            secret: key.secret()?,
            key,
            back,
            said,
        })
    }

    /// Gives the key with all that was said.
    pub fn into_key(self) -> Key {
        self.key
    }

    /// Says whether pseudonyms are taken back.
    pub fn is_back(&self) -> bool {
        self.back
    }

    /// Gives the other name of a host, or of an address that serves as one.
    pub fn host(&mut self, name: &str) -> String {
        match name.parse::<IpAddr>() {
            Ok(address) => self.address(address).to_string(),
            Err(_) => self.word("host", name),
        }
    }

    /// Gives the other name of a thing of some kind; an empty name stays empty.
    ///
    /// The kind is only what the pseudonym begins with; the same name has the same pseudonym everywhere.
    pub fn word(&mut self, kind: &str, name: &str) -> String {
        if name.is_empty() {
            return String::new();
        }
        if let Some(said) = self.said.get(name) {
            return said.clone();
        }
        if self.back {
            return name.to_string();
        }
        let digest = blake3::keyed_hash(&self.secret, name.as_bytes());
        let mut letters = digest
            .as_bytes()
            .iter()
            .map(|&byte| char::from(LETTERS.get(usize::from(byte) % LETTERS.len()).copied().unwrap_or(b'x')));
        let mut pseudonym = format!("{kind}-{}", letters.by_ref().take(LENGTH).collect::<String>());
        while self.key.names().contains_key(&pseudonym) {
            // Both would lead back to one name.
            match letters.next() {
                Some(letter) => pseudonym.push(letter),
                None => pseudonym.push('-'),
            }
        }
        self.key.learn(pseudonym.clone(), name.to_string());
        self.said.insert(name.to_string(), pseudonym.clone());
        pseudonym
    }

    /// Gives the other name of something that may be a product: what every customer has stays.
    pub fn product(&mut self, kind: &str, name: &str) -> String {
        let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '-');
        if is_known(name) || is_known(stem) {
            name.to_string()
        } else {
            self.word(kind, name)
        }
    }

    /// Gives the other name of a disk or an interface; those that the kernel gives stay.
    pub fn device(&mut self, name: &str) -> String {
        if name.starts_with('/') {
            return self.path(name);
        }
        if is_device(name) || is_known(name) {
            name.to_string()
        } else {
            self.word("device", name)
        }
    }

    /// Gives the other address.
    pub fn address(&self, address: IpAddr) -> IpAddr {
        turned(&self.secret, address, self.back)
    }

    /// Gives the first address of a network's pseudonym.
    pub fn network(&self, first: IpAddr) -> IpAddr {
        network(&self.secret, first, self.back)
    }

    /// Gives another path with as many folders; folders that every system has stay.
    pub fn path(&mut self, path: &str) -> String {
        let parts: Vec<String> = path
            .split('/')
            .map(|part| {
                if is_known(part) || is_device(part) {
                    part.to_string()
                } else {
                    self.word("path", part)
                }
            })
            .collect();
        parts.join("/")
    }

    /// Replaces, in free text, addresses, paths and every name that is known by now.
    pub fn text(&mut self, text: &str) -> String {
        let is_part = |letter: char| letter.is_alphanumeric() || "._-/@:[]%~".contains(letter);
        let text = self.without_long_names(text);
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(first) = rest.chars().next() {
            let of_token = is_part(first);
            let end = rest.find(|letter| is_part(letter) != of_token).unwrap_or(rest.len());
            let (piece, after) = rest.split_at(end);
            if of_token {
                out.push_str(&self.token(piece));
            } else {
                out.push_str(piece);
            }
            rest = after;
        }
        out
    }

    /// Replaces names of several words, the longest first; those of one word are found by [`Self::token`].
    fn without_long_names(&self, text: &str) -> String {
        let is_long = |name: &&String| name.contains(|letter: char| letter.is_whitespace() || !letter.is_ascii());
        let mut names: Vec<&String> = self
            .said
            .keys()
            .filter(is_long)
            .filter(|name| text.contains(name.as_str()))
            .collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.into_iter().fold(text.to_string(), |text, name| {
            let said = self.said.get(name).map_or(name.as_str(), String::as_str);
            text.replace(name.as_str(), said)
        })
    }

    fn token(&mut self, token: &str) -> String {
        if let Some(said) = self.said.get(token) {
            return said.clone();
        }
        let bare = token.trim_matches(|letter| matches!(letter, '[' | ']'));
        if let Ok(address) = bare.parse::<IpAddr>() {
            return token.replace(bare, &self.address(address).to_string());
        }
        if token.starts_with('/') || token.starts_with("~/") {
            return self.path(token);
        }
        // `host:port`, `user@host`, `db-1.` at the end of a sentence: the parts are looked at one by one.
        for sign in ['/', '@', ':', '%'] {
            if token.contains(sign) {
                let parts: Vec<String> = token.split(sign).map(|part| self.token(part)).collect();
                return parts.join(&sign.to_string());
            }
        }
        let trimmed = token.trim_end_matches(['.', '-', '_', ']']);
        if trimmed.len() < token.len() && !trimmed.is_empty() {
            return format!(
                "{}{}",
                self.token(trimmed),
                token.get(trimmed.len()..).unwrap_or_default()
            );
        }
        token.to_string()
    }
}
