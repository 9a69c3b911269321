//! Places in the sequence of events as text: the ids of a stream. Opaque to clients, and checked: a
//! text that no node made is refused.

use farthing_aggregator::EventPlace;
use thiserror::Error;

use crate::cursor::{CHECK_BYTES, check_of};

/// The first byte, which no [`Cursor`](crate::cursor::Cursor) has.
const KIND: u8 = b'e';
/// A place has some 40 bytes; a text that is longer is none.
const TEXT_BYTES_MAX: usize = 256;

/// A text is not a place in the sequence of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not an id of this stream")]
pub(crate) struct NotAPlace;

/// The id of a place.
pub(crate) fn place_text(place: &EventPlace) -> Result<String, postcard::Error> {
    let mut body = vec![KIND];
    body.extend(postcard::to_stdvec(place)?);
    Ok(format!("{}{}", hex::encode(&body), hex::encode(check_of(&body))))
}

/// The place of an id.
pub(crate) fn parse_place(text: &str) -> Result<EventPlace, NotAPlace> {
    let bytes = Some(text).filter(|text| text.len() <= TEXT_BYTES_MAX).map(hex::decode);
    let bytes = bytes.and_then(Result::ok).ok_or(NotAPlace)?;
    let (body, check) = bytes.split_last_chunk::<CHECK_BYTES>().ok_or(NotAPlace)?;
    if *check != check_of(body) {
        return Err(NotAPlace);
    }
    let body = body.strip_prefix(&[KIND]).ok_or(NotAPlace)?;
    match postcard::take_from_bytes(body) {
        Ok((place, [])) => Ok(place),
        _ => Err(NotAPlace),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_text_and_nothing_else_is_one() -> Result<(), postcard::Error> {
        let text = place_text(&EventPlace::START)?;
        assert_eq!(parse_place(&text), Ok(EventPlace::START));
        for place in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[place] = if other[place] == b'0' { b'1' } else { b'0' };
            assert_eq!(parse_place(&String::from_utf8_lossy(&other)), Err(NotAPlace), "{place}");
            assert_eq!(parse_place(&text[..place]), Err(NotAPlace), "{place}");
        }
        let checked = |body: &[u8]| format!("{}{}", hex::encode(body), hex::encode(check_of(body)));
        let mut long = vec![KIND];
        long.extend(postcard::to_stdvec(&EventPlace::START)?);
        let other_kind = [&[1], &long[1..]].concat();
        long.push(0);
        // Block 0 does not exist, and no number passes 2⁶².
        let (low, high) = ([&[KIND][..], &[0; 7]].concat(), [&[KIND][..], &[0xff; 40]].concat());
        for bad in [&long[..], &low, &high, &other_kind, &[KIND], &[]] {
            assert_eq!(parse_place(&checked(bad)), Err(NotAPlace), "{bad:?}");
        }
        assert_eq!(parse_place(&"00".repeat(TEXT_BYTES_MAX)), Err(NotAPlace));
        Ok(())
    }
}
