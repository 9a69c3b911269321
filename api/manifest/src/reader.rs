//! Reading of typed values out of JSON. A refusal names the member by its path.

use std::collections::BTreeMap;
use std::fmt;

use crate::error::{FieldProblem, ManifestError};
use crate::json::Json;

/// The bytes of an unknown name that a message shows at most.
const NAME_SHOWN_BYTES_MAX: usize = 64;

/// The path of a member.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("the manifest"),
            Self::Member(Self::Root, name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// A value and its path.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) value: &'a Json,
    pub(crate) path: Path<'a>,
}

impl<'a> At<'a> {
    /// A refusal of this value.
    pub(crate) fn refuse(&self, problem: FieldProblem) -> ManifestError {
        refuse(&self.path, problem)
    }

    pub(crate) fn bool(self) -> Result<bool, ManifestError> {
        match self.value {
            Json::Bool(value) => Ok(*value),
            _ => Err(self.refuse(FieldProblem::Type { expected: "true or false" })),
        }
    }

    /// A number from `least` to `most`.
    pub(crate) fn integer(self, least: u64, most: u64) -> Result<u64, ManifestError> {
        match self.value {
            Json::Integer(got) if (least..=most).contains(got) => Ok(*got),
            Json::Integer(got) => Err(self.refuse(FieldProblem::Range { got: *got, least, most })),
            _ => Err(self.refuse(FieldProblem::Type { expected: "a whole number" })),
        }
    }

    pub(crate) fn text(self) -> Result<&'a str, ManifestError> {
        match self.value {
            Json::Text(text) => Ok(text),
            _ => Err(self.refuse(FieldProblem::Type { expected: "text" })),
        }
    }

    /// One of a list of names.
    pub(crate) fn name<T: Copy>(
        self,
        all: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<T, ManifestError> {
        let text = self.text()?;
        all.iter().copied().find(|one| name(*one) == text).ok_or_else(|| {
            let names: Vec<_> = all.iter().copied().map(name).collect();
            self.refuse(FieldProblem::Name { names: names.join(", ") })
        })
    }

    /// A list of 1 to `most` items, all different.
    pub(crate) fn list<T: PartialEq>(
        self,
        most: usize,
        read: impl Fn(At<'_>) -> Result<T, ManifestError>,
    ) -> Result<Vec<T>, ManifestError> {
        let Json::List(items) = self.value else {
            return Err(self.refuse(FieldProblem::Type { expected: "a list" }));
        };
        if items.is_empty() || items.len() > most {
            return Err(self.refuse(FieldProblem::Count { got: items.len(), least: 1, most }));
        }
        let mut list = Vec::with_capacity(items.len());
        for (index, value) in items.iter().enumerate() {
            let at = At { value, path: Path::Item(&self.path, index) };
            let item = read(at)?;
            if list.contains(&item) {
                return Err(at.refuse(FieldProblem::Repeated));
            }
            list.push(item);
        }
        Ok(list)
    }

    /// An object, all members of which `read` must take.
    pub(crate) fn object<T>(
        self,
        read: impl FnOnce(&mut Members<'_>) -> Result<T, ManifestError>,
    ) -> Result<T, ManifestError> {
        let Json::Object(members) = self.value else {
            return Err(self.refuse(FieldProblem::Type { expected: "an object" }));
        };
        let left = members.iter().map(|(name, value)| (name.as_str(), value)).collect();
        let mut members = Members { path: &self.path, left };
        let value = read(&mut members)?;
        match members.left.keys().next() {
            None => Ok(value),
            Some(name) => Err(members.refuse(&shown(name), FieldProblem::Unknown)),
        }
    }
}

/// Members of an object that were not read yet.
pub(crate) struct Members<'a> {
    path: &'a Path<'a>,
    left: BTreeMap<&'a str, &'a Json>,
}

impl Members<'_> {
    /// A member that must be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(At<'_>) -> Result<T, ManifestError>,
    ) -> Result<T, ManifestError> {
        let value = self.optional(name, read)?;
        value.ok_or_else(|| self.refuse(name, FieldProblem::Missing))
    }

    /// A member that may be left out.
    pub(crate) fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(At<'_>) -> Result<T, ManifestError>,
    ) -> Result<Option<T>, ManifestError> {
        let Some(value) = self.left.remove(name) else { return Ok(None) };
        read(At { value, path: Path::Member(self.path, name) }).map(Some)
    }

    /// A list that is left out if it is empty.
    pub(crate) fn list<T: PartialEq>(
        &mut self,
        name: &str,
        most: usize,
        read: impl Fn(At<'_>) -> Result<T, ManifestError>,
    ) -> Result<Vec<T>, ManifestError> {
        Ok(self.optional(name, |at| at.list(most, read))?.unwrap_or_default())
    }

    /// A refusal of the member `name`.
    pub(crate) fn refuse(&self, name: &str, problem: FieldProblem) -> ManifestError {
        refuse(&Path::Member(self.path, name), problem)
    }

    /// A refusal of the object itself.
    pub(crate) fn refuse_all(&self, problem: FieldProblem) -> ManifestError {
        refuse(self.path, problem)
    }
}

fn refuse(path: &Path<'_>, problem: FieldProblem) -> ManifestError {
    ManifestError::Field { path: path.to_string(), problem }
}

/// An unknown name, as a message may show it.
fn shown(name: &str) -> String {
    let end = name.floor_char_boundary(NAME_SHOWN_BYTES_MAX);
    name.get(..end).unwrap_or_default().escape_debug().to_string()
}
