//! What can be shown where output goes.

use std::env;
use std::io::{IsTerminal, stdout};

use crate::output::Output;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terminal {
    pub(crate) is_terminal: bool,
    /// How many columns there are. A file or a pipe has no end, unless COLUMNS says so.
    pub(crate) width: Option<usize>,
    pub(crate) is_coloured: bool,
}

impl Terminal {
    /// What the destination can show.
    pub(crate) fn of(output: &Output) -> Self {
        let is_terminal = output.path().is_none() && stdout().is_terminal();
        let size = || terminal_size::terminal_size_of(stdout()).map(|(width, _)| width.0);
        Terminal::new(is_terminal.then(size), |name| env::var(name).ok())
    }

    /// A terminal of that size if it is one, and not all know their size.
    fn new(terminal: Option<Option<u16>>, variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_terminal = terminal.is_some();
        let columns = || variable("COLUMNS").and_then(|it| it.parse().ok()).filter(|it| *it > 0);
        let size = terminal.flatten().filter(|it| *it > 0).map(usize::from);
        let width = size.or_else(columns).or(is_terminal.then_some(80));
        // As https://no-color.org has it.
        let no_color = variable("NO_COLOR").is_some_and(|it| !it.is_empty());
        let is_dumb = variable("TERM").is_some_and(|it| it == "dumb");
        Terminal { is_terminal, width, is_coloured: is_terminal && !no_color && !is_dumb }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        terminal: Option<Option<u16>>,
        variables: &[(&str, &str)],
        width: Option<usize>,
        is_coloured: bool,
    ) {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
        };
        let expect = Terminal { is_terminal: terminal.is_some(), width, is_coloured };
        assert_eq!(Terminal::new(terminal, variable), expect);
    }

    #[test]
    fn widths_and_colours() {
        check(Some(Some(132)), &[], Some(132), true);
        check(Some(Some(132)), &[("COLUMNS", "20")], Some(132), true);
        check(Some(None), &[("COLUMNS", "20")], Some(20), true);
        check(Some(Some(0)), &[("COLUMNS", "x")], Some(80), true);
        check(Some(Some(132)), &[("NO_COLOR", "1")], Some(132), false);
        check(Some(Some(132)), &[("NO_COLOR", "")], Some(132), true);
        check(Some(Some(132)), &[("TERM", "dumb")], Some(132), false);
        check(None, &[("TERM", "xterm")], None, false);
        check(None, &[("COLUMNS", "100")], Some(100), false);
        check(None, &[("COLUMNS", "0")], None, false);
    }
}
