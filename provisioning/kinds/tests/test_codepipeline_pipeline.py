"""What is peculiar to a pipeline: it is put whole, and stages that people add are a difference."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.codepipeline_pipeline import PipelineProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "codepipeline.pipeline"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "role_arn": "arn:aws:iam::123456789012:role/portal/shop",
        "artifact_bucket": "shop-builds",
        "connection_arn": "arn:aws:codeconnections:us-east-1:123456789012:connection/1234",
        "repository": "shop/shop",
        "project_name": "shop",
    },
    {
        "role_arn": "arn:aws:iam::123456789012:role/portal/shop",
        "artifact_bucket": "shop-builds",
        "connection_arn": "arn:aws:codeconnections:us-east-1:123456789012:connection/1234",
        "repository": "shop/shop",
        "project_name": "shop",
        "cluster_name": "shop",
        "service_name": "blue",
        "approval": True,
    },
)
WANTED = {
    "role_arn": "arn:aws:iam::123456789012:role/portal/none",
    "artifact_bucket": "shop-artifacts",
    "connection_arn": "arn:aws:codeconnections:us-east-1:123456789012:connection/1",
    "repository": "example/shop",
    "project_name": "build",
    "cluster_name": "web",
    "service_name": "web",
}
BEANSTALK = {
    "project_name": "",
    "cluster_name": "",
    "service_name": "",
    "application_name": "shop",
    "environment_name": "shop-web",
}


@pytest.fixture
def props(build: Build) -> PipelineProps:
    role = build("pipeline-role", RoleProps(service="codepipeline.amazonaws.com"))
    return PipelineProps.model_validate({**WANTED, "role_arn": role.attributes["arn"]})


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, props: PipelineProps) -> None:
    check_contract(
        aws,
        handle("pipeline", KIND),
        props,
        changes=[
            props.model_copy(update={"branch": "release", "repository": "example/store"}),
            props.model_copy(update={"approval": True}),
            props.model_copy(update={"cluster_name": "", "service_name": ""}),
            props.model_copy(update=BEANSTALK),
        ],
        attributes=["name", "arn"],
        also_permitted=["codepipeline:TagResource", "codeconnections:PassConnection"],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: PipelineProps) -> None:
    assert check_cuts(aws, handle("pipeline", KIND), props) == 0


def test_it_takes_the_source_builds_it_and_rolls_it_out(aws: Aws, build: Build, props: PipelineProps) -> None:
    name = build("pipeline", props.model_copy(update={"approval": True})).id

    stages: Any = aws.codepipeline.get_pipeline(name=name)["pipeline"]["stages"]

    providers = [stage["actions"][0]["actionTypeId"]["provider"] for stage in stages]
    assert providers == ["CodeStarSourceConnection", "CodeBuild", "Manual", "ECS"]
    assert stages[-1]["actions"][0]["configuration"]["FileName"] == "imagedefinitions.json"


def test_elastic_beanstalk_gets_the_source_as_it_is(aws: Aws, build: Build, props: PipelineProps) -> None:
    name = build("pipeline", props.model_copy(update=BEANSTALK)).id

    stages: Any = aws.codepipeline.get_pipeline(name=name)["pipeline"]["stages"]

    assert [stage["name"] for stage in stages] == ["Source", "Deploy"]
    assert stages[1]["actions"][0]["inputArtifacts"] == stages[0]["actions"][0]["outputArtifacts"]


def test_a_foreign_pipeline_of_its_name_is_not_taken(
    aws: Aws, handle: MakeHandle, props: PipelineProps
) -> None:
    ours, kind = handle("pipeline", KIND), kind_named(KIND)
    kind.create(aws, handle("pipeline", KIND, stack="sstrange", name=ours.name), props)

    with pytest.raises(AlreadyExists):
        kind.create(aws, ours, props)

    found = kind.read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def test_stages_that_people_added_are_taken_away(
    aws: Aws, handle: MakeHandle, build: Build, props: PipelineProps
) -> None:
    known, kind = handle("pipeline", KIND, id=build("pipeline", props).id), kind_named(KIND)
    pipeline: Any = aws.codepipeline.get_pipeline(name=str(known.id))["pipeline"]
    again = {**pipeline["stages"][1], "name": "Again"}
    again["actions"] = [{**again["actions"][0], "outputArtifacts": []}]
    pipeline["stages"].append(again)
    aws.codepipeline.update_pipeline(pipeline=pipeline)
    now = kind.read(aws, known)
    assert now is not None
    assert set(kind.differences(props.dump(), now)) == {"repository"}

    kind.update(aws, known, props, now)

    settled(aws, known, props)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"repository": "shop"}, "owner/name"),
        ({"service_name": ""}, "together with its cluster"),
        ({"cluster_name": "", "service_name": "", "approval": True}, "nothing to approve"),
        ({"environment_name": "web"}, "together with its application"),
        ({**BEANSTALK, "project_name": "build"}, "either has something built"),
        ({"project_name": ""}, "either has something built"),
        ({"type": "V1"}, "V2"),
    ],
)
def test_what_makes_no_pipeline_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        PipelineProps.model_validate({**WANTED, **changes})


def test_minutes_of_its_actions_cost() -> None:
    props = PipelineProps.model_validate(WANTED)

    (line,) = kind_named(KIND).cost(props, Usage(build_minutes=300), "us-east-1")

    assert (line.sku, int(line.quantity.expected)) == ("CodePipeline/v2_action_minute", 300)
