//! The endpoints that there are: tables of what they are made of.

use super::generation::Generation;

/// How many endpoints there are.
pub(crate) const SIZE: u64 = 600;

/// A kind of endpoint.
pub(crate) struct Platform {
    #[cfg_attr(not(test), expect(dead_code, reason = "tells the rows of the table apart"))]
    pub(crate) name: &'static str,
    pub(crate) weight: u64,
    /// The oldest console that knows it.
    pub(crate) since: Generation,
    pub(crate) family: Family,
    pub(crate) os_type: &'static str,
    pub(crate) machine_types: &'static [&'static str],
    /// Name and revision.
    pub(crate) systems: &'static [(&'static str, &'static str)],
    pub(crate) agent_versions: &'static [&'static str],
    /// Host names, with `#` for a number and `{region}` for where it stands, as in the domains.
    pub(crate) hosts: &'static [&'static str],
    pub(crate) domains: &'static [&'static str],
    pub(crate) interfaces: &'static [&'static str],
    pub(crate) workload: Workload,
    pub(crate) cloud: Cloud,
    /// Whether people log in to it.
    pub(crate) personal: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Windows,
    MacOs,
    Linux,
}

/// What the threat ran in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    Host,
    Container,
    Kubernetes,
    EcsTask,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cloud {
    None,
    Aws,
    Azure,
    Esxi,
    Gcp,
}

const WORKSTATION: Platform = Platform {
    name: "Windows workstation",
    weight: 36,
    since: Generation::First,
    family: Family::Windows,
    os_type: "windows",
    machine_types: &["laptop", "laptop", "desktop"],
    systems: &[
        ("Windows 10 Pro", "19045"),
        ("Windows 10 Enterprise", "19044"),
        ("Windows 11 Pro", "22631"),
        ("Windows 11 Enterprise", "26100"),
    ],
    agent_versions: &["22.3.5.887", "23.4.4.223", "24.1.5.277", "24.2.3.471"],
    hosts: &["ORION-LT#", "DESKTOP-Q#KX", "FIN-WS#", "SALES-NB#", "LAB-PC#"],
    domains: &["ORION", "WORKGROUP", "corp.orion.example"],
    interfaces: &["Ethernet", "Wi-Fi", "Ethernet 2"],
    workload: Workload::Host,
    cloud: Cloud::None,
    personal: true,
};

const LINUX_SERVER: Platform = Platform {
    name: "Linux server",
    weight: 9,
    since: Generation::First,
    family: Family::Linux,
    os_type: "linux",
    machine_types: &["server"],
    systems: &[
        ("Linux", "Ubuntu 22.04.4 LTS 5.15.0-105-generic"),
        ("Linux", "Debian 12 (bookworm) 6.1.0-21-amd64"),
        ("linux", "Rocky Linux release 8.9 4.18.0-513.el8.x86_64"),
    ],
    agent_versions: &["22.4.2.4", "23.3.2.12", "24.1.2.6"],
    hosts: &["db-#.orion.example", "build#", "mail-relay-#", "legacy-app-#"],
    domains: &["", "orion.example", "unknown"],
    interfaces: &["eth0", "docker0", "eth1"],
    workload: Workload::Host,
    cloud: Cloud::None,
    personal: false,
};

const KUBERNETES_NODE: Platform = Platform {
    name: "Kubernetes node",
    weight: 6,
    since: Generation::Second,
    machine_types: &["kubernetes node", "kubernetes helper"],
    systems: &[
        ("Linux", "Amazon Linux 2023 6.1.84-99.169.amzn2023.x86_64"),
        ("Linux", "Bottlerocket OS 1.19.5 6.1.79"),
    ],
    hosts: &["ip-10-32-#.{region}.compute.internal", "pool-blue-#"],
    domains: &["{region}.compute.internal"],
    interfaces: &["eth0", "cni0", "veth1"],
    workload: Workload::Kubernetes,
    cloud: Cloud::Aws,
    ..LINUX_SERVER
};

/// All kinds of endpoints.
pub(crate) static PLATFORMS: &[Platform] = &[
    WORKSTATION,
    Platform {
        name: "Azure server",
        weight: 3,
        hosts: &["az-{region}-#"],
        cloud: Cloud::Azure,
        ..LINUX_SERVER
    },
    Platform {
        name: "Google Cloud server",
        weight: 3,
        hosts: &["gce-{region}-#"],
        cloud: Cloud::Gcp,
        ..LINUX_SERVER
    },
    Platform {
        name: "Windows server",
        weight: 12,
        machine_types: &["server"],
        systems: &[
            ("Windows Server 2016 Standard", "14393"),
            ("Windows Server 2019 Datacenter", "17763"),
            ("Windows Server 2022 Standard", "20348"),
        ],
        hosts: &["SRV-FILE#", "SRV-AD#", "SRV-ERP#", "SRV-PRINT#"],
        domains: &["ORION", "corp.orion.example"],
        interfaces: &["Ethernet0", "Ethernet1"],
        personal: false,
        ..WORKSTATION
    },
    Platform {
        name: "Windows legacy",
        weight: 2,
        os_type: "windows_legacy",
        machine_types: &["desktop", "unknown"],
        systems: &[("Windows XP Professional", "2600"), ("Windows Server 2003", "3790")],
        agent_versions: &["4.2.6.171", "4.6.14.304"],
        hosts: &["CNC-MILL#", "SCALE#"],
        domains: &["WORKGROUP", "MISSING DOMAIN"],
        interfaces: &["Local Area Connection"],
        personal: false,
        ..WORKSTATION
    },
    Platform {
        name: "Mac",
        weight: 13,
        family: Family::MacOs,
        os_type: "macos",
        systems: &[
            ("macOS", "Sonoma 14.5 (23F79)"),
            ("macOS", "Ventura 13.6.7 (22G720)"),
            ("OS X", "Catalina 10.15.7 (19H2026)"),
        ],
        agent_versions: &["22.4.3.6713", "23.4.1.7125", "24.1.1.7281"],
        hosts: &["MacBook-Pro-#", "Design-iMac-#", "Studio-#"],
        domains: &["", "orion.example"],
        interfaces: &["en0", "utun4", "awdl0"],
        ..WORKSTATION
    },
    LINUX_SERVER,
    Platform {
        name: "container host",
        weight: 5,
        since: Generation::Second,
        hosts: &["docker-#", "runner-#"],
        interfaces: &["eth0", "docker0", "br-7c1e", "veth9"],
        workload: Workload::Container,
        ..LINUX_SERVER
    },
    KUBERNETES_NODE,
    Platform {
        name: "Kubernetes pod",
        weight: 3,
        machine_types: &["kubernetes pod"],
        hosts: &["s1-agent-pod-#"],
        interfaces: &["eth0"],
        cloud: Cloud::None,
        ..KUBERNETES_NODE
    },
    Platform {
        name: "ECS task",
        weight: 4,
        since: Generation::Latest,
        machine_types: &["ecs task"],
        hosts: &["ip-10-40-#.{region}.compute.internal"],
        domains: &["{region}.compute.internal"],
        interfaces: &["eth1"],
        workload: Workload::EcsTask,
        ..KUBERNETES_NODE
    },
    Platform {
        name: "AWS instance",
        weight: 5,
        since: Generation::Second,
        systems: &[
            ("Linux", "Amazon Linux 2 5.10.217-205.860.amzn2.x86_64"),
            ("Linux", "Ubuntu 20.04.6 LTS 5.15.0-1061-aws"),
        ],
        hosts: &["ip-172-31-#", "web-#.orion.example"],
        domains: &["{region}.compute.internal"],
        interfaces: &["eth0"],
        cloud: Cloud::Aws,
        ..LINUX_SERVER
    },
    Platform {
        name: "virtual machine",
        weight: 5,
        since: Generation::Second,
        machine_types: &["server", "desktop"],
        systems: &[("Windows Server 2019 Standard", "17763"), ("Windows 10 Enterprise", "19045")],
        hosts: &["VDI-#", "VM-APP#"],
        interfaces: &["Ethernet0"],
        cloud: Cloud::Esxi,
        ..WORKSTATION
    },
];

/// The name of a site and of its groups.
type Site = (&'static str, &'static [&'static str]);

/// The accounts, with their sites, with their groups.
pub(crate) static ACCOUNTS: &[(&str, &[Site])] = &[
    (
        "Orion Freight",
        &[
            ("Headquarters", &["Default Group", "Finance", "Windows 10"]),
            ("Data centre", &["Default Group", "Linux Servers", "EKS"]),
        ],
    ),
    ("Orion Air", &[("Default site", &["Default Group", "MacOS Clients"])]),
    ("Meridian Labs", &[("Research", &["Default Group", "Docker"]), ("Field", &["Default Group"])]),
];

pub(crate) static USERS: &[&str] = &[
    "a.lindqvist",
    "bwright",
    "c.okafor",
    "dmeyer",
    "e.santos",
    "f.novak",
    "g.ito",
    "h.berg",
    "i.dubois",
    "j.kaur",
    "k.varga",
    "l.romano",
];

pub(crate) static REGIONS: &[&str] = &["eu-north-1", "eu-west-1", "us-east-2"];

pub(crate) static INSTANCE_SIZES: &[&str] =
    &["t3.medium", "m6i.large", "c7g.xlarge", "r6a.2xlarge"];

/// Name and image.
pub(crate) static CONTAINERS: &[(&str, &str)] = &[
    ("shipping_api_1", "registry.orion.example/shipping/api:4.18"),
    ("cache_redis_1", "redis:7.2-alpine"),
    ("invoice-worker", "registry.orion.example/billing/worker:2024.3"),
    ("", ""),
];

/// Namespace, controller and its kind.
pub(crate) static DEPLOYMENTS: &[(&str, &str, &str)] = &[
    ("shipping", "quote-service", "Deployment"),
    ("billing", "invoice-worker", "StatefulSet"),
    ("monitoring", "node-metrics", "DaemonSet"),
    ("batch", "nightly-report", "CronJob"),
];
