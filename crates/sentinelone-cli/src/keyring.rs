//! Tokens in the keyring of the operating system, by the names of their profiles.

use ::keyring::{Entry, Error};

use crate::failure::Failure;
use crate::token::Token;

/// What the entries are filed under.
const SERVICE: &str = "s1";

pub(crate) fn read(profile: &str) -> Result<Token, Failure> {
    let password = with_entry(profile, Entry::get_password).map_err(|error| {
        Failure::usage(format!("the keyring has no token for the profile `{profile}`"))
            .because(reason(&error))
            .hint(format!("store one: s1 config set {profile} --url URL --keyring"))
    })?;
    Token::new(&password, "the keyring")
}

pub(crate) fn store(profile: &str, token: &Token) -> Result<(), Failure> {
    with_entry(profile, |entry| entry.set_password(token.expose())).map_err(|error| {
        Failure::new("the keyring does not take the token")
            .because(reason(&error))
            .hint("leave out --keyring, and add --token-file FILE or --token-stdin")
    })
}

/// Removes a token, if there is one.
pub(crate) fn remove(profile: &str) -> Result<(), Failure> {
    match with_entry(profile, Entry::delete_credential) {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => {
            Err(Failure::new("the keyring does not let go of the token").because(reason(&error)))
        }
    }
}

/// Keyrings that are asked over a bus have an event loop of their own, which cannot run within
/// another, so they are asked on a thread of their own.
fn with_entry<T: Send>(
    profile: &str,
    act: impl FnOnce(&Entry) -> Result<T, Error> + Send,
) -> Result<T, Error> {
    let asked = || act(&Entry::new(SERVICE, profile)?);
    std::thread::scope(|scope| match scope.spawn(asked).join() {
        Ok(outcome) => outcome,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

fn reason(error: &Error) -> String {
    match (error, Entry::store_status()) {
        (Error::NoDefaultStore, Err(why)) => format!("there is none that answers: {why}"),
        _ => error.to_string(),
    }
}
