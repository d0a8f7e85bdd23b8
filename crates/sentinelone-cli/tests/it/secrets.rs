use sentinelone_tests::{Answer, Server, answer, json, page};

use crate::support::S1;

const TOKEN: &str = "s3cr3t-token";

/// Every command that may have to do with a token.
const COMMANDS: [&str; 17] = [
    "threats list",
    "threats list --all --format json",
    "threats get 1234567890123456789",
    "threats count",
    "threats stats",
    "threats export --output - ",
    "threats sync --state state --output output",
    "threats count --limit many",
    "api get-threats",
    "api get-threats --all",
    "api get-threats --limit 5000",
    "auth check",
    "auth check --format json",
    "config list",
    "config show a",
    "config default a",
    "config set b --url b.test --token-stdin",
];

#[test]
fn no_token_is_shown() {
    let answers: [fn() -> Answer; 5] = [
        || page(&["{\"id\":\"1\"}"], None).into(),
        || json("{\"data\":").into(),
        || answer("401 Unauthorized", &[], "<html>").into(),
        || answer("500 Internal Server Error", &[], "{}").into(),
        Answer::reset,
    ];
    let sources = ["", "--profile a", "--profile of-file", "--url URL --token-file token"];
    let mut sources = sources.iter().cycle();
    for command in COMMANDS {
        for answer in answers {
            for option in ["", "--error-format json", "--dry-run"] {
                let source = sources.next().expect("an endless iterator");
                check(&format!("--max-attempts 1 {source} {option} {command}"), answer());
            }
        }
    }
}

#[track_caller]
fn check(line: &str, answer: Answer) {
    let server = Server::start([answer]);
    let url = server.url();
    let s1 = S1::new().console(url, TOKEN);
    s1.write("token", TOKEN);
    s1.write_config(&format!(
        "default = 'a'\n[profile.a]\nurl = '{url}'\ntoken = '{TOKEN}'\n\
         [profile.of-file]\nurl = '{url}'\ntoken_file = 'token'\n",
    ));
    let outcome = s1.run_with_input(&line.replace("URL", url), TOKEN);
    assert!(!format!("{outcome:?}").contains("s3cr3t"), "{line}: {outcome:?}");
    assert!(outcome.code.is_some_and(|code| code < 100), "{line}: {outcome:?}");
}

#[test]
fn tokens_that_are_not_usable_are_not_shown() {
    let server = Server::start([page(&[], None)]);
    for token in ["s3cr3t token", "ApiToken s3cr3t", "s3cr3t\u{1}"] {
        let s1 = S1::new().console(server.url(), token);
        s1.write("token", token);
        for options in ["", "--token-file token", "--error-format json"] {
            let error = s1.run(&format!("auth check {options}")).error(2);
            assert!(error.contains("the API token"), "{error}");
            assert!(!error.contains("s3cr3t"), "{error}");
        }
    }
    assert_eq!(server.connections(), 0);
}
