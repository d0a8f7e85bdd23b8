//! What the formats hold, read back and compared with the NDJSON of the same console.

mod ocsf;
#[cfg(feature = "parquet")]
mod parquet;

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

use expect_test::expect;
use sentinelone_sim::Simulator;
use serde_json::{Value, json};

/// `s1` without what the environment says of consoles and terminals.
fn s1() -> Command {
    let mut s1 = Command::new(env!("CARGO_BIN_EXE_s1"));
    let set = std::env::vars().map(|(name, _)| name);
    let set =
        set.filter(|it| it.starts_with("SENTINELONE_") || it == "COLUMNS" || it == "NO_COLOR");
    set.for_each(|name| {
        s1.env_remove(name);
    });
    s1
}

#[track_caller]
fn output(command: &mut Command) -> Output {
    command.output().expect("s1 runs")
}

/// What a command that succeeds writes.
#[track_caller]
fn written(command: &mut Command) -> Vec<u8> {
    let output = output(command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// An export of that many simulated threats.
#[track_caller]
fn export(threats: u32, format: &str, more: &[&str]) -> Vec<u8> {
    let sim = format!("--sim={threats}");
    let arguments = [sim.as_str(), "threats", "export", "--output", "-", "--format", format];
    written(s1().args(arguments).args(more))
}

fn records(ndjson: &[u8]) -> Vec<Value> {
    let lines = ndjson.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("a record")).collect()
}

/// What stands at a dotted path, and whether it is anything.
fn at<'v>(record: &'v Value, path: &str) -> Option<&'v Value> {
    let found = path.split('.').try_fold(record, |value, name| value.get(name))?;
    (!found.is_null()).then_some(found)
}

/// The paths of what is in a record, down to lists and to objects whose keys the console chooses.
fn leaves(record: &Value, above: &str, found: &mut BTreeSet<String>) {
    for (name, value) in record.as_object().expect("an object") {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        match value {
            Value::Object(_) if name != "cloudProviders" => leaves(value, &path, found),
            _ => {
                found.insert(path);
            }
        }
    }
}

/// A console of threats that are no made-up ones.
struct Console {
    simulator: Simulator,
    folder: tempfile::TempDir,
}

impl Console {
    async fn of(threats: &[Value]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("threats.ndjson");
        let lines: Vec<_> = threats.iter().map(|it| format!("{it}\n")).collect();
        fs::write(&file, lines.concat()).expect("a file");
        let simulator = Simulator::builder().data(file).start().await.expect("a console");
        Console { simulator, folder }
    }

    fn s1(&self) -> Command {
        let mut s1 = s1();
        s1.env("SENTINELONE_URL", self.simulator.url());
        s1.env("SENTINELONE_TOKEN", self.simulator.token());
        s1
    }
}

#[test]
fn csv_is_the_same_as_ndjson() {
    let records = records(&export(1_200, "ndjson", &[]));
    let csv = export(1_200, "csv", &[]);
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    let header = reader.headers().expect("a header").clone();
    let mut known = BTreeSet::new();
    records.iter().for_each(|record| leaves(record, "", &mut known));
    let columns: BTreeSet<_> = header.iter().map(str::to_owned).collect();
    assert_eq!(columns.len(), header.len());
    assert!(known.is_subset(&columns), "{:?}", known.difference(&columns).collect::<Vec<_>>());
    assert_eq!((&header[0], &header[1]), ("id", "threatInfo.threatId"));
    let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!((rows.len(), records.len()), (1_200, 1_200));
    for (row, record) in rows.iter().zip(&records) {
        for (path, cell) in header.iter().zip(row) {
            let expect = match at(record, path) {
                None => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
            };
            assert_eq!(cell, expect, "{path}");
        }
    }
}

#[test]
fn fields_are_chosen() {
    let csv = export(1, "csv", &["--fields", "threatInfo.threatName,id"]);
    assert_eq!(
        String::from_utf8_lossy(&csv),
        "threatInfo.threatName,id\nkworkerd_283,1630745624399584808\n",
    );
    let refused =
        output(s1().args(["--sim=1", "threats", "list", "--format", "csv", "--fields", "nmae"]));
    assert_eq!(refused.status.code(), Some(2));
    let refused =
        output(s1().args(["--sim=1", "threats", "list", "--format", "ocsf", "--fields", "id"]));
    assert_eq!(refused.status.code(), Some(2));
}

/// Threats with names that attackers may choose.
fn hostile() -> Vec<Value> {
    let names = [
        "plain.exe",
        "\u{1b}]0;pwned\u{7}\u{1b}[2J.exe",
        "two\nlines\tand a tab.exe",
        "invoice\u{202e}fdp.exe",
        "账单_2026年度_最终版本.exe",
        "re\u{301}sume\u{301}.docm",
        "=HYPERLINK(\"http://example.com\").csv",
        "an exceedingly long name that goes on and on and on and on and on and on and on.exe",
        "",
    ];
    let verdicts = ["undefined", "true_positive", "false_positive", "suspicious"];
    let statuses = ["unresolved", "in_progress", "resolved"];
    let threat = |(number, name): (usize, &&str)| {
        json!({
            "id": format!("123456789012345678{number}"),
            "threatInfo": {
                "threatId": format!("123456789012345678{number}"),
                "threatName": name,
                "classification": "Malware",
                "analystVerdict": verdicts[number % 4],
                "incidentStatus": statuses[number % 3],
                "createdAt": format!("2026-11-25T12:0{number}:00.000000Z"),
                "updatedAt": format!("2026-11-25T12:0{number}:00.000000Z"),
            },
            "agentRealtimeInfo": { "agentComputerName": "DESKTOP-Q376KX" },
        })
    };
    names.iter().enumerate().map(threat).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_hostile_names() {
    let console = Console::of(&hostile()).await;
    let table = |columns: &str| {
        let arguments = ["threats", "list", "--format", "table"];
        let table = written(console.s1().args(arguments).env("COLUMNS", columns));
        String::from_utf8(table).expect("text")
    };
    expect![[r#"
        CREATED     CLASS    VERDICT   STATUS    COMPUTER  THREAT    ID
        2026-11-25  Malware  undefin…  unresol…  DESKTOP…  plain.e…  1234567890123456780
        2026-11-25  Malware  true_po…  in_prog…  DESKTOP…  \u{1b}]…  1234567890123456781
        2026-11-25  Malware  false_p…  resolved  DESKTOP…  two\nli…  1234567890123456782
        2026-11-25  Malware  suspici…  unresol…  DESKTOP…  invoice…  1234567890123456783
        2026-11-25  Malware  undefin…  in_prog…  DESKTOP…  账单_20…  1234567890123456784
        2026-11-25  Malware  true_po…  resolved  DESKTOP…  résumé.…  1234567890123456785
        2026-11-25  Malware  false_p…  unresol…  DESKTOP…  =HYPERL…  1234567890123456786
        2026-11-25  Malware  suspici…  in_prog…  DESKTOP…  an exce…  1234567890123456787
        2026-11-25  Malware  undefin…  resolved  DESKTOP…            1234567890123456788
    "#]]
    .assert_eq(&table("80"));
    expect![[r#"
        CREATED           CLASS    VERDICT         STATUS       COMPUTER        THREAT                                                                               ID
        2026-11-25 12:00  Malware  undefined       unresolved   DESKTOP-Q376KX  plain.exe                                                                            1234567890123456780
        2026-11-25 12:01  Malware  true_positive   in_progress  DESKTOP-Q376KX  \u{1b}]0;pwned\u{7}\u{1b}[2J.exe                                                     1234567890123456781
        2026-11-25 12:02  Malware  false_positive  resolved     DESKTOP-Q376KX  two\nlines\tand a tab.exe                                                            1234567890123456782
        2026-11-25 12:03  Malware  suspicious      unresolved   DESKTOP-Q376KX  invoice\u{202e}fdp.exe                                                               1234567890123456783
        2026-11-25 12:04  Malware  undefined       in_progress  DESKTOP-Q376KX  账单_2026年度_最终版本.exe                                                           1234567890123456784
        2026-11-25 12:05  Malware  true_positive   resolved     DESKTOP-Q376KX  résumé.docm                                                                          1234567890123456785
        2026-11-25 12:06  Malware  false_positive  unresolved   DESKTOP-Q376KX  =HYPERLINK("http://example.com").csv                                                 1234567890123456786
        2026-11-25 12:07  Malware  suspicious      in_progress  DESKTOP-Q376KX  an exceedingly long name that goes on and on and on and on and on and on and on.exe  1234567890123456787
        2026-11-25 12:08  Malware  undefined       resolved     DESKTOP-Q376KX                                                                                       1234567890123456788
    "#]].assert_eq(&table("200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_of_hostile_names_is_exact() {
    let console = Console::of(&hostile()).await;
    let arguments = ["threats", "list", "--format", "csv", "--fields", "threatInfo.threatName"];
    let csv = written(console.s1().args(arguments));
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    let names: Vec<_> = reader.records().map(|row| row.expect("a row")[0].to_owned()).collect();
    let expect: Vec<_> =
        hostile().iter().map(|it| it["threatInfo"]["threatName"].clone()).collect();
    assert_eq!(names, expect);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_do_not_fit_are_kept_apart() {
    let mut threats = hostile();
    threats[1]["threatInfo"]["fileSize"] = "big".into();
    threats[2]["threatInfo"]["createdAt"] = "".into();
    let console = Console::of(&threats).await;
    for (format, expect) in [("csv", 9), ("ocsf", 7), ("parquet", 8)] {
        if format == "parquet" && !cfg!(feature = "parquet") {
            continue;
        }
        let file = console.folder.path().join(format);
        let export = output(
            console.s1().args(["threats", "export", "--format", format, "--output"]).arg(&file),
        );
        let code = if expect == 9 { 0 } else { 5 };
        assert_eq!(export.status.code(), Some(code), "{}", String::from_utf8_lossy(&export.stderr));
        let rejected = fs::read(console.folder.path().join(format!("{format}.rejected.ndjson")));
        let rejected = rejected.map(|it| records(&it)).unwrap_or_default();
        assert_eq!(rejected.len(), 9 - expect, "{format}");
        let path = rejected.first().map(|it| it["path"].clone());
        assert_eq!(path, (expect < 9).then(|| "threatInfo.fileSize".into()), "{format}");
    }
}

#[test]
fn findings_are_as_ocsf_publishes() {
    let findings = records(&export(500, "ocsf", &[]));
    let threats = export(500, "ndjson", &[]);
    let threats: Vec<_> = threats.split(|it| *it == b'\n').filter(|it| !it.is_empty()).collect();
    assert_eq!((findings.len(), threats.len()), (500, 500));
    let schema = ocsf::Schema::published();
    for (finding, threat) in findings.iter().zip(threats) {
        assert_eq!(schema.faults(finding), [""; 0], "{finding:#}");
        assert_eq!(finding["raw_data"].as_str().map(str::as_bytes), Some(threat));
    }
    let has = |pointer: &str, value: &Value| {
        assert!(findings.iter().any(|it| it.pointer(pointer) == Some(value)), "{pointer} {value}");
    };
    [100, 200, 300].iter().for_each(|id| has("/device/os/type_id", &(*id).into()));
    [1, 2, 3, 99].iter().for_each(|id| has("/device/type_id", &(*id).into()));
    [1, 2, 3, 4].iter().for_each(|id| has("/status_id", &(*id).into()));
    [1, 3, 4, 5].iter().for_each(|id| has("/severity_id", &(*id).into()));
    has("/resources/1/type", &"container".into());
    has("/resources/2/type", &"Kubernetes pod".into());
    has("/finding_info/attacks/0/sub_technique/uid", &"T1497.001".into());
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_of_odd_threats_are_as_ocsf_publishes() {
    let mut threats = hostile();
    let odd = [
        ("analystVerdict", json!("new")),
        ("incidentStatus", json!("")),
        ("confidenceLevel", json!("certain")),
        ("detectionType", json!("guessed")),
        ("filePath", json!("/")),
        ("processUser", json!("ORION\\")),
        ("sha1", json!("?")),
        ("identifiedAt", json!("9999-12-31T23:59:59Z")),
        ("engines", json!(["", "x"])),
    ];
    for (threat, (name, value)) in threats.iter_mut().zip(odd) {
        threat["threatInfo"][name] = value;
        threat["agentRealtimeInfo"] = json!({
            "agentUuid": "u",
            "agentOsType": "",
            "agentMachineType": "toaster",
            "networkInterfaces": [{ "id": "1", "physical": "?", "inet": [""] }],
        });
    }
    let console = Console::of(&threats).await;
    let schema = ocsf::Schema::published();
    let findings = records(&written(console.s1().args(["threats", "list", "--format", "ocsf"])));
    assert_eq!(findings.len(), 9);
    for finding in findings {
        assert_eq!(schema.faults(&finding), [""; 0], "{finding:#}");
    }
}

#[test]
fn stats_are_those_of_the_records() {
    let records = records(&export(1_200, "ndjson", &[]));
    let stats = written(s1().args(["--sim=1200", "threats", "stats", "--format", "json"]));
    let stats: Value = serde_json::from_slice(&stats).expect("JSON");
    assert_eq!((&stats["total"], &stats["unreadable"]), (&json!(1_200), &json!(0)));
    for (sort, path) in [
        ("classification", "threatInfo.classification"),
        ("analystVerdict", "threatInfo.analystVerdict"),
        ("incidentStatus", "threatInfo.incidentStatus"),
    ] {
        let counts = stats[sort].as_object().expect("counts");
        assert!(counts.len() > 1, "{sort}");
        for (value, count) in counts {
            let found = records.iter().filter(|it| at(it, path) == Some(&json!(value))).count();
            assert_eq!(&json!(found), count, "{sort} {value}");
        }
        let sum: u64 = counts.values().filter_map(Value::as_u64).sum();
        assert_eq!(sum, 1_200, "{sort}");
    }
    let day = |it: &Value| it["threatInfo"]["createdAt"].as_str().map(|it| it[..10].to_owned());
    let days: BTreeSet<_> = records.iter().filter_map(day).collect();
    assert_eq!(stats["day"].as_object().map(|it| it.keys().cloned().collect()), Some(days));
    let refused = output(s1().args(["--sim=1", "threats", "stats", "--skip", "5"]));
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn stats_in_bars() {
    let bars = written(s1().args(["--sim=60", "threats", "stats"]).env("COLUMNS", "60"));
    expect![[r#"
        60 threats

        Classification
          Trojan       19  #########################################
          PUA          15  ################################
          Malware      14  ##############################
          Ransomware    4  ########
          Infostealer   3  ######
          Downloader    2  ####
          Exploit       2  ####
          Manual        1  ##

        Analyst verdict
          true_positive   29  ######################################
          undefined       21  ###########################
          false_positive   8  ##########
          suspicious       2  ##

        Incident status
          resolved     35  #########################################
          unresolved   21  ########################
          in_progress   4  ####

        Detection engine (several of a threat count each)
          pre_execution                   17  ######################
          pre_execution_suspicious         9  ###########
          pup                              9  ###########
          sentinelone_cloud                9  ###########
          executables                      7  #########
          reputation                       7  #########
          data_files                       4  #####
          lateral_movement                 4  #####
          application_control              3  ###
          drift_detection                  3  ###
          exploits                         2  ##
          user_blacklist                   2  ##
          On-Write DFI - Suspicious        1  #
          Potentially Unwanted Applicat…   1  #
          SentinelOne Cloud                1  #
          manual                           1  #

        Day created (UTC)
          2023-03-01  60  ##########################################
    "#]]
    .assert_eq(&String::from_utf8(bars).expect("text"));
}
