use std::net::TcpListener;

use expect_test::{Expect, expect};
use sentinelone_tests::{Server, answer, json};

use crate::support::S1;

const TOKEN: &str = "s3cr3t-token";

/// What a command writes to standard error, as text and as JSON, when the console answers so.
#[track_caller]
fn check(status_line: &str, body: &str, code: i32, expect: &Expect) {
    let headers = [("X-RQID", "abc"), ("Content-Type", "application/json")];
    let server = Server::start([answer(status_line, &headers, body)]);
    let s1 = S1::new().console(server.url(), TOKEN);
    let text = s1.run("threats count --max-attempts 1").error(code);
    let json = s1.run("threats count --max-attempts 1 --error-format json").error(code);
    expect.assert_eq(&format!("{text}{json}"));
}

#[test]
fn answers_that_are_failures() {
    check(
        "401 Unauthorized",
        r#"{"errors":[{"code":4010010,"title":"Authentication Failed"}]}"#,
        3,
        &expect![[r#"
            error: getThreats: 401 Unauthorized - Authentication Failed (4010010) (request id abc)
            hint: the token is wrong, revoked or expired: make a new one in the console
            {"error":{"kind":"authentication","exitCode":3,"message":"getThreats: 401 Unauthorized - Authentication Failed (4010010) (request id abc)","causes":[],"hint":"the token is wrong, revoked or expired: make a new one in the console","status":401,"requestId":"abc"}}
        "#]],
    );
    check(
        "403 Forbidden",
        "{}",
        3,
        &expect![[r#"
        error: getThreats: 403 Forbidden (request id abc)
        hint: the token's role lacks a permission, or the scope that was asked for
        {"error":{"kind":"authentication","exitCode":3,"message":"getThreats: 403 Forbidden (request id abc)","causes":[],"hint":"the token's role lacks a permission, or the scope that was asked for","status":403,"requestId":"abc"}}
    "#]],
    );
    check(
        "429 Too Many Requests",
        "<html>",
        4,
        &expect![[r#"
        error: getThreats: 429 Too Many Requests (request id abc)
        hint: try again later, or with a lower --requests-per-second
        {"error":{"kind":"rate-limited","exitCode":4,"message":"getThreats: 429 Too Many Requests (request id abc)","causes":[],"hint":"try again later, or with a lower --requests-per-second","status":429,"requestId":"abc"}}
    "#]],
    );
    check(
        "404 Not Found",
        "<html>",
        1,
        &expect![[r#"
        error: getThreats: 404 Not Found (request id abc)
        hint: is this the URL of a console? check --url
        {"error":{"kind":"failed","exitCode":1,"message":"getThreats: 404 Not Found (request id abc)","causes":[],"hint":"is this the URL of a console? check --url","status":404,"requestId":"abc"}}
    "#]],
    );
    check(
        "404 Not Found",
        r#"{"errors":[{"code":4040010,"title":"Requested resource was not found"}]}"#,
        1,
        &expect![[r#"
            error: getThreats: 404 Not Found - Requested resource was not found (4040010) (request id abc)
            {"error":{"kind":"failed","exitCode":1,"message":"getThreats: 404 Not Found - Requested resource was not found (4040010) (request id abc)","causes":[],"hint":null,"status":404,"requestId":"abc"}}
        "#]],
    );
    check(
        "500 Internal Server Error",
        "<html>",
        1,
        &expect![[r#"
        error: getThreats: 500 Internal Server Error (request id abc)
        {"error":{"kind":"failed","exitCode":1,"message":"getThreats: 500 Internal Server Error (request id abc)","causes":[],"hint":null,"status":500,"requestId":"abc"}}
    "#]],
    );
    check(
        "200 OK",
        "<html>",
        1,
        &expect![[r#"
        error: getThreats: the body is not a page of the list (request id abc): expected value at line 1 column 1
        {"error":{"kind":"failed","exitCode":1,"message":"getThreats: the body is not a page of the list (request id abc)","causes":["expected value at line 1 column 1"],"hint":null,"status":200,"requestId":"abc"}}
    "#]],
    );
}

#[test]
fn a_busy_console_is_asked_again() {
    let busy = answer("429 Too Many Requests", &[("Retry-After", "0")], "");
    let server = Server::start([busy]);
    let s1 = S1::new().console(server.url(), TOKEN);
    let error = s1.run("auth check --max-attempts 2 --requests-per-second 0").error(4);
    assert!(error.contains("429 Too Many Requests, 2 attempts"), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_console_that_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let error = S1::new().console(&url, TOKEN).run("auth check --max-attempts 1").error(1);
    assert!(error.starts_with("error: getThreats: failed connecting: "), "{error}");
    assert!(error.ends_with("\nhint: check --url, the network and the proxy\n"), "{error}");
    assert_eq!(error.lines().count(), 2, "{error}");
}

#[test]
fn settings_that_are_not_usable() {
    let s1 = S1::new();
    let error = s1.run("--url ftp://a.test threats count").error(2);
    assert!(error.contains("there is no token for the console of --url"), "{error}");
    let s1 = s1.console("ftp://a.test", TOKEN);
    let error = s1.run("threats count").error(2);
    assert!(error.ends_with("\nhint: the console is that of SENTINELONE_URL\n"), "{error}");
    for (line, expect) in [
        ("--requests-per-second -1 threats count", "unexpected argument '-1'"),
        ("--requests-per-second=-1 threats count", "write a number such as 0.5 or 10, or 0"),
        ("--requests-per-second=nan threats count", "write a number such as 0.5 or 10, or 0"),
        ("--max-attempts 0 threats count", "invalid value '0'"),
        ("--sim --url a.test threats count", "cannot be used with"),
    ] {
        let error = s1.run(line).error(2);
        assert!(error.contains(expect), "{line}: {error}");
    }
}

#[test]
fn command_lines_that_are_none() {
    let s1 = S1::new();
    let check = |line: &str, expect: &Expect| expect.assert_eq(&s1.run(line).error(2));
    check(
        "threats lst",
        &expect![[r#"
        error: unrecognized subcommand 'lst'

          tip: a similar subcommand exists: 'list'

        Usage: s1 threats [OPTIONS] <COMMAND>

        For more information, try '--help'.
    "#]],
    );
    check(
        "threats lst --error-format json",
        &expect![[r#"
        {"error":{"kind":"usage","exitCode":2,"message":"unrecognized subcommand 'lst'","causes":[],"hint":"a similar subcommand exists: 'list'","status":null,"requestId":null}}
    "#]],
    );
    check(
        "--error-format=json threats export",
        &expect![[r#"
        {"error":{"kind":"usage","exitCode":2,"message":"the following required arguments were not provided: --output <FILE>","causes":[],"hint":"see --help","status":null,"requestId":null}}
    "#]],
    );
    check(
        "threats list --format xml --error-format json",
        &expect![[r#"
        {"error":{"kind":"usage","exitCode":2,"message":"invalid value 'xml' for '--format <FORMAT>' [possible values: table, ndjson, json, csv, parquet, ocsf]","causes":[],"hint":"see --help","status":null,"requestId":null}}
    "#]],
    );
    check(
        "--error-format json",
        &expect![[r#"
        {"error":{"kind":"usage","exitCode":2,"message":"'s1' requires a subcommand but one was not provided [subcommands: threats, api, auth, config, completions, man]","causes":[],"hint":"see --help","status":null,"requestId":null}}
    "#]],
    );
    check(
        "config set --error-format json",
        &expect![[r#"
        {"error":{"kind":"usage","exitCode":2,"message":"the following required arguments were not provided: <NAME>","causes":[],"hint":"see --help","status":null,"requestId":null}}
    "#]],
    );
    check(
        "threats list --error-format jsn",
        &expect![[r#"
        error: invalid value 'jsn' for '--error-format <text|json>'
          [possible values: text, json]

          tip: a similar value exists: 'json'

        For more information, try '--help'.
    "#]],
    );
    check(
        "threats get -- --error-format json --no-such",
        &expect![[r#"
        error: no console is named
        hint: add --url URL, set SENTINELONE_URL, or store a profile: s1 config set NAME --url URL
    "#]],
    );
}

#[test]
fn help_is_no_failure() {
    let s1 = S1::new();
    assert!(s1.run("--version").output().starts_with("s1 "));
    assert!(s1.run("threats list --help --error-format json").output().contains("Usage: "));
    let server = Server::start([json("{}")]);
    s1.console(server.url(), TOKEN).run("threats").error(2);
    assert_eq!(server.connections(), 0);
}
