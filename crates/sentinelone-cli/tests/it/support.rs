use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The command in a place of its own: a directory that is home and where it runs, and an
/// environment without anything else.
pub(crate) struct S1 {
    home: TempDir,
    variables: Vec<(String, String)>,
}

/// How a command has ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl S1 {
    pub(crate) fn new() -> Self {
        S1 { home: tempfile::tempdir().expect("a directory"), variables: Vec::new() }
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With the console at this URL and a token for it.
    pub(crate) fn console(self, url: &str, token: &str) -> Self {
        self.variable("SENTINELONE_URL", url).variable("SENTINELONE_TOKEN", token)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    /// Writes the profiles, as only the user may read them.
    pub(crate) fn write_config(&self, text: &str) {
        self.write("config.toml", text);
        set_mode(&self.path("config.toml"), 0o600);
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    /// Runs it with arguments that have blanks between them.
    pub(crate) fn run(&self, arguments: &str) -> Outcome {
        self.run_with_input(arguments, "")
    }

    pub(crate) fn run_with_input(&self, arguments: &str, input: &str) -> Outcome {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command");
        // One that does not read it is free not to.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("an end");
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_s1"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.home.path())
            .env_clear()
            .env("COLUMNS", "100")
            .env("HOME", self.home.path())
            .env("S1_CONFIG", self.path("config.toml"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Outcome {
    /// Standard output of a command that has done what it was to do.
    #[track_caller]
    pub(crate) fn output(self) -> String {
        assert_eq!((self.code, &*self.stderr), (Some(0), ""), "{self:?}");
        self.stdout
    }

    /// Standard error of a command that has failed with this code.
    #[track_caller]
    pub(crate) fn error(self, code: i32) -> String {
        assert_eq!((self.code, &*self.stdout), (Some(code), ""), "{self:?}");
        self.stderr
    }
}

#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("a mode");
}

#[cfg(not(unix))]
pub(crate) fn set_mode(_: &Path, _: u32) {}
