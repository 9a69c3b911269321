//! Starts the build of `farthing` that suits this processor.
//!
//! A release has one build per level of the x86-64 instruction set, in `lib/farthing` beside the folder
//! of this program: `farthing-x86-64-v3` and so on. A build must not even begin on a processor below
//! its level: compiled code, static initialisers of its C++ included, uses the level's instructions from
//! the start. So this program is compiled for every x86-64 processor, has no dependencies, looks at the
//! processor, and replaces itself by the best build. `FARTHING_CPU` names another one.

mod level;

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fmt, io};

use level::{Level, Refusal};

/// The exit code of a processor that no build suits: `EX_UNAVAILABLE` of sysexits.h.
const EXIT_PROCESSOR: u8 = 69;
/// The exit code of a release that is incomplete: `EX_OSFILE` of sysexits.h.
const EXIT_INSTALLATION: u8 = 72;
/// The exit code of a `FARTHING_CPU` that names no level: that of wrong arguments.
const EXIT_USAGE: u8 = 2;

/// Names the level to start instead of the best one.
const VARIABLE: &str = "FARTHING_CPU";

enum Failure {
    Processor(Refusal),
    UnknownLevel(OsString),
    OwnPath(io::Error),
    Missing { folder: PathBuf },
    Start { program: PathBuf, error: io::Error },
}

impl Failure {
    fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Processor(_) => EXIT_PROCESSOR,
            Self::UnknownLevel(_) => EXIT_USAGE,
            Self::OwnPath(_) | Self::Missing { .. } | Self::Start { .. } => EXIT_INSTALLATION,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Processor(refusal) => refusal.fmt(f),
            Self::UnknownLevel(name) => {
                let known: Vec<_> = Level::ALL.iter().map(|level| level.name()).collect();
                write!(f, "{VARIABLE} is {name:?}: expected one of {}", known.join(", "))
            }
            Self::OwnPath(error) => write!(f, "the path of this program is unknown: {error}"),
            Self::Missing { folder } => write!(
                f,
                "no build of farthing in {}: unpack the release again, and keep bin and lib side by side",
                folder.display()
            ),
            Self::Start { program, error } => {
                write!(f, "cannot start {}: {error}: unpack the release again", program.display())
            }
        }
    }
}

fn main() -> ExitCode {
    let failure = launch();
    eprintln!("error: {failure}");
    failure.code()
}

/// Becomes the build; returns only if that fails.
fn launch() -> Failure {
    let own = match env::current_exe() {
        Ok(own) => own,
        Err(error) => return Failure::OwnPath(error),
    };
    let folder = builds(&own);
    let present: Vec<Level> =
        Level::ALL.into_iter().filter(|level| program(&folder, *level).is_file()).collect();
    if present.is_empty() {
        return Failure::Missing { folder };
    }
    let wanted = match env::var_os(VARIABLE) {
        None => None,
        Some(name) => match name.to_str().and_then(Level::named) {
            Some(level) => Some(level),
            None => return Failure::UnknownLevel(name),
        },
    };
    let level = match level::choose(&present, wanted, level::detected) {
        Ok(level) => level,
        Err(refusal) => return Failure::Processor(refusal),
    };
    let program = program(&folder, level);
    let mut arguments = env::args_os();
    let name = arguments.next().unwrap_or_else(|| "farthing".into());
    let error = Command::new(&program).arg0(name).args(arguments).exec();
    Failure::Start { program, error }
}

/// The folder of the builds: `lib/farthing` beside `bin`.
fn builds(own: &Path) -> PathBuf {
    let root = own.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
    root.join("lib").join("farthing")
}

fn program(folder: &Path, level: Level) -> PathBuf {
    folder.join(format!("farthing-{}", level.name()))
}
