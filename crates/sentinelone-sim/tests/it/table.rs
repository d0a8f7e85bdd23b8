//! A small operation table, such as codegen emits.

use http::Method;
use sentinelone_runtime::operation::{
    Constraints, Filter, FilterOp, Operation, Pagination, Parameter, Sort, ValueType,
};

pub(crate) static OPERATIONS: &[&Operation] = &[&THREATS, &NOTES, &OTHER_LIST];

pub(crate) const THREATS_PATH: &str = "/web/api/v2.1/threats";

const SORT: Sort = Sort::new(
    "sortBy",
    "sortOrder",
    "id",
    &[
        ("id", "id"),
        ("createdAt", "threatInfo.createdAt"),
        ("updatedAt", "threatInfo.updatedAt"),
        ("agentMachineType", "agentRealtimeInfo.agentMachineType"),
        ("cloudAccount", "agentDetectionInfo.cloudProviders.*.cloudAccount"),
        ("secret", "$secret"),
    ],
);

const VERDICTS: &[&str] = &["undefined", "true_positive", "false_positive", "suspicious"];

static THREATS: Operation = Operation::new("getThreats", "Threats", Method::GET, THREATS_PATH)
    .parameters(&[
        text("agentTagsData").filter(Filter::new(FilterOp::Tags, &["$agentTags"])),
        texts("analystVerdicts", FilterOp::In, &["threatInfo.analystVerdict"])
            .known_values(VERDICTS),
        texts("analystVerdictsNin", FilterOp::NotIn, &["threatInfo.analystVerdict"])
            .known_values(VERDICTS),
        texts(
            "cloudAccount__contains",
            FilterOp::Contains,
            &["agentDetectionInfo.cloudProviders.*.cloudAccount"],
        )
        .constrained(Constraints::new().min_length(2)),
        texts("cloudProvider", FilterOp::In, &["agentDetectionInfo.cloudProviders.~"]),
        texts(
            "computerName__contains",
            FilterOp::Contains,
            &["agentRealtimeInfo.agentComputerName"],
        )
        .constrained(Constraints::new().max_items(3).min_length(2)),
        switch("countOnly"),
        time("createdAt__gt", FilterOp::Gt),
        time("createdAt__gte", FilterOp::Gte),
        time("createdAt__lt", FilterOp::Lt),
        time("createdAt__lte", FilterOp::Lte),
        text("cursor"),
        texts("detectionEngines", FilterOp::In, &["threatInfo.detectionEngines[].key"]),
        switch("externalTicketExists")
            .filter(Filter::new(FilterOp::Exists, &["threatInfo.externalTicketId"])),
        switch("hasAgentTags").filter(Filter::new(FilterOp::Exists, &["$agentTags"])),
        texts("ids", FilterOp::In, &["id"])
            .constrained(Constraints::new().pattern("^[0-9]{18,19}$")),
        Parameter::query("limit", ValueType::Integer)
            .constrained(Constraints::new().minimum(1).maximum(1000))
            .default_value("10"),
        text("query").filter(Filter::new(
            FilterOp::FullText,
            &["threatInfo.threatName", "agentRealtimeInfo.agentComputerName"],
        )),
        switch("resolved").filter(
            Filter::new(FilterOp::Equals, &["threatInfo.incidentStatus"]).value("resolved"),
        ),
        texts("siteIds", FilterOp::In, &["agentRealtimeInfo.siteId"])
            .constrained(Constraints::new().min_items(1)),
        Parameter::query("skip", ValueType::Integer)
            .constrained(Constraints::new().minimum(0).maximum(1000)),
        switch("skipCount"),
        text("sortBy").known_values(&[
            "id",
            "createdAt",
            "updatedAt",
            "agentMachineType",
            "cloudAccount",
            "secret",
        ]),
        text("sortOrder").known_values(&["asc", "desc"]),
    ])
    .paged(
        Pagination::new("cursor", "limit", "/data", "/pagination/nextCursor")
            .skip("skip")
            .count_only("countOnly")
            .skip_count("skipCount")
            .total_items("/pagination/totalItems")
            .sorted(SORT),
    );

static NOTES: Operation = Operation::new(
    "getThreatNotes",
    "Threats",
    Method::GET,
    "/web/api/v2.1/threats/{threat_id}/notes",
)
.parameters(&[Parameter::path("threat_id", ValueType::String)])
.download("application/zip");

/// A list with names of its own, and not sorted by choice.
static OTHER_LIST: Operation =
    Operation::new("getOthers", "Others", Method::GET, "/web/api/v2.1/others")
        .parameters(&[
            Parameter::query("after", ValueType::String),
            Parameter::query("size", ValueType::Integer).required(),
        ])
        .paged(Pagination::new("after", "size", "/deep/er/items", "/next"));

const fn text(name: &'static str) -> Parameter {
    Parameter::query(name, ValueType::String)
}

const fn switch(name: &'static str) -> Parameter {
    Parameter::query(name, ValueType::Boolean)
}

const fn time(name: &'static str, op: FilterOp) -> Parameter {
    Parameter::query(name, ValueType::DateTime).filter(Filter::new(op, &["threatInfo.createdAt"]))
}

const fn texts(name: &'static str, op: FilterOp, fields: &'static [&'static str]) -> Parameter {
    text(name).list().filter(Filter::new(op, fields))
}
