//! What a person sees while threats are read: how many pages and threats, how fast, how long still.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::context::Context;

/// A line on standard error, if that is a terminal.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(context: &Context) -> Self {
        let target = match context.shows_progress() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.enable_steady_tick(Duration::from_millis(250));
        Progress(bar).styled(false)
    }

    /// How many threats there are, if that is known.
    pub(crate) fn total(&self, total: Option<u64>) {
        if let Some(total) = total.filter(|total| *total > 0 && self.0.length().is_none()) {
            self.0.set_length(total);
            self.0.set_style(style(true));
        }
    }

    /// So many pages and threats have been read.
    pub(crate) fn show(&self, pages: u64, threats: u64) {
        self.0.set_message(format!("{pages} pages"));
        self.0.set_position(threats);
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }

    fn styled(self, total_is_known: bool) -> Self {
        self.0.set_style(style(total_is_known));
        self
    }
}

fn style(total_is_known: bool) -> ProgressStyle {
    let template = match total_is_known {
        true => "{wide_bar} {human_pos} of {human_len} threats, {msg}, {per_sec}, {eta} left",
        false => "{spinner} {human_pos} threats, {msg}, {per_sec}, {elapsed}",
    };
    // A template that indicatif cannot read would be one that no test has seen.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
