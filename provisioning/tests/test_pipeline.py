"""A pipeline by choice: what it rolls out where, what it may do, and that a plan leaves what it deployed alone."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
import yaml

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import blueprint_for
from provisioning.errors import InvalidSpec
from provisioning.kind import Observed
from provisioning.kinds.codebuild_project import ProjectProps
from provisioning.kinds.codepipeline_pipeline import PipelineProps
from provisioning.kinds.iam_role_policy import RolePolicyProps
from provisioning.references import JsonValue
from provisioning.resource import Resource
from provisioning.tests.cloud import SPEC

OFFERED = ("containers", "serverless", "simple")


def _wanted(architecture: str, **options: JsonValue) -> dict[str, Resource]:
    chosen = {"repository": "acme/shop", **options}
    spec = SPEC.model_copy(update={"architecture": architecture, "phase": "production", "options": chosen})
    return {one.key: one for one in blueprint_for(architecture, "production").resources(spec)}


@pytest.mark.parametrize(
    ("architecture", "names"),
    [
        ("containers", {"project_name", "cluster_name", "service_name"}),
        ("serverless", {"project_name"}),
        ("simple", {"application_name", "environment_name"}),
    ],
)
def test_it_rolls_out_what_the_architecture_runs(architecture: str, names: set[str]) -> None:
    props = _wanted(architecture, branch="release")["pipeline"].props

    assert isinstance(props, PipelineProps)
    assert (props.repository, props.branch) == ("acme/shop", "release")
    rest = {"role_arn", "artifact_bucket", "connection_arn", "repository", "branch"}
    assert {name for name, value in props.dump().items() if value and name != "type"} - rest == names


@pytest.mark.parametrize("architecture", OFFERED)
def test_there_is_none_without_a_repository(architecture: str) -> None:
    wanted = _wanted(architecture, repository="")

    assert not {"pipeline", "source", "artifacts", "build"} & wanted.keys()


def test_servers_have_none_for_their_launch_template_is_the_plans() -> None:
    with pytest.raises(InvalidSpec, match="no option called repository"):
        _wanted("server")


@pytest.mark.parametrize("architecture", OFFERED)
def test_its_roles_may_do_nothing_to_things_of_others(architecture: str) -> None:
    wanted = _wanted(architecture)
    policies = [one.props for key, one in wanted.items() if key in ("build-policy", "pipeline-policy")]
    everywhere = {
        action
        for policy in policies
        if isinstance(policy, RolePolicyProps)
        for statement in policy.statements
        # Elastic Beanstalk does its own work with the rights of whoever asks: its region is all that limits it.
        if statement.resources == ("*",) and "aws:RequestedRegion" not in str(statement.conditions)
        for action in statement.actions
    }

    # None of these is of a single thing.
    assert everywhere <= {
        "ecr:GetAuthorizationToken",
        "ecs:DescribeTaskDefinition",
        "ecs:RegisterTaskDefinition",
        "iam:GetInstanceProfile",
        "iam:GetRole",
    }


@pytest.mark.parametrize("architecture", ["containers", "serverless"])
def test_what_a_build_does_is_yaml_and_its_commands_are_shell(architecture: str) -> None:
    props = _wanted(architecture)["build"].props
    assert isinstance(props, ProjectProps)
    phases: dict[str, Any] = yaml.safe_load(props.buildspec)["phases"]
    commands = [command for phase in phases.values() for command in phase.get("commands", [])]

    script = "\n".join(commands)
    checked = subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True, check=False)

    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_newer_revision_of_the_service_is_the_pipelines_and_an_older_one_is_not() -> None:
    service = _wanted("containers")["service-blue"]
    wanted = {**service.props.dump(), "task_definition_arn": "arn:task/shop:3"}

    def differs(now: str) -> bool:
        observed = Observed(id="arn:service", props={"task_definition_arn": now})
        return bool(service.kind.differences(wanted, observed))

    assert not differs("arn:task/shop:7")
    assert differs("arn:task/shop:2")
    assert differs("arn:task/other:7")


def test_another_version_in_elastic_beanstalk_is_the_pipelines() -> None:
    web, alone = _wanted("simple")["web"], _wanted("simple", repository="")["web"]
    observed = Observed(id="e-1", props={"version_label": "code-pipeline-1"})

    assert web.kind.differences(web.props.dump(), observed) == {}
    assert "version_label" in alone.kind.differences(alone.props.dump(), observed)
