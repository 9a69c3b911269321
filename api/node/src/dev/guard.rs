//! The guard, a process that outlives `farthing dev`. If `farthing dev` is killed, the guard ends
//! anvil and removes the temporary folder, which has keys in it. The guard waits for the end of its
//! standard input. Only the guarded process holds the other end, so the guard notices every kind of
//! death.

use std::io::{Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::folder::remove_if_left;
use crate::cli::GuardArgs;
use crate::error::CliError;

/// Last words of a process that has ended everything itself.
const ORDERLY: &[u8] = b"done";
/// The time for which a dead process may keep the lock of its folder, and the time between two looks.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(50);

/// A guard at work; it ends when this is dropped.
pub(super) struct Guard(Child);

impl Guard {
    /// Guards a process and a folder.
    pub(super) fn start(pid: u32, folder: Option<&Path>) -> Result<Self, CliError> {
        let program = std::env::current_exe().map_err(CliError::Guard)?;
        let mut command = Command::new(program);
        command.args(["guard", "--pid", &pid.to_string()]);
        if let Some(folder) = folder {
            command.arg("--folder").arg(folder);
        }
        let child = command
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C goes to all processes of a group: the guard must see its end through.
            .process_group(0)
            .spawn();
        Ok(Self(child.map_err(CliError::Guard)?))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(mut input) = self.0.stdin.take() {
            // A guard that has ended needs no word.
            let _ = input.write_all(ORDERLY);
        }
        // A guard that cannot be waited for has ended.
        let _ = self.0.wait();
    }
}

/// Waits for the end of standard input, then ends and removes what is left.
pub(crate) fn guard(args: &GuardArgs) -> Result<(), CliError> {
    let process = Guarded::new(args.pid);
    let mut last_words = Vec::new();
    // An input that fails has ended too.
    let _ = std::io::stdin().lock().read_to_end(&mut last_words);
    if last_words == ORDERLY {
        return Ok(());
    }
    process.kill();
    let Some(folder) = &args.folder else { return Ok(()) };
    let start = Instant::now();
    // The dead process gives up its lock a little after its end of the pipe.
    while folder.exists() && start.elapsed() < LOCK_PATIENCE {
        remove_if_left(folder);
        std::thread::sleep(LOOK);
    }
    Ok(())
}

/// A process by a handle that no later process with its number can have. Linux alone has such handles;
/// elsewhere anvil is left running.
struct Guarded {
    #[cfg(target_os = "linux")]
    handle: Option<rustix::fd::OwnedFd>,
}

#[cfg(target_os = "linux")]
impl Guarded {
    fn new(pid: i32) -> Self {
        use rustix::process::{Pid, PidfdFlags, pidfd_open};
        let handle = Pid::from_raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        Self { handle }
    }

    fn kill(self) {
        if let Some(handle) = self.handle {
            // A process that has ended needs no killing.
            let _ = rustix::process::pidfd_send_signal(handle, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Guarded {
    fn new(_: i32) -> Self {
        Self {}
    }

    fn kill(self) {}
}
