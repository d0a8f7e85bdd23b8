//! Runs the command as a process of its own.

use std::path::Path;
use std::process::Command;

#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `s1` with these arguments, in that directory, and nothing else of this process's environment.
pub(crate) async fn s1(directory: &Path, url: &str, token: &str, arguments: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_s1"));
    command.env_clear().current_dir(directory).env("S1_CONFIG", directory.join("config.toml"));
    command.env("SENTINELONE_URL", url).env("SENTINELONE_TOKEN", token);
    command.args(arguments.split_whitespace());
    // The console runs on this runtime.
    let run = tokio::task::spawn_blocking(move || command.output().expect("a run"));
    let output = run.await.expect("no panic");
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}
