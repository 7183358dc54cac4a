"""A CodeBuild project: how a pipeline builds an image of an application and pushes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonObject
from provisioning.template_parts import REF, Form, Part, Place, Told, capitalised, given, renamed

_SIZES = {size.upper(): size for size in ("small", "medium", "large")}
_COMPUTE = "BUILD_GENERAL1_"


class ProjectProps(Props):
    """`buildspec`: what is done, as text in YAML; `environment`: variables in plain text, which are no place for
    secrets. `privileged`: a container that may run Docker, which building an image takes. What is built comes from a
    pipeline and goes back to it.

    What has one allowed value is so always: it is a property so that a change made elsewhere is seen and undone.
    """

    role_arn: str
    buildspec: str = Field(min_length=1, max_length=25_600)
    environment: dict[str, str] = {}
    image: str = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
    size: Literal["small", "medium", "large"] = "small"
    privileged: bool = True
    timeout_minutes: int = Field(default=20, ge=5, le=480)
    log_group_name: str
    description: str = Field(default="", max_length=255)
    source: Literal["CODEPIPELINE"] = "CODEPIPELINE"


@register
class Project(Kind[ProjectProps]):
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html

    No token: found by its name. CodeBuild may not see a new role for some seconds. Minutes of builds cost, the project
    does not. Attributes: id (the name), name, arn.
    """

    name = "codebuild.project"
    title = "Build project"
    naming = Naming(limit=150)
    billed = True
    permissions = (
        "codebuild:CreateProject",
        "codebuild:BatchGetProjects",
        "codebuild:UpdateProject",
        "codebuild:DeleteProject",
    )
    passes_roles_to = ("codebuild.amazonaws.com",)
    props = ProjectProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        projects = aws.codebuild.batch_get_projects(names=[handle.name])["projects"]
        if not projects:
            return None
        project: Any = projects[0]
        return Observed(
            id=handle.name,
            props=_told(project),
            attributes=_attributes(project),
            tags=tags_of(project, "tags"),
        )

    def create(self, aws: Aws, handle: Handle, props: ProjectProps) -> Observed:
        tags: Any = [{"key": key, "value": value} for key, value in handle.tags.items()]
        answer = aws.codebuild.create_project(name=handle.name, tags=tags, **_settings(props))
        return Observed(id=handle.name, attributes=_attributes(answer["project"]))

    def update(self, aws: Aws, handle: Handle, props: ProjectProps, observed: Observed) -> Observed:
        aws.codebuild.update_project(name=handle.name, **_settings(props))
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.codebuild.delete_project, name=handle.name)
        return True

    def cost(self, props: ProjectProps, usage: Usage, region: str) -> Iterator[CostLine]:
        yield CostLine.usage(
            f"CodeBuild/linux_general1.{props.size}",
            usage.build_minutes,
            "Builds",
            f"{usage.build_minutes:,} minutes a month",
        )

    def cloudformation(self, place: Place, props: ProjectProps) -> Form:
        properties = renamed(_settings(props), capitalised)
        properties["Source"] = {"Type": props.source, "BuildSpec": props.buildspec}
        whole = {"Name": place.name, **given(properties), "Tags": place.tag_list}
        return Form(
            parts=(Part(type="AWS::CodeBuild::Project", properties=whole),),
            attributes={"id": REF, "name": REF, "arn": Told("Arn")},
        )


def _settings(props: ProjectProps) -> Any:
    variables = [
        {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in props.environment.items()
    ]
    return {
        "description": props.description,
        "source": {"type": props.source, "buildspec": props.buildspec},
        "artifacts": {"type": "CODEPIPELINE"},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": props.image,
            "computeType": f"{_COMPUTE}{props.size.upper()}",
            "privilegedMode": props.privileged,
            "environmentVariables": variables,
        },
        "serviceRole": props.role_arn,
        "timeoutInMinutes": props.timeout_minutes,
        "logsConfig": {"cloudWatchLogs": {"status": "ENABLED", "groupName": props.log_group_name}},
    }


def _told(project: Any) -> JsonObject:
    room, source = project["environment"], project["source"]
    logs = project.get("logsConfig", {}).get("cloudWatchLogs", {})
    variables = {one["name"]: one for one in room.get("environmentVariables", [])}
    return {
        "role_arn": project["serviceRole"],
        "buildspec": source.get("buildspec", ""),
        # A value that comes from elsewhere is none that was written here.
        "environment": {
            name: one["value"] if one.get("type", "PLAINTEXT") == "PLAINTEXT" else one["type"]
            for name, one in variables.items()
        },
        "image": room["image"],
        "size": _SIZES.get(room["computeType"].removeprefix(_COMPUTE), room["computeType"]),
        "privileged": bool(room.get("privilegedMode")),
        "timeout_minutes": project.get("timeoutInMinutes", 60),
        "log_group_name": logs.get("groupName", "") if logs.get("status") == "ENABLED" else "",
        "description": project.get("description", ""),
        "source": source["type"],
    }


def _attributes(project: Any) -> dict[str, str]:
    return {"id": project["name"], "name": project["name"], "arn": project["arn"]}
