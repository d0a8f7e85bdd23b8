//! White space that nobody sees.

use std::collections::BTreeSet;

use super::Finding;
use super::edits::Edit;
use super::sentences::sentences;
use super::source::Source;
use crate::fault::Fault;
use crate::lint::Node;
use crate::load::Document;

pub(super) fn check(document: &Document, source: &Source, nodes: &[Node]) -> Vec<Finding> {
    let text = source.text;
    // In an example that is a block of text, white space is part of the value.
    let places = sentences(nodes).into_iter().map(|(at, _)| document.place(&at));
    let here = places.filter(|place| place.file == source.file);
    let prose: BTreeSet<String> = here.map(|place| place.pointer).collect();
    let kept: Vec<_> =
        source.blocks().filter(|(at, _)| !prose.contains(*at)).map(|(_, range)| range).collect();

    let mut findings = Vec::new();
    let finding = |line, problem, remedy, range, replacement| {
        finding(&source.file, line, problem, remedy, range, replacement)
    };
    let body = text.trim_end().len();
    let mut start = 0;
    for (index, line) in text[..body].split_inclusive('\n').enumerate() {
        let written = line.strip_suffix('\n').unwrap_or(line);
        let written = written.strip_suffix('\r').unwrap_or(written);
        let visible = written.trim_end();
        let range = start + visible.len()..start + written.len();
        start += line.len();
        if range.is_empty() || kept.iter().any(|block| block.contains(&range.start)) {
            continue;
        }
        findings.push(finding(index + 1, "white space ends the line", "remove it", range, ""));
    }
    let is_kept = kept.iter().any(|block| body < block.end);
    let last = text[..body].lines().count();
    match text[body..].trim_start_matches('\r') {
        "\n" => {}
        "" => {
            let problem = "the last line has no line end";
            findings.push(finding(last, problem, "add one", body..text.len(), "\n"));
        }
        _ if is_kept => {}
        _ => {
            let problem = "white space ends the file";
            findings.push(finding(last + 1, problem, "remove it", body..text.len(), "\n"));
        }
    }
    findings
}

fn finding(
    file: &str,
    line: usize,
    problem: &str,
    remedy: &str,
    range: std::ops::Range<usize>,
    replacement: &'static str,
) -> Finding {
    let fault = Fault {
        file: file.to_owned(),
        pointer: String::new(),
        line: Some(line),
        problem: problem.to_owned(),
        remedy: remedy.to_owned(),
    };
    Finding { fault, edit: Some(Edit { range, replacement, ended: None }) }
}
