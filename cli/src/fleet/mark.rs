//! A token to a mark by which it is known again. Of a hash with a salt of its own so few bits are kept that a thief of
//! journals learns of each guess only whether it is one of many thousands that fit; two tokens look alike once in 16
//! million times. A command that prints tokens is marked instead of what it prints today.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use crate::session::Credential;

/// Bytes of the hash that are kept.
const KEPT: usize = 3;

/// A mark, as `SALT.HASH`.
pub(super) fn fresh(credential: &Credential) -> String {
    // No secret, only another one each time: the library's own seeds come from the system's random numbers.
    let random = || RandomState::new().build_hasher().finish();
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map(|time| time.as_nanos()).unwrap_or_default();
    let seed = format!("{} {} {time} {}", random(), random(), std::process::id());
    let salt = hex(&Sha256::digest(seed.as_bytes()), 16);
    let hash = hash(&salt, credential);
    format!("{salt}.{hash}")
}

/// Whether a mark is that of a credential; one that is not understood is nobody's.
pub(super) fn is_of(mark: &str, credential: &Credential) -> bool {
    mark.split_once('.').is_some_and(|(salt, known)| known == hash(salt, credential))
}

fn hash(salt: &str, credential: &Credential) -> String {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    match credential {
        Credential::Token(token) => {
            hash.update(b"\0token\0");
            hash.update(token.expose().trim().as_bytes());
        }
        Credential::Command(words) => {
            for word in words {
                hash.update(b"\0command\0");
                hash.update(word.as_bytes());
            }
        }
    }
    hex(&hash.finalize(), KEPT)
}

fn hex(bytes: &[u8], count: usize) -> String {
    bytes.iter().take(count).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_knows_its_token_and_gives_it_to_nobody() {
        let token = |text: &str| Credential::Token(text.into());
        let command = |words: &[&str]| Credential::Command(words.iter().map(|word| (*word).to_owned()).collect());
        let mark = fresh(&token("marker-token"));
        assert!(is_of(&mark, &token(" marker-token\n")) && !is_of(&mark, &token("marker-tokem")));
        assert!(!is_of(&mark, &command(&["marker-token"])));
        assert_ne!(mark, fresh(&token("marker-token")), "each has a salt of its own");
        // What is kept of the token is six letters, so that a list of guesses has many that fit.
        let (salt, hash) = mark.split_once('.').unwrap();
        assert_eq!((salt.len(), hash.len()), (32, 2 * KEPT));
        let mark = fresh(&command(&["pass", "a b"]));
        assert!(is_of(&mark, &command(&["pass", "a b"])) && !is_of(&mark, &command(&["pass", "a", "b"])));
        for broken in ["", ".", "x", "a.b.c"] {
            assert!(!is_of(broken, &token("marker-token")), "{broken}");
        }
    }
}
