//! An entry for the changelog.

use super::{Change, Class, Sort};

/// The width of its lines.
const WIDTH: usize = 100;

/// The sections of an entry, in the form of Keep a Changelog; empty without changes.
pub fn changelog(changes: &[Change]) -> String {
    let mut sections = Vec::new();
    for (sort, title) in
        [(Sort::Added, "Added"), (Sort::Changed, "Changed"), (Sort::Removed, "Removed")]
    {
        let mut entries: Vec<Entry> = Vec::new();
        // That a type stands in another module as well follows from what uses it there.
        let follows =
            |it: &Change| it.rust != Class::Breaking && it.place.names().last() == Some(&"module");
        for change in changes.iter().filter(|it| it.sort == sort && !follows(it)) {
            let entry = Entry::of(change);
            match entries.iter_mut().find(|it| it.continues(&entry)) {
                Some(other) => other.names.extend(entry.names),
                None => entries.push(entry),
            }
        }
        // What breaks somebody comes first.
        entries.sort_by_key(|it| it.mark.is_empty());
        let mut lines: Vec<String> = entries.iter().map(Entry::text).collect();
        let texts = changes.iter().filter(|it| it.sort == Sort::Text).count();
        if sort == Sort::Changed && texts != 0 {
            let plural = if texts == 1 { "" } else { "s" };
            lines.push(format!("{texts} description{plural} or example{plural}."));
        }
        if !lines.is_empty() {
            let lines: String = lines.iter().map(|line| wrapped(line)).collect();
            sections.push(format!("### {title}\n\n{lines}"));
        }
    }
    sections.join("\n")
}

/// Changes that one sentence tells.
struct Entry {
    mark: &'static str,
    before: String,
    names: Vec<String>,
    after: String,
}

impl Entry {
    fn of(change: &Change) -> Entry {
        let mark = match (change.rust, change.wire) {
            (Class::Breaking, _) => "**Breaking:** ",
            (_, Class::Breaking) => "**Breaking on the wire:** ",
            _ => "",
        };
        let is_gone = change.sort == Sort::Removed;
        let verb = |has: &str, has_not: &str| if is_gone { has_not.into() } else { has.to_owned() };
        let (before, name) = match change.place.names()[..] {
            _ if change.sort == Sort::Changed => (String::new(), None),
            ["tags", name] => ("The module and feature".to_owned(), Some(name)),
            ["operations", name] => ("The operation".to_owned(), Some(name)),
            ["schemas", name] => ("The schema".to_owned(), Some(name)),
            ["operations", of, "parameters", name] => {
                (format!("`{of}` {}", verb("takes", "no longer takes")), Some(name))
            }
            ["schemas", of, "values", name] | ["schemas", of, name] => {
                (format!("`{of}` {}", verb("has", "no longer has")), Some(name))
            }
            _ => (String::new(), None),
        };
        match name {
            Some(name) => Entry {
                mark,
                before: format!("{before} "),
                names: vec![format!("`{name}`")],
                after: String::new(),
            },
            None => Entry {
                mark,
                before,
                names: vec![format!("`{}`", change.place)],
                after: format!(": {}", change.what),
            },
        }
    }

    fn continues(&self, other: &Entry) -> bool {
        !self.before.is_empty() && (self.mark, &self.before) == (other.mark, &other.before)
    }

    fn text(&self) -> String {
        let names = match &self.names[..] {
            [names @ .., last] if !names.is_empty() => format!("{} and {last}", names.join(", ")),
            names => names.concat(),
        };
        let before = match self.before.as_str() {
            "The module and feature " if 1 < self.names.len() => "The modules and features ",
            "The operation " if 1 < self.names.len() => "The operations ",
            "The schema " if 1 < self.names.len() => "The schemas ",
            before => before,
        };
        format!("{}{before}{names}{}.", self.mark, self.after)
    }
}

/// An item of a list, in lines.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut line = "-".to_owned();
    for word in text.split(' ') {
        if WIDTH < line.chars().count() + 1 + word.chars().count() && line.trim() != "-" {
            lines.push_str(&line);
            lines.push('\n');
            line = " ".to_owned();
        }
        line.push(' ');
        line.push_str(word);
    }
    format!("{lines}{line}\n")
}
