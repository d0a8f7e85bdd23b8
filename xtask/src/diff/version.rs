//! The version that changes call for.

use super::{Change, Class};

/// The version after `current`: the same if nothing changed, none if `current` is no version.
///
/// In versions that begin with 0, cargo takes the second number for what the first is later.
pub fn next_version(current: &str, changes: &[Change]) -> Option<String> {
    let plain = current.split(['-', '+']).next()?;
    let numbers: Vec<u64> = plain.split('.').map(|it| it.parse().ok()).collect::<Option<_>>()?;
    let [major, minor, patch] = numbers[..] else { return None };
    if changes.is_empty() {
        return Some(current.to_owned());
    }
    let is_new = |it: &Change| it.rust.max(it.wire) == Class::Compatible;
    let next = match (major, changes.iter().any(Change::is_breaking)) {
        (0, true) => (0, minor + 1, 0),
        (0, false) => (0, minor, patch + 1),
        (_, true) => (major + 1, 0, 0),
        (_, false) if changes.iter().any(is_new) => (major, minor + 1, 0),
        _ => (major, minor, patch + 1),
    };
    Some(format!("{}.{}.{}", next.0, next.1, next.2))
}
