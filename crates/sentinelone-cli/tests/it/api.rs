use sentinelone_tests::{Server, answer, json, page};

use crate::support::S1;

const TOKEN: &str = "s3cr3t-token";

#[test]
fn the_answer_as_it_is() {
    let body = "{ \"data\": [1.0, \"\\u00e9\"],\r\n \"pagination\": {} }";
    let server = Server::start([json(body)]);
    let s1 = S1::new().console(server.url(), TOKEN);
    let line = "api get-threats --limit 7 --created-at-gte 2026-11-01T00:00:00+01:00 --resolved \
                --agent-is-active=false --os-types linux,a/b --os-types other";
    assert_eq!(s1.run(line).output(), body);
    assert_eq!(s1.run("api getThreats").output(), body);
    let expect = "GET /web/api/v2.1/threats?agentIsActive=false\
                  &createdAt__gte=2026-10-31T23%3A00%3A00.000000Z&limit=7\
                  &osTypes=linux,a%2Fb,other&resolved=true HTTP/1.1";
    assert_eq!(server.request_lines(), [expect, "GET /web/api/v2.1/threats HTTP/1.1"]);
}

#[test]
fn all_pages_a_record_a_line() {
    let pages = [page(&["{\"id\":\n1 }", "2"], Some("next")), page(&["\"three\\n\""], None)];
    let server = Server::start(pages);
    let s1 = S1::new().console(server.url(), TOKEN);
    let line = "api get-threats --all --limit 2 --requests-per-second 0";
    assert_eq!(s1.run(line).output(), "{\"id\":1 }\n2\n\"three\\n\"\n");
    let expect = [
        "GET /web/api/v2.1/threats?limit=2 HTTP/1.1",
        "GET /web/api/v2.1/threats?limit=2&cursor=next HTTP/1.1",
    ];
    assert_eq!(server.request_lines(), expect);
}

#[test]
fn errors_beside_the_records() {
    let body = r#"{"data":[1],"errors":[{"code":5,"title":"Some sites are slow"}],
        "pagination":{"nextCursor":null}}"#;
    let server = Server::start([json(body)]);
    let outcome = S1::new().console(server.url(), TOKEN).run("api get-threats --all");
    assert_eq!((outcome.code, &*outcome.stdout), (Some(5), "1\n"));
    assert!(outcome.stderr.contains("Some sites are slow"), "{outcome:?}");
}

#[test]
fn what_the_spec_does_not_allow_is_not_sent() {
    let server = Server::start([json("{}")]);
    let s1 = S1::new().console(server.url(), TOKEN);
    for (line, expect) in [
        ("--limit 5000", "`limit`: 5000 is greater than 1000"),
        ("--limit many", "`limit`: it is not a whole number"),
        ("--created-at-gte today", "`createdAt__gte`: it is not a date-time"),
        ("--all --count-only", "cannot be used with"),
        ("--no-such 1", "unexpected argument '--no-such'"),
    ] {
        let error = s1.run(&format!("api get-threats {line}")).error(2);
        assert!(error.contains(expect), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn the_token_is_checked() {
    let body = r#"{"data":[],"pagination":{"nextCursor":null,"totalItems":12}}"#;
    let headers = [("X-RQID", "abc"), ("Content-Type", "application/json")];
    let server = Server::start([answer("200 OK", &headers, body)]);
    let s1 = S1::new().console(server.url(), TOKEN);
    let url = server.url();
    let text = format!("console: {url}\nstatus: ok\nrequest id: abc\nthreats: 12\n");
    assert_eq!(s1.run("auth check").output(), text);
    let json = format!(
        "{{\"console\":\"{url}\",\"status\":\"ok\",\"requestId\":\"abc\",\"threats\":12}}\n"
    );
    assert_eq!(s1.run("auth check --format json").output(), json);
    let expect = "GET /web/api/v2.1/threats?countOnly=true HTTP/1.1";
    assert_eq!(server.request_lines(), [expect; 2]);
}

#[test]
fn a_dry_run_sends_nothing() {
    let server = Server::start([json("{}")]);
    let s1 = S1::new().console(server.url(), TOKEN);
    let url = server.url();
    for (line, query) in [
        ("threats list --limit 3", "limit=3"),
        ("threats list --all --format json", "limit=1000"),
        ("threats get 1234567890123456789", "limit=1000&ids=1234567890123456789"),
        ("threats count", "countOnly=true"),
        ("threats stats", "limit=1000"),
        ("threats export --output exported", "limit=1000"),
        (
            "threats sync --state s --output o --follow",
            "countOnly=true&sortBy=updatedAt&sortOrder=asc",
        ),
        ("api get-threats --limit 3", "limit=3"),
        ("api get-threats --all", "limit=1000"),
        ("auth check", "countOnly=true"),
    ] {
        let output = s1.run(&format!("--dry-run {line}")).output();
        let version = env!("CARGO_PKG_VERSION");
        let expect = format!(
            "GET {url}/web/api/v2.1/threats?{query}\naccept: application/json\n\
             user-agent: s1/{version}\nauthorization: ApiToken ****\n"
        );
        assert_eq!(sorted_query(&output), sorted_query(&expect), "{line}");
    }
    assert_eq!(server.connections(), 0);
    assert!(!s1.path("exported.partial").exists());
}

/// The text with the arguments of its first line in the order of the alphabet.
fn sorted_query(text: &str) -> String {
    let (first, rest) = text.split_once('\n').expect("lines");
    let (path, query) = first.split_once('?').expect("a query");
    let mut arguments: Vec<&str> = query.split('&').collect();
    arguments.sort_unstable();
    format!("{path}?{}\n{rest}", arguments.join("&"))
}
