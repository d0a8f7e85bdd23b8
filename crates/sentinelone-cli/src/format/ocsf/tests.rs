use super::*;

const CREATED: &str = r#""createdAt":"2026-11-25T12:00:00.100000Z""#;

fn encode(raw: &str) -> Result<Value, String> {
    let mut out = Vec::new();
    let written = Ocsf.record(raw, &mut out);
    match written {
        Ok(()) => Ok(serde_json::from_slice(&out).expect("a finding")),
        Err(unfit) => {
            assert_eq!(out, [0; 0]);
            Err(format!("{}: {}", unfit.path, unfit.reason))
        }
    }
}

/// A finding of a threat with this in its `threatInfo`, and at most a comma and more beside it.
#[track_caller]
fn found(info: &str, beside: &str) -> Value {
    encode(&format!(r#"{{"id":"1","threatInfo":{{{CREATED}{info}}}{beside}}}"#)).expect("a finding")
}

#[test]
fn the_least_that_makes_a_finding() {
    let raw = format!("{{\"id\":\"1\",\n\"threatInfo\":{{{CREATED}}}}}");
    let expect = json!({
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "category_uid": 2,
        "category_name": "Findings",
        "type_uid": 200_401,
        "type_name": "Detection Finding: Create",
        "activity_id": 1,
        "activity_name": "Create",
        "time": 1_795_608_000_100_i64,
        "severity_id": 0,
        "severity": "Unknown",
        "status_id": 0,
        "status": "Unknown",
        "confidence_id": 0,
        "confidence": "Unknown",
        "verdict_id": 0,
        "verdict": "Unknown",
        "is_alert": true,
        "message": "Threat",
        "metadata": {
            "version": "1.5.0",
            "profiles": ["incident"],
            "product": { "name": "Singularity Endpoint", "vendor_name": "SentinelOne" },
            "log_name": "threats",
            "uid": "1",
        },
        "finding_info": { "uid": "1", "created_time": 1_795_608_000_100_i64 },
        "raw_data": raw,
    });
    assert_eq!(encode(&raw), Ok(expect));
}

#[test]
fn what_is_no_threat_is_no_finding() {
    let check = |raw: &str, expect: &str| assert_eq!(encode(raw), Err(expect.to_owned()), "{raw}");
    check("{}", "id: missing, but a finding needs it");
    check(r#"{"id":"1"}"#, "threatInfo.createdAt: missing, but a finding needs it");
    check(
        r#"{"id":"1","threatInfo":{"createdAt":""}}"#,
        "threatInfo.createdAt: missing, but a finding needs it",
    );
    check(r#"{"id":1}"#, "id: invalid type: integer `1`, expected a string at line 1 column 7");
    check(
        r#"{"threatInfo":{"detectionEngines":[{"key":"a"},{"key":true}]}}"#,
        "threatInfo.detectionEngines[1].key: invalid type: boolean `true`, expected a string at \
         line 1 column 58",
    );
    check("[]", ": invalid type: sequence, expected an object at line 1 column 0");
    check("{", ": EOF while parsing an object at line 1 column 1");
    check("{} {}", ": trailing characters at line 1 column 4");
    let failure = Ocsf::new(&["id".to_owned()]).map(|_| ()).expect_err("a refusal");
    assert!(format!("{failure:?}").contains("leave out --fields"));
}

#[test]
fn severities() {
    let check = |verdict: &str, confidence: &str, incident: &str, expect: u32| {
        let info = format!(
            r#","analystVerdict":{verdict},"confidenceLevel":{confidence},"incidentStatus":{incident}"#
        );
        let finding = found(&info, "");
        assert_eq!(finding["severity_id"], expect, "{info}");
    };
    check(r#""false_positive""#, r#""malicious""#, r#""unresolved""#, 1);
    check(r#""true_positive""#, r#""malicious""#, r#""unresolved""#, 5);
    check(r#""true_positive""#, r#""malicious""#, r#""in_progress""#, 5);
    check(r#""true_positive""#, r#""malicious""#, r#""resolved""#, 4);
    check(r#""true_positive""#, r#""suspicious""#, r#""unresolved""#, 4);
    check(r#""undefined""#, r#""malicious""#, r#""unresolved""#, 4);
    check(r#""suspicious""#, r#""n/a""#, r#""unresolved""#, 3);
    check(r#""undefined""#, r#""suspicious""#, "null", 3);
    check(r#""undefined""#, r#""n/a""#, r#""unresolved""#, 0);
    check("null", "null", "null", 0);
    check(r#""new""#, r#""new""#, r#""new""#, 0);
    assert_eq!(found(r#","mitigationStatus":"marked_as_benign""#, "")["severity_id"], 1);
}

#[test]
fn states() {
    let check = |info: &str, name: &str, id: u32, words: &str| {
        let finding = found(info, "");
        assert_eq!((&finding[format!("{name}_id")], &finding[name]), (&id.into(), &words.into()));
    };
    check(r#","incidentStatus":"unresolved""#, "status", 1, "New");
    check(r#","incidentStatus":"in_progress""#, "status", 2, "In Progress");
    check(r#","incidentStatus":"resolved""#, "status", 4, "Resolved");
    check(
        r#","incidentStatus":"resolved","analystVerdict":"false_positive""#,
        "status",
        3,
        "Suppressed",
    );
    check(r#","incidentStatus":"parked""#, "status", 99, "parked");
    check(r#","incidentStatus":"""#, "status", 0, "Unknown");
    check(r#","analystVerdict":"true_positive""#, "verdict", 2, "True Positive");
    check(r#","analystVerdict":"benign""#, "verdict", 99, "benign");
    check(r#","confidenceLevel":"n/a""#, "confidence", 0, "Unknown");
    check(r#","confidenceLevel":"suspicious""#, "confidence", 2, "Medium");
    let activity = |info: &str| found(info, "")["type_uid"].clone();
    assert_eq!(activity(r#","incidentStatus":"resolved""#), 200_403);
    assert_eq!(activity(r#","updatedAt":"2026-11-25T12:00:00.100001Z""#), 200_402);
    assert_eq!(activity(r#","updatedAt":"2026-11-25T12:00:00.100000Z""#), 200_401);
}

#[test]
fn attacks_are_those_of_mitre_once_each() {
    let check = |tactics: &str, expect: Value| {
        let indicators = format!(r#","indicators":[{{"tactics":[{tactics}]}}]"#);
        let found = found("", &indicators)["finding_info"].get("attacks").cloned();
        assert_eq!(found.unwrap_or_default(), expect, "{tactics}");
    };
    let link = "https://attack.mitre.org/techniques/T1055/003/";
    let tactic = format!(
        r#"{{"name":"Defense Evasion","source":"MITRE","techniques":[{{"name":"T1055.003","link":"{link}"}}]}}"#
    );
    let expect = json!({
        "tactic": { "name": "Defense Evasion", "uid": "TA0005" },
        "technique": { "uid": "T1055" },
        "sub_technique": { "uid": "T1055.003", "src_url": link },
    });
    check(&format!("{tactic},{tactic}"), json!([expect]));
    check(
        r#"{"name":"Novelty","source":"MITRE","techniques":[{"name":"T1"}]}"#,
        json!([{ "tactic": { "name": "Novelty" }, "technique": { "uid": "T1" } }]),
    );
    check(
        r#"{"name":"Impact","source":"MITRE","techniques":[]}"#,
        json!([{ "tactic": { "name": "Impact", "uid": "TA0040" } }]),
    );
    check(r#"{"name":"Impact","source":"DEFAULT","techniques":[{"name":"x"}]}"#, json!(null));
    check(r#"{"name":"","source":"MITRE","techniques":[{"name":""}]}"#, json!(null));
}

#[test]
fn files_and_what_found_them() {
    let finding = found(
        r#","threatName":"a.exe","classification":"Remote Access Trojan","filePath":"\\Device\\X\\a.exe","fileSize":0,
        "fileExtension":"EXE","sha1":"not a hash","sha256":"AB12","processUser":"ORION\\h.berg",
        "detectionType":"dynamic","engines":["Old, Title"],"detectionEngines":[{"key":"exploits","title":"Anti Exploit"},{"key":"new"}]"#,
        "",
    );
    let file = json!({
        "type_id": 1,
        "type": "Regular File",
        "name": "a.exe",
        "path": "\\Device\\X\\a.exe",
        "ext": "EXE",
        "hashes": [{ "algorithm_id": 3, "algorithm": "SHA-256", "value": "AB12" }],
    });
    let user = json!({ "name": "h.berg", "domain": "ORION" });
    assert_eq!(finding["evidences"], json!([{ "file": file, "user": user }]));
    assert_eq!(finding["malware"][0]["classification_ids"], json!([11]));
    assert_eq!(finding["malware"][0]["files"], json!([file]));
    let info = &finding["finding_info"];
    assert_eq!(
        (&info["analytic"], &info["related_analytics"]),
        (
            &json!({ "type_id": 2, "type": "Behavioral", "name": "Anti Exploit", "uid": "exploits" }),
            &json!([{ "type_id": 2, "type": "Behavioral", "uid": "new" }]),
        ),
    );
    let old = found(r#","isFileless":true,"filePath":"","engines":["Old, Title"]"#, "");
    assert_eq!(
        (&old["evidences"], &old["finding_info"]["analytic"]["name"]),
        (&Value::Null, &"Old, Title".into()),
    );
}

#[test]
fn addresses_that_are_none_are_left_out() {
    let check = |beside: &str, ip: Value, interfaces: Value| {
        let device = found("", &format!(r#",{beside}"#))["device"].clone();
        assert_eq!((&device["ip"], &device["network_interfaces"]), (&ip, &interfaces), "{beside}");
    };
    check(
        r#""agentDetectionInfo":{"agentIpV4":"10.0.0.7,10.0.0.8"},"agentRealtimeInfo":{"agentUuid":"u"}"#,
        "10.0.0.7".into(),
        json!(null),
    );
    check(
        r#""agentDetectionInfo":{"agentIpV4":"","agentIpV6":null},
        "agentRealtimeInfo":{"agentId":"7","networkInterfaces":[{"physical":"","inet":["","x"],"inet6":["fe80::1"]},{"physical":"00:00","name":""}]}"#,
        "fe80::1".into(),
        json!([{ "type_id": 0, "type": "Unknown", "ip": "fe80::1" }]),
    );
}
