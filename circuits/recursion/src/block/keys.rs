//! The digests of the circuits' keys, and those pinned.
//!
//! `keys.json` beside this crate's manifest holds them for every profile. It is written by
//! `cargo xtask codegen keys` and compared with what is built: a circuit
//! that changes without its pin is refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use farthing_airs::Profile;
use farthing_plonky2::KeccakDigest;
use farthing_protocol::{DIGEST_ELEMENTS, Digest, Felt, MODULUS};

/// The keys of the circuits that prove a block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockKeys {
    /// Of the wrap of each class, by the class's name.
    pub wrap: BTreeMap<String, KeyDigest>,
    /// Of the lift of each class.
    pub lift: BTreeMap<String, KeyDigest>,
    /// Of the join, which depends on all lifts.
    pub join: KeyDigest,
    /// Of the circuit that shrinks a node, which depends on the join.
    pub shrink: KeyDigest,
    /// Of the final circuit, which the contract knows.
    #[serde(rename = "last")]
    pub final_circuit: FinalKeyDigest,
}

/// The final circuit's digest, cut from a keccak hash: hexadecimal digits in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FinalKeyDigest(String);

impl FinalKeyDigest {
    pub(super) fn of(digest: &KeccakDigest) -> Self {
        Self(digest.0.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// A circuit's digest: 64 hexadecimal digits in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyDigest(pub Digest);

const PINNED: &str = include_str!("../../keys.json");

impl BlockKeys {
    /// The pinned keys of every profile, by its name.
    pub fn all_pinned() -> Result<BTreeMap<String, Self>, serde_json::Error> {
        serde_json::from_str(PINNED)
    }

    /// The pinned keys of a profile.
    pub fn pinned(profile: Profile) -> Result<Option<Self>, serde_json::Error> {
        Ok(Self::all_pinned()?.remove(profile_name(profile)))
    }
}

/// The name of a profile in the file of keys.
pub const fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Proven => "proven",
        Profile::Conjectured => "conjectured",
    }
}

impl Default for KeyDigest {
    fn default() -> Self {
        Self(Digest::ZERO)
    }
}

impl Serialize for KeyDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for KeyDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        digest(&text).map(Self).ok_or_else(|| serde::de::Error::custom("not a digest"))
    }
}

/// Digits of an element.
const DIGITS: usize = 16;

fn digest(text: &str) -> Option<Digest> {
    if text.len() != DIGITS * DIGEST_ELEMENTS || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut elements = [Felt::new(0); DIGEST_ELEMENTS];
    for (i, element) in elements.iter_mut().enumerate() {
        let word = u64::from_str_radix(text.get(DIGITS * i..DIGITS * (i + 1))?, 16).ok()?;
        *element = (word < MODULUS).then(|| Felt::new(word))?;
    }
    Some(Digest::new(elements))
}

#[cfg(test)]
mod tests {
    use farthing_protocol::{Tag, hash};

    use super::*;

    #[test]
    fn digests_are_hexadecimal() {
        let key = KeyDigest(hash(Tag::Domain, &[Felt::new(3)]));
        let json = serde_json::to_string(&key).expect("json");
        assert_eq!(json, format!("\"{}\"", key.0));
        assert_eq!(serde_json::from_str::<KeyDigest>(&json).expect("a digest"), key);
        let modulus = format!("{MODULUS:016x}").repeat(4);
        for wrong in ["", "00", &"0".repeat(63), &"+".repeat(64), &modulus] {
            assert_eq!(digest(wrong), None, "{wrong}");
        }
    }
}
