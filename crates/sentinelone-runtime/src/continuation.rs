use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::call::{Argument, Call};
use crate::console::Console;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;

/// Where a stream stands in its list, to go on from there later or in another process.
///
/// A stream gives it by [`Pages::continuation`](crate::Pages::continuation) or
/// [`Records::continuation`](crate::Records::continuation), and a client takes it in the method of
/// the list that ends in `_resume`. It is written and read by `serde`; it holds the query and the
/// cursor, which can be personal data, but not the token.
///
/// A cursor does not live for ever. A console that no longer takes it answers with
/// [`ErrorKind::StaleCursor`], and the list has to be begun anew.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Continuation {
    version: u32,
    console: String,
    operation: String,
    arguments: BTreeMap<String, Argument>,
    /// The cursor of the page, or none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<String>,
    /// What was read of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) read: Option<Read>,
}

/// How far a page was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Read {
    pub(crate) records: usize,
    /// Of the text of the last one, to find out whether the page has changed.
    pub(crate) fingerprint: u64,
}

const VERSION: u32 = 1;

impl Continuation {
    pub(crate) fn new(
        console: &Console,
        call: &Call,
        cursor: Option<String>,
        read: Option<Read>,
    ) -> Self {
        Continuation {
            version: VERSION,
            console: console.0.base_url.as_str().to_owned(),
            operation: call.arguments.operation().id.to_owned(),
            arguments: call.arguments.to_map(),
            cursor,
            read,
        }
    }

    /// The call that the stream began with, if it can be made with this console.
    pub(crate) fn call(
        &self,
        console: &Console,
        operation: &'static Operation,
    ) -> Result<Call, Error> {
        let refuse = |message| Err(Error::new(ErrorKind::InvalidRequest, message));
        let Continuation { version, operation: id, console: url, .. } = self;
        let own_url = console.0.base_url.as_str();
        if *version != VERSION {
            return refuse(format!("the continuation has version {version}, not {VERSION}"));
        }
        if id != operation.id {
            return refuse(format!("the continuation is one of the operation `{id}`"));
        }
        if url != own_url {
            return refuse(format!("the continuation is one of the console {url}, not {own_url}"));
        }
        let mut call = Call::new(operation);
        if let Err(name) = call.arguments.extend(&self.arguments) {
            return refuse(format!(
                "the continuation has a parameter `{name}` that the operation does not have"
            ));
        }
        Ok(call)
    }
}

impl fmt::Debug for Continuation {
    /// The query and the cursor are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Continuation")
            .field("console", &self.console)
            .field("operation", &self.operation)
            .field("is_first_page", &self.cursor.is_none())
            .field("read", &self.read.map(|read| read.records))
            .finish_non_exhaustive()
    }
}

impl Read {
    pub(crate) fn new(records: usize, last: &str) -> Self {
        Read { records, fingerprint: fingerprint(last) }
    }
}

/// FNV-1a: the same in every process and version.
fn fingerprint(text: &str) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
