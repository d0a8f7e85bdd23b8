//! What the spec allows as a value beyond its type, and how a value is held against it.

use regex_lite::Regex;

/// What a parameter or a member of a body may be, beyond its type. Of an array or a list, lengths,
/// patterns and numbers are about each element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Constraints {
    /// Fewest elements of an array.
    pub min_items: Option<usize>,
    /// Most elements of an array.
    pub max_items: Option<usize>,
    /// Fewest characters of a text.
    pub min_length: Option<usize>,
    /// Most characters of a text.
    pub max_length: Option<usize>,
    /// A regular expression that a text must match.
    pub pattern: Option<&'static str>,
    /// Smallest number allowed.
    pub minimum: Option<i64>,
    /// Largest number allowed.
    pub maximum: Option<i64>,
}

impl Constraints {
    /// None.
    pub const fn new() -> Self {
        Constraints {
            min_items: None,
            max_items: None,
            min_length: None,
            max_length: None,
            pattern: None,
            minimum: None,
            maximum: None,
        }
    }

    /// Sets the fewest elements of an array.
    pub const fn min_items(mut self, items: usize) -> Self {
        self.min_items = Some(items);
        self
    }

    /// Sets the most elements of an array.
    pub const fn max_items(mut self, items: usize) -> Self {
        self.max_items = Some(items);
        self
    }

    /// Sets the fewest characters of a text.
    pub const fn min_length(mut self, characters: usize) -> Self {
        self.min_length = Some(characters);
        self
    }

    /// Sets the most characters of a text.
    pub const fn max_length(mut self, characters: usize) -> Self {
        self.max_length = Some(characters);
        self
    }

    /// Sets the pattern of a text.
    pub const fn pattern(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// Sets the smallest number.
    pub const fn minimum(mut self, minimum: i64) -> Self {
        self.minimum = Some(minimum);
        self
    }

    /// Sets the largest number.
    pub const fn maximum(mut self, maximum: i64) -> Self {
        self.maximum = Some(maximum);
        self
    }
}

/// Constraints that are ready to have values held against them. Texts are not repeated in what is
/// reported, for they may be personal data.
pub(crate) struct Check {
    constraints: Constraints,
    pattern: Option<Regex>,
}

impl Check {
    pub(crate) fn new(constraints: Constraints) -> Self {
        // Codegen has compiled every pattern, so one that does not compile is none.
        let pattern = constraints.pattern.and_then(|pattern| Regex::new(pattern).ok());
        Check { constraints, pattern }
    }

    /// An array with so many elements.
    pub(crate) fn count(&self, count: usize, report: &mut impl FnMut(String)) {
        if let Some(least) = self.constraints.min_items.filter(|&least| count < least) {
            report(format!("{count} items are fewer than {least}"));
        }
        if let Some(most) = self.constraints.max_items.filter(|&most| most < count) {
            report(format!("{count} items are more than {most}; send them in several requests"));
        }
    }

    pub(crate) fn text(&self, text: &str, report: &mut impl FnMut(String)) {
        let length = text.chars().count();
        if let Some(least) = self.constraints.min_length.filter(|&least| length < least) {
            report(format!("its length is {length}, at least {least} is needed"));
        }
        if let Some(most) = self.constraints.max_length.filter(|&most| most < length) {
            report(format!("its length is {length}, at most {most} is allowed"));
        }
        if let Some(pattern) = self.pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
            report(format!("it does not match `{pattern}`"));
        }
    }

    pub(crate) fn integer(&self, number: i64, report: &mut impl FnMut(String)) {
        if let Some(least) = self.constraints.minimum.filter(|&least| number < least) {
            report(format!("{number} is less than {least}"));
        }
        if let Some(most) = self.constraints.maximum.filter(|&most| most < number) {
            report(format!("{number} is greater than {most}"));
        }
    }

    pub(crate) fn number(&self, number: f64, report: &mut impl FnMut(String)) {
        if let Some(least) = self.constraints.minimum.filter(|&least| number < least as f64) {
            report(format!("{number} is less than {least}"));
        }
        if let Some(most) = self.constraints.maximum.filter(|&most| (most as f64) < number) {
            report(format!("{number} is greater than {most}"));
        }
    }
}
