use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = "\
The file is config.toml in the user's configuration directory, or the one that S1_CONFIG names:

  default = \"production\"
  [profile.production]
  url = \"https://example.sentinelone.net\"
  token_file = \"production.token\"

A profile has its token in a file (`token_file`, from the directory of config.toml), in the file
itself (`token`) or in the keyring (`keyring = true`), or has none. Tokens are never arguments.

The console is the first of: --url; --profile or SENTINELONE_PROFILE; SENTINELONE_URL; the default
profile. The token is the first of: --token-file; that of the profile that was named;
SENTINELONE_TOKEN; that of the default profile; the answer to a question at the terminal. The token
of a profile goes to no other URL than the profile's own.

Examples:
  s1 config set production --url https://example.sentinelone.net --token-stdin < token
  s1 config list";

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Print where the profiles are
    #[command(after_help = "\
Examples:
  s1 config path")]
    Path,
    /// List the profiles; the default one has a star
    #[command(after_help = "\
Examples:
  s1 config list")]
    List,
    /// Show a profile, without its token
    #[command(after_help = "\
Examples:
  s1 config show production")]
    Show {
        /// The profile, if not the one that holds
        name: Option<String>,
    },
    /// Add a profile, or replace it; the first one becomes the default
    #[command(after_help = "\
Examples:
  s1 config set production --url https://example.sentinelone.net --token-file ~/s1.token
  s1 config set production --url https://example.sentinelone.net --token-stdin < token")]
    Set(SetArguments),
    /// Remove a profile with its token
    #[command(after_help = "\
Examples:
  s1 config remove staging")]
    Remove {
        /// The profile
        name: String,
    },
    /// Make a profile the default one
    #[command(after_help = "\
Examples:
  s1 config default production")]
    Default {
        /// The profile
        name: String,
    },
}

/// Beside these, `--url` and `--token-file` are taken from the options of every command.
#[derive(Args, Debug)]
pub(crate) struct SetArguments {
    /// The profile
    #[arg(value_parser = name)]
    pub(crate) name: String,
    /// Store the token that is on standard input, in the file itself
    #[arg(long)]
    pub(crate) token_stdin: bool,
    /// Store the token that is on standard input, in the keyring
    #[arg(long, conflicts_with = "token_stdin")]
    pub(crate) keyring: bool,
}

fn name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match !text.is_empty() && text.chars().all(fits) {
        true => Ok(text.to_owned()),
        false => Err("write a name of letters, digits, `-`, `_` and `.`".to_owned()),
    }
}
