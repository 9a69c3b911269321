//! The web application: files that are in the binary, with what browsers and caches must know of them.
//!
//! The page is at `/`, its parts under `/assets` with a hash in their names. No route of the API has
//! such a path; other paths go on to the routes.

mod accept;
mod file;

use std::collections::BTreeMap;

use farthing_api_types::ProblemCode;
use warp::http::Method;

use crate::http::ApiError;
use crate::router::{self, Found};
pub(crate) use file::WebFile;
use file::{PAGE_PATH, Source};

/// The application as `build.rs` found it; empty if it was not built.
const BUILT: &[Source] = include!(concat!(env!("OUT_DIR"), "/web.rs"));

/// The page of a node without the application.
const ABSENT: Source = Source {
    path: PAGE_PATH,
    content_type: "text/html; charset=utf-8",
    plain: include_bytes!("absent.html"),
    gzip: None,
    brotli: None,
};

/// The files by path.
#[derive(Debug)]
pub(crate) struct WebFiles(BTreeMap<&'static str, &'static WebFile>);

impl WebFiles {
    /// The files of this binary. Their digests are computed once for each process.
    pub(crate) fn embedded() -> Self {
        static FILES: std::sync::LazyLock<Vec<WebFile>> = std::sync::LazyLock::new(|| {
            let sources = if BUILT.is_empty() { &[ABSENT] } else { BUILT };
            sources.iter().map(WebFile::new).collect()
        });
        Self(FILES.iter().map(|file| (file.path(), file)).collect())
    }

    /// The file that a request is for, or what is wrong with its method; nothing if no file has
    /// the path.
    pub(crate) fn find(
        &self,
        method: &Method,
        path: &str,
    ) -> Option<Result<Found<'static>, ApiError>> {
        let file = *self.0.get(path)?;
        let allow = || router::allow([router::Method::Get].into_iter());
        Some(match *method {
            Method::GET | Method::HEAD => Ok(Found::File(file)),
            Method::OPTIONS => Ok(Found::Methods(file.template(), allow())),
            _ => Err(ApiError::new(ProblemCode::MethodNotAllowed).allow(allow())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    #[test]
    fn no_route_has_the_path_of_a_file() {
        let files = WebFiles::embedded();
        assert!(files.0.contains_key(PAGE_PATH));
        for path in files.0.keys().copied() {
            assert!(path == PAGE_PATH || path.starts_with("/assets/"), "{path}");
            let route = router::find(ROUTES, &Method::GET, path);
            assert!(route.is_err(), "{path} is a route of the API, too");
        }
    }

    #[test]
    fn a_file_is_read_and_nothing_else() {
        let files = WebFiles::embedded();
        let find = |method, path| files.find(&method, path);
        assert!(matches!(find(Method::GET, "/"), Some(Ok(Found::File(_)))));
        assert!(matches!(find(Method::HEAD, "/"), Some(Ok(Found::File(_)))));
        assert!(matches!(find(Method::OPTIONS, "/"), Some(Ok(Found::Methods("/", _)))));
        let refused = find(Method::POST, "/").and_then(Result::err);
        assert_eq!(
            refused.map(|failure| failure.problem.code),
            Some(ProblemCode::MethodNotAllowed)
        );
        for other in
            ["", "//", "/index.html", "/assets", "/assets/", "/assets/../index.html", "/v1"]
        {
            assert!(find(Method::GET, other).is_none(), "{other}");
        }
    }
}
