//! `s1 config`.

use std::fmt::Write as _;

use sentinelone::{Client, ReplayTransport};

use crate::arguments::{Config, Global, SetArguments};
use crate::context::Context;
use crate::failure::Failure;
use crate::keyring;
use crate::output::Output;
use crate::profile::{Profile, Profiles, Stored};
use crate::token::Token;

pub(crate) fn run(command: &Config, context: &Context) -> Result<(), Failure> {
    let global = &context.global;
    let text = match command {
        Config::Path => format!("{}\n", Profiles::path()?.display()),
        Config::List => list(&Profiles::load()?),
        Config::Show { name } => show(&Profiles::load()?, name.as_deref(), global)?,
        Config::Set(arguments) => set(arguments, global)?,
        Config::Remove { name } => {
            let profiles = Profiles::load()?;
            if profiles.get(name)?.token == Stored::Keyring {
                keyring::remove(name)?;
            }
            profiles.remove(name)?;
            format!("the profile `{name}` is removed\n")
        }
        Config::Default { name } => {
            Profiles::load()?.make_default(name)?;
            format!("the profile `{name}` is the default\n")
        }
    };
    let mut output = Output::stdout();
    output.write(text.as_bytes())?;
    output.finish()
}

fn list(profiles: &Profiles) -> String {
    let mut text = String::new();
    let width = profiles.iter().map(|it| it.name.len()).max().unwrap_or_default();
    for Profile { name, url, .. } in profiles.iter() {
        let star = if profiles.is_default(name) { '*' } else { ' ' };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{star} {name:width$}  {url}");
    }
    text
}

fn show(profiles: &Profiles, name: Option<&str>, global: &Global) -> Result<String, Failure> {
    let name = name.or(global.profile.as_deref());
    let profile = match name {
        Some(name) => profiles.get(name)?,
        None => profiles.default()?.ok_or_else(|| {
            Failure::usage("there is no default profile")
                .hint("name one, or make one the default: s1 config default NAME")
        })?,
    };
    Ok(shown(profile))
}

fn shown(Profile { name, url, token }: &Profile) -> String {
    let token = match token {
        Stored::Nowhere => "not set".to_owned(),
        Stored::Here(_) => "set".to_owned(),
        Stored::File(path) => format!("in the file {}", path.display()),
        Stored::Keyring => "in the keyring".to_owned(),
    };
    format!("profile: {name}\nurl: {url}\ntoken: {token}\n")
}

fn set(arguments: &SetArguments, global: &Global) -> Result<String, Failure> {
    let name = &arguments.name;
    let Some(url) = &global.url else {
        let hint = format!("s1 config set {name} --url https://example.sentinelone.net");
        return Err(Failure::usage("the URL of the profile is missing").hint(hint));
    };
    let profiles = Profiles::load()?;
    let token = match &global.token_file {
        Some(_) if arguments.token_stdin || arguments.keyring => {
            let failure = Failure::usage("the token is to be in two places");
            return Err(failure.hint("leave out --token-file or the other"));
        }
        Some(path) => {
            Token::from_file(path)?;
            let path = std::path::absolute(path).map_err(|error| {
                Failure::usage(format!("{} is not a path", path.display())).because(error)
            })?;
            Stored::File(path)
        }
        None => store(arguments, url)?,
    };
    let profile = Profile { name: name.clone(), url: url.clone(), token };
    check(&profile)?;
    profiles.set(&profile)?;
    Ok(shown(&profile))
}

/// Puts the token where the profile is to have it.
fn store(arguments: &SetArguments, url: &str) -> Result<Stored, Failure> {
    if arguments.keyring {
        keyring::store(&arguments.name, &Token::from_stdin(url)?)?;
        return Ok(Stored::Keyring);
    }
    match arguments.token_stdin {
        true => Token::from_stdin(url).map(Stored::Here),
        false => Ok(Stored::Nowhere),
    }
}

/// Refuses a URL or a token that no client would take.
fn check(profile: &Profile) -> Result<(), Failure> {
    let token = match &profile.token {
        Stored::Here(token) => token.expose(),
        _ => "none",
    };
    let nothing = ReplayTransport::new([]);
    Client::builder().url(&profile.url).token(token).transport(nothing).build()?;
    Ok(())
}
