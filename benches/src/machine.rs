//! The machine and program of a measurement, for its report.

use std::collections::BTreeMap;
use std::fs;
use std::iter::Sum;
use std::ops::{Add, Div, Sub};
use std::process::Command;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::processor::Processor;

/// The machine and the program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// Its details; unknown in reports of earlier versions.
    #[serde(default)]
    pub processor: Processor,
    /// Hardware threads that the program may use.
    pub cores: usize,
    /// Main memory in GiB.
    pub memory_gib: u64,
    /// Runnable processes over the last minute, when the measurement began.
    pub load: String,
    /// The commit, with `+` if the checkout differs from it.
    pub commit: String,
    /// Compiler profile, target and vector instructions of the program.
    pub flags: String,
}

/// Seconds that a step took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpanTime {
    /// On the wall.
    pub wall_s: f64,
    /// Processor time of the whole process meanwhile, user and system, summed over all its threads.
    pub cpu_s: f64,
}

impl SpanTime {
    /// The time on the wall.
    pub fn wall(self) -> Duration {
        Duration::try_from_secs_f64(self.wall_s).unwrap_or_default()
    }
}

impl Add for SpanTime {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { wall_s: self.wall_s + other.wall_s, cpu_s: self.cpu_s + other.cpu_s }
    }
}

/// The rest of a span without a part of it, never below zero: ticks round both.
impl Sub for SpanTime {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        let rest = |whole: f64, part: f64| (whole - part).max(0.0);
        Self { wall_s: rest(self.wall_s, other.wall_s), cpu_s: rest(self.cpu_s, other.cpu_s) }
    }
}

impl Div<usize> for SpanTime {
    type Output = Self;

    fn div(self, count: usize) -> Self {
        Self { wall_s: self.wall_s / count as f64, cpu_s: self.cpu_s / count as f64 }
    }
}

impl Sum for SpanTime {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        times.fold(Self::default(), Add::add)
    }
}

/// Wall and processor time since a moment.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    wall: Instant,
    cpu: Duration,
}

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self { wall: Instant::now(), cpu: cpu_time() }
    }

    /// The time since the start.
    pub fn read(&self) -> SpanTime {
        let wall_s = self.wall.elapsed().as_secs_f64();
        SpanTime { wall_s, cpu_s: cpu_time().saturating_sub(self.cpu).as_secs_f64() }
    }
}

/// Runs a step and adds the time that it takes.
pub fn timed<T>(taken: &mut SpanTime, step: impl FnOnce() -> T) -> T {
    let watch = Stopwatch::start();
    let result = step();
    *taken = *taken + watch.read();
    result
}

const UNKNOWN: &str = "unknown";
/// Cargo.lock of this program, for the versions of its dependencies.
const LOCK: &str = include_str!("../../Cargo.lock");

impl Machine {
    /// This one; what cannot be found out is called unknown.
    pub fn this() -> Self {
        let kib: u64 = field("/proc/meminfo", "MemTotal:")
            .and_then(|total| total.split(' ').next()?.parse().ok())
            .unwrap_or(0);
        let load = fs::read_to_string("/proc/loadavg").ok();
        let load = load.and_then(|text| text.split(' ').next().map(str::to_owned));
        Self {
            cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| UNKNOWN.to_owned()),
            processor: Processor::this(),
            cores: available_parallelism().map_or(1, Into::into),
            memory_gib: (kib + (1 << 19)) >> 20,
            load: load.unwrap_or_else(|| UNKNOWN.to_owned()),
            commit: commit().unwrap_or_else(|| UNKNOWN.to_owned()),
            flags: flags(),
        }
    }
}

/// The first value of a key in a file of `/proc`.
fn field(path: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line[key.len()..].trim_start_matches([' ', '\t', ':']).to_owned())
}

/// Memory that programs could take now, in MiB.
pub fn available_memory_mib() -> u64 {
    let available = field("/proc/meminfo", "MemAvailable:");
    let kib = available.and_then(|available| available.split(' ').next()?.parse::<u64>().ok());
    kib.map_or(0, |kib| kib >> 10)
}

/// Ticks of processor time in a second, on every architecture that Linux runs on today.
const TICKS_PER_SECOND: u32 = 100;

/// Processor time of all threads of this process until now, in hundredths of a second.
/// Unlike time on the wall it says the same on a machine that others use, too.
pub fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name in parentheses, which may hold anything: state and ten numbers before.
    let behind = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u32 = behind.skip(11).take(2).filter_map(|ticks| ticks.parse::<u32>().ok()).sum();
    Duration::from_secs(1) * ticks / TICKS_PER_SECOND
}

/// The versions of the compiler and of what figures depend on.
pub fn versions() -> BTreeMap<String, String> {
    let compiler = Command::new("rustc").arg("--version").output().ok();
    let compiler = compiler.filter(|output| output.status.success());
    let compiler = compiler.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let mut versions =
        BTreeMap::from([("rustc".to_owned(), compiler.unwrap_or(UNKNOWN.to_owned()))]);
    for name in ["p3-batch-stark", "plonky2", "librocksdb-sys"] {
        let version = locked(LOCK, name).unwrap_or(UNKNOWN);
        versions.insert(name.to_owned(), version.to_owned());
    }
    versions.insert("farthing".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    versions
}

/// The version of a package in a lock file.
fn locked<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, behind) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    behind.split_once('"').map(|(version, _)| version)
}

/// Lets [`peak_memory_mib`] count from now on; where the system does not allow it, nothing happens.
pub fn reset_peak_memory() {
    // 5 resets the peak alone, see proc_pid_clear_refs(5).
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Peak memory of this process since the last reset, in MiB.
pub fn peak_memory_mib() -> u64 {
    let peak = field("/proc/self/status", "VmHWM:");
    let kib = peak.and_then(|peak| peak.split(' ').next()?.parse::<u64>().ok());
    kib.map_or(0, |kib| kib >> 10)
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn commit() -> Option<String> {
    let commit = git(&["rev-parse", "--short=10", "HEAD"])?;
    let clean = git(&["status", "--porcelain", "--untracked-files=no"])?.is_empty();
    Some(if clean { commit } else { commit + "+" })
}

fn flags() -> String {
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let vectors = if cfg!(target_feature = "avx512f") {
        "AVX-512"
    } else if cfg!(target_feature = "avx2") {
        "AVX2"
    } else {
        "no AVX2"
    };
    format!("{profile}, target-cpu=native, {vectors}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_processor_time() {
        let before = cpu_time();
        let start = std::time::Instant::now();
        while cpu_time() < before + Duration::from_millis(50) {
            assert!(start.elapsed() < Duration::from_secs(60), "no time was counted");
        }
    }

    #[test]
    fn times_add_up() {
        let time = |wall_s, cpu_s| SpanTime { wall_s, cpu_s };
        let sum: SpanTime = [time(1.0, 2.0), time(0.5, 0.5)].into_iter().sum();
        assert_eq!(sum, time(1.5, 2.5));
        assert_eq!(sum - time(1.0, 3.0), time(0.5, 0.0));
        assert_eq!(sum / 5, time(0.3, 0.5));
        assert_eq!(sum.wall(), Duration::from_millis(1_500));
    }

    #[test]
    fn versions_are_found() {
        let lock = "name = \"a-b\"\nversion = \"0.1\"\n\nname = \"a\"\nversion = \"1.2.3\"\n";
        assert_eq!((locked(lock, "a"), locked(lock, "c")), (Some("1.2.3"), None));
        assert!(versions().values().all(|version| version != UNKNOWN));
    }
}
