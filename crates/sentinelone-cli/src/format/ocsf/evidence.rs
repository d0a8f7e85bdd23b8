//! What was found, and what found it.

use sentinelone::threats::{DetectionType, ThreatInfo};
use serde_json::{Value, json};

use super::endpoint::user;
use super::filled;
use super::state::{Coded, UNKNOWN};

/// The classes of malware that OCSF has numbers for, in lower case and letters alone.
const CLASSES: [(&str, u32); 23] = [
    ("adware", 1),
    ("backdoor", 2),
    ("bot", 3),
    ("bootkit", 4),
    ("ddos", 5),
    ("downloader", 6),
    ("dropper", 7),
    ("exploitkit", 8),
    ("keylogger", 9),
    ("ransomware", 10),
    ("remoteaccesstrojan", 11),
    ("cryptominer", 13),
    ("miner", 13),
    ("rogue", 14),
    ("rootkit", 15),
    ("screencapture", 16),
    ("spyware", 17),
    ("infostealer", 17),
    ("trojan", 18),
    ("virus", 19),
    ("webshell", 20),
    ("wiper", 21),
    ("worm", 22),
];

const OTHER: u32 = 99;

/// The malware; a threat without a name is none that could be told from others.
pub(super) fn malware(info: &ThreatInfo) -> Option<Value> {
    let name = filled(&info.threat_name)?;
    let class = filled(&info.classification).map(class).unwrap_or_default();
    Some(json!([{
        "name": name,
        "classification_ids": [class],
        "classifications": [info.classification],
        "provider": info.classification_source.as_ref().map(|it| it.as_str()),
        "files": file(info).map(|it| [it]),
    }]))
}

/// The file, who ran it, and how.
pub(super) fn evidences(info: &ThreatInfo) -> Option<Value> {
    let file = file(info);
    let user = user(filled(&info.process_user));
    let command = filled(&info.malicious_process_arguments);
    let parent = filled(&info.originator_process);
    let is_anything = file.is_some() || user.is_some() || command.is_some() || parent.is_some();
    is_anything.then(|| {
        json!([{
            "file": file,
            "user": user,
            "data": { "process_arguments": command, "originator_process": parent },
        }])
    })
}

/// The engines that found it. Consoles before about 2021 tell only their titles.
pub(super) fn analytics(info: &ThreatInfo) -> Vec<Value> {
    let kind = match &info.detection_type {
        None => UNKNOWN,
        Some(DetectionType::Dynamic) => Coded::new(2, "Behavioral"),
        Some(other) => Coded::other(other.as_str()),
    };
    let analytic = |key: &str, title: &str| {
        (!key.is_empty() || !title.is_empty())
            .then(|| json!({ "type_id": kind.id, "type": kind.name, "name": title, "uid": key }))
    };
    let engines = info.detection_engines.iter().flatten();
    let engines = engines.map(|it| {
        let key = it.key.as_ref().map(|it| it.as_str()).unwrap_or_default();
        analytic(key, it.title.as_deref().unwrap_or_default())
    });
    let found: Vec<_> = engines.flatten().collect();
    if !found.is_empty() {
        return found;
    }
    info.engines.iter().flatten().filter_map(|title| analytic("", title)).collect()
}

fn class(classification: &str) -> u32 {
    let letters: String = classification.chars().filter(|it| it.is_alphabetic()).collect();
    let known = CLASSES.iter().find(|(name, _)| letters.eq_ignore_ascii_case(name));
    known.map_or(OTHER, |(_, id)| *id)
}

fn file(info: &ThreatInfo) -> Option<Value> {
    if info.is_fileless == Some(true) {
        return None;
    }
    let path = filled(&info.file_path);
    let base = path.and_then(|it| it.rsplit(['/', '\\']).next()).filter(|it| !it.is_empty());
    let name = base.or(filled(&info.threat_name))?;
    let hashes = [(1, "MD5", &info.md5), (2, "SHA-1", &info.sha1), (3, "SHA-256", &info.sha256)];
    let hashes = hashes.into_iter().filter_map(|(id, algorithm, hash)| {
        let hash = filled(hash).filter(|it| it.bytes().all(|it| it.is_ascii_hexdigit()))?;
        Some(json!({ "algorithm_id": id, "algorithm": algorithm, "value": hash }))
    });
    Some(json!({
        "type_id": 1,
        "type": "Regular File",
        "name": name,
        "path": path,
        "ext": info.file_extension,
        // The console writes 0 where it does not know.
        "size": info.file_size.filter(|it| *it > 0),
        "company_name": info.publisher_name,
        "hashes": hashes.collect::<Vec<_>>(),
    }))
}
