//! The launcher as a release has it: `bin/farthing` beside `lib/farthing`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Builds that print who they are and what they were given.
struct Release(TempDir);

impl Release {
    fn new(builds: &[&str]) -> Self {
        let release = Self(TempDir::new().expect("a folder"));
        let lib = release.0.path().join("lib/farthing");
        fs::create_dir_all(&lib).expect("a folder");
        fs::create_dir_all(release.0.path().join("bin")).expect("a folder");
        fs::copy(env!("CARGO_BIN_EXE_farthing-launcher"), release.launcher()).expect("a copy");
        for build in builds {
            let path = lib.join(format!("farthing-{build}"));
            let script = format!("#!/bin/sh\necho {build} \"$@\"\nexit 7\n");
            fs::write(&path, script).expect("a script");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("an executable");
        }
        release
    }

    fn launcher(&self) -> PathBuf {
        self.0.path().join("bin/farthing")
    }

    fn run(&self, level: Option<&str>) -> Output {
        let mut command = Command::new(self.launcher());
        command.args(["pay", "a b"]).env_remove("FARTHING_CPU");
        if let Some(level) = level {
            command.env("FARTHING_CPU", level);
        }
        command.output().expect("the launcher starts")
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

#[test]
fn arguments_and_exit_code_are_the_builds() {
    let has_v4 = std::arch::is_x86_feature_detected!("avx512vl");
    if !std::arch::is_x86_feature_detected!("avx2") {
        let output = Release::new(&["x86-64-v3"]).run(None);
        assert_eq!(output.status.code(), Some(69), "{}", text(&output.stderr));
        return;
    }
    let release = Release::new(&["x86-64-v3", "x86-64-v4"]);
    let best = if has_v4 { "x86-64-v4" } else { "x86-64-v3" };
    for (level, started) in [(None, best), (Some("x86-64-v3"), "x86-64-v3")] {
        let output = release.run(level);
        assert_eq!(text(&output.stdout), format!("{started} pay a b\n"));
        assert_eq!(output.status.code(), Some(7));
    }
}

#[test]
fn an_unknown_level_is_refused_with_the_known_ones() {
    let output = Release::new(&["x86-64-v3"]).run(Some("sandybridge"));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "error: FARTHING_CPU is \"sandybridge\": expected one of x86-64-v3, x86-64-v4\n"
    );
}

#[test]
fn an_incomplete_release_is_named() {
    let output = Release::new(&[]).run(None);
    assert_eq!(output.status.code(), Some(72));
    assert!(text(&output.stderr).contains("no build of farthing in "), "{}", text(&output.stderr));
    let output = Release::new(&["x86-64-v4"]).run(Some("x86-64-v3"));
    assert_eq!(output.status.code(), Some(72));
    assert!(text(&output.stderr).contains("cannot start "), "{}", text(&output.stderr));
}
