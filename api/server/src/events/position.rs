//! Positions in the sequence of events as text: the ids of a stream. They are opaque to clients and
//! checked: a text that no node made is refused.

use farthing_aggregator::EventPosition;
use thiserror::Error;

use crate::cursor::{CHECK_BYTES, check_of};

/// The first byte, which no [`Cursor`](crate::cursor::Cursor) has.
const KIND: u8 = b'e';
/// A position has some 40 bytes; a text that is longer is none.
const TEXT_BYTES_MAX: usize = 256;

/// A text is not a position in the sequence of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not an id of this stream")]
pub(crate) struct NotAPosition;

/// The id of a position.
pub(crate) fn position_text(position: &EventPosition) -> Result<String, postcard::Error> {
    let mut body = vec![KIND];
    body.extend(postcard::to_stdvec(position)?);
    Ok(format!("{}{}", hex::encode(&body), hex::encode(check_of(&body))))
}

/// The position of an id.
pub(crate) fn parse_position(text: &str) -> Result<EventPosition, NotAPosition> {
    let bytes = Some(text).filter(|text| text.len() <= TEXT_BYTES_MAX).map(hex::decode);
    let bytes = bytes.and_then(Result::ok).ok_or(NotAPosition)?;
    let (body, check) = bytes.split_last_chunk::<CHECK_BYTES>().ok_or(NotAPosition)?;
    if *check != check_of(body) {
        return Err(NotAPosition);
    }
    let body = body.strip_prefix(&[KIND]).ok_or(NotAPosition)?;
    match postcard::take_from_bytes(body) {
        Ok((position, [])) => Ok(position),
        _ => Err(NotAPosition),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_text_and_nothing_else_is_one() -> Result<(), postcard::Error> {
        let text = position_text(&EventPosition::START)?;
        assert_eq!(parse_position(&text), Ok(EventPosition::START));
        for index in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[index] = if other[index] == b'0' { b'1' } else { b'0' };
            assert_eq!(
                parse_position(&String::from_utf8_lossy(&other)),
                Err(NotAPosition),
                "{index}"
            );
            assert_eq!(parse_position(&text[..index]), Err(NotAPosition), "{index}");
        }
        let checked = |body: &[u8]| format!("{}{}", hex::encode(body), hex::encode(check_of(body)));
        let mut long = vec![KIND];
        long.extend(postcard::to_stdvec(&EventPosition::START)?);
        let other_kind = [&[1], &long[1..]].concat();
        long.push(0);
        // Block 0 does not exist, and no number passes 2⁶².
        let (low, high) = ([&[KIND][..], &[0; 7]].concat(), [&[KIND][..], &[0xff; 40]].concat());
        for bad in [&long[..], &low, &high, &other_kind, &[KIND], &[]] {
            assert_eq!(parse_position(&checked(bad)), Err(NotAPosition), "{bad:?}");
        }
        assert_eq!(parse_position(&"00".repeat(TEXT_BYTES_MAX)), Err(NotAPosition));
        Ok(())
    }
}
