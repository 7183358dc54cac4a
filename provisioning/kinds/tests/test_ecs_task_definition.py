"""What is peculiar to a task definition: it is never changed, only followed by the next revision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import NameTaken
from provisioning.kind import kind_named
from provisioning.kinds.ecs_task_definition import FARGATE_MEMORY, TaskDefinitionProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "ecs.task_definition"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"cpu": 256, "memory": 512, "image": "nginx:1", "port": 8000},
    {
        "cpu": 1024,
        "memory": 2048,
        "image": "nginx:1",
        "port": 8000,
        "command": ["serve"],
        "environment": {"STAGE": "live"},
        "secrets": {"KEY": "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-a1b2c3"},
        "task_role_arn": "arn:aws:iam::123456789012:role/portal/shop",
        "execution_role_arn": "arn:aws:iam::123456789012:role/portal/shop",
        "log_group": "/shop",
        "health_check_path": "/health",
        "architecture": "ARM64",
        "traces": True,
    },
)
ROLE = "arn:aws:iam::123456789012:role/portal/shop"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop:password::"


def _props(**changes: object) -> TaskDefinitionProps:
    wanted = {"cpu": 256, "memory": 512, "image": "nginx:1", "port": 8000}
    return TaskDefinitionProps.model_validate({**wanted, **changes})


FULL = _props(
    container_name="web",
    command=("python", "-m", "http.server"),
    environment={"AWS_REGION": "us-east-1", "BUCKET": "files"},
    secrets={"DATABASE_PASSWORD": SECRET},
    task_role_arn=ROLE,
    execution_role_arn=ROLE,
    log_group="/andamio/shop",
    health_check_path="/health/",
    architecture="ARM64",
)

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ContainerDefinitionTypeDef


def test_it_is_made_followed_by_other_revisions_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    changes = [
        _props(image="nginx:2"),
        _props(cpu=1024, memory=3072, port=80),
        FULL,
        _props(command=("sh",), environment={"A": "1"}),
        _props(traces=True),
        _props(),
    ]

    check_contract(
        aws,
        handle("task", KIND),
        _props(),
        changes=changes,
        attributes=["arn", "family", "container_name"],
        # RegisterTaskDefinition with tags and with roles.
        also_permitted=["ecs:TagResource"],
    )


def test_an_application_goes_on_without_the_agent_that_takes_its_traces(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    made = build("task", _props(traces=True, log_group="/shop", execution_role_arn=ROLE))
    told = aws.ecs.describe_task_definition(taskDefinition=made.id)["taskDefinition"]["containerDefinitions"]
    application, agent = told

    assert (application["essential"], agent["essential"]) == (True, False)
    assert agent["logConfiguration"]["options"]["awslogs-group"] == "/shop"
    agent["environment"] = [{"name": "CW_CONFIG_CONTENT", "value": "{}"}]
    aws.ecs.register_task_definition(
        family=made.attributes["family"],
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        executionRoleArn=ROLE,
        containerDefinitions=[application, agent],
    )
    now = kind_named(KIND).read(aws, handle("task", KIND))
    assert now is not None and now.props["traces"] is False


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("task", KIND), FULL) == 0


def test_another_revision_has_another_id_and_the_newest_is_read(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    first = build("task", _props())
    kind, task = kind_named(KIND), handle("task", KIND, id=first.id)

    second = kind.update(aws, task, _props(image="nginx:2"), first)

    now = kind.read(aws, task)
    assert now is not None and now.id == second.id != first.id
    assert second.id.endswith(":2")
    assert kind.differences(_props().dump(), now) == {"image": ("nginx:2", "nginx:1")}


def test_what_somebody_else_deployed_stays_when_its_size_changes(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    first = build("task", _props(image_kept=True, command=("sh",)))
    kind, task = kind_named(KIND), handle("task", KIND, id=first.id)
    kind.update(aws, task, _props(image="shop:7"), first)  # as a pipeline does
    now = kind.read(aws, task)
    assert now is not None
    wanted = _props(image_kept=True, command=("sh",), cpu=1024, memory=2048)
    assert kind.differences(_props(image_kept=True, command=("sh",)).dump(), now) == {}

    kind.update(aws, task, wanted, now)

    after = kind.read(aws, task)
    assert after is not None
    assert (after.props["image"], after.props["command"], after.props["cpu"]) == ("shop:7", [], 1024)


def test_asked_for_twice_after_a_lost_answer_the_newest_counts(aws: Aws, handle: MakeHandle) -> None:
    task = handle("task", KIND)

    made = [kind_named(KIND).create(aws, task, _props()).id for _ in range(2)]

    assert made[1].endswith(":2")
    settled(aws, replace(task, id=made[1]), _props())


def test_all_revisions_go_with_it(aws: Aws, handle: MakeHandle, build: Build) -> None:
    made = build("task", _props())
    kind, task = kind_named(KIND), handle("task", KIND, id=made.id)
    for number in range(12):
        kind.update(aws, task, _props(image=f"nginx:{number}"), made)

    assert kind.delete(aws, task) is True

    for status in ("ACTIVE", "INACTIVE"):
        listed = aws.ecs.list_task_definitions(familyPrefix=task.name, status=status)
        assert listed["taskDefinitionArns"] == []


def test_a_family_whose_name_only_begins_like_it_stays(aws: Aws, handle: MakeHandle, build: Build) -> None:
    task = handle("task", KIND)
    build("task", _props())
    build("other", _props(), name=f"{task.name}-two")

    kind_named(KIND).delete(aws, task)

    assert kind_named(KIND).read(aws, handle("other", KIND, name=f"{task.name}-two")) is not None


def test_a_foreign_family_of_its_name_is_neither_taken_nor_added_to(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("task", KIND)
    container: ContainerDefinitionTypeDef = {
        "name": "app",
        "image": "theirs",
        "portMappings": [{"containerPort": 1}],
    }
    aws.ecs.register_task_definition(
        family=ours.name,
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        containerDefinitions=[container],
    )

    with pytest.raises(NameTaken, match=ours.name):
        kind_named(KIND).create(aws, ours, _props())

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)
    assert found.props["image"] == "theirs"


def test_after_all_of_it_is_gone_it_reads_as_absent(aws: Aws, handle: MakeHandle, build: Build) -> None:
    made = build("task", _props())
    aws.ecs.deregister_task_definition(taskDefinition=made.id)

    assert kind_named(KIND).read(aws, handle("task", KIND, id=made.id)) is None


def test_health_is_asked_with_whatever_the_image_has(build: Build, aws: Aws) -> None:
    made = build("task", _props(health_check_path="/health/"))

    described = aws.ecs.describe_task_definition(taskDefinition=made.id)["taskDefinition"]
    command = described["containerDefinitions"][0]["healthCheck"]["command"]
    assert "wget" in command[1] and "curl" in command[1]
    assert "http://127.0.0.1:8000/health/" in command[1]


@pytest.mark.parametrize(
    ("cpu", "memory"),
    [(256, 512), (256, 1024), (256, 2048), (512, 4096), (1024, 2048), (4096, 30720), (16384, 122880)],
)
def test_the_pairs_that_fargate_has_are_taken(cpu: int, memory: int) -> None:
    assert cpu in FARGATE_MEMORY
    assert _props(cpu=cpu, memory=memory).memory == memory


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"cpu": 300}, "cpu"),
        ({"memory": 1536}, "memory"),
        ({"cpu": 512, "memory": 512}, "memory"),
        ({"cpu": 8192, "memory": 18 * 1024}, "memory"),
        ({"secrets": {"KEY": SECRET}}, "execution_role_arn"),
        (
            {"secrets": {"KEY": SECRET}, "environment": {"KEY": "1"}, "execution_role_arn": ROLE},
            "KEY is set in environment too",
        ),
        ({"image": ""}, "image"),
        ({"port": 0}, "port"),
    ],
)
def test_what_ecs_refuses_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        _props(**changes)
