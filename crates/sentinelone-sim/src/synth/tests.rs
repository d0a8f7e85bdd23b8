use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fleet::{Family, PLATFORMS, Workload};
use super::{Case, Generation, RISING, threat};
use crate::field::{Key, Path};

const SEED: u64 = 7;

fn cases() -> impl Iterator<Item = (Value, Case)> {
    (0..3_000).map(|number| (threat(SEED, number), Case::new(SEED, number, None)))
}

#[test]
fn every_row_of_the_tables_appears() {
    let mut platforms = BTreeSet::new();
    let mut attacks = BTreeSet::new();
    let mut generations = BTreeMap::<_, usize>::new();
    for (_, case) in cases() {
        platforms.insert(case.endpoint.platform.name);
        attacks.insert(std::ptr::from_ref(case.incident.attack) as usize);
        *generations.entry(case.generation).or_default() += 1;
    }
    assert_eq!(platforms.len(), PLATFORMS.len(), "{platforms:?}");
    assert_eq!(attacks.len(), super::attacks::ATTACKS.len());
    assert_eq!(generations.len(), 3, "{generations:?}");
}

#[test]
fn numbers_and_the_rising_fields_go_together() {
    for field in RISING.map(Path::new) {
        let keys: Vec<_> = cases().map(|(threat, _)| Key::from(&field.first(&threat))).collect();
        assert!(keys.iter().all(|key| matches!(key, Key::Number(_) | Key::Time(_))));
        assert!(keys.is_sorted_by(|a, b| a < b), "{}", field.text());
    }
}

#[test]
fn old_consoles_leave_members_out() {
    let absent: [(Generation, &[&str]); 3] = [
        (
            Generation::First,
            &[
                "/ecsInfo",
                "/kubernetesInfo/nodeLabels",
                "/threatInfo/macroModules",
                "/threatInfo/detectionEngines",
                "/agentDetectionInfo/cloudProviders",
                "/agentRealtimeInfo/storageName",
                "/mitigationStatus/0/mitigationStartedAt",
                "/mitigationStatus/0/reportId",
                "/indicators/0/ids",
            ],
        ),
        (
            Generation::Second,
            &[
                "/ecsInfo",
                "/kubernetesInfo/nodeLabels",
                "/threatInfo/macroModules",
                "/mitigationStatus/0/reportId",
            ],
        ),
        (Generation::Latest, &[]),
    ];
    let all = absent[0].1;
    for (threat, case) in cases() {
        let (_, absent) = absent.iter().find(|it| it.0 == case.generation).expect("a generation");
        for pointer in all {
            let in_list = pointer.contains("/0/");
            let parent = pointer.rsplit_once('/').expect("a pointer").0;
            if in_list && threat.pointer(parent).is_none() {
                continue;
            }
            let expected = !absent.contains(pointer);
            assert_eq!(threat.pointer(pointer).is_some(), expected, "{pointer} in {threat}");
        }
        let detected_ip = &threat["agentDetectionInfo"]["agentIpV4"];
        assert_eq!(detected_ip.is_null(), case.generation == Generation::First, "{threat}");
        assert!(threat["agentDetectionInfo"]["agentVersion"].is_string());
    }
}

#[test]
fn the_latest_console_writes_every_member() {
    let (threat, _) = cases()
        .find(|(threat, case)| {
            case.generation == Generation::Latest && threat["mitigationStatus"][0].is_object()
        })
        .expect("a threat of the latest console");
    let lengths = [
        ("", 10),
        ("/threatInfo", 50),
        ("/agentDetectionInfo", 22),
        ("/agentRealtimeInfo", 32),
        ("/containerInfo", 5),
        ("/kubernetesInfo", 11),
        ("/ecsInfo", 10),
        ("/mitigationStatus/0", 10),
        ("/agentRealtimeInfo/networkInterfaces/0", 5),
    ];
    for (pointer, length) in lengths {
        let object = threat.pointer(pointer).and_then(Value::as_object).expect(pointer);
        assert_eq!(object.len(), length, "{pointer}");
    }
}

#[test]
fn the_values_of_a_threat_agree() {
    let mut bytes = 0;
    for (threat, case) in cases() {
        bytes += threat.to_string().len();
        let info = &threat["threatInfo"];
        let realtime = &threat["agentRealtimeInfo"];
        let platform = case.endpoint.platform;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();

        assert_eq!(threat["id"], info["threatId"]);
        assert_eq!(info["isFileless"] == true, info["filePath"] == "", "{threat}");
        assert_eq!(info["sha1"] == "", info["filePath"] == "", "{threat}");
        assert_eq!(info["externalTicketExists"] == true, info["externalTicketId"].is_string());
        assert!(info["createdAt"].as_str() <= info["updatedAt"].as_str(), "{threat}");
        assert_eq!(info["fileExtension"].is_string(), platform.family == Family::Windows);
        let has_fraction = text(&info["identifiedAt"]).contains('.');
        assert_eq!(has_fraction, platform.family != Family::MacOs, "{threat}");
        let is_windows = text(&realtime["agentOsType"]).starts_with("windows");
        assert_eq!(is_windows, platform.family == Family::Windows);
        let on_device = text(&info["filePath"]).starts_with(r"\Device\");
        assert_eq!(on_device, is_windows && info["filePath"] != "", "{threat}");
        let in_cluster = platform.workload == Workload::Kubernetes;
        assert_eq!(!text(&threat["kubernetesInfo"]["pod"]).is_empty(), in_cluster, "{threat}");
        assert_eq!(
            threat["containerInfo"]["image"].is_string(),
            platform.workload != Workload::Host,
            "{threat}"
        );
        for id in [&threat["id"], &realtime["agentId"], &realtime["siteId"], &realtime["groupId"]] {
            assert!((18..=19).contains(&text(id).len()), "{id}");
        }
    }
    let mean = bytes / 3_000;
    assert!((3_500..6_500).contains(&mean), "{mean} bytes");
}

#[test]
fn a_threat_is_a_function_of_seed_and_number() {
    assert_eq!(threat(SEED, 5), threat(SEED, 5));
    assert_ne!(threat(SEED, 5), threat(SEED, 6));
    assert_ne!(threat(SEED, 5), threat(SEED + 1, 5));
}
