//! The processor of a measurement: what absolute figures depend on beyond its name.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Details of a processor; what the system does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Processor {
    /// Family number.
    pub family: Option<u32>,
    /// Model number within the family.
    pub model: Option<u32>,
    /// Stepping of the model.
    pub stepping: Option<u32>,
    /// Clock in MHz: the highest if the system says it, else the one when the program began.
    pub clock_mhz: Option<f64>,
    /// Hardware threads of a core: more than one is simultaneous multithreading (SMT).
    pub threads_per_core: Option<u32>,
    /// KiB of a level-2 cache.
    pub l2_kib: Option<u64>,
    /// KiB of a level-3 cache.
    pub l3_kib: Option<u64>,
}

impl Processor {
    /// The processor of this machine.
    pub fn this() -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        Self::read(&cpuinfo, Path::new("/sys/devices/system/cpu/cpu0"))
    }

    /// From the text of `/proc/cpuinfo` and the folder of the first processor in `/sys`.
    fn read(cpuinfo: &str, folder: &Path) -> Self {
        let text = |path: &str| fs::read_to_string(folder.join(path)).ok();
        let highest_khz = text("cpufreq/cpuinfo_max_freq");
        let highest = highest_khz.and_then(|khz| Some(khz.trim().parse::<f64>().ok()? / 1e3));
        Self {
            family: number(cpuinfo, "cpu family"),
            model: number(cpuinfo, "model"),
            stepping: number(cpuinfo, "stepping"),
            clock_mhz: highest.or_else(|| number(cpuinfo, "cpu MHz")),
            threads_per_core: text("topology/thread_siblings_list")
                .and_then(|list| threads(list.trim())),
            l2_kib: cache_kib(folder, 2),
            l3_kib: cache_kib(folder, 3),
        }
    }
}

/// The value of the first line `key : value`; `model` is another key than `model name`.
fn number<T: std::str::FromStr>(cpuinfo: &str, key: &str) -> Option<T> {
    let pairs = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    let mut values = pairs.filter(|(name, _)| name.trim() == key);
    values.next()?.1.trim().parse().ok()
}

/// The size of a list as the kernel writes it: `0,2` and `0-1` are two.
fn threads(list: &str) -> Option<u32> {
    let range = |part: &str| match part.split_once('-') {
        Some((first, last)) => {
            let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
            Some(last.checked_sub(first)? + 1)
        }
        None => part.parse::<u32>().ok().map(|_| 1),
    };
    list.split(',').map(range).sum()
}

/// KiB of the first data cache of a level.
fn cache_kib(folder: &Path, level: u32) -> Option<u64> {
    let caches = fs::read_dir(folder.join("cache")).ok()?;
    let mut sizes = caches.filter_map(|cache| {
        let text = |name: &str| fs::read_to_string(cache.as_ref().ok()?.path().join(name)).ok();
        let of_level = text("level")?.trim().parse() == Ok(level);
        let holds_data = text("type")?.trim() != "Instruction";
        let size = text("size")?;
        (of_level && holds_data).then(|| size.trim().strip_suffix('K')?.parse().ok())?
    });
    sizes.next()
}

impl fmt::Display for Processor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_unknown = |known: Option<String>| known.unwrap_or_else(|| "unknown".to_owned());
        let count = |number: Option<u32>| or_unknown(number.map(|number| number.to_string()));
        let size = |kib: Option<u64>| or_unknown(kib.map(cache_size));
        let clock = or_unknown(self.clock_mhz.map(|mhz| format!("{:.2} GHz", mhz / 1e3)));
        write!(
            f,
            "family {}, model {}, stepping {}, clock {clock}, threads per core {}, L2 {}, L3 {}",
            count(self.family),
            count(self.model),
            count(self.stepping),
            count(self.threads_per_core),
            size(self.l2_kib),
            size(self.l3_kib),
        )
    }
}

fn cache_size(kib: u64) -> String {
    if kib >= 1 << 10 { format!("{:.2} MiB", kib as f64 / 1024.0) } else { format!("{kib} KiB") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CPUINFO: &str = "processor\t: 0\ncpu family\t: 25\nmodel\t\t: 17\n\
                           model name\t: AMD EPYC 9654\nstepping\t: 1\ncpu MHz\t\t: 2400.000\n\n\
                           processor\t: 1\ncpu family\t: 26\n";

    fn folder(files: &[(&str, &str)]) -> std::io::Result<tempfile::TempDir> {
        let folder = tempfile::TempDir::new()?;
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
            fs::write(path, text)?;
        }
        Ok(folder)
    }

    #[test]
    fn details_are_read() -> std::io::Result<()> {
        let folder = folder(&[
            ("topology/thread_siblings_list", "0,96\n"),
            ("cache/index1/level", "1\n"),
            ("cache/index1/type", "Instruction\n"),
            ("cache/index1/size", "32K\n"),
            ("cache/index2/level", "2\n"),
            ("cache/index2/type", "Unified\n"),
            ("cache/index2/size", "1024K\n"),
            ("cache/index3/level", "3\n"),
            ("cache/index3/type", "Unified\n"),
            ("cache/index3/size", "32768K\n"),
        ])?;
        let read = Processor::read(CPUINFO, folder.path());
        let shown = "family 25, model 17, stepping 1, clock 2.40 GHz, threads per core 2, \
                     L2 1.00 MiB, L3 32.00 MiB";
        assert_eq!(read.to_string(), shown);
        Ok(())
    }

    /// The clock of a moment is the second choice.
    #[test]
    fn the_highest_clock_comes_first() -> std::io::Result<()> {
        let folder = folder(&[("cpufreq/cpuinfo_max_freq", "3700000\n")])?;
        assert_eq!(Processor::read(CPUINFO, folder.path()).clock_mhz, Some(3700.0));
        Ok(())
    }

    #[test]
    fn missing_details_are_unknown() {
        let read = Processor::read("", Path::new("/nowhere/at/all"));
        assert_eq!(read, Processor::default());
        assert_eq!(read.to_string().matches("unknown").count(), 7);
        let lists = [("0", Some(1)), ("0-1", Some(2)), ("0-1,8-9", Some(4)), ("", None)];
        for (list, expected) in lists {
            assert_eq!(threads(list), expected, "{list}");
        }
    }
}
