//! Query structs as arguments of a `clap` command.

use clap::Parser;
use sentinelone::threats::{AnalystVerdict, GetThreatsQuery};

#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    query: GetThreatsQuery,
}

#[track_caller]
fn check(arguments: &str, expect: &GetThreatsQuery) {
    let arguments = std::iter::once("command").chain(arguments.split_whitespace());
    let command = Command::try_parse_from(arguments).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(&command.query, expect);
}

#[test]
fn parameters_are_options() {
    let query = GetThreatsQuery::new;
    check("", &query());
    check("--classifications a,b --classifications c", &query().classifications(["a", "b", "c"]));
    check("--limit 5 --query x", &query().limit(5).query("x"));
    check("--resolved", &query().resolved(true));
    check("--resolved=false", &query().resolved(false));
    check("--k8s-pod-name-contains web", &query().k8s_pod_name_contains(["web"]));
    check(
        "--created-at-gte 2026-11-01T00:00:00Z",
        &query().created_at_gte(
            "2026-11-01T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().expect("a date"),
        ),
    );
    check(
        "--analyst-verdicts true_positive,brand_new",
        &query().analyst_verdicts([AnalystVerdict::TruePositive, "brand_new".into()]),
    );
}

#[test]
fn help_has_the_descriptions_and_the_known_values() {
    let error = Command::try_parse_from(["command", "--help"]).expect_err("help");
    let help = error.to_string();
    for part in
        ["--analyst-verdicts <ANALYST_VERDICTS>", "true_positive", "On the wire: `analystVerdicts`"]
    {
        assert!(help.contains(part), "{part} is not in\n{help}");
    }
}
