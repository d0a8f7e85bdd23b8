//! Profiles: consoles by name, in a file of the user's.

mod edit;
mod parse;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::failure::Failure;
use crate::keyring;
use crate::token::Token;

/// The variable that names the file in place of the one in the user's configuration directory.
const FILE_VARIABLE: &str = "S1_CONFIG";

/// The profiles that there are.
#[derive(Debug)]
pub(crate) struct Profiles {
    path: PathBuf,
    text: String,
    default: Option<String>,
    profiles: BTreeMap<String, Profile>,
}

/// A console with its name, and where its token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) token: Stored,
}

/// Where the token of a profile is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    Nowhere,
    Here(Token),
    File(PathBuf),
    Keyring,
}

impl Profiles {
    /// Where the profiles are, whether there are any or not.
    pub(crate) fn path() -> Result<PathBuf, Failure> {
        if let Some(path) = std::env::var_os(FILE_VARIABLE).filter(|path| !path.is_empty()) {
            return Ok(PathBuf::from(path));
        }
        let strategy = etcetera::choose_base_strategy().map_err(|error| {
            Failure::usage("the user's configuration directory is not known")
                .because(error)
                .hint(format!("set {FILE_VARIABLE}=FILE"))
        })?;
        Ok(strategy.config_dir().join("s1").join("config.toml"))
    }

    /// Reads the profiles; none if there is no file.
    pub(crate) fn load() -> Result<Self, Failure> {
        let path = Profiles::path()?;
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                let message = format!("{} cannot be read", path.display());
                return Err(Failure::usage(message).because(error));
            }
        };
        let parsed = parse::parse(&text).map_err(|fault| fault.at(&path))?;
        let profiles = Profiles { path, text, default: parsed.default, profiles: parsed.profiles };
        profiles.refuse_onlookers()?;
        Ok(profiles)
    }

    /// The profile of that name.
    pub(crate) fn get(&self, name: &str) -> Result<&Profile, Failure> {
        let hint = match self.names() {
            names if names.is_empty() => {
                format!("add it: s1 config set {name} --url https://example.sentinelone.net")
            }
            names => format!("there are: {names}"),
        };
        self.profiles.get(name).ok_or_else(|| {
            let message = format!("there is no profile `{name}` in {}", self.path.display());
            Failure::usage(message).hint(hint)
        })
    }

    /// The profile that holds where none is named.
    pub(crate) fn default(&self) -> Result<Option<&Profile>, Failure> {
        match &self.default {
            None => Ok(None),
            Some(name) => self.get(name).map(Some),
        }
    }

    pub(crate) fn is_default(&self, name: &str) -> bool {
        self.default.as_deref() == Some(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.values()
    }

    /// The names with commas between them.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
        names.join(", ")
    }

    /// Whether a token is in the file itself, and users other than its owner can read it.
    #[cfg(unix)]
    fn refuse_onlookers(&self) -> Result<(), Failure> {
        use std::os::unix::fs::PermissionsExt;

        let holds_token = self.iter().any(|profile| matches!(profile.token, Stored::Here(_)));
        let open = |path: &Path| {
            path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
        };
        if holds_token && open(&self.path) {
            let path = self.path.display();
            let failure = Failure::usage(format!("{path} holds a token that others can read"));
            return Err(failure.hint(format!("chmod 600 {path}")));
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn refuse_onlookers(&self) -> Result<(), Failure> {
        Ok(())
    }
}

impl Profile {
    /// The token, if the profile has one.
    pub(crate) fn token(&self) -> Result<Option<Token>, Failure> {
        match &self.token {
            Stored::Nowhere => Ok(None),
            Stored::Here(token) => Ok(Some(token.clone())),
            Stored::File(path) => {
                // A path in the file is one from the file.
                let path = match Profiles::path()?.parent() {
                    Some(directory) => directory.join(path),
                    None => path.clone(),
                };
                Token::from_file(&path).map(Some)
            }
            Stored::Keyring => keyring::read(&self.name).map(Some),
        }
    }
}
