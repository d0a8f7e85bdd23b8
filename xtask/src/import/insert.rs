//! Adds blocks to the text of a spec, and leaves every line of it as it is.

use anyhow::{Result, bail};

/// A text that grows by blocks.
pub(super) struct Text {
    lines: Vec<String>,
    newline: &'static str,
}

impl Text {
    pub(super) fn new(text: &str) -> Text {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Text { lines: text.lines().map(str::to_owned).collect(), newline }
    }

    pub(super) fn finish(&self) -> String {
        self.lines.iter().map(|line| format!("{line}{}", self.newline)).collect()
    }

    /// Adds `blocks`, made for a depth, at the end of what stands under a path of keys. Keys that
    /// are not there are added, too.
    pub(super) fn append(
        &mut self,
        keys: &[&str],
        spaced: bool,
        blocks: impl Fn(usize) -> Vec<String>,
    ) -> Result<()> {
        let mut holder: Option<usize> = None;
        for (depth, key) in keys.iter().enumerate() {
            match self.find(holder, key) {
                Some(line) => holder = Some(line),
                None => return self.append_keys(holder, &keys[depth..], spaced, blocks),
            }
        }
        let Some(line) = holder else { return Ok(()) };
        self.open(line, keys)?;
        let end = self.end(line);
        let depth = self.depth_below(line, end);
        let spaced = self.is_spaced(line, end, depth).unwrap_or(spaced);
        self.put(end, line + 1 < end && spaced, spaced, &blocks(depth));
        Ok(())
    }

    fn append_keys(
        &mut self,
        holder: Option<usize>,
        keys: &[&str],
        spaced: bool,
        blocks: impl Fn(usize) -> Vec<String>,
    ) -> Result<()> {
        let (end, mut depth) = match holder {
            Some(line) => {
                self.open(line, keys)?;
                let end = self.end(line);
                (end, self.depth_below(line, end))
            }
            None => (self.lines.len(), 0),
        };
        let mut block = String::new();
        for key in keys {
            block.push_str(&format!("{}{key}:\n", " ".repeat(depth)));
            depth += 2;
        }
        let separator = if spaced { "\n" } else { "" };
        block.push_str(&blocks(depth).join(separator));
        self.put(end, true, false, &[block]);
        Ok(())
    }

    /// The line of a key right under that of another.
    fn find(&self, holder: Option<usize>, key: &str) -> Option<usize> {
        let (start, end) = match holder {
            Some(line) => (line + 1, self.end(line)),
            None => (0, self.lines.len()),
        };
        let depth = holder.map_or(0, |line| self.depth_below(line, end));
        (start..end).find(|line| {
            let text = &self.lines[*line];
            let Some(rest) = text.get(depth..).filter(|_| indent(text) == Some(depth)) else {
                return false;
            };
            [key.to_owned(), format!("'{key}'"), format!("\"{key}\"")]
                .iter()
                .filter_map(|key| rest.strip_prefix(key.as_str()))
                .any(|rest| rest == ":" || rest.starts_with(": "))
        })
    }

    /// Makes sure that what stands under a key is a block.
    fn open(&mut self, line: usize, keys: &[&str]) -> Result<()> {
        let text = &self.lines[line];
        let Some((head, rest)) = text.split_once(": ") else { return Ok(()) };
        let (value, comment) = rest.split_at(rest.find('#').unwrap_or(rest.len()));
        match (value.trim(), comment) {
            ("{}" | "[]", "") => self.lines[line] = format!("{head}:"),
            ("{}" | "[]", comment) => self.lines[line] = format!("{head}: {comment}"),
            ("", _) => {}
            _ => {
                let (line, key) = (line + 1, keys.last().unwrap_or(&""));
                bail!(
                    "line {line} of the spec has more than the key `{key}`; write it as a plain block"
                );
            }
        }
        Ok(())
    }

    /// The line after the last one that belongs to a key.
    fn end(&self, line: usize) -> usize {
        let depth = indent(&self.lines[line]).unwrap_or_default();
        let mut end = line + 1;
        for (number, text) in self.lines.iter().enumerate().skip(line + 1) {
            match indent(text) {
                None => {}
                Some(it) if depth < it => end = number + 1,
                Some(it) if it == depth && text[it..].starts_with("- ") => end = number + 1,
                Some(_) if text.trim_start().starts_with('#') => {}
                Some(_) => break,
            }
        }
        end
    }

    /// How far what stands under a key is set in.
    fn depth_below(&self, line: usize, end: usize) -> usize {
        let own = indent(&self.lines[line]).unwrap_or_default();
        let below = self.lines[line + 1..end].iter();
        let mut depths =
            below.filter(|it| !it.trim_start().starts_with('#')).filter_map(|it| indent(it));
        depths.next().unwrap_or(own + 2)
    }

    /// Whether blank lines stand between members; nothing is known of fewer than two.
    fn is_spaced(&self, line: usize, end: usize, depth: usize) -> Option<bool> {
        let mut starts = (line + 2..end).filter(|it| indent(&self.lines[*it]) == Some(depth));
        let mut last = starts.next_back()?;
        while self.lines[last - 1].trim_start().starts_with('#') {
            last -= 1;
        }
        Some(self.lines[last - 1].trim().is_empty())
    }

    fn put(&mut self, at: usize, blank_before: bool, blank_between: bool, blocks: &[String]) {
        let mut lines = Vec::new();
        for (index, block) in blocks.iter().enumerate() {
            if if index == 0 { blank_before } else { blank_between } {
                lines.push(String::new());
            }
            lines.extend(block.lines().map(str::to_owned));
        }
        self.lines.splice(at..at, lines);
    }
}

/// How far a line is set in; none if it is blank.
fn indent(line: &str) -> Option<usize> {
    let text = line.trim_start_matches(' ');
    (!text.trim().is_empty()).then(|| line.len() - text.len())
}
