"""CodeBuild projects; nothing is built here, and a build is not pretended either."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.iam.models import iam_backends

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment

_WITHOUT_LOCATION = ("CODEPIPELINE", "NO_SOURCE")


@dataclass(kw_only=True)
class BuildProjects:
    """Of one account and region, as CodeBuild describes them."""

    by_name: dict[str, dict[str, Any]] = field(default_factory=dict)


def _of(moment: Moment) -> dict[str, dict[str, Any]]:
    return moment.notes(BuildProjects).by_name


def trusted(moment: Moment, arn: str, service: str) -> bool:
    """Whether a role is there and trusts the service."""
    roles: Any = iam_backends[moment.account]["aws"].roles.values()
    role = next((one for one in roles if one.arn == arn), None)
    return role is not None and service in json.dumps(role.assume_role_policy_document)


def _refuse(message: str) -> Refusal:
    return Refusal("InvalidInputException", message)


def _check(call: Call) -> None:
    source, artifacts = call.params.get("source") or {}, call.params.get("artifacts") or {}
    if source and source["type"] not in _WITHOUT_LOCATION and not source.get("location"):
        raise _refuse("Project source location is required")
    if source and (source["type"] == "CODEPIPELINE") != (artifacts.get("type") == "CODEPIPELINE"):
        raise _refuse("Source and artifacts must both be of type CODEPIPELINE, or neither.")
    minutes = call.params.get("timeoutInMinutes")
    if minutes is not None and not 5 <= minutes <= 2160:
        raise _refuse("Invalid timeout: it is between 5 and 2160 minutes.")
    role = call.text("serviceRole")
    if role and not trusted(call, role, "codebuild.amazonaws.com"):
        raise _refuse(f"CodeBuild is not authorized to perform: sts:AssumeRole on {role}")


def _settings(call: Call) -> dict[str, Any]:
    return {name: value for name, value in call.params.items() if value is not None}


@operation("codebuild", "CreateProject")
def create_project(call: Call) -> object:
    """A name is taken once."""
    name = call.text("name")
    arn = f"arn:aws:codebuild:{call.region}:{call.account}:project/{name}"
    if name in _of(call):
        raise Refusal("ResourceAlreadyExistsException", f"Project already exists: {arn}")
    _check(call)
    defaults = {"timeoutInMinutes": 60, "queuedTimeoutInMinutes": 480, "cache": {"type": "NO_CACHE"}}
    told = {**defaults, **_settings(call), "arn": arn, "created": call.now, "lastModified": call.now}
    _of(call)[name] = told
    return {"project": told}


@operation("codebuild", "UpdateProject")
def update_project(call: Call) -> object:
    """What is given is changed."""
    name = call.text("name")
    if name not in _of(call):
        raise Refusal("ResourceNotFoundException", f"Project cannot be found: {name}")
    _check(call)
    _of(call)[name].update(_settings(call), lastModified=call.now)
    return {"project": _of(call)[name]}


@operation("codebuild", "BatchGetProjects")
def batch_get_projects(call: Call) -> object:
    """Those that are there, and the names of the others."""
    names = call.items("names")
    found = [_of(call)[name] for name in names if name in _of(call)]
    return {"projects": found, "projectsNotFound": [name for name in names if name not in _of(call)]}


@operation("codebuild", "ListProjects")
def list_projects(call: Call) -> object:
    """Their names."""
    return {"projects": sorted(_of(call))}


@operation("codebuild", "DeleteProject")
def delete_project(call: Call) -> object:
    """Quiet when it was not there."""
    _of(call).pop(call.text("name"), None)
    return {}


@operation("codebuild", "StartBuild", "StartBuildBatch", "RetryBuild")
def start_build(call: Call) -> object:
    """There are no containers here."""
    raise NotImplementedError


@tagged
def tagged_projects(moment: Moment) -> Iterator[TaggedResource]:
    """For the tagging API."""
    for project in _of(moment).values():
        tags = {tag["key"]: tag["value"] for tag in project.get("tags") or []}
        yield TaggedResource(project["arn"], tags, "codebuild:project")
