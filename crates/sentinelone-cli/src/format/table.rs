//! A table for people, on a terminal.

use chrono::DateTime;
use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Width, presets};
use sentinelone::operation::{FieldType, Schema};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::visible::{cut, visible};
use super::{Encode, Unfit};
use crate::failure::Failure;
use crate::field::{self, select};
use crate::terminal::Terminal;

/// What is shown of a threat unless fields are named, and the headings.
const DEFAULT: [(&str, &str); 7] = [
    ("threatInfo.createdAt", "CREATED"),
    ("threatInfo.classification", "CLASS"),
    ("threatInfo.analystVerdict", "VERDICT"),
    ("threatInfo.incidentStatus", "STATUS"),
    ("agentRealtimeInfo.agentComputerName", "COMPUTER"),
    ("threatInfo.threatName", "THREAT"),
    ("id", "ID"),
];

/// How many rows are held until they are written. The first so many decide about the widths.
const BLOCK: usize = 1_000;

/// How wide a cell can be where lines have no end.
const WIDEST: usize = 100;

/// How narrow a column can become before the last ones are left out.
const NARROWEST: usize = 6;

/// How wide a day is, which is the least that is shown of a time.
const DAY: usize = 10;

/// The room between columns.
const GAP: u16 = 2;

pub(super) struct Table {
    columns: Vec<Column>,
    terminal: Terminal,
    rows: Vec<Vec<String>>,
    /// The widths of the columns that are shown, once they are known.
    widths: Option<Vec<usize>>,
}

struct Column {
    field: field::Column,
    heading: String,
}

impl Table {
    pub(super) fn new(
        schema: &Schema,
        fields: &[String],
        terminal: Terminal,
    ) -> Result<Self, Failure> {
        let columns = if fields.is_empty() {
            let mut columns = Vec::new();
            for (path, heading) in DEFAULT {
                for field in select(schema, &[path.to_owned()])? {
                    columns.push(Column { field, heading: heading.to_owned() });
                }
            }
            columns
        } else {
            let fields = select(schema, fields)?;
            let heading = |field: &field::Column| heading(field, &fields);
            let headings: Vec<_> = fields.iter().map(heading).collect();
            let columns = fields.into_iter().zip(headings);
            columns.map(|(field, heading)| Column { field, heading }).collect()
        };
        Ok(Table { columns, terminal, rows: Vec::new(), widths: None })
    }

    /// Writes the rows that are held, after a heading if they are the first.
    fn flush(&mut self, out: &mut Vec<u8>) {
        let is_first = self.widths.is_none();
        let widths = self.widths.take().unwrap_or_else(|| self.fit());
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.force_no_tty();
        if self.terminal.is_coloured {
            table.enforce_styling().style_text_only();
        }
        let shown = || self.columns.iter().zip(&widths);
        if is_first {
            let heading = |(column, width): (&Column, &usize)| {
                Cell::new(cut(&column.heading, *width)).add_attribute(Attribute::Bold)
            };
            table.set_header(shown().map(heading).collect::<Vec<_>>());
        }
        for row in &self.rows {
            let cells = row.iter().zip(shown());
            table.add_row(
                cells.map(|(text, (column, width))| column.cell(text, *width)).collect::<Vec<_>>(),
            );
        }
        for (column, width) in table.column_iter_mut().zip(&widths) {
            let width = u16::try_from(*width).unwrap_or(u16::MAX - GAP) + GAP;
            column
                .set_padding((0, GAP))
                .set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
        for line in table.lines() {
            out.extend_from_slice(line.trim_end().as_bytes());
            out.push(b'\n');
        }
        self.rows.clear();
        self.widths = Some(widths);
    }

    /// The widths of as many columns as there is room for.
    fn fit(&self) -> Vec<usize> {
        let mut wanted: Vec<_> = self.columns.iter().map(|it| it.heading.width()).collect();
        for row in &self.rows {
            for (wanted, text) in wanted.iter_mut().zip(row) {
                *wanted = text.width().min(WIDEST).max(*wanted);
            }
        }
        let Some(room) = self.terminal.width else { return wanted };
        while wanted.len() > 1 {
            let gaps = usize::from(GAP) * (wanted.len() - 1);
            if let Some(widths) = self.share(&wanted, room.saturating_sub(gaps)) {
                return widths;
            }
            wanted.pop();
        }
        vec![room.min(wanted.first().copied().unwrap_or_default())]
    }

    /// Shares the room out: those that want little get it, the others get the same. An id is of
    /// use only if it is whole.
    fn share(&self, wanted: &[usize], room: usize) -> Option<Vec<usize>> {
        let whole = |index: usize| self.columns[index].field.path == "id";
        let fixed: usize =
            wanted.iter().enumerate().filter(|(it, _)| whole(*it)).map(|it| it.1).sum();
        let mut left = room.checked_sub(fixed)?;
        let mut order: Vec<_> = (0..wanted.len()).filter(|index| !whole(*index)).collect();
        order.sort_by_key(|index| (!self.columns[*index].is_time(), wanted[*index]));
        let mut widths = wanted.to_vec();
        for (place, index) in order.iter().enumerate() {
            let fair = left / (order.len() - place);
            if wanted[*index] > fair {
                let is_time = self.columns[*index].is_time();
                widths[*index] = if is_time { DAY } else { fair.max(NARROWEST) };
            }
            left = left.checked_sub(widths[*index])?;
        }
        Some(widths)
    }
}

impl Encode for Table {
    fn record(&mut self, raw: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let record = super::parse(raw)?;
        let row: Result<Vec<_>, _> =
            self.columns.iter().map(|column| column.text(&record)).collect();
        self.rows.push(row?);
        if self.rows.len() == BLOCK {
            self.flush(out);
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        if !self.rows.is_empty() || self.widths.is_none() {
            self.flush(out);
        }
        let shown = self.widths.as_ref().map_or(0, Vec::len);
        if shown < self.columns.len() {
            let hidden = self.columns.len() - shown;
            let note = format!("({hidden} more fields need a wider terminal, or --format json)\n");
            out.extend_from_slice(note.as_bytes());
        }
        Ok(())
    }
}

impl Column {
    fn is_time(&self) -> bool {
        self.field.field_type == FieldType::DateTime
    }

    fn text(&self, record: &Value) -> Result<String, Unfit> {
        let Some(value) = self.field.find(record)? else { return Ok(String::new()) };
        let text = self.field.text(value);
        if self.is_time()
            && let Ok(time) = DateTime::parse_from_rfc3339(&text)
        {
            return Ok(time.to_utc().format("%Y-%m-%d %H:%M").to_string());
        }
        Ok(visible(&text, WIDEST))
    }

    fn cell(&self, text: &str, width: usize) -> Cell {
        let cell = match text.split_once(' ') {
            // The day alone says more than the beginning of the hour.
            Some((day, _)) if self.is_time() && width < text.width() => Cell::new(cut(day, width)),
            _ => Cell::new(cut(text, width)),
        };
        match colour(&self.field.path, text) {
            Some(colour) => cell.fg(colour),
            None => cell,
        }
    }
}

/// The last member of the path, or all of it if another column has the same.
fn heading(field: &field::Column, fields: &[field::Column]) -> String {
    let last = |path: &str| path.rsplit('.').next().map(str::to_owned).unwrap_or_default();
    let heading = last(&field.path);
    let alike = fields.iter().filter(|it| last(&it.path) == heading).count();
    if alike > 1 { field.path.clone() } else { heading }
}

/// What stands out: what is to be done, and what is done.
fn colour(path: &str, value: &str) -> Option<Color> {
    match (path.rsplit('.').next()?, value) {
        ("analystVerdict", "true_positive") | ("mitigationStatus", "not_mitigated") => {
            Some(Color::Red)
        }
        ("analystVerdict", "suspicious") | ("incidentStatus", "unresolved") => Some(Color::Yellow),
        ("analystVerdict", "false_positive")
        | ("mitigationStatus", "mitigated" | "marked_as_benign")
        | ("incidentStatus", "resolved") => Some(Color::Green),
        ("incidentStatus", "in_progress") => Some(Color::Cyan),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::context::threat;

    fn render(
        fields: &[&str],
        width: Option<usize>,
        is_coloured: bool,
        records: &[Value],
    ) -> String {
        let fields: Vec<_> = fields.iter().map(ToString::to_string).collect();
        let terminal = Terminal { is_terminal: is_coloured, width, is_coloured };
        let mut table = Table::new(threat(), &fields, terminal).expect("fields of a threat");
        let mut out = Vec::new();
        for record in records {
            if let Err(unfit) = table.record(&record.to_string(), &mut out) {
                out.extend_from_slice(format!("{}: {}\n", unfit.path, unfit.reason).as_bytes());
            }
        }
        table.finish(&mut out).expect("an end");
        String::from_utf8(out).expect("text")
    }

    fn named(id: &str, name: &str) -> Value {
        json!({ "id": id, "threatInfo": { "threatName": name, "createdAt": "2026-11-25T12:34:56.5Z" } })
    }

    #[track_caller]
    fn check(fields: &[&str], width: Option<usize>, records: &[Value], expect: &str) {
        assert_eq!(render(fields, width, false, records), expect);
    }

    const NAME: &str = "threatInfo.threatName";
    const CREATED: &str = "threatInfo.createdAt";

    #[test]
    fn columns_are_aligned_whatever_the_characters() {
        check(
            &["id", NAME, CREATED],
            None,
            &[
                named("1", "账单.exe"),
                named("22", "e\u{301}te\u{301}"),
                named("3", "🦀"),
                named("4", ""),
            ],
            "id  threatName  createdAt\n\
             1   账单.exe    2026-11-25 12:34\n\
             22  e\u{301}te\u{301}         2026-11-25 12:34\n\
             3   🦀          2026-11-25 12:34\n\
             4               2026-11-25 12:34\n",
        );
    }

    #[test]
    fn cells_are_cut_and_ids_are_not() {
        let records = [named("1234567890123456789", "a long name.exe")];
        check(
            &["id", NAME, CREATED],
            Some(50),
            &records,
            "id                   threatName       createdAt\n\
             1234567890123456789  a long name.exe  2026-11-25\n",
        );
        check(
            &["id", NAME, CREATED],
            Some(40),
            &records,
            "id                   threat…  createdAt\n\
             1234567890123456789  a long…  2026-11-25\n",
        );
        check(
            &["id", NAME, CREATED],
            Some(30),
            &records,
            "id                   threatNa…\n\
             1234567890123456789  a long n…\n\
             (1 more fields need a wider terminal, or --format json)\n",
        );
        check(&["id"], Some(5), &records, "id\n1234…\n");
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        check(
            &["id", NAME],
            Some(60),
            &[named("1", "x\u{1b}]0;pwned\u{7}\n2  y"), named("2", "invoice\u{202e}fdp.exe")],
            "id  threatName\n\
             1   x\\u{1b}]0;pwned\\u{7}\\n2  y\n\
             2   invoice\\u{202e}fdp.exe\n",
        );
    }

    #[test]
    fn values_of_another_type_are_shown_and_lost_ones_are_not() {
        check(
            &["id", "threatInfo.sha1", CREATED],
            None,
            &[
                json!({ "id": 1, "threatInfo": { "sha1": { "a": "b" }, "createdAt": "soon" } }),
                json!({ "id": "2", "threatInfo": "x" }),
                json!([]),
            ],
            "threatInfo: not an object, but a text\n\
             : not an object, but a list\n\
             id  sha1       createdAt\n\
             1   {\"a\":\"b\"}  soon\n",
        );
        check(&["id"], None, &[], "id\n");
    }

    #[test]
    fn headings_are_short_where_they_tell_columns_apart() {
        check(
            &[
                "agentDetectionInfo.siteName",
                "agentRealtimeInfo.siteName",
                "agentRealtimeInfo.agentId",
            ],
            None,
            &[],
            "agentDetectionInfo.siteName  agentRealtimeInfo.siteName  agentId\n",
        );
    }

    #[test]
    fn rows_leave_in_blocks_of_the_same_widths() {
        let mut records: Vec<_> = (0..BLOCK).map(|_| named("1", "short")).collect();
        records.push(named("2", "longer than all before"));
        let table = render(&["id", NAME, CREATED], None, false, &records);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), BLOCK + 2);
        assert_eq!(lines[BLOCK], "1   short       2026-11-25 12:34");
        assert_eq!(lines[BLOCK + 1], "2   longer th…  2026-11-25 12:34");
    }

    #[test]
    fn colours_are_for_terminals() {
        let record = json!({ "id": "1", "threatInfo": { "analystVerdict": "true_positive" } });
        let fields = ["threatInfo.analystVerdict", "id"];
        let plain = render(&fields, Some(80), false, std::slice::from_ref(&record));
        assert_eq!(plain, "analystVerdict  id\ntrue_positive   1\n");
        let coloured = render(&fields, Some(80), true, &[record]);
        assert!(coloured.starts_with("\u{1b}[1manalystVerdict"), "{coloured:?}");
        assert_eq!(colour("threatInfo.analystVerdict", "true_positive"), Some(Color::Red));
        assert_eq!(colour("threatInfo.analystVerdict", "undefined"), None);
        assert_eq!(colour("threatInfo.threatName", "true_positive"), None);
    }
}
