//! Rows of a log: the columns by name, and their values.

use farthing_protocol::{Bytes32, UnixTime};
use serde_json::Value;

use super::error::{At, InferenceLogError};
use super::records::{Record, Records};
use super::{Tokens, provenance};
use crate::log_time::seconds_of;
use crate::redact::redact;

/// Letters of a value that an error repeats.
const SHOWN_LETTERS: usize = 40;
/// The largest count: JSON carries exactly what is below 2⁵³.
const COUNT_MAX: u64 = (1 << 53) - 1;
/// The most digits of a count.
const COUNT_DIGITS_MAX: usize = 16;
/// The finish of a call that failed.
const FAILED: &str = "error";

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) at: At,
    pub(super) id: String,
    pub(super) generated: u64,
    pub(super) context: u64,
    pub(super) failed: bool,
    pub(super) provenance: Bytes32,
    /// Columns for the vectors of all SDKs; `simulate` does not read them.
    pub(super) more: More,
}

/// Columns that are checked, and not paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct More {
    pub(super) images: u64,
    pub(super) time: Option<UnixTime>,
    pub(super) model: Option<String>,
}

impl Row {
    /// The tokens that are paid for; `None` for a failed call.
    pub(super) fn tokens(&self, tokens: Tokens) -> Option<u64> {
        match tokens {
            _ if self.failed => None,
            Tokens::Generated => Some(self.generated),
            // Both are below 2⁵³.
            Tokens::Total => Some(self.generated + self.context),
        }
    }
}

/// Columns that a log must have besides that of generated tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequiredColumns {
    pub(super) context: bool,
    pub(super) models: bool,
}

/// The content of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Time,
    Context,
    Generated,
    Id,
    Model,
    Images,
    Finish,
}

impl Column {
    /// The columns of a log without a header.
    const POSITIONS: [Self; 3] = [Self::Time, Self::Context, Self::Generated];

    const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Context => "context tokens",
            Self::Generated => "generated tokens",
            Self::Id => "ids",
            Self::Model => "models",
            Self::Images => "images",
            Self::Finish => "finish reasons",
        }
    }

    /// The column of this name; capitals, spaces, `-` and `_` do not matter.
    fn named(name: &str) -> Option<Self> {
        let letters = name.chars().filter(|c| !matches!(c, ' ' | '_' | '-'));
        match letters.flat_map(char::to_lowercase).collect::<String>().as_str() {
            "timestamp" | "time" | "date" | "datetime" | "arrivaltime" | "createdat" => {
                Some(Self::Time)
            }
            "context" | "contexttokens" | "prompttokens" | "requesttokens" | "inputtokens"
            | "numprefilltokens" | "tokensprompt" | "inputlength" => Some(Self::Context),
            "generated" | "generatedtokens" | "completiontokens" | "responsetokens"
            | "outputtokens" | "numdecodetokens" | "tokenscompletion" | "outputlength" => {
                Some(Self::Generated)
            }
            "generationid" | "requestid" | "id" => Some(Self::Id),
            "model" | "modelpermaslug" => Some(Self::Model),
            "numimages" => Some(Self::Images),
            "finishreasonnormalized" => Some(Self::Finish),
            _ => None,
        }
    }
}

/// The columns by position, and their number.
#[derive(Clone, Debug)]
struct Layout {
    columns: Vec<(usize, Column)>,
    count: usize,
}

/// The values of a row: texts of CSV, or values of JSON.
struct Values(Vec<(Column, Value)>);

impl Values {
    fn get(&self, column: Column) -> Option<&Value> {
        self.0.iter().find(|(found, _)| *found == column).map(|(_, value)| value)
    }

    fn text(&self, column: Column) -> Option<&str> {
        self.get(column).and_then(Value::as_str)
    }
}

/// Rows of a file, in order.
pub(super) struct Rows {
    records: Records,
    source: String,
    wanted: RequiredColumns,
    layout: Option<Layout>,
}

impl Rows {
    pub(super) const fn new(records: Records, source: String, wanted: RequiredColumns) -> Self {
        Self { records, source, wanted, layout: None }
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>, InferenceLogError> {
        loop {
            let Some(record) = self.records.next()? else { return Ok(None) };
            let values = match &record.fields {
                None => Some(self.json(&record)?),
                Some(fields) => self.csv(&record.at, fields)?,
            };
            if let Some(values) = values {
                return self.row(record, &values).map(Some);
            }
        }
    }

    /// The values of a record; `None` for the header.
    fn csv(&mut self, at: &At, fields: &[String]) -> Result<Option<Values>, InferenceLogError> {
        let layout = match &self.layout {
            Some(layout) => layout,
            None => {
                let (found, is_header) = layout_of(at, fields)?;
                self.check_columns(at, |column| found.columns.iter().any(|(_, is)| *is == column))?;
                let found = self.layout.insert(found);
                if is_header {
                    return Ok(None);
                }
                found
            }
        };
        let (expected, got) = (layout.count, fields.len());
        if got != expected {
            return Err(InferenceLogError::Columns { at: at.clone(), expected, got });
        }
        let texts = layout.columns.iter().filter_map(|(index, column)| {
            fields.get(*index).map(|field| (*column, Value::String(field.clone())))
        });
        Ok(Some(Values(texts.collect())))
    }

    /// The values of a line of Mooncake's form.
    fn json(&self, record: &Record) -> Result<Values, InferenceLogError> {
        let at = || record.at.clone();
        let value: Value = serde_json::from_str(&record.text)
            .map_err(|source| InferenceLogError::Json { at: at(), source })?;
        let form = || InferenceLogError::JsonForm { at: at() };
        let field = |name: &str| value.get(name).cloned();
        let time = field("timestamp").ok_or_else(form)?;
        let generated = field("output_length").ok_or_else(form)?;
        let mut values = vec![(Column::Time, time), (Column::Generated, generated)];
        values.extend(field("input_length").map(|value| (Column::Context, value)));
        let model = field("model").filter(Value::is_string);
        values.extend(model.map(|value| (Column::Model, value)));
        let values = Values(values);
        self.check_columns(&record.at, |column| values.get(column).is_some())?;
        Ok(values)
    }

    fn check_columns(
        &self,
        at: &At,
        has: impl Fn(Column) -> bool,
    ) -> Result<(), InferenceLogError> {
        let needs = [
            (self.wanted.context, Column::Context, "the total of tokens needs"),
            (self.wanted.models, Column::Model, "rows of several models need"),
        ];
        match needs.into_iter().find(|(wanted, column, _)| *wanted && !has(*column)) {
            None => Ok(()),
            Some((_, column, reason)) => {
                Err(InferenceLogError::NoColumn { at: at.clone(), name: column.name(), reason })
            }
        }
    }

    fn row(&self, record: Record, values: &Values) -> Result<Row, InferenceLogError> {
        let Record { at, text, .. } = record;
        let count = |column: Column| match values.get(column) {
            None => Ok(0),
            Some(value) => count_of(value).ok_or_else(|| InferenceLogError::Value {
                at: at.clone(),
                name: column.name(),
                got: shown(value),
                expected: "a whole number",
            }),
        };
        let (generated, context) = (count(Column::Generated)?, count(Column::Context)?);
        let images = count(Column::Images)?;
        let time = values.get(Column::Time).map(|value| time_of(&at, value)).transpose()?;
        let finish = values.text(Column::Finish).unwrap_or_default();
        let failed = generated == 0 || finish.eq_ignore_ascii_case(FAILED);
        let line = || format!("{}:{}", self.source, at.line);
        let id = values.text(Column::Id).map_or_else(line, str::to_owned);
        let model = values.text(Column::Model).map(str::to_owned);
        let no_model = self.wanted.models && model.as_deref() == Some("");
        for (empty, name) in [(id.is_empty(), "id"), (no_model, "model")] {
            if empty && !failed {
                return Err(InferenceLogError::Empty { at, name });
            }
        }
        let (provenance, more) = (provenance(&text), More { images, time, model });
        Ok(Row { at, id, generated, context, failed, provenance, more })
    }
}

/// The layout that the first record gives, and whether it is a header.
fn layout_of(at: &At, fields: &[String]) -> Result<(Layout, bool), InferenceLogError> {
    let mut columns: Vec<(usize, Column)> = Vec::new();
    for (index, name) in fields.iter().enumerate() {
        let Some(column) = Column::named(name) else { continue };
        if columns.iter().any(|(_, before)| *before == column) {
            let (column, name) = (index + 1, column.name());
            return Err(InferenceLogError::Twice { at: at.clone(), column, name });
        }
        columns.push((index, column));
    }
    if columns.iter().any(|(_, column)| *column == Column::Generated) {
        return Ok((Layout { columns, count: fields.len() }, true));
    }
    match fields {
        [time, context, _] if seconds_of(time).is_some() && is_digits(context) => {
            let columns: Vec<_> = Column::POSITIONS.into_iter().enumerate().collect();
            Ok((Layout { count: columns.len(), columns }, false))
        }
        _ => Err(InferenceLogError::NoHeader { at: at.clone() }),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A whole number: `44`, `44.0`, or a number of JSON.
fn count_of(value: &Value) -> Option<u64> {
    let count = match value {
        Value::String(text) => {
            let (whole, zeros) = text.split_once('.').unwrap_or((text, ""));
            let good = is_digits(whole) && whole.len() <= COUNT_DIGITS_MAX;
            let whole = whole.parse().ok().filter(|_| good)?;
            zeros.bytes().all(|byte| byte == b'0').then_some(whole)
        }
        Value::Number(number) => number.as_u64().or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
            (0.0..=COUNT_MAX as f64).contains(&float).then_some(float as u64)
        }),
        _ => None,
    };
    count.filter(|count| *count <= COUNT_MAX)
}

/// Unix seconds, rounded down. A number of JSON is milliseconds.
fn time_of(at: &At, value: &Value) -> Result<UnixTime, InferenceLogError> {
    let seconds = match value {
        Value::String(text) => seconds_of(text),
        Value::Number(number) => {
            let millis = number.as_f64().filter(|millis| (0.0..=COUNT_MAX as f64).contains(millis));
            millis.map(|millis| (millis / 1_000.0).floor() as i64)
        }
        _ => None,
    };
    let time = seconds.and_then(|seconds| u64::try_from(seconds).ok());
    time.and_then(|time| UnixTime::new(time).ok()).ok_or_else(|| InferenceLogError::Value {
        at: at.clone(),
        name: Column::Time.name(),
        got: shown(value),
        expected: "seconds, or a date and a time such as 2023-11-16 18:15:46.68",
    })
}

/// The beginning of a value, without what looks like a secret.
fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    redact(&text.chars().take(SHOWN_LETTERS).collect::<String>())
}
