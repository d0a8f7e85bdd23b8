//! What is wrong with a document, where, and what to write instead.

use std::error::Error;
use std::fmt;

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file where the text stands.
    pub file: String,
    /// Where, as a JSON pointer in that file.
    pub pointer: String,
    /// Where, as a line of that file.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub remedy: String,
}

/// Everything that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    /// At least one.
    pub faults: Vec<Fault>,
}

impl Error for Faults {}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.faults.iter().enumerate() {
            if number != 0 {
                writeln!(f)?;
            }
            write!(f, "{}", fault.file)?;
            if let Some(line) = fault.line {
                write!(f, ":{line}")?;
            }
            if !fault.pointer.is_empty() {
                write!(f, ": {}", fault.pointer)?;
            }
            write!(f, ": {}; {}", fault.problem, fault.remedy)?;
        }
        Ok(())
    }
}
