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
        let progress = Progress::on(target);
        progress.0.enable_steady_tick(Duration::from_millis(250));
        progress
    }

    fn on(target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(style(false));
        Progress(bar)
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
        self.0.set_message(format!("page {pages}"));
        self.0.set_position(threats);
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
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

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    #[test]
    fn a_line_on_a_terminal() {
        let terminal = InMemoryTerm::new(10, 100);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let progress = Progress::on(target);
        progress.show(1, 1_000);
        assert!(
            terminal.contents().contains(" 1,000 threats, page 1, "),
            "{}",
            terminal.contents()
        );
        progress.total(Some(62_330));
        progress.show(2, 2_000);
        progress.0.force_draw();
        let shown = terminal.contents();
        assert!(shown.contains(" 2,000 of 62,330 threats, page 2, "), "{shown}");
        assert!(shown.ends_with(" left") && shown.lines().count() == 1, "{shown}");
        progress.finish();
        assert_eq!(terminal.contents(), "");
    }

    #[test]
    fn a_total_of_none_is_no_total() {
        let terminal = InMemoryTerm::new(10, 100);
        let progress = Progress::on(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        // A console that is asked not to count says 0.
        progress.total(Some(0));
        progress.show(3, 17);
        progress.0.force_draw();
        assert!(terminal.contents().contains(" 17 threats, page 3, "), "{}", terminal.contents());
    }
}
