//! The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677): proves a password without sending it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::ssh::Secret;

/// Rounds at most; servers ask for 15,000, and a hostile one for hours of work.
const MOST_ROUNDS: u32 = 200_000;

/// A proof that is being given.
pub(super) struct Scram {
    first: String,
    nonce: String,
}

/// What is sent last, and what the server must answer to show that it knew the password too.
#[derive(Debug)]
pub(super) struct Proof {
    pub(super) message: String,
    pub(super) server_signature: String,
}

impl Scram {
    /// Begins for an account, with letters that nobody can guess.
    pub(super) fn new(user: &str, nonce: &str) -> Self {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        Self {
            first: format!("n={user},r={nonce}"),
            nonce: nonce.to_string(),
        }
    }

    /// Gives the first message.
    pub(super) fn first(&self) -> String {
        format!("n,,{}", self.first)
    }

    /// Answers the server's challenge; nothing when it is not as it should be.
    pub(super) fn proof(&self, challenge: &str, password: &Secret) -> Option<Proof> {
        let part = |name: &str| challenge.split(',').find_map(|part| part.strip_prefix(name));
        let (nonce, salt) = (part("r=")?, STANDARD.decode(part("s=")?).ok()?);
        let rounds: u32 = part("i=")?.parse().ok()?;
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() || !(1..=MOST_ROUNDS).contains(&rounds) {
            return None;
        }
        let salted = derive(password.reveal().as_bytes(), &salt, rounds)?;
        let client_key = keyed(&salted, b"Client Key")?;
        let without_proof = format!("c=biws,r={nonce}");
        let all = format!("{},{challenge},{without_proof}", self.first);
        let signature = keyed(&Sha256::digest(client_key), all.as_bytes())?;
        let proof: Vec<u8> = client_key
            .iter()
            .zip(signature)
            .map(|(one, other)| one ^ other)
            .collect();
        let server_key = keyed(&salted, b"Server Key")?;
        Some(Proof {
            message: format!("{without_proof},p={}", STANDARD.encode(proof)),
            server_signature: format!("v={}", STANDARD.encode(keyed(&server_key, all.as_bytes())?)),
        })
    }
}

fn keyed(key: &[u8], text: &[u8]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text);
    Some(mac.finalize().into_bytes().into())
}

/// PBKDF2 with one block (RFC 8018 §5.2), which is what SCRAM calls Hi.
fn derive(password: &[u8], salt: &[u8], rounds: u32) -> Option<[u8; 32]> {
    let keyed_with = Hmac::<Sha256>::new_from_slice(password).ok()?;
    let round = |text: &[&[u8]]| -> [u8; 32] {
        let mut mac = keyed_with.clone();
        text.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    };
    let mut last = round(&[salt, &1_u32.to_be_bytes()]);
    let mut sum = last;
    for _ in 1..rounds {
        last = round(&[&last]);
        sum.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
    }
    Some(sum)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The exchange that RFC 7677 §3 prints.
    #[test]
    fn the_example_of_the_rfc_comes_out() {
        let scram = Scram::new("user", "rOprNGfwEbeRWgbNEkqO");
        assert_eq!(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let proof = scram.proof(challenge, &Secret::new("pencil".to_string())).unwrap();
        assert!(
            proof
                .message
                .ends_with(",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
            "{}",
            proof.message
        );
        assert_eq!(proof.server_signature, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    #[test]
    fn a_hostile_challenge_is_refused() {
        let scram = Scram::new("user", "abc");
        let secret = Secret::new("x".to_string());
        for challenge in [
            "r=abc,s=AA==,i=1",
            "r=zzzz,s=AA==,i=1",
            "r=abcd,s=AA==,i=999999999",
            "r=abcd,s=AA==,i=0",
            "r=abcd,s=,,",
            "",
        ] {
            assert!(scram.proof(challenge, &secret).is_none(), "{challenge}");
        }
    }
}
