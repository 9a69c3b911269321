//! Fields of CSV (RFC 4180).

/// A quote that could be read in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QuoteError {
    /// From 1.
    pub(super) column: usize,
}

/// The fields of a record without blanks around them; `None` if a quoted one goes on in the next line. A
/// quote opens a field at its start and closes it at its end; inside it is doubled. Anything else is
/// refused.
pub(super) fn fields(text: &str) -> Result<Option<Vec<String>>, QuoteError> {
    let (mut fields, mut rest) = (Vec::new(), text.trim_matches([' ', '\t']));
    loop {
        let error = QuoteError { column: fields.len() + 1 };
        let (field, behind) = match rest.strip_prefix('"') {
            Some(quoted) => match quoted_field(quoted) {
                Some(found) => found,
                None => return Ok(None),
            },
            None => {
                let (field, behind) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
                if field.contains('"') {
                    return Err(error);
                }
                (field.to_owned(), behind)
            }
        };
        fields.push(without_blanks(&field).to_owned());
        rest = match behind.strip_prefix(',') {
            Some(next) => next,
            None if behind.is_empty() => return Ok(Some(fields)),
            None => return Err(error),
        };
    }
}

/// A field whose opening quote was taken, and what follows its closing quote.
fn quoted_field(quoted: &str) -> Option<(String, &str)> {
    let (mut field, mut rest) = (String::new(), quoted);
    loop {
        let (part, behind) = rest.split_once('"')?;
        field.push_str(part);
        let Some(more) = behind.strip_prefix('"') else { return Some((field, behind)) };
        field.push('"');
        rest = more;
    }
}

/// A text without blanks around it, the same characters as in the SDKs: separators of ASCII too.
pub(super) fn without_blanks(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}
