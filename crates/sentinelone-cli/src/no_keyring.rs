//! What stands in for the keyring where `s1` is built without it.

use crate::failure::Failure;
use crate::token::Token;

pub(crate) fn read(profile: &str) -> Result<Token, Failure> {
    Err(out_of_reach(profile))
}

pub(crate) fn store(profile: &str, _: &Token) -> Result<(), Failure> {
    Err(out_of_reach(profile))
}

pub(crate) fn remove(profile: &str) -> Result<(), Failure> {
    Err(out_of_reach(profile))
}

fn out_of_reach(profile: &str) -> Failure {
    let message =
        format!("the token of the profile `{profile}` is in the keyring, which this s1 lacks");
    Failure::usage(message)
        .hint("build s1 with `--features keyring`, or have the token in a file: --token-file FILE")
}
