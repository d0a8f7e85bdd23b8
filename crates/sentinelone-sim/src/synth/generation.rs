//! Which members a threat has: older consoles have fewer of them.

use serde_json::Value;

use super::Random;

/// The age of the console that wrote a threat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Generation {
    /// Without the details of the endpoint at the time of detection.
    First,
    /// With containers and clouds.
    Second,
    /// With everything.
    Latest,
}

impl Generation {
    pub(crate) fn draw(random: &mut Random) -> Generation {
        match random.below(100) {
            0..8 => Generation::First,
            8..30 => Generation::Second,
            _ => Generation::Latest,
        }
    }

    /// Takes out what a console of that age does not write.
    pub(crate) fn prune(self, threat: &mut Value) {
        if self < Generation::Latest {
            ABSENT_BEFORE_LATEST.iter().for_each(|path| remove(threat, path));
        }
        if self < Generation::Second {
            ABSENT_BEFORE_SECOND.iter().for_each(|path| remove(threat, path));
            if let Some(Value::Object(members)) = threat.get_mut("agentDetectionInfo") {
                let unknown =
                    members.iter_mut().filter(|(name, _)| !KNOWN_IN_FIRST.contains(&name.as_str()));
                unknown.for_each(|(_, value)| *value = Value::Null);
            }
        }
    }
}

const ABSENT_BEFORE_LATEST: [&str; 10] = [
    "ecsInfo",
    "agentDetectionInfo.assetVersion",
    "agentDetectionInfo.agentLastLoggedInUpn",
    "agentDetectionInfo.agentLastLoggedInUserMail",
    "containerInfo.isContainerQuarantine",
    "kubernetesInfo.isContainerQuarantine",
    "kubernetesInfo.nodeLabels",
    "mitigationStatus[].reportId",
    "threatInfo.macroModules",
    "threatInfo.rootProcessUpn",
];

const ABSENT_BEFORE_SECOND: [&str; 9] = [
    "agentDetectionInfo.agentDetectionState",
    "agentDetectionInfo.cloudProviders",
    "agentRealtimeInfo.storageName",
    "agentRealtimeInfo.storageType",
    "indicators[].ids",
    "mitigationStatus[].agentSupportsReport",
    "mitigationStatus[].mitigationEndedAt",
    "mitigationStatus[].mitigationStartedAt",
    "threatInfo.detectionEngines",
];

const KNOWN_IN_FIRST: [&str; 2] = ["agentMitigationMode", "agentVersion"];

fn remove(value: &mut Value, path: &str) {
    let Value::Object(members) = value else { return };
    match path.split_once('.') {
        None => {
            members.shift_remove(path);
        }
        Some((name, rest)) => match name.strip_suffix("[]") {
            None => members.get_mut(name).into_iter().for_each(|member| remove(member, rest)),
            Some(name) => {
                let elements = members.get_mut(name).and_then(Value::as_array_mut);
                elements.into_iter().flatten().for_each(|element| remove(element, rest));
            }
        },
    }
}
