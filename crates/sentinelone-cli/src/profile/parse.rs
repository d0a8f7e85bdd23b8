//! From the text of a file to profiles, or to what is wrong in which line.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, TableLike};

use super::{Profile, Stored};
use crate::failure::Failure;
use crate::token::Token;

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) default: Option<String>,
    pub(super) profiles: BTreeMap<String, Profile>,
}

/// What is wrong with a file. Values are not repeated, for they may be tokens.
#[derive(Debug)]
pub(super) struct Fault {
    line: usize,
    message: String,
    hint: String,
}

impl Fault {
    /// The fault as one of the file at `path`.
    pub(super) fn at(self, path: &Path) -> Failure {
        let failure = Failure::usage(format!("{}:{}: {}", path.display(), self.line, self.message));
        if self.hint.is_empty() { failure } else { failure.hint(self.hint) }
    }
}

pub(super) fn parse(text: &str) -> Result<Parsed, Fault> {
    let document = Document::parse(text).map_err(|error| Fault {
        line: line(text, error.span()),
        message: format!("it is not TOML: {}", error.message()),
        hint: String::new(),
    })?;
    let reader = Reader { text };
    let mut parsed = Parsed::default();
    let root = document.as_table();
    for (key, item) in root.iter() {
        match key {
            "default" => parsed.default = Some(reader.text(root, key, item)?.to_owned()),
            "profile" => {
                let table = reader.table(root, key, item)?;
                for (name, item) in table.iter() {
                    let profile = reader.profile(name, reader.table(table, name, item)?, table)?;
                    parsed.profiles.insert(name.to_owned(), profile);
                }
            }
            _ => {
                let hint = "there are `default` and the tables `[profile.NAME]`";
                return Err(reader.fault(root, key, format!("`{key}` is unknown"), hint));
            }
        }
    }
    Ok(parsed)
}

struct Reader<'t> {
    text: &'t str,
}

impl Reader<'_> {
    fn profile(
        &self,
        name: &str,
        members: &dyn TableLike,
        parent: &dyn TableLike,
    ) -> Result<Profile, Fault> {
        let mut url = None;
        let mut token: Option<(&str, Stored)> = None;
        for (key, item) in members.iter() {
            let stored = match key {
                "url" => {
                    url = Some(self.text(members, key, item)?.to_owned());
                    continue;
                }
                "token" => match Token::new(self.text(members, key, item)?, "") {
                    Ok(token) => Stored::Here(token),
                    Err(_) => {
                        return Err(self.fault(members, key, "`token` is empty", WHERE_TOKENS_ARE));
                    }
                },
                "token_file" => Stored::File(PathBuf::from(self.text(members, key, item)?)),
                "keyring" => match item.as_bool() {
                    Some(true) => Stored::Keyring,
                    Some(false) => continue,
                    None => {
                        let message = "`keyring` is neither true nor false";
                        return Err(self.fault(members, key, message, ""));
                    }
                },
                _ => {
                    let message = format!("`{key}` is unknown in a profile");
                    let hint = "there are `url`, `token`, `token_file` and `keyring`";
                    return Err(self.fault(members, key, message, hint));
                }
            };
            if let Some((other, _)) = &token {
                let message = format!("the profile `{name}` has both `{other}` and `{key}`");
                return Err(self.fault(members, key, message, "leave one of them out"));
            }
            token = Some((key, stored));
        }
        let url = url.ok_or_else(|| {
            let message = format!("the profile `{name}` has no `url`");
            self.fault(parent, name, message, "write url = \"https://example.sentinelone.net\"")
        })?;
        let token = token.map_or(Stored::Nowhere, |(_, stored)| stored);
        Ok(Profile { name: name.to_owned(), url, token })
    }

    fn text<'i>(&self, table: &dyn TableLike, key: &str, item: &'i Item) -> Result<&'i str, Fault> {
        item.as_str().ok_or_else(|| {
            self.fault(table, key, format!("`{key}` is not a text"), "write it in quotes")
        })
    }

    fn table<'i>(
        &self,
        parent: &dyn TableLike,
        key: &str,
        item: &'i Item,
    ) -> Result<&'i dyn TableLike, Fault> {
        item.as_table_like().ok_or_else(|| {
            let message = format!("`{key}` is not a table");
            self.fault(parent, key, message, "write [profile.NAME], and its members below it")
        })
    }

    fn fault(
        &self,
        table: &dyn TableLike,
        key: &str,
        message: impl Into<String>,
        hint: &str,
    ) -> Fault {
        let span = table.get_key_value(key).and_then(|(key, _)| key.span());
        Fault { line: line(self.text, span), message: message.into(), hint: hint.to_owned() }
    }
}

const WHERE_TOKENS_ARE: &str =
    "leave it out and set SENTINELONE_TOKEN, or write token_file = \"FILE\"";

fn line(text: &str, span: Option<Range<usize>>) -> usize {
    let before = text.get(..span.map_or(0, |span| span.start)).unwrap_or_default();
    before.matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_with_each_sort_of_token() {
        let parsed = parse(
            "default = \"a\"\n\
             [profile.a]\nurl = \"https://a.test\"\ntoken = \" s3cr3t \"\n\
             [profile.\"b.c\"]\nurl = \"b.test\"\ntoken_file = \"b.token\"\nkeyring = false\n\
             [profile]\nd = { url = \"d.test\", keyring = true }\ne.url = \"e.test\"\n",
        );
        let parsed = parsed.expect("profiles");
        assert_eq!(parsed.default.as_deref(), Some("a"));
        let tokens: Vec<_> = parsed.profiles.values().map(|it| (&*it.name, &it.token)).collect();
        let token = Token::new("s3cr3t", "").expect("a token");
        let expect = [
            ("a", &Stored::Here(token)),
            ("b.c", &Stored::File(PathBuf::from("b.token"))),
            ("d", &Stored::Keyring),
            ("e", &Stored::Nowhere),
        ];
        assert_eq!(tokens, expect);
        assert!(!format!("{parsed:?}").contains("s3cr3t"), "{parsed:?}");
        assert_eq!(parse("").expect("nothing"), Parsed::default());
    }

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let fault = parse(text).expect_err(text);
        assert_eq!(format!("{}: {}", fault.line, fault.message), expect);
        assert!(!format!("{fault:?}").contains("s3cr3t"), "{fault:?}");
    }

    #[test]
    fn faults_with_their_lines() {
        check("default = 1", "1: `default` is not a text");
        check("\nprofiles = {}", "2: `profiles` is unknown");
        check("profile = \"s3cr3t\"", "1: `profile` is not a table");
        check("[profile]\na = \"s3cr3t\"", "2: `a` is not a table");
        check("\n[profile.a]\ntoken = \"s3cr3t\"", "2: the profile `a` has no `url`");
        check("[profile.a]\nurl = \"a\"\ntokn = \"s3cr3t\"", "3: `tokn` is unknown in a profile");
        check("[profile.a]\nurl = 1", "2: `url` is not a text");
        check("[profile.a]\ntoken = \" \"", "2: `token` is empty");
        check("[profile.a]\nkeyring = \"s3cr3t\"", "2: `keyring` is neither true nor false");
        check(
            "[profile.a]\nurl = \"a\"\ntoken = \"s3cr3t\"\ntoken_file = \"b\"",
            "4: the profile `a` has both `token` and `token_file`",
        );
    }

    #[test]
    fn what_is_not_toml_is_not_shown() {
        for text in [
            "token = s3cr3t",
            "[profile.a]\ntoken = \"s3cr3t",
            "[profile.a]\ntoken = \"s3cr3t\" s3cr3t",
            "[profile.a]\ntoken: s3cr3t",
            "s3cr3t",
            "token = \"\\s3cr3t\"",
        ] {
            let fault = parse(text).expect_err(text);
            assert!(fault.message.starts_with("it is not TOML: "), "{fault:?}");
            assert!(!format!("{fault:?}").contains("s3cr3t"), "{fault:?}");
        }
    }
}
