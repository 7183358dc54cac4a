"""What is peculiar to a build project: its recipe is text, and CodeBuild has to see its role first."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, NotYet
from provisioning.kind import kind_named
from provisioning.kinds.codebuild_project import ProjectProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "codebuild.project"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "role_arn": "arn:aws:iam::123456789012:role/portal/shop",
        "buildspec": 'version: 0.2\nphases: {build: {commands: ["echo ${CODEBUILD_SRC_DIR}"]}}\n',
        "environment": {"STAGE": "live"},
        "log_group_name": "/shop",
        "description": "Builds",
    },
)
BUILDSPEC = """\
version: 0.2
phases:
  build:
    commands:
      - docker build --tag "$REPOSITORY:$CODEBUILD_RESOLVED_SOURCE_VERSION" .
"""


@pytest.fixture
def props(build: Build) -> ProjectProps:
    role = build("builds", RoleProps(service="codebuild.amazonaws.com"))
    return ProjectProps(
        role_arn=role.attributes["arn"],
        buildspec=BUILDSPEC,
        environment={"REPOSITORY": "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop"},
        log_group_name="/shop/builds",
    )


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, props: ProjectProps) -> None:
    check_contract(
        aws,
        handle("build", KIND),
        props,
        changes=[
            props.model_copy(update={"buildspec": BUILDSPEC + "# another\n"}),
            props.model_copy(update={"environment": {"REPOSITORY": "other", "MODE": "fast"}}),
            props.model_copy(update={"size": "large", "timeout_minutes": 60, "privileged": False}),
        ],
        attributes=["name", "arn"],
        also_permitted=[],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: ProjectProps) -> None:
    assert check_cuts(aws, handle("build", KIND), props) == 0


def test_a_foreign_project_of_its_name_is_not_taken(
    aws: Aws, handle: MakeHandle, props: ProjectProps
) -> None:
    ours, kind = handle("build", KIND), kind_named(KIND)
    kind.create(aws, handle("build", KIND, stack="sstrange", name=ours.name), props)

    with pytest.raises(AlreadyExists):
        kind.create(aws, ours, props)

    found = kind.read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def test_a_role_that_codebuild_does_not_see_yet_is_waited_for(
    aws: Aws, handle: MakeHandle, props: ProjectProps
) -> None:
    nobody = props.model_copy(update={"role_arn": "arn:aws:iam::123456789012:role/portal/none"})

    with pytest.raises(NotYet):
        kind_named(KIND).create(aws, handle("build", KIND), nobody)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"timeout_minutes": 4}, "5"),
        ({"size": "2xlarge"}, "large"),
        ({"buildspec": ""}, "at least 1"),
        ({"source": "S3"}, "CODEPIPELINE"),
    ],
)
def test_what_it_does_not_do_is_refused_before(changes: dict[str, object], word: str) -> None:
    wanted = {"role_arn": "r", "buildspec": BUILDSPEC, "log_group_name": "l"}
    with pytest.raises(ValidationError, match=word):
        ProjectProps.model_validate({**wanted, **changes})


def test_minutes_cost_by_the_size() -> None:
    props = ProjectProps(role_arn="r", buildspec=BUILDSPEC, log_group_name="l", size="medium")

    (line,) = kind_named(KIND).cost(props, Usage(build_minutes=300), "us-east-1")

    assert (line.sku, int(line.quantity.expected)) == ("CodeBuild/linux_general1.medium", 300)
