//! Which console is called, and with which token.

use std::io::{self, IsTerminal};

use crate::arguments::Global;
use crate::failure::Failure;
use crate::profile::{Profile, Profiles};
use crate::token::Token;

const URL_VARIABLE: &str = "SENTINELONE_URL";
const TOKEN_VARIABLE: &str = "SENTINELONE_TOKEN";

/// A console and the token for it.
#[derive(Debug)]
pub(crate) struct Console {
    pub(crate) url: String,
    pub(crate) token: Token,
    /// What has named the URL.
    pub(crate) origin: String,
}

impl Console {
    /// The console that the options, a profile or the environment name.
    ///
    /// A token must not go to a place that it is not for because one setting is forgotten while
    /// another holds. So the token of a profile goes to the URL of that profile alone.
    pub(crate) fn find(global: &Global) -> Result<Self, Failure> {
        let named = global.profile.as_deref().filter(|name| !name.is_empty());
        let (url, origin, profile) = if let Some(url) = &global.url {
            (url.clone(), "--url".to_owned(), None)
        } else if let Some(name) = named {
            of_profile(Profiles::load()?.get(name)?)
        } else if let Some(url) = variable(URL_VARIABLE) {
            (url, URL_VARIABLE.to_owned(), None)
        } else {
            of_profile(default_profile(&Profiles::load()?)?)
        };

        let of_profile = || profile.as_ref().map_or(Ok(None), Profile::token);
        let of_environment =
            || variable(TOKEN_VARIABLE).map(|text| Token::new(&text, TOKEN_VARIABLE)).transpose();
        let token = if let Some(path) = &global.token_file {
            Some(Token::from_file(path)?)
        } else if named.is_some() {
            first_of(of_profile, of_environment)?
        } else {
            first_of(of_environment, of_profile)?
        };
        let token = match token {
            Some(token) => token,
            None if io::stdin().is_terminal() => Token::ask(&url)?,
            None => {
                let failure =
                    Failure::usage(format!("there is no token for the console of {origin}"));
                let hint = format!("set {TOKEN_VARIABLE}, or add --token-file FILE");
                return Err(failure.hint(hint));
            }
        };
        Ok(Console { url, token, origin })
    }
}

fn of_profile(profile: &Profile) -> (String, String, Option<Profile>) {
    let origin = format!("the profile `{}`", profile.name);
    (profile.url.clone(), origin, Some(profile.clone()))
}

fn default_profile(profiles: &Profiles) -> Result<&Profile, Failure> {
    profiles.default()?.ok_or_else(|| {
        let hint = match profiles.names() {
            names if names.is_empty() => "add --url URL, set SENTINELONE_URL, or store a profile: \
                                          s1 config set NAME --url URL"
                .to_owned(),
            names => {
                format!("add --url URL, set SENTINELONE_URL, or add --profile, one of {names}")
            }
        };
        Failure::usage("no console is named").hint(hint)
    })
}

fn first_of(
    first: impl FnOnce() -> Result<Option<Token>, Failure>,
    second: impl FnOnce() -> Result<Option<Token>, Failure>,
) -> Result<Option<Token>, Failure> {
    match first()? {
        Some(token) => Ok(Some(token)),
        None => second(),
    }
}

/// A variable of the environment, unless it is empty as one that is switched off often is.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}
