"""CodePipeline: pipelines, and runs that fail at their source, since no source is fetched here."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.resource_tagging import TaggedResource

from provisioning.simulator.codebuild import trusted
from provisioning.simulator.codeconnections import Connections
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment, event

_NO_SOURCE = "The simulator fetches no source: a pipeline does not run here."


@dataclass(kw_only=True)
class Pipeline:
    """A pipeline with its runs, the newest last."""

    arn: str
    said: dict[str, Any]
    tags: dict[str, str]
    created: float
    updated: float
    runs: list[dict[str, Any]] = field(default_factory=list)


@dataclass(kw_only=True)
class Pipelines:
    """Of one account and region."""

    by_name: dict[str, Pipeline] = field(default_factory=dict)


def _of(moment: Moment) -> dict[str, Pipeline]:
    return moment.notes(Pipelines).by_name


def _there(call: Call) -> Pipeline:
    name = call.text("name") or call.text("pipelineName")
    if name not in _of(call):
        raise Refusal(
            "PipelineNotFoundException",
            f"Account '{call.account}' does not have a pipeline with name '{name}'",
        )
    return _of(call)[name]


def _check(call: Call, pipeline: dict[str, Any]) -> None:
    stages, left = pipeline["stages"], set[str]()
    if len(stages) < 2:
        raise Refusal("InvalidStructureException", "Pipeline should have 2 stages at least")
    for number, stage in enumerate(stages):
        for action in stage["actions"]:
            if (action["actionTypeId"]["category"] == "Source") != (number == 0):
                text = "The first stage, and no other, consists of source actions"
                raise Refusal("InvalidStructureException", text)
            missing = {one["name"] for one in action.get("inputArtifacts") or []} - left
            if missing:
                text = (
                    f"Input artifacts {sorted(missing)} of action {action['name']} are left by none before it"
                )
                raise Refusal("InvalidActionDeclarationException", text)
            left |= {one["name"] for one in action.get("outputArtifacts") or []}
    role = pipeline["roleArn"]
    if not trusted(call, role, "codepipeline.amazonaws.com"):
        text = f"CodePipeline is not authorized to perform AssumeRole on role {role}"
        raise Refusal("InvalidStructureException", text)


@operation("codepipeline", "CreatePipeline")
def create_pipeline(call: Call) -> object:
    """A name is taken once; a first run starts by itself."""
    said = {"version": 1, "pipelineType": "V1", "executionMode": "SUPERSEDED", **call.params["pipeline"]}
    name = said["name"]
    if name in _of(call):
        raise Refusal("PipelineNameInUseException", f"A pipeline with the name '{name}' already exists")
    _check(call, said)
    pipeline = Pipeline(
        arn=f"arn:aws:codepipeline:{call.region}:{call.account}:{name}",
        said=said,
        tags={tag["key"]: tag["value"] for tag in call.items("tags")},
        created=call.now,
        updated=call.now,
    )
    _of(call)[name] = pipeline
    _start(call, pipeline)
    return {"pipeline": said, "tags": call.items("tags")}


@operation("codepipeline", "UpdatePipeline")
def update_pipeline(call: Call) -> object:
    """The whole of it, as a new version."""
    said = dict(call.params["pipeline"])
    call.params["name"] = said["name"]
    pipeline = _there(call)
    _check(call, said)
    version = pipeline.said["version"] + 1
    pipeline.said = {"pipelineType": "V1", "executionMode": "SUPERSEDED", **said, "version": version}
    pipeline.updated = call.now
    return {"pipeline": pipeline.said}


@operation("codepipeline", "GetPipeline")
def get_pipeline(call: Call) -> object:
    """In its newest version."""
    pipeline = _there(call)
    times = {"created": pipeline.created, "updated": pipeline.updated}
    return {"pipeline": pipeline.said, "metadata": {"pipelineArn": pipeline.arn, **times}}


@operation("codepipeline", "ListPipelines")
def list_pipelines(call: Call) -> object:
    """Of the region."""
    names = ("name", "version", "pipelineType", "executionMode")
    return {"pipelines": [{name: one.said[name] for name in names} for one in _of(call).values()]}


@operation("codepipeline", "DeletePipeline")
def delete_pipeline(call: Call) -> object:
    """Quiet when it was not there."""
    _of(call).pop(call.text("name"), None)
    return {}


@operation("codepipeline", "ListTagsForResource")
def list_tags(call: Call) -> object:
    """By ARN."""
    for pipeline in _of(call).values():
        if pipeline.arn == call.text("resourceArn"):
            return {"tags": [{"key": key, "value": value} for key, value in pipeline.tags.items()]}
    raise Refusal("ResourceNotFoundException", f"{call.text('resourceArn')} was not found")


def _start(call: Call, pipeline: Pipeline) -> str:
    identity = str(uuid.uuid4())
    pipeline.runs.append({"id": identity, "status": "InProgress", "started": call.now, "error": ""})
    call.after("codepipeline.source", "codepipeline.source-asked", pipeline.said["name"], identity)
    return identity


@event("codepipeline.source-asked")
def source_asked(moment: Moment, name: str, identity: str) -> None:
    """A run fails at its source: as on AWS while the connection waits, and else because there is none here."""
    pipeline = _of(moment).get(name)
    for run in pipeline.runs if pipeline else []:
        if run["id"] == identity:
            run.update(status="Failed", error=_why(moment, pipeline))


def _why(moment: Moment, pipeline: Pipeline | None) -> str:
    action = pipeline.said["stages"][0]["actions"][0] if pipeline else {}
    arn = (action.get("configuration") or {}).get("ConnectionArn", "")
    connection = moment.notes(Connections).by_arn.get(arn)
    if connection is None:
        return f"[CodeConnections] Connection {arn} does not exist."
    if connection["ConnectionStatus"] != "AVAILABLE":
        return f"[CodeConnections] Connection {arn} is not available."
    return _NO_SOURCE


@operation("codepipeline", "StartPipelineExecution")
def start_execution(call: Call) -> object:
    """Another run."""
    return {"pipelineExecutionId": _start(call, _there(call))}


@operation("codepipeline", "ListPipelineExecutions")
def list_executions(call: Call) -> object:
    """The newest first."""
    return {
        "pipelineExecutionSummaries": [
            {"pipelineExecutionId": run["id"], "status": run["status"], "startTime": run["started"]}
            for run in reversed(_there(call).runs)
        ]
    }


@operation("codepipeline", "GetPipelineState")
def get_state(call: Call) -> object:
    """Each stage, and how far the newest run got."""
    pipeline = _there(call)
    run = pipeline.runs[-1]
    states: list[dict[str, Any]] = []
    for stage in pipeline.said["stages"]:
        state: dict[str, Any] = {"stageName": stage["name"], "actionStates": []}
        state["inboundTransitionState"] = {"enabled": True}
        for action in stage["actions"]:
            told: dict[str, Any] = {"actionName": action["name"]}
            if not states:
                error = (
                    {"errorDetails": {"code": "JobFailed", "message": run["error"]}} if run["error"] else {}
                )
                told["latestExecution"] = {"status": run["status"], **error}
            state["actionStates"].append(told)
        if not states:
            state["latestExecution"] = {"pipelineExecutionId": run["id"], "status": run["status"]}
        states.append(state)
    return {
        "pipelineName": pipeline.said["name"],
        "pipelineVersion": pipeline.said["version"],
        "stageStates": states,
        "created": pipeline.created,
        "updated": pipeline.updated,
    }


@tagged
def tagged_pipelines(moment: Moment) -> Iterator[TaggedResource]:
    """For the tagging API."""
    for pipeline in _of(moment).values():
        yield TaggedResource(pipeline.arn, pipeline.tags, "codepipeline:pipeline")
