//! Texts that others chose, such as the names of malicious files, for a terminal.

use std::fmt::Write;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many marks may stand on one character; more would climb over the lines above.
const MARKS: usize = 4;

/// The text, with everything escaped that a terminal would obey or that would not be seen, up to
/// somewhat more than that width.
pub(crate) fn visible(text: &str, width: usize) -> String {
    let mut visible = String::new();
    let mut used = 0;
    let mut marks = 0;
    for character in text.chars() {
        if used > width {
            break;
        }
        marks = if character.width() == Some(0) { marks + 1 } else { 0 };
        let start = visible.len();
        match character {
            '\n' => visible.push_str("\\n"),
            '\r' => visible.push_str("\\r"),
            '\t' => visible.push_str("\\t"),
            _ if is_hidden(character) || marks > MARKS => {
                // Writing to a string cannot fail.
                let _ = write!(visible, "{}", character.escape_unicode());
            }
            _ => visible.push(character),
        }
        used += visible[start..].width();
    }
    visible
}

/// Lines of text, in which what a terminal would obey is escaped as JSON would.
pub(crate) fn printable(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => printable.push(character),
            _ if character.is_control() || is_hidden(character) => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    // Writing to a string cannot fail.
                    let _ = write!(printable, "\\u{unit:04x}");
                }
            }
            _ => printable.push(character),
        }
    }
    printable.into_bytes()
}

/// The text, or as much of it as is that wide, with an ellipsis.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    for grapheme in text.graphemes(true) {
        if cut.width() + grapheme.width() >= width {
            break;
        }
        cut.push_str(grapheme);
    }
    // In widths that were added up, the ellipsis can be too much.
    if width > 0 { cut + "…" } else { cut }
}

/// Whether it is a control character, reverses what is around it, or takes no room.
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_a_terminal_does_not_obey() {
        let check = |text: &str, expect: &str| {
            assert_eq!(String::from_utf8(printable(text.as_bytes())).expect("text"), expect);
        };
        check("a,\"b\"\n\tc ü 界\n", "a,\"b\"\n\tc ü 界\n");
        check("\u{1b}]0;x\u{7}\r\u{9b}2J\u{7f}", "\\u001b]0;x\\u0007\\u000d\\u009b2J\\u007f");
        check("exe.\u{202e}fdp \u{e0041}", "exe.\\u202efdp \\udb40\\udc41");
    }

    #[track_caller]
    fn check_visible(text: &str, expect: &str) {
        assert_eq!(visible(text, usize::MAX), expect);
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        check_visible(r"C:\Users\jürgen\账单.exe 🦀", r"C:\Users\jürgen\账单.exe 🦀");
        check_visible("a\u{1b}[2J\u{7}b", r"a\u{1b}[2J\u{7}b");
        check_visible("\u{9b}31m\0\u{7f}", r"\u{9b}31m\u{0}\u{7f}");
        check_visible("a\r\n\tb", r"a\r\n\tb");
        check_visible("invoice\u{202e}fdp.exe", r"invoice\u{202e}fdp.exe");
        check_visible(
            "a\u{200b}b\u{feff}c\u{2066}d\u{e0041}",
            r"a\u{200b}b\u{feff}c\u{2066}d\u{e0041}",
        );
        check_visible("e\u{301}", "e\u{301}");
        check_visible(
            &format!("e{}", "\u{301}".repeat(6)),
            &format!("e{}{}", "\u{301}".repeat(4), r"\u{301}\u{301}"),
        );
    }

    #[test]
    fn what_is_not_shown_is_not_read() {
        assert_eq!(visible(&"x".repeat(1_000_000), 10).len(), 11);
    }

    #[track_caller]
    fn check_cut(text: &str, width: usize, expect: &str) {
        let found = cut(text, width);
        assert_eq!(found, expect);
        assert!(found.width() <= width, "{}", found.width());
    }

    #[test]
    fn texts_are_cut_to_a_width() {
        check_cut("threat", 6, "threat");
        check_cut("threat", 5, "thre…");
        check_cut("threat", 1, "…");
        check_cut("threat", 0, "");
        check_cut("", 0, "");
        check_cut("账单账单", 8, "账单账单");
        check_cut("账单账单", 7, "账单账…");
        check_cut("账单账单", 6, "账单…");
        check_cut("账单账单", 2, "…");
        check_cut("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…");
        check_cut("🇩🇪🇩🇪🇩🇪", 5, "🇩🇪🇩🇪…");
    }
}
