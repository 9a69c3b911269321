//! C2PA manifest stores: a manifest commits to one by its hash, and does not read it.

use thiserror::Error;

use crate::sha256::Sha256;

/// The bytes before the type of a box: its length.
const LENGTH_BYTES: usize = 4;
/// The type of a JUMBF superbox (ISO 19566-5), which a manifest store is.
const SUPERBOX: &[u8] = b"jumb";

/// Reason why bytes are not a C2PA manifest store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum C2paError {
    /// The first box is not a JUMBF superbox.
    #[error(
        "not a C2PA manifest store: expected a JUMBF box, as in a .c2pa file or in what a C2PA program extracts from a media file"
    )]
    NotJumbf,
}

/// The hash of a C2PA manifest store, to which a manifest commits. The file itself is refused if it is
/// not a JUMBF box: a media file holds its store somewhere inside.
pub fn c2pa_store_hash(store: &[u8]) -> Result<Sha256, C2paError> {
    let kind = store.get(LENGTH_BYTES..).and_then(|rest| rest.get(..SUPERBOX.len()));
    match kind == Some(SUPERBOX) {
        true => Ok(Sha256::of(store)),
        false => Err(C2paError::NotJumbf),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_jumbf_box_is_a_store() {
        let store = b"\0\0\0\x0cjumb\0\0\0\x04";
        assert_eq!(c2pa_store_hash(store), Ok(Sha256::of(store)));
        for other in [&b""[..], b"\0\0\0\x0cjum", b"\x89PNG\r\n\x1a\nabcd"] {
            assert_eq!(c2pa_store_hash(other), Err(C2paError::NotJumbf));
        }
    }
}
