//! Query strings, strictly: each parameter at most once, and only parameters that the route has.

use std::collections::BTreeMap;

use farthing_api_types::ProblemCode;

use super::{ApiError, ParamText};

/// The parameters of a query that are not taken yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query(BTreeMap<String, String>);

impl Query {
    pub(crate) fn parse(raw: &str) -> Result<Self, ApiError> {
        let mut pairs = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
            let repeated = pairs.insert(name.clone().into_owned(), value.into_owned()).is_some();
            if repeated {
                let detail = format_args!("{name} is given more than once");
                return Err(ApiError::because(ProblemCode::InvalidQuery, detail));
            }
        }
        Ok(Self(pairs))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Takes a parameter that may be absent.
    pub(crate) fn take<T: ParamText>(&mut self, name: &str) -> Result<Option<T>, ApiError> {
        let Some(text) = self.0.remove(name) else { return Ok(None) };
        T::parse(&text).map(Some).map_err(|error| {
            ApiError::because(ProblemCode::InvalidQuery, format_args!("{name}: {error}"))
        })
    }

    /// Takes a parameter that must be there.
    pub(crate) fn require<T: ParamText>(&mut self, name: &str) -> Result<T, ApiError> {
        self.take(name)?.ok_or_else(|| {
            ApiError::because(ProblemCode::InvalidQuery, format_args!("{name} is missing"))
        })
    }

    /// Refuses parameters that were not taken.
    pub(crate) fn finish(&self) -> Result<(), ApiError> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => {
                let detail = format_args!("there is no parameter {name}");
                Err(ApiError::because(ProblemCode::InvalidQuery, detail))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_taken_once_and_none_is_left() -> Result<(), ApiError> {
        let mut query = Query::parse("a=1&b=x%20y")?;
        assert_eq!(query.take::<u32>("a")?, Some(1));
        assert_eq!(query.take::<u32>("a")?, None);
        assert!(query.finish().is_err());
        assert_eq!(query.require::<String>("b")?, "x y");
        query.finish()?;
        assert!(query.require::<u32>("c").is_err());
        assert!(Query::parse("a=1&a=2").is_err());
        assert!(Query::parse("a=x")?.take::<u32>("a").is_err());
        Ok(())
    }
}
