//! Cursors: a place in a sort order, and nothing else of the request they came from.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

/// The last item of a page, by what it is sorted on.
#[derive(Debug, PartialEq)]
pub(crate) struct Cursor {
    pub(crate) column: String,
    pub(crate) direction: Direction,
    pub(crate) value: Value,
    pub(crate) id: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    /// Reads the direction as it stands in a request.
    pub(crate) fn parse(text: &str) -> Direction {
        if text.eq_ignore_ascii_case("desc") { Direction::Descending } else { Direction::Ascending }
    }

    fn as_str(self) -> &'static str {
        match self {
            Direction::Ascending => "asc",
            Direction::Descending => "desc",
        }
    }
}

impl Cursor {
    /// The cursor as the console hands it out: already percent-encoded, as if for a URL.
    pub(crate) fn encode(&self, id_column: &str) -> String {
        let order = self.direction.as_str();
        let json = json!({
            "id_column": id_column,
            "id_value": self.id,
            "id_sort_order": order,
            "sort_by_column": self.column,
            "sort_by_value": self.value,
            "sort_order": order,
        });
        let encoded = STANDARD.encode(json.to_string());
        utf8_percent_encode(&encoded, NON_ALPHANUMERIC).to_string()
    }

    /// Reads a cursor back, whether the client has encoded it once more, as it is, or not at all.
    pub(crate) fn decode(text: &str) -> Option<Cursor> {
        // A `+` that was not encoded has become a space on its way.
        let mut text = text.replace(' ', "+");
        while text.contains('%') {
            let decoded = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
            if decoded == text {
                return None;
            }
            text = decoded;
        }
        let json: Value = serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()?;
        let direction = match json.get("sort_order")?.as_str()? {
            "asc" => Direction::Ascending,
            "desc" => Direction::Descending,
            _ => return None,
        };
        Some(Cursor {
            column: json.get("sort_by_column")?.as_str()?.to_owned(),
            direction,
            value: json.get("sort_by_value")?.clone(),
            id: json.get("id_value")?.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor() -> Cursor {
        Cursor {
            column: "name".to_owned(),
            direction: Direction::Descending,
            value: json!("~~ü>>??"),
            id: json!("1630000000000000001"),
        }
    }

    #[test]
    fn a_cursor_is_read_in_every_encoding() {
        let encoded = cursor().encode("id");
        let plain = percent_decode_str(&encoded).decode_utf8_lossy().into_owned();
        let twice = utf8_percent_encode(&encoded, NON_ALPHANUMERIC).to_string();
        for text in [&encoded, &plain, &twice, &plain.replace('+', " ")] {
            assert_eq!(Cursor::decode(text).as_ref(), Some(&cursor()), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_a_cursor() {
        let other_direction = STANDARD.encode(r#"{"sort_by_column":"a","sort_order":"up"}"#);
        let incomplete = STANDARD.encode(r#"{"sort_by_column":"a","sort_order":"asc"}"#);
        for text in ["", "test", "%", "%zz", "e30=", &other_direction, &incomplete] {
            assert_eq!(Cursor::decode(text), None, "{text}");
        }
    }
}
