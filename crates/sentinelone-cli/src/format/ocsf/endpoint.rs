//! Where a threat was found.

use std::net::IpAddr;

use sentinelone::threats::{MachineType, NetworkInterface, OsType, Threat};
use serde_json::{Value, json};

use super::filled;
use super::state::{Coded, UNKNOWN};

/// The endpoint, with its addresses as they were when the threat was found.
pub(super) fn device(threat: &Threat) -> Option<Value> {
    let (no_now, no_then) = Default::default();
    let now = threat.agent_realtime_info.as_ref().unwrap_or(&no_now);
    let then = threat.agent_detection_info.as_ref().unwrap_or(&no_then);
    let uid = filled(&now.agent_uuid).or(filled(&then.agent_uuid)).or(filled(&now.agent_id))?;
    let machine = machine(now.agent_machine_type.as_ref());
    let interfaces = now.network_interfaces.iter().flatten();
    Some(json!({
        "type_id": machine.id,
        "type": machine.name,
        "uid": uid,
        "hostname": now.agent_computer_name,
        "domain": filled(&now.agent_domain).or(filled(&then.agent_domain)),
        "ip": ip(threat),
        "os": os(threat),
        "network_interfaces": interfaces.filter_map(interface).collect::<Vec<_>>(),
        "agent_list": [{
            "type_id": 1,
            "type": "Endpoint Detection and Response",
            "name": "SentinelOne agent",
            "vendor_name": "SentinelOne",
            "version": filled(&then.agent_version).or(filled(&now.agent_version)),
            "uid": now.agent_id,
        }],
        "groups": group(filled(&now.group_name), filled(&now.group_id)).map(|it| [it]),
        "org": organization(threat),
        "owner": user(filled(&then.agent_last_logged_in_user_name)),
    }))
}

/// The endpoint again, as what is affected, and what on it is.
pub(super) fn resources(threat: &Threat) -> Vec<Value> {
    [endpoint(threat), container(threat), pod(threat), task(threat)].into_iter().flatten().collect()
}

fn endpoint(threat: &Threat) -> Option<Value> {
    let now = threat.agent_realtime_info.as_ref()?;
    let (name, uid) = (filled(&now.agent_computer_name), filled(&now.agent_id));
    name.or(uid)?;
    Some(json!({
        "type": "endpoint",
        "name": name,
        "hostname": name,
        "uid": uid,
        "ip": ip(threat),
        "group": group(filled(&now.group_name), filled(&now.group_id)),
    }))
}

fn container(threat: &Threat) -> Option<Value> {
    let container = threat.container_info.as_ref()?;
    let (name, uid) = (filled(&container.name), filled(&container.id));
    name.or(uid)?;
    Some(json!({
        "type": "container",
        "name": name,
        "uid": uid,
        "labels": container.labels,
        "data": { "image": container.image },
    }))
}

fn pod(threat: &Threat) -> Option<Value> {
    let kubernetes = threat.kubernetes_info.as_ref()?;
    let name = filled(&kubernetes.pod)?;
    Some(json!({
        "type": "Kubernetes pod",
        "name": name,
        "namespace": kubernetes.namespace,
        "labels": kubernetes.pod_labels,
        "data": {
            "cluster": kubernetes.cluster,
            "node": kubernetes.node,
            "controller_kind": kubernetes.controller_kind,
            "controller_name": kubernetes.controller_name,
        },
    }))
}

fn task(threat: &Threat) -> Option<Value> {
    let ecs = threat.ecs_info.as_ref()?;
    let uid = filled(&ecs.task_arn)?;
    Some(json!({
        "type": "ECS task",
        "name": ecs.service_name,
        "uid": uid,
        "data": {
            "cluster": ecs.cluster_name,
            "service": ecs.service_arn,
            "task_definition": ecs.task_definition_arn,
            "availability_zone": ecs.task_availability_zone,
        },
    }))
}

fn machine(machine: Option<&MachineType>) -> Coded {
    match machine {
        None | Some(MachineType::Unknown) => UNKNOWN,
        Some(MachineType::Server) => Coded::new(1, "Server"),
        Some(MachineType::Desktop) => Coded::new(2, "Desktop"),
        Some(MachineType::Laptop) => Coded::new(3, "Laptop"),
        Some(other) => Coded::other(other.as_str()),
    }
}

fn os(threat: &Threat) -> Option<Value> {
    let now = threat.agent_realtime_info.as_ref()?;
    let system = match &now.agent_os_type {
        None => UNKNOWN,
        Some(OsType::Windows | OsType::WindowsLegacy) => Coded::new(100, "Windows"),
        Some(OsType::Linux) => Coded::new(200, "Linux"),
        Some(OsType::MacOs) => Coded::new(300, "macOS"),
        Some(other) => Coded::other(other.as_str()),
    };
    let then = threat.agent_detection_info.as_ref();
    let name = then.and_then(|it| filled(&it.agent_os_name)).or(filled(&now.agent_os_name));
    let revision = then.and_then(|it| filled(&it.agent_os_revision));
    Some(json!({
        "type_id": system.id,
        "type": system.name,
        "name": name.unwrap_or(&system.name),
        "build": revision.or(filled(&now.agent_os_revision)),
    }))
}

/// The first address that is one.
fn ip(threat: &Threat) -> Option<&str> {
    let then = threat.agent_detection_info.as_ref();
    let then = then.into_iter().flat_map(|it| [&it.agent_ip_v4, &it.agent_ip_v6]);
    let then = then.filter_map(filled).flat_map(|it| it.split(','));
    let now = threat.agent_realtime_info.iter().flat_map(|it| it.network_interfaces.iter());
    then.chain(now.flatten().flat_map(addresses)).map(str::trim).find(|it| is_ip(it))
}

fn addresses(interface: &NetworkInterface) -> impl Iterator<Item = &str> {
    interface.inet.iter().chain(&interface.inet6).flatten().map(String::as_str)
}

fn is_ip(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// An interface of a kind that the console does not tell.
fn interface(interface: &NetworkInterface) -> Option<Value> {
    let name = filled(&interface.name);
    let ip = addresses(interface).find(|it| is_ip(it));
    let mac = filled(&interface.physical).filter(|it| is_mac(it));
    name.or(ip).or(mac)?;
    Some(
        json!({ "type_id": 0, "type": "Unknown", "name": name, "uid": interface.id, "ip": ip, "mac": mac }),
    )
}

fn is_mac(text: &str) -> bool {
    let mut parts = 0;
    text.split([':', '-']).all(|part| {
        parts += 1;
        part.len() == 2 && part.bytes().all(|it| it.is_ascii_hexdigit())
    }) && parts == 6
}

fn group(name: Option<&str>, uid: Option<&str>) -> Option<Value> {
    name.or(uid)?;
    Some(json!({ "name": name, "uid": uid }))
}

/// The account of the console, and the site in it.
fn organization(threat: &Threat) -> Option<Value> {
    let now = threat.agent_realtime_info.as_ref()?;
    let (name, uid) = (filled(&now.account_name), filled(&now.account_id));
    name.or(uid)?;
    Some(json!({ "name": name, "uid": uid, "ou_name": now.site_name, "ou_uid": now.site_id }))
}

/// A user, whose domain stands before a backslash if it is known.
pub(super) fn user(name: Option<&str>) -> Option<Value> {
    let (domain, name) = match name?.split_once('\\') {
        Some((domain, name)) => (Some(domain), name),
        None => (None, name?),
    };
    (!name.is_empty()).then(|| json!({ "name": name, "domain": domain }))
}
