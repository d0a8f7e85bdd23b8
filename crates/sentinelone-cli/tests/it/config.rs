use sentinelone_tests::{Server, page};

use crate::support::{S1, set_mode};

const TOKEN: &str = "s3cr3t-token";

#[test]
fn profiles_from_first_to_last() {
    let s1 = S1::new();
    assert_eq!(s1.run("config path").output(), format!("{}\n", s1.path("config.toml").display()));
    assert_eq!(s1.run("config list").output(), "");

    let line = "config set production --url https://a.test --token-stdin";
    let shown = "profile: production\nurl: https://a.test\ntoken: set\n";
    assert_eq!(s1.run_with_input(line, " s3cr3t-token\n").output(), shown);
    let expect = "default = \"production\"\n\n[profile.production]\nurl = \"https://a.test\"\n\
                  token = \"s3cr3t-token\"\n";
    assert_eq!(s1.read("config.toml"), expect);

    s1.write("staging.token", TOKEN);
    s1.run("config set staging.eu --url b.test --token-file staging.token").output();
    s1.run("config set none --url https://c.test").output();
    let expect = "  none        https://c.test\n* production  https://a.test\n  \
                  staging.eu  b.test\n";
    assert_eq!(s1.run("config list").output(), expect);
    assert_eq!(s1.run("config show").output(), shown);
    assert_eq!(s1.run("--profile production config show").output(), shown);
    let file = s1.path("staging.token");
    let expect =
        format!("profile: staging.eu\nurl: b.test\ntoken: in the file {}\n", file.display());
    assert_eq!(s1.run("config show staging.eu").output(), expect);
    let expect = "profile: none\nurl: https://c.test\ntoken: not set\n";
    assert_eq!(s1.run("config show none").output(), expect);

    s1.run("config default staging.eu").output();
    s1.run("config remove production").output();
    assert!(s1.run("config list").output().contains("* staging.eu"));
    s1.run("config remove staging.eu").output();
    assert_eq!(s1.read("config.toml"), "\n[profile.none]\nurl = \"https://c.test\"\n");
    let error = s1.run("config show").error(2);
    assert!(error.starts_with("error: there is no default profile\nhint: "), "{error}");
}

#[test]
fn what_a_person_has_written_stays() {
    let s1 = S1::new();
    s1.write_config(
        "# mine\ndefault = 'a' # this one\n\n[profile.a]\n# of 2026\nurl = 'a.test'\n\
         token = 's3cr3t-old'\n\n[profile]\nb.url = 'b.test'\n",
    );
    s1.run_with_input("config set a --url c.test --token-stdin", TOKEN).output();
    s1.run("config set b --url d.test").output();
    let expect = "# mine\ndefault = 'a' # this one\n\n[profile.a]\n# of 2026\nurl = \"c.test\"\n\
                  token = \"s3cr3t-token\"\n\n[profile]\nb.url = \"d.test\"\n";
    assert_eq!(s1.read("config.toml"), expect);
}

#[test]
#[cfg(unix)]
fn nobody_else_reads_tokens() {
    use std::os::unix::fs::PermissionsExt;

    let s1 = S1::new().variable("S1_CONFIG", "").variable("XDG_CONFIG_HOME", "");
    let line = "config set a --url a.test --token-stdin";
    s1.run_with_input(line, TOKEN).output();
    let mode = |name| s1.path(name).metadata().expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(".config/s1/config.toml"), 0o600);
    assert_eq!(mode(".config/s1"), 0o700);

    let file = s1.path(".config/s1/config.toml");
    set_mode(&file, 0o640);
    let expect = format!(
        "error: {0} holds a token that others can read\nhint: chmod 600 {0}\n",
        file.display()
    );
    assert_eq!(s1.run("auth check").error(2), expect);
    assert_eq!(s1.run("config list").error(2), expect);

    std::fs::write(&file, "[profile.a]\nurl = 'a.test'\ntoken_file = 'a'\n").expect("a file");
    s1.run("config list").output();
}

#[test]
#[cfg(unix)]
fn a_link_stays_one() {
    let s1 = S1::new();
    s1.write("elsewhere.toml", "");
    std::os::unix::fs::symlink("elsewhere.toml", s1.path("config.toml")).expect("a link");
    s1.run("config set a --url a.test").output();
    assert!(s1.path("config.toml").is_symlink());
    assert!(s1.read("elsewhere.toml").contains("[profile.a]"));
}

#[test]
fn faults_of_the_file() {
    let s1 = S1::new();
    let file = s1.path("config.toml");
    let file = file.display();
    for (text, expect) in [
        (
            "[profile.a]\nurll = 's3cr3t-token'",
            format!(
                "{file}:2: `urll` is unknown in a profile\n\
                 hint: there are `url`, `token`, `token_file` and `keyring`"
            ),
        ),
        (
            "[profile.a]\ntoken = 's3cr3t-token'",
            format!(
                "{file}:1: the profile `a` has no `url`\n\
                 hint: write url = \"https://example.sentinelone.net\""
            ),
        ),
        (
            "default = 'b'\n[profile.a]\nurl = 'a'\n[profile.c]\nurl = 'c'",
            format!("there is no profile `b` in {file}\nhint: there are: a, c"),
        ),
        (
            "",
            "no console is named\nhint: add --url URL, set SENTINELONE_URL, or store a profile: \
             s1 config set NAME --url URL"
                .to_owned(),
        ),
        (
            "[profile.a]\nurl = 'a'",
            "no console is named\nhint: add --url URL, set SENTINELONE_URL, or add --profile, one \
             of a"
                .to_owned(),
        ),
        (
            "default = 'a'\n[profile.a]\nurl = 'a.test'",
            "there is no token for the console of the profile `a`\nhint: set SENTINELONE_TOKEN, or add --token-file FILE"
                .to_owned(),
        ),
    ] {
        s1.write_config(text);
        assert_eq!(s1.run("auth check").error(2), format!("error: {expect}\n"), "{text}");
    }
    s1.write_config("token = s3cr3t-token");
    let error = s1.run("config list").error(2);
    assert!(error.starts_with(&format!("error: {file}:1: it is not TOML: ")), "{error}");
    assert!(!error.contains("s3cr3t"), "{error}");
}

#[test]
fn what_is_not_stored() {
    let s1 = S1::new();
    s1.write("empty", " \n");
    s1.write("token", TOKEN);
    for (line, input, expect) in [
        ("set a", "", "error: the URL of the profile is missing\n"),
        ("set a --url http://a.test", "", "plain http would send the token unencrypted"),
        ("set a --url a.test --token-stdin", " ", "error: standard input holds no token\n"),
        ("set a --url a.test --token-stdin", "a b", "has white space in it"),
        ("set a --url a.test --token-file empty", "", "error: the token file empty holds no token"),
        ("set a --url a.test --token-file none", "", "the token file none cannot be read: "),
        ("set a --url a.test --token-file token --token-stdin", TOKEN, "in two places"),
        ("set a/b --url a.test", "", "write a name of letters"),
        ("set a --url a.test --token s3cr3t-token", "", "unexpected argument '--token'"),
        ("remove a", "", "there is no profile `a`"),
        ("default a", "", "there is no profile `a`"),
    ] {
        let error = s1.run_with_input(&format!("config {line}"), input).error(2);
        assert!(error.contains(expect), "{line}: {error}");
        assert!(!error.contains("s3cr3t"), "{error}");
    }
    assert!(!s1.path("config.toml").exists());
}

#[test]
#[cfg(not(feature = "keyring"))]
fn no_keyring() {
    let s1 = S1::new();
    s1.write_config("[profile.a]\nurl = 'a.test'\nkeyring = true");
    let error = s1.run("--profile a auth check").error(2);
    assert!(error.contains("in the keyring, which this s1 lacks\nhint: build s1"), "{error}");
    assert_eq!(
        s1.run("config show a").output(),
        "profile: a\nurl: a.test\ntoken: in the keyring\n"
    );
}

/// Which of three consoles is called with which token: that of the options, of the environment,
/// and of a profile.
#[test]
fn the_console_and_its_token() {
    const BOTH: [&str; 2] = ["SENTINELONE_URL", "SENTINELONE_TOKEN"];
    const URL: [&str; 1] = ["SENTINELONE_URL"];
    const OTHER: [&str; 1] = ["SENTINELONE_TOKEN"];

    // Options and a profile that is named come before the environment.
    check("--url OPTION --token-file token", &BOTH, Some(("option", "of-file")));
    check("--url OPTION --token-file token --profile a", &[], Some(("option", "of-file")));
    check("--profile a", &BOTH, Some(("profile", "of-a")));
    check("--profile a --token-file token", &BOTH, Some(("profile", "of-file")));
    check("--profile bare", &BOTH, Some(("profile", "of-environment")));
    // The environment comes before the default profile.
    check("", &BOTH, Some(("environment", "of-environment")));
    check("--token-file token", &URL, Some(("environment", "of-file")));
    check("", &OTHER, Some(("profile", "of-environment")));
    check("", &[], Some(("profile", "of-default")));
    check("--token-file token", &[], Some(("profile", "of-file")));
    // No token of a profile goes elsewhere.
    check("--url OPTION", &OTHER, Some(("option", "of-environment")));
    check("--url OPTION", &[], None);
    check("--url OPTION --profile a", &[], None);
    check("", &URL, None);
    check("--profile bare", &URL, None);
}

#[track_caller]
fn check(arguments: &str, variables: &[&str], expect: Option<(&str, &str)>) {
    let servers =
        ["option", "environment", "profile"].map(|name| (name, Server::start([page(&[], None)])));
    let [option, environment, profile] = servers.each_ref().map(|(_, server)| server.url());
    let mut s1 = S1::new();
    for variable in variables {
        let is_url = *variable == "SENTINELONE_URL";
        s1 = s1.variable(variable, if is_url { environment } else { "of-environment" });
    }
    s1.write("token", "of-file\n");
    s1.write("token-of-a", "of-a\n");
    s1.write_config(&format!(
        "default = 'main'\n[profile]\nmain = {{ url = '{profile}', token = 'of-default' }}\n\
         a = {{ url = '{profile}', token_file = 'token-of-a' }}\nbare = {{ url = '{profile}' }}\n",
    ));
    let outcome = s1.run(&format!("auth check {}", arguments.replace("OPTION", option)));
    let mut called = Vec::new();
    for (name, server) in &servers {
        for request in server.requests() {
            let token =
                request.lines().find_map(|line| line.strip_prefix("authorization: ApiToken "));
            called.push((*name, token.expect("a token").to_owned()));
        }
    }
    let called: Vec<_> = called.iter().map(|(name, token)| (*name, token.as_str())).collect();
    assert_eq!(called, Vec::from_iter(expect), "{arguments} {variables:?}: {outcome:?}");
    assert_eq!(outcome.code, Some(if expect.is_some() { 0 } else { 2 }));
}
