//! The fields of a threat with nothing but serde's derive: what the SDK is held against.

use std::collections::BTreeMap;

use sentinelone::chrono::{DateTime, Utc};
use sentinelone::threats::{
    AnalystVerdict, ClassificationSource, ConfidenceLevel, DecommissionedAt, DetectionType, Engine,
    IncidentStatus, InitiatedBy, MachineType, MitigationAction, MitigationActionStatus,
    MitigationMode, MitigationStatus, NetworkStatus, OsType, ScanStatus, UserAction,
    WhiteningOption,
};

/// Written as the SDK writes it, so that the two can be compared.
fn date_time<S: serde::Serializer>(
    at: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.serialize_str(&sentinelone_runtime::date_time::to_text(*at)),
        None => serializer.serialize_none(),
    }
}

#[derive(serde::Deserialize)]
pub(crate) struct Page {
    pub(crate) data: Vec<Threat>,
    pub(crate) pagination: Pagination,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pagination {
    pub(crate) next_cursor: Option<String>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct ActionsCounters {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) total: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) success: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failed: Option<i64>,
    #[serde(rename = "notFound", skip_serializing_if = "Option::is_none")]
    pub(crate) not_found: Option<i64>,
    #[serde(rename = "pendingReboot", skip_serializing_if = "Option::is_none")]
    pub(crate) pending_reboot: Option<i64>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct AgentDetectionInfo {
    #[serde(rename = "accountId", skip_serializing_if = "Option::is_none")]
    pub(crate) account_id: Option<String>,
    #[serde(rename = "accountName", skip_serializing_if = "Option::is_none")]
    pub(crate) account_name: Option<String>,
    #[serde(rename = "siteId", skip_serializing_if = "Option::is_none")]
    pub(crate) site_id: Option<String>,
    #[serde(rename = "siteName", skip_serializing_if = "Option::is_none")]
    pub(crate) site_name: Option<String>,
    #[serde(rename = "groupId", skip_serializing_if = "Option::is_none")]
    pub(crate) group_id: Option<String>,
    #[serde(rename = "groupName", skip_serializing_if = "Option::is_none")]
    pub(crate) group_name: Option<String>,
    #[serde(rename = "agentUuid", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_uuid: Option<String>,
    #[serde(rename = "agentVersion", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_version: Option<String>,
    #[serde(rename = "assetVersion", skip_serializing_if = "Option::is_none")]
    pub(crate) asset_version: Option<String>,
    #[serde(
        rename = "agentRegisteredAt",
        skip_serializing_if = "Option::is_none",
        serialize_with = "date_time"
    )]
    pub(crate) agent_registered_at: Option<DateTime<Utc>>,
    #[serde(rename = "agentDetectionState", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_detection_state: Option<String>,
    #[serde(rename = "agentMitigationMode", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_mitigation_mode: Option<MitigationMode>,
    #[serde(rename = "agentDomain", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_domain: Option<String>,
    #[serde(rename = "agentIpV4", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_ip_v4: Option<String>,
    #[serde(rename = "agentIpV6", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_ip_v6: Option<String>,
    #[serde(rename = "externalIp", skip_serializing_if = "Option::is_none")]
    pub(crate) external_ip: Option<String>,
    #[serde(rename = "agentOsName", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_os_name: Option<String>,
    #[serde(rename = "agentOsRevision", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_os_revision: Option<String>,
    #[serde(rename = "agentLastLoggedInUserName", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_last_logged_in_user_name: Option<String>,
    #[serde(rename = "agentLastLoggedInUserMail", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_last_logged_in_user_mail: Option<String>,
    #[serde(rename = "agentLastLoggedInUpn", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_last_logged_in_upn: Option<String>,
    #[serde(rename = "cloudProviders", skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_providers: Option<BTreeMap<String, CloudProvider>>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct AgentRealtimeInfo {
    #[serde(rename = "accountId", skip_serializing_if = "Option::is_none")]
    pub(crate) account_id: Option<String>,
    #[serde(rename = "accountName", skip_serializing_if = "Option::is_none")]
    pub(crate) account_name: Option<String>,
    #[serde(rename = "siteId", skip_serializing_if = "Option::is_none")]
    pub(crate) site_id: Option<String>,
    #[serde(rename = "siteName", skip_serializing_if = "Option::is_none")]
    pub(crate) site_name: Option<String>,
    #[serde(rename = "groupId", skip_serializing_if = "Option::is_none")]
    pub(crate) group_id: Option<String>,
    #[serde(rename = "groupName", skip_serializing_if = "Option::is_none")]
    pub(crate) group_name: Option<String>,
    #[serde(rename = "agentId", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_id: Option<String>,
    #[serde(rename = "agentUuid", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_uuid: Option<String>,
    #[serde(rename = "agentVersion", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_version: Option<String>,
    #[serde(rename = "agentComputerName", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_computer_name: Option<String>,
    #[serde(rename = "agentDomain", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_domain: Option<String>,
    #[serde(rename = "agentMachineType", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_machine_type: Option<MachineType>,
    #[serde(rename = "agentOsType", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_os_type: Option<OsType>,
    #[serde(rename = "agentOsName", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_os_name: Option<String>,
    #[serde(rename = "agentOsRevision", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_os_revision: Option<String>,
    #[serde(rename = "agentIsActive", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_is_active: Option<bool>,
    #[serde(rename = "agentInfected", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_infected: Option<bool>,
    #[serde(rename = "activeThreats", skip_serializing_if = "Option::is_none")]
    pub(crate) active_threats: Option<i64>,
    #[serde(rename = "agentIsDecommissioned", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_is_decommissioned: Option<bool>,
    #[serde(rename = "agentDecommissionedAt", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_decommissioned_at: Option<DecommissionedAt>,
    #[serde(rename = "agentMitigationMode", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_mitigation_mode: Option<MitigationMode>,
    #[serde(rename = "agentNetworkStatus", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_network_status: Option<NetworkStatus>,
    #[serde(rename = "networkInterfaces", skip_serializing_if = "Option::is_none")]
    pub(crate) network_interfaces: Option<Vec<NetworkInterface>>,
    #[serde(rename = "operationalState", skip_serializing_if = "Option::is_none")]
    pub(crate) operational_state: Option<String>,
    #[serde(rename = "rebootRequired", skip_serializing_if = "Option::is_none")]
    pub(crate) reboot_required: Option<bool>,
    #[serde(rename = "userActionsNeeded", skip_serializing_if = "Option::is_none")]
    pub(crate) user_actions_needed: Option<Vec<UserAction>>,
    #[serde(rename = "scanStatus", skip_serializing_if = "Option::is_none")]
    pub(crate) scan_status: Option<ScanStatus>,
    #[serde(
        rename = "scanStartedAt",
        skip_serializing_if = "Option::is_none",
        serialize_with = "date_time"
    )]
    pub(crate) scan_started_at: Option<DateTime<Utc>>,
    #[serde(
        rename = "scanFinishedAt",
        skip_serializing_if = "Option::is_none",
        serialize_with = "date_time"
    )]
    pub(crate) scan_finished_at: Option<DateTime<Utc>>,
    #[serde(
        rename = "scanAbortedAt",
        skip_serializing_if = "Option::is_none",
        serialize_with = "date_time"
    )]
    pub(crate) scan_aborted_at: Option<DateTime<Utc>>,
    #[serde(rename = "storageName", skip_serializing_if = "Option::is_none")]
    pub(crate) storage_name: Option<String>,
    #[serde(rename = "storageType", skip_serializing_if = "Option::is_none")]
    pub(crate) storage_type: Option<String>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct CloudProvider {
    #[serde(rename = "cloudAccount", skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_account: Option<String>,
    #[serde(rename = "cloudImage", skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_image: Option<String>,
    #[serde(rename = "cloudInstanceId", skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_instance_id: Option<String>,
    #[serde(rename = "cloudInstanceSize", skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_instance_size: Option<String>,
    #[serde(rename = "cloudLocation", skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_location: Option<String>,
    #[serde(rename = "cloudNetwork", skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_network: Option<String>,
    #[serde(rename = "cloudTags", skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_tags: Option<Vec<String>>,
    #[serde(rename = "awsRole", skip_serializing_if = "Option::is_none")]
    pub(crate) aws_role: Option<String>,
    #[serde(rename = "awsSecurityGroups", skip_serializing_if = "Option::is_none")]
    pub(crate) aws_security_groups: Option<Vec<String>>,
    #[serde(rename = "awsSubnetIds", skip_serializing_if = "Option::is_none")]
    pub(crate) aws_subnet_ids: Option<Vec<String>>,
    #[serde(rename = "azureResourceGroup", skip_serializing_if = "Option::is_none")]
    pub(crate) azure_resource_group: Option<String>,
    #[serde(rename = "gcpServiceAccount", skip_serializing_if = "Option::is_none")]
    pub(crate) gcp_service_account: Option<String>,
    #[serde(rename = "clusterName", skip_serializing_if = "Option::is_none")]
    pub(crate) cluster_name: Option<String>,
    #[serde(rename = "agentNamespace", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_namespace: Option<String>,
    #[serde(rename = "agentPodName", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_pod_name: Option<String>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct ContainerInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) labels: Option<Vec<String>>,
    #[serde(rename = "isContainerQuarantine", skip_serializing_if = "Option::is_none")]
    pub(crate) is_container_quarantine: Option<bool>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct DetectionEngine {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<Engine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct EcsInfo {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) type_: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    #[serde(rename = "clusterName", skip_serializing_if = "Option::is_none")]
    pub(crate) cluster_name: Option<String>,
    #[serde(rename = "serviceName", skip_serializing_if = "Option::is_none")]
    pub(crate) service_name: Option<String>,
    #[serde(rename = "serviceArn", skip_serializing_if = "Option::is_none")]
    pub(crate) service_arn: Option<String>,
    #[serde(rename = "taskArn", skip_serializing_if = "Option::is_none")]
    pub(crate) task_arn: Option<String>,
    #[serde(rename = "taskAvailabilityZone", skip_serializing_if = "Option::is_none")]
    pub(crate) task_availability_zone: Option<String>,
    #[serde(rename = "taskDefinitionFamily", skip_serializing_if = "Option::is_none")]
    pub(crate) task_definition_family: Option<String>,
    #[serde(rename = "taskDefinitionRevision", skip_serializing_if = "Option::is_none")]
    pub(crate) task_definition_revision: Option<String>,
    #[serde(rename = "taskDefinitionArn", skip_serializing_if = "Option::is_none")]
    pub(crate) task_definition_arn: Option<String>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Indicator {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ids: Option<Vec<i64>>,
    #[serde(rename = "categoryId", skip_serializing_if = "Option::is_none")]
    pub(crate) category_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tactics: Option<Vec<Tactic>>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct KubernetesInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cluster: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) namespace: Option<String>,
    #[serde(rename = "namespaceLabels", skip_serializing_if = "Option::is_none")]
    pub(crate) namespace_labels: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) node: Option<String>,
    #[serde(rename = "nodeLabels", skip_serializing_if = "Option::is_none")]
    pub(crate) node_labels: Option<Vec<String>>,
    #[serde(rename = "controllerKind", skip_serializing_if = "Option::is_none")]
    pub(crate) controller_kind: Option<String>,
    #[serde(rename = "controllerName", skip_serializing_if = "Option::is_none")]
    pub(crate) controller_name: Option<String>,
    #[serde(rename = "controllerLabels", skip_serializing_if = "Option::is_none")]
    pub(crate) controller_labels: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pod: Option<String>,
    #[serde(rename = "podLabels", skip_serializing_if = "Option::is_none")]
    pub(crate) pod_labels: Option<Vec<String>>,
    #[serde(rename = "isContainerQuarantine", skip_serializing_if = "Option::is_none")]
    pub(crate) is_container_quarantine: Option<bool>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct MacroModule {
    #[serde(rename = "moduleName", skip_serializing_if = "Option::is_none")]
    pub(crate) module_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<String>,
    #[serde(rename = "isMacroContentTruncated", skip_serializing_if = "Option::is_none")]
    pub(crate) is_macro_content_truncated: Option<bool>,
    #[serde(rename = "macroDetectionSource", skip_serializing_if = "Option::is_none")]
    pub(crate) macro_detection_source: Option<String>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct NetworkInterface {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) physical: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inet: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inet6: Option<Vec<String>>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Tactic {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) techniques: Option<Vec<Technique>>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Technique {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<String>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Threat {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(rename = "threatInfo", skip_serializing_if = "Option::is_none")]
    pub(crate) threat_info: Option<ThreatInfo>,
    #[serde(rename = "agentDetectionInfo", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_detection_info: Option<AgentDetectionInfo>,
    #[serde(rename = "agentRealtimeInfo", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_realtime_info: Option<AgentRealtimeInfo>,
    #[serde(rename = "mitigationStatus", skip_serializing_if = "Option::is_none")]
    pub(crate) mitigation_status: Option<Vec<ThreatMitigation>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) indicators: Option<Vec<Indicator>>,
    #[serde(rename = "containerInfo", skip_serializing_if = "Option::is_none")]
    pub(crate) container_info: Option<ContainerInfo>,
    #[serde(rename = "kubernetesInfo", skip_serializing_if = "Option::is_none")]
    pub(crate) kubernetes_info: Option<KubernetesInfo>,
    #[serde(rename = "ecsInfo", skip_serializing_if = "Option::is_none")]
    pub(crate) ecs_info: Option<EcsInfo>,
    #[serde(rename = "whiteningOptions", skip_serializing_if = "Option::is_none")]
    pub(crate) whitening_options: Option<Vec<WhiteningOption>>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct ThreatInfo {
    #[serde(rename = "threatId", skip_serializing_if = "Option::is_none")]
    pub(crate) threat_id: Option<String>,
    #[serde(rename = "threatName", skip_serializing_if = "Option::is_none")]
    pub(crate) threat_name: Option<String>,
    #[serde(
        rename = "createdAt",
        skip_serializing_if = "Option::is_none",
        serialize_with = "date_time"
    )]
    pub(crate) created_at: Option<DateTime<Utc>>,
    #[serde(
        rename = "updatedAt",
        skip_serializing_if = "Option::is_none",
        serialize_with = "date_time"
    )]
    pub(crate) updated_at: Option<DateTime<Utc>>,
    #[serde(
        rename = "identifiedAt",
        skip_serializing_if = "Option::is_none",
        serialize_with = "date_time"
    )]
    pub(crate) identified_at: Option<DateTime<Utc>>,
    #[serde(rename = "analystVerdict", skip_serializing_if = "Option::is_none")]
    pub(crate) analyst_verdict: Option<AnalystVerdict>,
    #[serde(rename = "analystVerdictDescription", skip_serializing_if = "Option::is_none")]
    pub(crate) analyst_verdict_description: Option<String>,
    #[serde(rename = "incidentStatus", skip_serializing_if = "Option::is_none")]
    pub(crate) incident_status: Option<IncidentStatus>,
    #[serde(rename = "incidentStatusDescription", skip_serializing_if = "Option::is_none")]
    pub(crate) incident_status_description: Option<String>,
    #[serde(rename = "mitigationStatus", skip_serializing_if = "Option::is_none")]
    pub(crate) mitigation_status: Option<MitigationStatus>,
    #[serde(rename = "mitigationStatusDescription", skip_serializing_if = "Option::is_none")]
    pub(crate) mitigation_status_description: Option<String>,
    #[serde(rename = "mitigatedPreemptively", skip_serializing_if = "Option::is_none")]
    pub(crate) mitigated_preemptively: Option<bool>,
    #[serde(rename = "automaticallyResolved", skip_serializing_if = "Option::is_none")]
    pub(crate) automatically_resolved: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) classification: Option<String>,
    #[serde(rename = "classificationSource", skip_serializing_if = "Option::is_none")]
    pub(crate) classification_source: Option<ClassificationSource>,
    #[serde(rename = "confidenceLevel", skip_serializing_if = "Option::is_none")]
    pub(crate) confidence_level: Option<ConfidenceLevel>,
    #[serde(rename = "detectionType", skip_serializing_if = "Option::is_none")]
    pub(crate) detection_type: Option<DetectionType>,
    #[serde(rename = "detectionEngines", skip_serializing_if = "Option::is_none")]
    pub(crate) detection_engines: Option<Vec<DetectionEngine>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) engines: Option<Vec<String>>,
    #[serde(rename = "initiatedBy", skip_serializing_if = "Option::is_none")]
    pub(crate) initiated_by: Option<InitiatedBy>,
    #[serde(rename = "initiatedByDescription", skip_serializing_if = "Option::is_none")]
    pub(crate) initiated_by_description: Option<String>,
    #[serde(rename = "initiatingUserId", skip_serializing_if = "Option::is_none")]
    pub(crate) initiating_user_id: Option<String>,
    #[serde(rename = "initiatingUsername", skip_serializing_if = "Option::is_none")]
    pub(crate) initiating_username: Option<String>,
    #[serde(rename = "collectionId", skip_serializing_if = "Option::is_none")]
    pub(crate) collection_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) storyline: Option<String>,
    #[serde(rename = "filePath", skip_serializing_if = "Option::is_none")]
    pub(crate) file_path: Option<String>,
    #[serde(rename = "fileSize", skip_serializing_if = "Option::is_none")]
    pub(crate) file_size: Option<i64>,
    #[serde(rename = "fileExtension", skip_serializing_if = "Option::is_none")]
    pub(crate) file_extension: Option<String>,
    #[serde(rename = "fileExtensionType", skip_serializing_if = "Option::is_none")]
    pub(crate) file_extension_type: Option<String>,
    #[serde(rename = "fileVerificationType", skip_serializing_if = "Option::is_none")]
    pub(crate) file_verification_type: Option<String>,
    #[serde(rename = "isFileless", skip_serializing_if = "Option::is_none")]
    pub(crate) is_fileless: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) md5: Option<String>,
    #[serde(rename = "cloudFilesHashVerdict", skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_files_hash_verdict: Option<String>,
    #[serde(rename = "publisherName", skip_serializing_if = "Option::is_none")]
    pub(crate) publisher_name: Option<String>,
    #[serde(rename = "certificateId", skip_serializing_if = "Option::is_none")]
    pub(crate) certificate_id: Option<String>,
    #[serde(rename = "isValidCertificate", skip_serializing_if = "Option::is_none")]
    pub(crate) is_valid_certificate: Option<bool>,
    #[serde(rename = "browserType", skip_serializing_if = "Option::is_none")]
    pub(crate) browser_type: Option<String>,
    #[serde(rename = "originatorProcess", skip_serializing_if = "Option::is_none")]
    pub(crate) originator_process: Option<String>,
    #[serde(rename = "maliciousProcessArguments", skip_serializing_if = "Option::is_none")]
    pub(crate) malicious_process_arguments: Option<String>,
    #[serde(rename = "processUser", skip_serializing_if = "Option::is_none")]
    pub(crate) process_user: Option<String>,
    #[serde(rename = "rootProcessUpn", skip_serializing_if = "Option::is_none")]
    pub(crate) root_process_upn: Option<String>,
    #[serde(rename = "macroModules", skip_serializing_if = "Option::is_none")]
    pub(crate) macro_modules: Option<Vec<MacroModule>>,
    #[serde(rename = "reachedEventsLimit", skip_serializing_if = "Option::is_none")]
    pub(crate) reached_events_limit: Option<bool>,
    #[serde(rename = "failedActions", skip_serializing_if = "Option::is_none")]
    pub(crate) failed_actions: Option<bool>,
    #[serde(rename = "pendingActions", skip_serializing_if = "Option::is_none")]
    pub(crate) pending_actions: Option<bool>,
    #[serde(rename = "rebootRequired", skip_serializing_if = "Option::is_none")]
    pub(crate) reboot_required: Option<bool>,
    #[serde(rename = "externalTicketExists", skip_serializing_if = "Option::is_none")]
    pub(crate) external_ticket_exists: Option<bool>,
    #[serde(rename = "externalTicketId", skip_serializing_if = "Option::is_none")]
    pub(crate) external_ticket_id: Option<String>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct ThreatMitigation {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<MitigationAction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<MitigationActionStatus>,
    #[serde(rename = "actionsCounters", skip_serializing_if = "Option::is_none")]
    pub(crate) actions_counters: Option<ActionsCounters>,
    #[serde(
        rename = "mitigationStartedAt",
        skip_serializing_if = "Option::is_none",
        serialize_with = "date_time"
    )]
    pub(crate) mitigation_started_at: Option<DateTime<Utc>>,
    #[serde(
        rename = "mitigationEndedAt",
        skip_serializing_if = "Option::is_none",
        serialize_with = "date_time"
    )]
    pub(crate) mitigation_ended_at: Option<DateTime<Utc>>,
    #[serde(
        rename = "lastUpdate",
        skip_serializing_if = "Option::is_none",
        serialize_with = "date_time"
    )]
    pub(crate) last_update: Option<DateTime<Utc>>,
    #[serde(rename = "groupNotFound", skip_serializing_if = "Option::is_none")]
    pub(crate) group_not_found: Option<bool>,
    #[serde(rename = "agentSupportsReport", skip_serializing_if = "Option::is_none")]
    pub(crate) agent_supports_report: Option<bool>,
    #[serde(rename = "latestReport", skip_serializing_if = "Option::is_none")]
    pub(crate) latest_report: Option<String>,
    #[serde(rename = "reportId", skip_serializing_if = "Option::is_none")]
    pub(crate) report_id: Option<String>,
}
