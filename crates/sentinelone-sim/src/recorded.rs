//! Threats from a file of the user's own, in place of made-up ones.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path as FilePath, PathBuf};

use serde_json::Value;

use crate::clock::Micros;
use crate::field::{Key, Path};
use crate::source::{Source, Wanted};
use crate::synth::{DAY, RISING, Threats};

/// The threats of a file, in the order of their ids.
pub(crate) struct Recorded {
    lines: Vec<String>,
    /// The id, and which fields happen to rise with it.
    rising: Vec<&'static str>,
    end: Micros,
    /// Where threats come from that are added.
    more: Threats,
}

impl Recorded {
    /// Reads a file of one JSON object a line. Of several lines with the same id the last counts,
    /// as in the output of an incremental export.
    pub(crate) fn read(path: &FilePath, seed: u64) -> Result<Recorded, DataError> {
        let fail = |line, fault| DataError { path: path.to_owned(), line, fault };
        let file = File::open(path).map_err(|error| fail(None, Fault::Io(error)))?;
        let more = Threats::new(seed, 0);
        let identity = Path::new(more.identity());
        let times = ["threatInfo.createdAt", "threatInfo.updatedAt"].map(Path::new);
        let keys = |item: &Value| RISING.map(|field| Key::from(&Path::new(field).first(item)));
        let mut lines = BTreeMap::new();
        let mut end = more.end();
        for (index, line) in BufReader::new(file).lines().enumerate() {
            let fail = |fault| fail(Some(index + 1), fault);
            let line = line.map_err(|error| fail(Fault::Io(error)))?;
            if line.trim().is_empty() {
                continue;
            }
            let item: Value = serde_json::from_str(&line).map_err(|it| fail(Fault::Json(it)))?;
            if !item.is_object() {
                return Err(fail(Fault::NoObject));
            }
            let Value::String(id) = identity.first(&item) else {
                return Err(fail(Fault::NoIdentity(identity.text())));
            };
            for time in &times {
                if let Key::Time(time) = Key::from(&time.first(&item)) {
                    end = end.max(time.timestamp_micros() + DAY);
                }
            }
            lines.insert(Key::from(id.as_str()), (keys(&item), line));
        }
        // They must be such that those of added threats go on.
        let kinds = keys(&more.item(0, None, Wanted::All)).map(|key| key.kind());
        let rises = |index: usize| {
            let mut keys = lines.values().map(|(keys, _)| &keys[index]);
            let is_sorted = keys.clone().is_sorted_by(|a, b| a < b);
            RISING[index] == identity.text()
                || is_sorted && keys.all(|key| key.kind() == kinds[index])
        };
        let rising = (0..RISING.len()).filter(|index| rises(*index)).map(|it| RISING[it]).collect();
        let lines = lines.into_values().map(|(_, line)| line).collect();
        Ok(Recorded { lines, rising, end, more })
    }
}

impl Source for Recorded {
    fn len(&self) -> u32 {
        u32::try_from(self.lines.len()).unwrap_or(u32::MAX)
    }

    fn item(&self, number: u32, born: Option<Micros>, wanted: Wanted<'_>) -> Value {
        match self.lines.get(number as usize) {
            // Each line has been read as JSON before.
            Some(line) => serde_json::from_str(line).unwrap_or_default(),
            None => self.more.item(number, born, wanted),
        }
    }

    fn identity(&self) -> &'static str {
        self.more.identity()
    }

    fn updated(&self) -> Option<&'static str> {
        self.more.updated()
    }

    fn rising(&self) -> &[&'static str] {
        &self.rising
    }

    /// The file does not tell what else the console knew.
    fn has(&self, field: &str) -> bool {
        !field.starts_with('$')
    }

    fn settle(&self, item: &mut Value) {
        self.more.settle(item);
    }

    fn end(&self) -> Micros {
        self.end
    }
}

/// Why a file of threats cannot be served.
#[derive(Debug)]
pub(crate) struct DataError {
    path: PathBuf,
    line: Option<usize>,
    fault: Fault,
}

#[derive(Debug)]
enum Fault {
    Io(io::Error),
    Json(serde_json::Error),
    NoObject,
    NoIdentity(&'static str),
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        match &self.fault {
            Fault::Io(_) => f.write_str(" cannot be read"),
            Fault::Json(_) => f.write_str(" is not JSON; write one threat a line"),
            Fault::NoObject => f.write_str(" is not a JSON object; write one threat a line"),
            Fault::NoIdentity(field) => {
                write!(f, " has no text in `{field}`, which every threat has")
            }
        }
    }
}

impl Error for DataError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.fault {
            Fault::Io(error) => Some(error),
            Fault::Json(error) => Some(error),
            Fault::NoObject | Fault::NoIdentity(_) => None,
        }
    }
}
