//! API tokens: where they come from, and that nothing shows them.

use std::fmt;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use crate::failure::{Failure, Kind};

/// An API token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    /// The token in a text that was found at `place`, without the white space around it.
    pub(crate) fn new(text: &str, place: &str) -> Result<Self, Failure> {
        match text.trim() {
            "" => Err(Failure::usage(format!("{place} holds no token")).hint(MAKE_ONE)),
            token => Ok(Token(token.to_owned())),
        }
    }

    /// The token in a file that holds nothing else. Whoever else can read it is not asked: secrets
    /// that are mounted into containers are readable to all of them.
    pub(crate) fn from_file(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format!("the token file {} cannot be read", path.display()))
                .because(error)
        })?;
        Token::new(&text, &format!("the token file {}", path.display()))
    }

    /// The token on standard input, which is asked for if that is a terminal.
    pub(crate) fn from_stdin(url: &str) -> Result<Self, Failure> {
        if io::stdin().is_terminal() {
            return Token::ask(url);
        }
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map_err(|error| {
            Failure::usage("standard input cannot be read as a token").because(error)
        })?;
        Token::new(&text, "standard input")
    }

    /// The token that the user types at the terminal, where it does not show.
    pub(crate) fn ask(url: &str) -> Result<Self, Failure> {
        let text = rpassword::prompt_password(format!("API token for {url}: "));
        let text = text.map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => Failure::new("interrupted").kind(Kind::Interrupted),
            _ => Failure::new("the terminal cannot be read").because(error),
        })?;
        Token::new(&text, "the answer")
    }

    /// The token itself, for the client and for where it is stored.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

const MAKE_ONE: &str = "make one in the console: settings, users, service users";
