//! A threat as JSON: every member that the latest console writes.

use serde_json::Value;

use super::attacks::{ENGINES, INDICATORS, in_words};
use super::endpoint::{Endpoint, Interface};
use super::fleet::{self, Cloud, Family, Workload};
use super::incident::{Action, Incident};
use super::{Case, micros, object, texts};
use crate::source::Wanted;

/// The wanted members of a threat.
pub(crate) fn threat(case: &Case, wanted: Wanted<'_>) -> Value {
    let Case { endpoint, incident, generation } = case;
    let members: [(&str, &dyn Fn() -> Value); 10] = [
        ("id", &|| incident.id.as_str().into()),
        ("threatInfo", &|| threat_info(endpoint, incident, wanted.within("threatInfo"))),
        ("agentDetectionInfo", &|| detection_info(endpoint, wanted.within("agentDetectionInfo"))),
        ("agentRealtimeInfo", &|| realtime_info(endpoint, wanted.within("agentRealtimeInfo"))),
        ("containerInfo", &|| container_info(endpoint, incident)),
        ("kubernetesInfo", &|| kubernetes_info(endpoint, incident)),
        ("ecsInfo", &|| ecs_info(endpoint, incident)),
        ("indicators", &|| indicators(incident).into()),
        ("mitigationStatus", &|| mitigation_status(incident).into()),
        ("whiteningOptions", &|| texts(incident.attack.whitening)),
    ];
    let members = members.into_iter().filter(|(name, _)| wanted.includes(name));
    let mut threat = members.map(|(name, make)| (name.to_owned(), make())).collect();
    generation.prune(&mut threat);
    threat
}

/// Puts in words again what is put in words.
pub(crate) fn settle(threat: &mut Value) {
    let Some(Value::Object(info)) = threat.get_mut("threatInfo") else { return };
    for name in ["analystVerdict", "incidentStatus", "mitigationStatus"] {
        if let Some(Value::String(value)) = info.get(name) {
            let words = in_words(value);
            info.insert(format!("{name}Description"), words.into());
        }
    }
    if let Some(ticket) = info.get("externalTicketId") {
        let has_ticket = ticket.is_string();
        info.insert("externalTicketExists".to_owned(), has_ticket.into());
    }
}

fn threat_info(endpoint: &Endpoint, incident: &Incident, wanted: Wanted<'_>) -> Value {
    let Incident { attack, sample, outcome, .. } = incident;
    // What follows is known of Windows files only.
    let windows = endpoint.platform.family == Family::Windows;
    let signed = !attack.publisher.is_empty();
    let verification = match (incident.is_fileless(), signed) {
        (true, _) => "PathNotFound",
        (_, true) => "SignedVerified",
        _ => "NotSigned",
    };
    let engines: Vec<_> = ENGINES.iter().filter(|it| attack.engines.contains(&it.0)).collect();
    let titles = engines.iter().map(|(_, _, title)| *title);
    let engine = |(key, title, _): &&(&str, &str, &str)| object! { "key": *key, "title": *title };
    let macos = endpoint.platform.family == Family::MacOs;
    object! { wanted:
        "threatId": incident.id.as_str(),
        "analystVerdict": outcome.verdict,
        "analystVerdictDescription": in_words(outcome.verdict),
        "automaticallyResolved": incident.automatic,
        "browserType": Value::Null,
        "certificateId": windows.then_some(sample.certificate.as_str()),
        "classification": attack.classification,
        "classificationSource": attack.classification_source,
        "cloudFilesHashVerdict": attack.cloud_verdict,
        "collectionId": incident.collection_id.as_str(),
        "confidenceLevel": attack.confidence,
        "createdAt": micros(incident.created),
        "detectionEngines": engines.iter().map(engine).collect::<Vec<_>>(),
        "detectionType": if attack.is_dynamic { "dynamic" } else { "static" },
        "engines": titles.collect::<Vec<_>>(),
        "externalTicketExists": incident.ticket.is_some(),
        "externalTicketId": incident.ticket.as_deref(),
        "failedActions": incident.has_action_that_is("failed"),
        "fileExtension": windows.then_some(attack.extension.0),
        "fileExtensionType": windows.then_some(attack.extension.1),
        "filePath": sample.path.as_str(),
        "fileSize": sample.size,
        "fileVerificationType": windows.then_some(verification),
        "identifiedAt": if macos { without_fraction(incident.identified) } else { micros(incident.identified) },
        "incidentStatus": outcome.incident,
        "incidentStatusDescription": in_words(outcome.incident),
        "initiatedBy": incident.initiator.0,
        "initiatedByDescription": incident.initiator.1,
        "initiatingUserId": incident.initiating_user.as_ref().map(|(id, _)| id.as_str()),
        "initiatingUsername": incident.initiating_user.as_ref().map(|(_, name)| *name),
        "isFileless": incident.is_fileless(),
        "isValidCertificate": windows.then_some(signed),
        "macroModules": Value::Null,
        "maliciousProcessArguments": attack.arguments,
        "md5": Value::Null,
        "mitigatedPreemptively": incident.preemptive,
        "mitigationStatus": outcome.mitigation,
        "mitigationStatusDescription": in_words(outcome.mitigation),
        "originatorProcess": attack.originator,
        "pendingActions": incident.has_action_that_is("pending"),
        "processUser": incident.process_user.as_str(),
        "publisherName": windows.then_some(attack.publisher),
        "reachedEventsLimit": windows.then_some(false),
        "rebootRequired": incident.has_action_that_is("pending-reboot"),
        "rootProcessUpn": Value::Null,
        "sha1": sample.sha1.as_str(),
        "sha256": sample.sha256.as_deref(),
        "storyline": incident.storyline.as_str(),
        "threatName": sample.name.as_str(),
        "updatedAt": micros(incident.updated),
    }
}

fn detection_info(endpoint: &Endpoint, wanted: Wanted<'_>) -> Value {
    let upn = (endpoint.domain == "corp.orion.example" && !endpoint.user.is_empty())
        .then(|| format!("{}@{}", endpoint.user, endpoint.domain));
    let asset_version = if endpoint.platform.cloud == Cloud::None { "" } else { "277" };
    object! { wanted:
        "accountId": endpoint.account.id.as_str(),
        "accountName": endpoint.account.name,
        "agentDetectionState": (endpoint.platform.family == Family::Windows).then_some("full_mode"),
        "agentDomain": endpoint.domain.as_str(),
        "agentIpV4": endpoint.ip_v4(),
        "agentIpV6": endpoint.ip_v6(),
        "agentLastLoggedInUpn": upn,
        "agentLastLoggedInUserMail": Value::Null,
        "agentLastLoggedInUserName": endpoint.user,
        "agentMitigationMode": endpoint.state.mitigation_mode,
        "agentOsName": endpoint.os.0,
        "agentOsRevision": endpoint.os.1,
        "agentRegisteredAt": micros(endpoint.registered),
        "agentUuid": endpoint.uuid.as_str(),
        "agentVersion": endpoint.version,
        "assetVersion": asset_version,
        "cloudProviders": cloud_providers(endpoint),
        "externalIp": endpoint.external_ip.as_str(),
        "groupId": endpoint.group.id.as_str(),
        "groupName": endpoint.group.name,
        "siteId": endpoint.site.id.as_str(),
        "siteName": endpoint.site.name,
    }
}

fn cloud_providers(endpoint: &Endpoint) -> Value {
    let number = endpoint.id.len() + endpoint.interfaces.len();
    let hash = &endpoint.instance[2..];
    let size = fleet::INSTANCE_SIZES[number % fleet::INSTANCE_SIZES.len()];
    let common = || {
        object! {
            "cloudAccount": endpoint.cloud_account.as_str(),
            "cloudInstanceId": endpoint.instance.as_str(),
            "cloudInstanceSize": size,
            "cloudLocation": endpoint.region,
        }
    };
    match endpoint.platform.cloud {
        Cloud::None => object! {},
        Cloud::Azure => {
            let mut azure = common();
            azure["azureResourceGroup"] = format!("{}-resources", endpoint.site.name).into();
            object! { "Azure": azure }
        }
        Cloud::Gcp => {
            let mut google = common();
            let account = format!("{}-compute@developer.example", endpoint.cloud_account);
            google["gcpServiceAccount"] = account.into();
            object! { "GCP": google }
        }
        Cloud::Esxi => object! { "ESXI": object! {} },
        Cloud::Aws => object! {
            "AWS": object! {
                "awsRole": format!("{}-node-role", endpoint.region),
                "awsSecurityGroups": texts(&["sg-internal", "sg-monitoring"]),
                "awsSubnetIds": texts(&[format!("subnet-{}", &hash[..8])]),
                "cloudAccount": endpoint.cloud_account.as_str(),
                "cloudImage": format!("ami-{hash}"),
                "cloudInstanceId": endpoint.instance.as_str(),
                "cloudInstanceSize": size,
                "cloudLocation": endpoint.region,
                "cloudNetwork": format!("vpc-{}", &hash[8..16]),
                "cloudTags": texts(&["Environment: production", "Owner: platform"]),
            },
        },
    }
}

fn realtime_info(endpoint: &Endpoint, wanted: Wanted<'_>) -> Value {
    let state = &endpoint.state;
    let scanned = state.scan != "none";
    let ended_as = |scan| (state.scan == scan).then(|| micros(state.scan_ended));
    let needed: &[&str] = if state.reboot_needed { &["reboot_needed"] } else { &[] };
    object! { wanted:
        "accountId": endpoint.account.id.as_str(),
        "accountName": endpoint.account.name,
        "activeThreats": state.active_threats,
        "agentComputerName": endpoint.host.as_str(),
        "agentDecommissionedAt": state.decommissioned.then_some(true),
        "agentDomain": endpoint.domain.as_str(),
        "agentId": endpoint.id.as_str(),
        "agentInfected": state.active_threats > 0,
        "agentIsActive": state.active,
        "agentIsDecommissioned": state.decommissioned,
        "agentMachineType": endpoint.machine_type,
        "agentMitigationMode": state.mitigation_mode,
        "agentNetworkStatus": if state.active { "connected" } else { "disconnected" },
        "agentOsName": endpoint.os.0,
        "agentOsRevision": endpoint.os.1,
        "agentOsType": endpoint.platform.os_type,
        "agentUuid": endpoint.uuid.as_str(),
        "agentVersion": endpoint.version,
        "groupId": endpoint.group.id.as_str(),
        "groupName": endpoint.group.name,
        "networkInterfaces": endpoint.interfaces.iter().map(interface).collect::<Vec<_>>(),
        "operationalState": "na",
        "rebootRequired": state.reboot_needed,
        "scanAbortedAt": ended_as("aborted"),
        "scanFinishedAt": ended_as("finished"),
        "scanStartedAt": scanned.then(|| micros(state.scan_started)),
        "scanStatus": state.scan,
        "siteId": endpoint.site.id.as_str(),
        "siteName": endpoint.site.name,
        "storageName": Value::Null,
        "storageType": Value::Null,
        "userActionsNeeded": texts(needed),
    }
}

fn interface(interface: &Interface) -> Value {
    object! {
        "id": interface.id.as_str(),
        "inet": texts(&interface.inet),
        "inet6": texts(&interface.inet6),
        "name": interface.name,
        "physical": interface.physical.as_str(),
    }
}

fn container_info(endpoint: &Endpoint, incident: &Incident) -> Value {
    let contained = endpoint.platform.workload != Workload::Host;
    let (name, image) = *pick(fleet::CONTAINERS, incident);
    let labels: &[&str] =
        if name.is_empty() { &[] } else { &[r#"MAINTAINER:"Ops""#, "tier:\"back\""] };
    object! {
        "id": contained.then(|| format!("{0:016x}{0:016x}{0:016x}{0:016x}", incident.place)),
        "image": contained.then_some(image),
        "isContainerQuarantine": contained.then_some(false),
        "labels": contained.then(|| texts(labels)),
        "name": contained.then_some(name),
    }
}

fn kubernetes_info(endpoint: &Endpoint, incident: &Incident) -> Value {
    let (namespace, controller, kind) = *pick(fleet::DEPLOYMENTS, incident);
    let pod = format!("{controller}-{:08x}", incident.place >> 32);
    let [node_label, namespace_label, app_label] = [
        format!("topology.kubernetes.io/zone:\"{}a\"", endpoint.region),
        format!("kubernetes.io/metadata.name:\"{namespace}\""),
        format!("app:\"{controller}\""),
    ];
    // Of a container without a cluster the console knows that there is nothing to know.
    let text = |text: &str| match endpoint.platform.workload {
        Workload::Kubernetes => Value::from(text),
        Workload::Container => Value::from(""),
        _ => Value::Null,
    };
    let labels = |label: &String| match endpoint.platform.workload {
        Workload::Kubernetes => texts(std::slice::from_ref(label)),
        Workload::Container => texts::<&str>(&[]),
        _ => Value::Null,
    };
    let in_cluster = endpoint.platform.workload == Workload::Kubernetes;
    object! {
        "cluster": text(if endpoint.region == "eu-north-1" { "blue" } else { "green" }),
        "controllerKind": text(kind),
        "controllerLabels": labels(&app_label),
        "controllerName": text(controller),
        "isContainerQuarantine": in_cluster.then_some(false),
        "namespace": text(namespace),
        "namespaceLabels": labels(&namespace_label),
        "node": text(&endpoint.host),
        "nodeLabels": labels(&node_label),
        "pod": text(&pod),
        "podLabels": labels(&app_label),
    }
}

fn ecs_info(endpoint: &Endpoint, incident: &Incident) -> Value {
    let is_task = endpoint.platform.workload == Workload::EcsTask;
    let (cluster, service, _) = *pick(fleet::DEPLOYMENTS, incident);
    let arn = |kind: &str, name: &str| {
        let Endpoint { region, cloud_account, .. } = endpoint;
        is_task.then(|| format!("arn:aws:ecs:{region}:{cloud_account}:{kind}/{cluster}/{name}"))
    };
    object! {
        "clusterName": is_task.then_some(cluster),
        "serviceArn": arn("service", service),
        "serviceName": is_task.then_some(service),
        "taskArn": arn("task", &format!("{:016x}", incident.place)),
        "taskAvailabilityZone": is_task.then(|| format!("{}b", endpoint.region)),
        "taskDefinitionArn": arn("task-definition", service),
        "taskDefinitionFamily": is_task.then_some(service),
        "taskDefinitionRevision": is_task.then(|| (incident.place % 40).to_string()),
        "type": is_task.then_some("FARGATE"),
        "version": is_task.then_some("1.4.0"),
    }
}

fn indicators(incident: &Incident) -> Vec<Value> {
    let indices = incident.attack.indicators.iter();
    let indicators = indices.filter_map(|index| INDICATORS.get(*index));
    let json = |indicator: &super::attacks::Indicator| {
        object! {
            "category": indicator.category,
            "description": indicator.description,
            "ids": vec![indicator.id],
            "tactics": indicator.tactics.iter().map(tactic).collect::<Vec<_>>(),
        }
    };
    indicators.map(json).collect()
}

fn tactic((name, techniques): &(&str, &[&str])) -> Value {
    let technique = |id: &&str| {
        let path = id.replace('.', "/");
        object! { "link": format!("https://attack.mitre.org/techniques/{path}/"), "name": *id }
    };
    object! {
        "name": *name,
        "source": "MITRE",
        "techniques": techniques.iter().map(technique).collect::<Vec<_>>(),
    }
}

fn mitigation_status(incident: &Incident) -> Vec<Value> {
    incident.actions.iter().map(action).collect()
}

fn action(action: &Action) -> Value {
    let done = |status| if action.status == status { action.count.unwrap_or(0) } else { 0 };
    let counters = action.count.map(|total| {
        object! {
            "failed": done("failed"),
            "notFound": 0,
            "pendingReboot": done("pending-reboot"),
            "success": done("success"),
            "total": total,
        }
    });
    let report = match (action.count, action.status) {
        (Some(_), "success") => Some(format!("/threats/mitigation-report/{}", action.report_id)),
        (Some(_), _) => Some(String::new()),
        (None, _) => None,
    };
    object! {
        "action": action.action,
        "actionsCounters": counters,
        "agentSupportsReport": true,
        "groupNotFound": false,
        "lastUpdate": micros(action.reported),
        "latestReport": report,
        "mitigationEndedAt": micros(action.ended),
        "mitigationStartedAt": micros(action.started),
        "reportId": action.report_id.as_str(),
        "status": action.status,
    }
}

/// One of the items, the same for each part of an incident.
fn pick<'a, T>(items: &'a [T], incident: &Incident) -> &'a T {
    &items[(incident.place % items.len() as u64) as usize]
}

fn without_fraction(time: i64) -> String {
    let whole = micros(time);
    whole.split_once('.').map_or_else(|| whole.clone(), |(seconds, _)| format!("{seconds}Z"))
}
