//! The web application: files in the binary, with the headers that browsers and caches need.
//!
//! The page is at `/`, its parts are under `/assets` with a hash in their names. No route of the
//! API has such a path; other paths go on to the routes.

mod accept;
mod file;

use std::collections::BTreeMap;

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

    /// The file at a path.
    pub(crate) fn get(&self, path: &str) -> Option<&'static WebFile> {
        self.0.get(path).copied()
    }
}

#[cfg(test)]
mod tests {
    use warp::http::Method;

    use super::*;
    use crate::router::find;
    use crate::routes::ROUTES;

    #[test]
    fn no_route_has_the_path_of_a_file() {
        let files = WebFiles::embedded();
        assert!(files.0.contains_key(PAGE_PATH));
        for path in files.0.keys().copied() {
            assert!(path == PAGE_PATH || path.starts_with("/assets/"), "{path}");
            let route = find(ROUTES, &Method::GET, path);
            assert!(route.is_err(), "{path} is a route of the API, too");
        }
    }

    #[test]
    fn a_file_has_one_path() {
        let files = WebFiles::embedded();
        assert!(files.get("/").is_some());
        for other in
            ["", "//", "/index.html", "/assets", "/assets/", "/assets/../index.html", "/v1"]
        {
            assert!(files.get(other).is_none(), "{other}");
        }
    }
}
