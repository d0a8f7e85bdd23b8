//! Counts as bars.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::counts::Counts;
use crate::format::visible::{cut, visible};
use crate::terminal::Terminal;

/// How many values of a sort are shown: the most frequent, or the last days.
const SHOWN: usize = 31;

/// How wide a value can be, and a bar if the line has no end.
const WIDEST: usize = 30;
const LONGEST: usize = 40;

/// A cell of a terminal is filled in eighths.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Bars of blocks for a terminal, of `#` for what may not know of them.
pub(super) fn render(counts: &Counts, terminal: Terminal) -> String {
    let mut text = format!("{} threats\n", counts.total);
    for (name, sort) in counts.sorts() {
        let heading = match name {
            "classification" => "Classification",
            "analystVerdict" => "Analyst verdict",
            "incidentStatus" => "Incident status",
            "detectionEngine" => "Detection engine (several of a threat count each)",
            _ => "Day created (UTC)",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{heading}");
        section(&sort, name == "day", terminal, &mut text);
    }
    text
}

fn section(counts: &[(&str, u64)], are_days: bool, terminal: Terminal, text: &mut String) {
    let more = counts.len().saturating_sub(SHOWN);
    let shown = if are_days { &counts[more..] } else { &counts[..counts.len() - more] };
    let hidden = if are_days { &counts[..more] } else { &counts[counts.len() - more..] };
    let labels: Vec<_> =
        shown.iter().map(|(value, _)| cut(&visible(value, WIDEST), WIDEST)).collect();
    let label_width = labels.iter().map(|it| it.width()).max().unwrap_or_default();
    let most = shown.iter().map(|(_, count)| *count).max().unwrap_or_default();
    let count_width = most.to_string().len();
    let room = terminal
        .width
        .map_or(LONGEST, |width| width.saturating_sub("  ".len() * 3 + label_width + count_width));
    for (label, (_, count)) in labels.iter().zip(shown) {
        let space = " ".repeat(label_width - label.width());
        let bar = bar(*count, most, room, terminal.is_terminal);
        let line = format!("  {label}{space}  {count:>count_width$}  {bar}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if more > 0 {
        let which = if are_days { "earlier days" } else { "others" };
        let total: u64 = hidden.iter().map(|(_, count)| count).sum();
        let _ = writeln!(text, "  and {more} {which} with {total}");
    }
}

/// A bar that is as long as the room if it is the most, and never quite nothing.
fn bar(count: u64, most: u64, room: usize, has_blocks: bool) -> String {
    let parts = if has_blocks { EIGHTHS.len() } else { 1 };
    let share = u128::from(count) * (room * parts) as u128 / u128::from(most.max(1));
    let filled = usize::try_from(share).unwrap_or_default().max(usize::from(count > 0 && room > 0));
    if has_blocks {
        "█".repeat(filled / parts) + EIGHTHS[filled % parts]
    } else {
        "#".repeat(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars() {
        let check = |count, most, room, has_blocks, expect: &str| {
            assert_eq!(bar(count, most, room, has_blocks), expect);
        };
        check(4, 4, 3, true, "███");
        check(3, 4, 3, true, "██▎");
        check(1, 1_000_000, 3, true, "▏");
        check(0, 4, 3, true, "");
        check(4, 4, 0, true, "");
        check(u64::MAX, u64::MAX, 5, true, "█████");
        check(0, 0, 5, true, "");
        check(3, 4, 8, false, "######");
        check(1, 100, 8, false, "#");
    }

    fn rendered(records: &[&str], width: Option<usize>, is_terminal: bool) -> String {
        let mut counts = Counts::default();
        records.iter().for_each(|raw| counts.add(raw));
        render(&counts, Terminal { is_terminal, width, is_coloured: false })
    }

    #[test]
    fn sections() {
        let records = [
            r#"{"threatInfo":{"classification":"PUA\u001b[2J","createdAt":"2026-11-25T00:00:00Z"}}"#,
            r#"{"threatInfo":{"classification":"账单","createdAt":"2026-11-25T00:00:00Z"}}"#,
            r#"{"threatInfo":{"classification":"账单","createdAt":"2026-11-24T00:00:00Z"}}"#,
        ];
        let text = rendered(&records, Some(30), true);
        let expect = "3 threats\n\
                      \n\
                      Classification\n\
                      \x20 账单          2  ███████████\n\
                      \x20 PUA\\u{1b}[2J  1  █████▌\n\
                      \n\
                      Analyst verdict\n\
                      \x20 (none)  3  █████████████████\n";
        assert_eq!(text[..expect.len()], *expect, "{text}");
        assert!(
            text.ends_with("  2026-11-24  1  ██████▌\n  2026-11-25  2  █████████████\n"),
            "{text}"
        );
        assert!(
            text.lines().all(|line| line.starts_with("Detection") || line.width() <= 30),
            "{text}"
        );
        assert!(
            rendered(&records, None, false).contains("  2026-11-24  1  ####################\n")
        );
    }

    #[test]
    fn only_the_last_days_are_shown() {
        let records: Vec<_> = (1..=12)
            .flat_map(|month| (1..=4).map(move |day| (month, day)))
            .map(|(month, day)| {
                format!(r#"{{"threatInfo":{{"createdAt":"2026-{month:02}-{day:02}T00:00:00Z"}}}}"#)
            })
            .collect();
        let records: Vec<_> = records.iter().map(String::as_str).collect();
        let text = rendered(&records, Some(80), false);
        assert!(text.ends_with("\n  and 17 earlier days with 17\n"), "{text}");
        assert!(text.contains("  2026-12-04  1  ###") && !text.contains("2026-01-01"), "{text}");
    }

    #[test]
    fn no_threats() {
        let text = rendered(&[], Some(80), false);
        assert!(text.starts_with("0 threats\n\nClassification\n\nAnalyst verdict\n"), "{text}");
    }
}
