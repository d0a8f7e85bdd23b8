use std::io::Read;
use std::process::Stdio;

use expect_test::{ExpectFile, expect_file};
use sentinelone::OPERATIONS;

use crate::support::S1;

#[track_caller]
fn check(arguments: &str, expect: &ExpectFile) {
    expect.assert_eq(&S1::new().run(arguments).output());
}

#[test]
fn helps() {
    check("--help", &expect_file!["golden/s1.txt"]);
    check("config --help", &expect_file!["golden/config.txt"]);
    check("config set --help", &expect_file!["golden/config-set.txt"]);
    check("auth check --help", &expect_file!["golden/auth-check.txt"]);
}

/// The operations are those of the spec, whichever these are.
#[test]
fn help_of_the_api() {
    let shown = S1::new().run("api --help").output();
    let (before, rest) = shown.split_once("Commands:\n").expect("a list of commands");
    let (commands, after) = rest.split_once("\n\n").expect("an end of the list");
    expect_file!["golden/api.txt"].assert_eq(&format!("{before}Commands:\n  …\n\n{after}"));
    for operation in OPERATIONS {
        let end = format!("{} {}", operation.method, operation.path);
        assert!(commands.lines().any(|line| line.ends_with(&end)), "{end}");
    }
    assert_eq!(commands.lines().count(), OPERATIONS.len());
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = S1::new().run(&format!("completions {shell}")).output();
        for word in ["api", "get-threats", "created-at-gte", "true_positive"] {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
    }
}

#[test]
fn manual() {
    let s1 = S1::new();
    let page = s1.run("man").output();
    assert!(page.contains(".TH s1 1"), "{page}");
    assert!(page.contains("3 authentication, 4 rate limited"), "{page}");

    assert_eq!(s1.run("man --output share/man1").output(), "");
    let mut names: Vec<_> = std::fs::read_dir(s1.path("share/man1"))
        .expect("a directory")
        .map(|entry| entry.expect("a file").file_name().into_string().expect("a name"))
        .collect();
    names.sort_unstable();
    for name in ["s1.1", "s1-api.1", "s1-api-get-threats.1", "s1-config-set.1"] {
        assert!(names.iter().any(|it| it == name), "{names:?}");
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    for arguments in [
        "--help",
        "completions bash",
        "man",
        "--sim=100 threats list --all",
        "--sim=100 api get-threats --all",
        "--sim threats list --dry-run",
    ] {
        let s1 = S1::new();
        let mut command = s1.command(arguments);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command");
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("UTF-8");
        let status = child.wait().expect("an end");
        assert_eq!((status.code(), &*stderr), (Some(0), ""), "{arguments}");
    }
}
