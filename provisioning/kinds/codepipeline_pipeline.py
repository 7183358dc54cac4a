"""A pipeline: takes the source of an application, has it built, and rolls out what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.properties import has_reference
from provisioning.references import JsonObject
from provisioning.template_parts import REF, Form, Part, Place, capitalised, renamed

_SOURCE, _BUILD, _APPROVAL = "CodeStarSourceConnection", "CodeBuild", "Manual"
_ECS, _BEANSTALK = "ECS", "ElasticBeanstalk"
_FILE = "imagedefinitions.json"


class PipelineProps(Props):
    """`repository` as "owner/name"; every push to `branch` starts a run. With `cluster_name` and `service_name` an ECS
    service gets the image that the build of `project_name` left (imagedefinitions.json says which image goes into which
    container); with `application_name` and `environment_name` Elastic Beanstalk gets the source as it is; without
    either it ends with the build. `approval`: a person has to agree before it is rolled out.

    What has one allowed value is so always: it is a property so that a change made elsewhere is seen and undone.
    """

    role_arn: str
    artifact_bucket: str
    connection_arn: str
    repository: str
    branch: str = Field(default="main", min_length=1, max_length=255)
    project_name: str = ""
    cluster_name: str = ""
    service_name: str = ""
    application_name: str = ""
    environment_name: str = ""
    approval: bool = False
    type: Literal["V2"] = "V2"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.cluster_name) != bool(self.service_name):
            raise ValueError("An ECS service is named together with its cluster.")
        if bool(self.application_name) != bool(self.environment_name):
            raise ValueError("An environment of Elastic Beanstalk is named together with its application.")
        if bool(self.project_name) == bool(self.environment_name):
            raise ValueError("It either has something built, or gives the source to Elastic Beanstalk.")
        if self.approval and not (self.service_name or self.environment_name):
            raise ValueError("There is nothing to approve where nothing is rolled out.")
        owner, _, name = self.repository.partition("/")
        if not has_reference(self.repository) and not (owner and name):
            raise ValueError(f"{self.repository!r} is no repository: write it as owner/name.")
        return self


@register
class Pipeline(Kind[PipelineProps]):
    """https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_CreatePipeline.html

    No token: found by its name. It starts a run by itself when it is made, which fails while its connection waits for
    a person. UpdatePipeline takes the whole of it. Attributes: id (the name), name, arn.
    """

    name = "codepipeline.pipeline"
    title = "Pipeline"
    naming = Naming(limit=100)
    billed = True
    permissions = (
        "codepipeline:CreatePipeline",
        "codepipeline:TagResource",
        "codepipeline:GetPipeline",
        "codepipeline:ListTagsForResource",
        "codepipeline:UpdatePipeline",
        "codepipeline:DeletePipeline",
        "codeconnections:PassConnection",
    )
    passes_roles_to = ("codepipeline.amazonaws.com",)
    props = PipelineProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        answer = found(aws.codepipeline.get_pipeline, name=handle.name)
        if answer is None:
            return None
        tags = dict(handle.tags)
        if handle.id is None:
            listed = aws.codepipeline.list_tags_for_resource(resourceArn=_arn(handle))
            tags = tags_of(listed, "tags")
        return Observed(
            id=handle.name, props=_told(answer["pipeline"]), attributes=_attributes(handle), tags=tags
        )

    def create(self, aws: Aws, handle: Handle, props: PipelineProps) -> Observed:
        tags: Any = [{"key": key, "value": value} for key, value in handle.tags.items()]
        aws.codepipeline.create_pipeline(pipeline=_pipeline(handle, props), tags=tags)
        return Observed(id=handle.name, attributes=_attributes(handle))

    def update(self, aws: Aws, handle: Handle, props: PipelineProps, observed: Observed) -> Observed:
        aws.codepipeline.update_pipeline(pipeline=_pipeline(handle, props))
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.codepipeline.delete_pipeline, name=handle.name)
        return True

    def cost(self, props: PipelineProps, usage: Usage, region: str) -> Iterator[CostLine]:
        yield CostLine.usage(
            "CodePipeline/v2_action_minute",
            usage.build_minutes,
            "Pipeline actions",
            f"{usage.build_minutes:,} minutes a month",
        )

    def cloudformation(self, place: Place, props: PipelineProps) -> Form:
        pipeline = renamed(_pipeline(place, props), capitalised, free=frozenset({"configuration"}))
        return Form(
            parts=(
                Part(type="AWS::CodePipeline::Pipeline", properties={**pipeline, "Tags": place.tag_list}),
            ),
            attributes={"id": REF, "name": REF, "arn": place.arn("codepipeline", place.own("name"))},
        )


def _arn(handle: Handle) -> str:
    partition = "aws-cn" if handle.region.startswith("cn-") else "aws"
    return f"arn:{partition}:codepipeline:{handle.region}:{handle.account}:{handle.name}"


def _attributes(handle: Handle) -> dict[str, str]:
    return {"id": handle.name, "name": handle.name, "arn": _arn(handle)}


def _pipeline(handle: Handle, props: PipelineProps) -> Any:
    return {
        "name": handle.name,
        "roleArn": props.role_arn,
        "pipelineType": props.type,
        "executionMode": "SUPERSEDED",
        "artifactStore": {"type": "S3", "location": props.artifact_bucket},
        "stages": _stages(props),
    }


def _stages(props: PipelineProps) -> list[dict[str, Any]]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"""
    source = {
        "ConnectionArn": props.connection_arn,
        "FullRepositoryId": props.repository,
        "BranchName": props.branch,
        "OutputArtifactFormat": "CODE_ZIP",
        "DetectChanges": "true",
    }
    stages = [
        _stage("Source", _SOURCE, source, leaves="source"),
    ]
    if props.project_name:
        built = {"ProjectName": props.project_name}
        stages.append(_stage("Build", _BUILD, built, takes="source", leaves="image"))
    if props.approval:
        stages.append(_stage("Approval", _APPROVAL, {}))
    if props.service_name:
        service = {
            "ClusterName": props.cluster_name,
            "ServiceName": props.service_name,
            "FileName": _FILE,
        }
        stages.append(_stage("Deploy", _ECS, service, takes="image"))
    if props.environment_name:
        environment = {
            "ApplicationName": props.application_name,
            "EnvironmentName": props.environment_name,
        }
        stages.append(_stage("Deploy", _BEANSTALK, environment, takes="source"))
    return stages


def _stage(
    category: str, provider: str, configuration: dict[str, str], *, takes: str = "", leaves: str = ""
) -> dict[str, Any]:
    """A stage of one action, called like it."""
    action = {
        "name": category,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
        "configuration": configuration,
        "inputArtifacts": [{"name": takes}] if takes else [],
        "outputArtifacts": [{"name": leaves}] if leaves else [],
    }
    return {"name": category, "actions": [action]}


def _told(pipeline: Any) -> JsonObject:
    """What it would take to write it here; one of another build (stages that people added) tells no repository."""
    there = {
        action["actionTypeId"]["provider"]: action.get("configuration", {})
        for stage in pipeline["stages"]
        for action in stage["actions"]
    }
    source, deploy, beanstalk = (there.get(one, {}) for one in (_SOURCE, _ECS, _BEANSTALK))
    known: dict[str, Any] = {
        "role_arn": pipeline["roleArn"],
        "artifact_bucket": pipeline.get("artifactStore", {}).get("location", ""),
        "connection_arn": source.get("ConnectionArn", ""),
        "repository": source.get("FullRepositoryId", ""),
        "branch": source.get("BranchName", ""),
        "project_name": there.get(_BUILD, {}).get("ProjectName", ""),
        "cluster_name": deploy.get("ClusterName", ""),
        "service_name": deploy.get("ServiceName", ""),
        "application_name": beanstalk.get("ApplicationName", ""),
        "environment_name": beanstalk.get("EnvironmentName", ""),
        "approval": _APPROVAL in there,
        "type": pipeline.get("pipelineType", "V1"),
    }
    ours = _stages(PipelineProps.model_construct(**known))
    return known if _outline(pipeline["stages"]) == _outline(ours) else {**known, "repository": ""}


def _outline(stages: Any) -> list[Any]:
    return [
        [(action["actionTypeId"]["provider"], action.get("configuration", {})) for action in stage["actions"]]
        for stage in stages
    ]
