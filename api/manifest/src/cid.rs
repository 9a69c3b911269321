//! Content identifiers (CID) of version 1, in base32 and with SHA-256: those whose content can be checked
//! with the hash function that manifests use anyway.

use std::fmt;

use crate::sha256::Sha256;

/// The alphabet of base32 in lowercase (RFC 4648).
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The letter of multibase for it.
const BASE32: char = 'b';
/// Version, codec, hash function, length of the hash: a byte each, for the codecs that are known here.
const HEAD_BYTES: usize = 4;
/// Multicodec `sha2-256`, and the length of such a hash.
const SHA2_256: [u8; 2] = [0x12, 0x20];

/// The encoding of the block that a CID names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// The block is the content: its SHA-256 is the hash of the CID.
    Raw,
    /// The block is a node of a Merkle DAG: of a file in chunks, or of a folder.
    DagPb,
}

impl Codec {
    const fn code(self) -> u8 {
        match self {
            Self::Raw => 0x55,
            Self::DagPb => 0x70,
        }
    }
}

/// A content identifier. Displayed in base32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cid {
    codec: Codec,
    hash: Sha256,
}

impl Cid {
    /// The identifier of a block with this hash.
    pub const fn new(codec: Codec, hash: Sha256) -> Self {
        Self { codec, hash }
    }

    /// The encoding of the block.
    pub const fn codec(self) -> Codec {
        self.codec
    }

    /// The SHA-256 of the block.
    pub const fn hash(self) -> Sha256 {
        self.hash
    }

    /// Reads a CID; `None` if it is not one, or is of another version, base, codec or hash function.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = decode(text.strip_prefix(BASE32)?)?;
        let (head, hash) = bytes.split_at_checked(HEAD_BYTES)?;
        let codec = [Codec::Raw, Codec::DagPb].into_iter().find(|codec| head == codec.head())?;
        Some(Self::new(codec, Sha256::from_bytes(hash.try_into().ok()?)))
    }
}

impl Codec {
    const fn head(self) -> [u8; HEAD_BYTES] {
        let [function, length] = SHA2_256;
        [1, self.code(), function, length]
    }
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.codec.head()[..], &self.hash.to_bytes()].concat();
        write!(f, "{BASE32}{}", encode(&bytes))
    }
}

/// Base32 without padding; the unused bits of the last letter must be 0, so that bytes have one text.
fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        buffer = (buffer << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if let Some(left) = bits.checked_sub(8) {
            bits = left;
            bytes.push(u8::try_from(buffer >> bits).ok()?);
            buffer &= (1 << bits) - 1;
        }
    }
    (bits < 5 && buffer == 0).then_some(bytes)
}

fn encode(bytes: &[u8]) -> String {
    let (mut text, mut buffer, mut bits) = (String::new(), 0_u32, 0_u32);
    let letter = |value: u32| {
        let letter = ALPHABET.iter().zip(0_u32..).find(|(_, index)| *index == value & 31);
        letter.map_or('a', |(letter, _)| char::from(*letter))
    };
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while let Some(left) = bits.checked_sub(5) {
            bits = left;
            text.push(letter(buffer >> bits));
            buffer &= (1 << bits) - 1;
        }
    }
    if bits > 0 {
        text.push(letter(buffer << (5 - bits)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The raw CID of `hello\n`, as IPFS programs print it.
    const HELLO: &str = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";

    #[test]
    fn a_raw_cid_has_the_hash_of_its_content() {
        let hash = Sha256::of(b"hello\n");
        assert_eq!(Cid::new(Codec::Raw, hash).to_string(), HELLO);
        let cid = Cid::parse(HELLO).expect("a CID");
        assert_eq!((cid.codec(), cid.hash()), (Codec::Raw, hash));
    }

    #[test]
    fn a_folder_is_dag_pb() {
        let folder = Cid::new(Codec::DagPb, Sha256::of(b"a folder"));
        assert!(folder.to_string().starts_with("bafybei"), "{folder}");
        assert_eq!(Cid::parse(&folder.to_string()), Some(folder));
    }

    #[test]
    fn other_texts_are_refused() {
        let longer = format!("{HELLO}a");
        let shorter = &HELLO[..HELLO.len() - 1];
        // The last letter has 2 unused bits, which must be 0.
        let unused_bits = format!("{}n", shorter);
        let capital = HELLO.to_uppercase();
        let version_0 = "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n";
        for text in ["", "b", &longer, shorter, &unused_bits, &capital, version_0] {
            assert_eq!(Cid::parse(text), None, "{text}");
        }
    }
}
