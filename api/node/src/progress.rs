//! Progress of long work: a line for each finished step, a bar while a step runs.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::note::note;

/// Display of steps on standard error: bars on a terminal, lines elsewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProgressDisplay {
    shown: bool,
    bars: bool,
}

/// A step at work. Dropped before it is done, it leaves nothing behind.
pub(crate) struct Step {
    bar: ProgressBar,
    display: ProgressDisplay,
    name: String,
    start: Instant,
}

/// Time between two turns of a spinner.
const TICK: Duration = Duration::from_millis(120);

impl ProgressDisplay {
    /// Shows steps, or nothing at all.
    pub(crate) fn new(shown: bool) -> Self {
        let bars = shown && std::io::IsTerminal::is_terminal(&std::io::stderr());
        Self { shown, bars }
    }

    /// True if anything is shown.
    pub(crate) const fn is_shown(self) -> bool {
        self.shown
    }

    /// Shows a line of its own.
    pub(crate) fn say(self, text: &str) {
        if self.shown {
            note(&format!("  {text}"));
        }
    }

    /// Begins a step.
    pub(crate) fn step(self, name: &str) -> Step {
        self.begin(
            name,
            ProgressBar::new_spinner(),
            "  {spinner} {prefix} {wide_msg:.dim} {elapsed}",
        )
    }

    /// Begins a step of `parts` parts.
    pub(crate) fn bar(self, name: &str, parts: u64) -> Step {
        let template = "  {spinner} {prefix} [{bar:30}] {pos}/{len} {wide_msg:.dim} {elapsed}";
        self.begin(name, ProgressBar::new(parts), template)
    }

    fn begin(self, name: &str, bar: ProgressBar, template: &str) -> Step {
        // The templates are ours: the default is for one with a slip in it.
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(format!("{name:<28}"));
        if self.bars {
            bar.enable_steady_tick(TICK);
        } else {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Step { bar, display: self, name: name.to_owned(), start: Instant::now() }
    }
}

impl Step {
    /// Says what is going on.
    pub(crate) fn say(&self, text: impl Into<String>) {
        self.bar.set_message(text.into());
    }

    /// Shows that `done` of `of` parts are done.
    pub(crate) fn reach(&self, done: u64, of: u64) {
        self.bar.set_length(of);
        self.bar.set_position(done);
    }

    /// Ends the step; its line stays, with what came of it. Returns the seconds that it took.
    pub(crate) fn done(self, outcome: &str) -> f64 {
        let seconds = self.start.elapsed().as_secs_f64();
        self.bar.finish_and_clear();
        if self.display.shown {
            note(&format!("  ✓ {:<28} {outcome:<60} {seconds:>7.1} s", self.name));
        }
        seconds
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.bar.is_finished() {
            self.bar.finish_and_clear();
        }
    }
}
