//! Lists the files of the web application (`api/web/dist`), which `npm --prefix ../web run build` makes and
//! scripts/setup calls for. Without them the node is complete but for its page: it serves a note
//! that says so. `FARTHING_WEB=required` makes that an error, for releases.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const WEB: &str = "../web";
const REQUIRED: &str = "FARTHING_WEB";

fn main() -> Result<(), Box<dyn Error>> {
    let web = fs::canonicalize(WEB)?;
    let dist = web.join("dist");
    let built = dist.join("index.html").is_file();
    // A path that is missing would make cargo run this every time: the folder above says when it appears.
    println!("cargo:rerun-if-changed={}", if built { &dist } else { &web }.display());
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed={REQUIRED}");
    if !built && env::var_os(REQUIRED).is_some_and(|value| value == "required") {
        return Err(format!("{} is missing: run scripts/setup", dist.display()).into());
    }
    let mut files = Vec::new();
    if built {
        collect(&dist, &mut files)?;
        files.sort();
    }
    let mut list = String::from("&[\n");
    for file in files.iter().filter(|file| coding(file).is_none()) {
        let name = file.strip_prefix(&dist)?.to_str().ok_or("a path that is not text")?;
        let path = if name == "index.html" { "/".to_owned() } else { format!("/{name}") };
        let (gzip, brotli) = (beside(file, "gz"), beside(file, "br"));
        writeln!(
            list,
            "    Source {{ path: {path:?}, content_type: {:?}, plain: include_bytes!({file:?}), \
             gzip: {gzip}, brotli: {brotli} }},",
            content_type(file)?,
        )?;
    }
    list.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or("no OUT_DIR")?;
    fs::write(Path::new(&out).join("web.rs"), list)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// The coding of a file that is another one's compressed form.
fn coding(file: &Path) -> Option<&str> {
    file.extension()?.to_str().filter(|extension| ["gz", "br"].contains(extension))
}

/// The compressed form of a file, as Rust: it exists if it is smaller.
fn beside(file: &Path, extension: &str) -> String {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{extension}"));
    let path = PathBuf::from(name);
    if path.is_file() { format!("Some(include_bytes!({path:?}))") } else { "None".to_owned() }
}

fn content_type(file: &Path) -> Result<&'static str, Box<dyn Error>> {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => Ok("text/html; charset=utf-8"),
        Some("js") => Ok("text/javascript; charset=utf-8"),
        Some("css") => Ok("text/css; charset=utf-8"),
        Some("svg") => Ok("image/svg+xml"),
        _ => Err(format!("{}: its content type is not known here", file.display()).into()),
    }
}
