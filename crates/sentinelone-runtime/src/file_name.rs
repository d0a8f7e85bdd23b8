//! The name that an answer gives to the file in it.

use http::HeaderMap;
use http::header::CONTENT_DISPOSITION;
use percent_encoding::percent_decode_str;

/// The name in `Content-Disposition`, as the last part of a path and nothing else: a server does
/// not choose the directory.
pub(crate) fn file_name(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_DISPOSITION)?;
    let text = String::from_utf8_lossy(value.as_bytes());
    let parameters = parameters(&text);
    let find = |name: &str| {
        let found = parameters.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    };
    // The extended form says more where both are there.
    let name = find("filename*").and_then(extended).or_else(|| find("filename").map(str::to_owned));
    safe(&name?)
}

/// The parameters after the first part, with the values out of their quotes.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => {
                escaped = true;
                continue;
            }
            '"' => {
                quoted = !quoted;
                continue;
            }
            ';' if !quoted => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("there is a first part").push(character);
    }
    let parameter = |part: &String| {
        let (name, value) = part.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    parts.iter().skip(1).filter_map(parameter).collect()
}

/// A value as in RFC 8187, such as `UTF-8''na%C3%AFve`.
fn extended(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, encoded) = rest.split_once('\'')?;
    let bytes = percent_decode_str(encoded);
    if charset.eq_ignore_ascii_case("utf-8") {
        return bytes.decode_utf8().ok().map(|text| text.into_owned());
    }
    charset.eq_ignore_ascii_case("iso-8859-1").then(|| bytes.map(char::from).collect())
}

fn safe(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|character| !character.is_control()).collect();
    let name = name.trim();
    (!matches!(name, "" | "." | "..")).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(value: &str, expect: Option<&str>) {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header value");
        headers.insert(CONTENT_DISPOSITION, value);
        assert_eq!(file_name(&headers).as_deref(), expect);
    }

    #[test]
    fn names_of_files() {
        check("attachment; filename=threats.csv", Some("threats.csv"));
        check("attachment;filename=\"a; b.csv\"; size=3", Some("a; b.csv"));
        check("ATTACHMENT; FileName = \"say \\\"hi\\\".csv\"", Some("say \"hi\".csv"));
        check("attachment; filename=\"é.csv\"", Some("é.csv"));
        check("attachment; filename=e.csv; filename*=UTF-8''%c3%a9.csv", Some("é.csv"));
        check("attachment; filename*=iso-8859-1'en'%E9.csv", Some("é.csv"));
        check("attachment; filename=e.csv; filename*=UTF-8''%ff", Some("e.csv"));
        check("attachment; filename=e.csv; filename*=nonsense", Some("e.csv"));
        check("attachment", None);
        check("filename=first.csv", None);
        check("attachment; filename=", None);
    }

    #[test]
    fn a_server_does_not_choose_the_directory() {
        check("attachment; filename=\"../../etc/passwd\"", Some("passwd"));
        check("attachment; filename=\"C:\\\\Windows\\\\a.dll\"", Some("a.dll"));
        check("attachment; filename*=UTF-8''..%2F..%2Fa", Some("a"));
        check("attachment; filename*=UTF-8''a%0Ab%00", Some("ab"));
        check("attachment; filename=..", None);
        check("attachment; filename=\"a/\"", None);
    }
}
