//! Levels of the x86-64 instruction set, and which of them a processor has.

use std::fmt;

/// A level of the x86-64 psABI. Each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// AVX2: Intel since 2013, AMD since 2015.
    V3,
    /// AVX-512: Intel servers since 2017, AMD since 2022.
    V4,
}

/// Features of level 3, those of levels 1 and 2 included. The names are Rust's.
const V3: &[&str] = &[
    "sse3",
    "ssse3",
    "sse4.1",
    "sse4.2",
    "popcnt",
    "cmpxchg16b",
    "avx",
    "avx2",
    "bmi1",
    "bmi2",
    "f16c",
    "fma",
    "lzcnt",
    "movbe",
];
/// Features that level 4 adds.
const V4: &[&str] = &["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"];

impl Level {
    /// All that a release may have a build for, from the lowest.
    pub(crate) const ALL: [Self; 2] = [Self::V3, Self::V4];

    /// The name that compilers give to the level.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::V3 => "x86-64-v3",
            Self::V4 => "x86-64-v4",
        }
    }

    /// The level of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }

    fn features(self) -> impl Iterator<Item = &'static str> {
        let above: &[&str] = match self {
            Self::V3 => &[],
            Self::V4 => V4,
        };
        V3.iter().chain(above).copied()
    }

    fn lacking(self, has: impl Fn(&str) -> bool) -> Vec<&'static str> {
        self.features().filter(|feature| !has(feature)).collect()
    }
}

/// A level that the processor does not have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    level: Level,
    lacking: Vec<&'static str>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "this processor cannot run farthing: it, or its virtual machine, lacks {} of {}. Run it on a processor \
             with these, let the virtual machine pass them on, or compile for this one: scripts/demo in a checkout",
            self.lacking.join(", "),
            self.level.name()
        )
    }
}

/// The build to start: the one that is wanted, else the best of those present that the processor has.
pub(crate) fn choose(
    present: &[Level],
    wanted: Option<Level>,
    has: impl Fn(&str) -> bool,
) -> Result<Level, Refusal> {
    let best = present.iter().rev().find(|level| level.lacking(&has).is_empty());
    let level = wanted.or(best.or(present.first()).copied()).unwrap_or(Level::ALL[0]);
    match level.lacking(&has) {
        lacking if lacking.is_empty() => Ok(level),
        lacking => Err(Refusal { level, lacking }),
    }
}

/// True if the processor has the feature, and the operating system keeps its registers.
///
/// `is_x86_feature_detected` answers "yes" unasked for what this program itself is compiled for, so a
/// release compiles it for plain x86-64.
#[cfg(target_arch = "x86_64")]
pub(crate) fn detected(feature: &str) -> bool {
    macro_rules! detect {
        ($($name:tt)*) => {
            match feature {
                $($name => std::arch::is_x86_feature_detected!($name),)*
                other => unreachable!("{other} is in no level"),
            }
        };
    }
    detect!("sse3" "ssse3" "sse4.1" "sse4.2" "popcnt" "cmpxchg16b" "avx" "avx2" "bmi1" "bmi2" "f16c" "fma" "lzcnt"
        "movbe" "avx512f" "avx512bw" "avx512cd" "avx512dq" "avx512vl")
}

/// No other processor has a level of x86-64.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn detected(_feature: &str) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn processor(level: Level, without: &'static [&'static str]) -> impl Fn(&str) -> bool {
        move |name| level.features().any(|feature| feature == name) && !without.contains(&name)
    }

    #[test]
    fn the_best_build_that_the_processor_has_is_chosen() {
        let all = Level::ALL.as_slice();
        let cases: [(&str, &[Level], Option<Level>, Level); 6] = [
            ("everything", all, None, Level::V4),
            ("everything, the lower is wanted", all, Some(Level::V3), Level::V3),
            ("everything, one build", &[Level::V3], None, Level::V3),
            ("everything, the other build", &[Level::V4], None, Level::V4),
            ("everything, an absent one is wanted", &[Level::V3], Some(Level::V4), Level::V4),
            ("everything, nothing there", &[], None, Level::V3),
        ];
        for (case, present, wanted, expected) in cases {
            let chosen = choose(present, wanted, processor(Level::V4, &[]));
            assert_eq!(chosen, Ok(expected), "{case}");
        }
        assert_eq!(choose(all, None, processor(Level::V3, &[])), Ok(Level::V3));
    }

    #[test]
    fn each_feature_is_needed() {
        for feature in Level::V4.features() {
            let has = |name: &str| name != feature;
            let chosen = choose(&Level::ALL, None, has);
            if V3.contains(&feature) {
                let refusal = chosen.expect_err(feature);
                assert_eq!(refusal, Refusal { level: Level::V3, lacking: vec![feature] });
                assert!(refusal.to_string().contains(&format!("lacks {feature} of x86-64-v3")));
            } else {
                assert_eq!(chosen, Ok(Level::V3), "without {feature}");
            }
        }
    }

    #[test]
    fn what_is_wanted_is_refused_where_it_cannot_run() {
        let refusal = choose(&Level::ALL, Some(Level::V4), processor(Level::V4, &["avx512vl"]));
        assert_eq!(refusal, Err(Refusal { level: Level::V4, lacking: vec!["avx512vl"] }));
        let nothing =
            choose(&Level::ALL, None, |_| false).expect_err("a processor without anything");
        assert_eq!(nothing.lacking, V3);
    }

    /// A feature that `detected` does not know would stop it.
    #[test]
    fn every_feature_can_be_detected() {
        for feature in Level::V4.features() {
            detected(feature);
        }
    }

    #[test]
    fn names_lead_back_to_levels() {
        for level in Level::ALL {
            assert_eq!(Level::named(level.name()), Some(level));
        }
        assert_eq!(Level::named("x86-64-v2"), None);
        assert_eq!(Level::named("native"), None);
    }
}
