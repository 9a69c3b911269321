//! Records of a file: lines, or several lines that a quoted field joins. Files in gzip are
//! unpacked.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::csv::{fields, without_blanks};
use super::error::{At, InferenceLogError, RECORD_BYTES_MAX};

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Its first line.
    pub(super) at: At,
    /// Its text without line end.
    pub(super) text: String,
    /// The fields of CSV; none in a file of JSON.
    pub(super) fields: Option<Vec<String>>,
}

/// Records of a file, in order. Blank lines are passed over.
pub(super) struct Records {
    reader: Box<dyn BufRead>,
    packed: bool,
    path: PathBuf,
    /// Lines that were read.
    lines: usize,
    /// True for JSON Lines, which the first record tells.
    json: Option<bool>,
}

impl Records {
    pub(super) fn open(path: &Path) -> Result<Self, InferenceLogError> {
        let failed = |source| InferenceLogError::File { path: path.to_owned(), source };
        let mut reader = BufReader::new(File::open(path).map_err(failed)?);
        let packed = reader.fill_buf().map_err(failed)?.starts_with(&GZIP);
        let reader: Box<dyn BufRead> = match packed {
            true => Box::new(BufReader::new(MultiGzDecoder::new(reader))),
            false => Box::new(reader),
        };
        Ok(Self { reader, packed, path: path.to_owned(), lines: 0, json: None })
    }

    pub(super) fn next(&mut self) -> Result<Option<Record>, InferenceLogError> {
        loop {
            let at = At { path: self.path.clone(), line: self.lines + 1 };
            let Some(mut text) = self.next_line(&at, RECORD_BYTES_MAX)? else { return Ok(None) };
            if let Some(rest) = text.strip_prefix('\u{feff}').filter(|_| at.line == 1) {
                text = rest.to_owned();
            }
            if without_blanks(&text).is_empty() {
                continue;
            }
            let json = *self.json.get_or_insert_with(|| without_blanks(&text).starts_with('{'));
            let fields = if json { None } else { Some(self.fields(&at, &mut text)?) };
            text.truncate(without_end(&text).len());
            return Ok(Some(Record { at, text, fields }));
        }
    }

    /// The fields of a record that begins with `text`, to which the lines that a quoted field joins are
    /// added.
    fn fields(&mut self, at: &At, text: &mut String) -> Result<Vec<String>, InferenceLogError> {
        loop {
            let quotes = |error: super::csv::QuoteError| InferenceLogError::Quotes {
                at: at.clone(),
                column: error.column,
            };
            if let Some(fields) = fields(without_end(text)).map_err(quotes)? {
                return Ok(fields);
            }
            let left = RECORD_BYTES_MAX.saturating_sub(text.len());
            let more = self.next_line(at, left)?;
            text.push_str(&more.ok_or_else(|| InferenceLogError::OpenQuote { at: at.clone() })?);
        }
    }

    /// The next line with its end; `None` at the end of the file.
    fn next_line(&mut self, at: &At, most: usize) -> Result<Option<String>, InferenceLogError> {
        let mut bytes = Vec::new();
        let mut limited = Read::take(&mut self.reader, most as u64 + 1);
        let read = limited.read_until(b'\n', &mut bytes);
        if let Err(source) = read {
            return Err(match self.packed {
                true => InferenceLogError::Gzip { at: at.clone(), source },
                false => InferenceLogError::File { path: self.path.clone(), source },
            });
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        if bytes.len() > most {
            return Err(InferenceLogError::Long { at: at.clone() });
        }
        self.lines += 1;
        // UTF-16 without its mark has zeros.
        let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
        text.map(Some).ok_or_else(|| InferenceLogError::Encoding { at: at.clone() })
    }
}

/// A text without one line end.
fn without_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}
