"""What is peculiar to a parameter: secrets that nobody reads, and settings that are compared."""

from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.ssm_parameter import ParameterProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

KIND = "ssm.parameter"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"value": "live", "description": "Stage"},
    {"type": "SecureString", "generate": True},
)
SETTING = ParameterProps(value="postgresql://app@db:5432/app", description="Where the database is")
SECRET = ParameterProps(type="SecureString", generate=True)


def _secret(aws: Aws, name: str) -> str:
    answer = aws.ssm.get_parameter(Name=name, WithDecryption=True)
    return str(answer["Parameter"]["Value"])


def test_a_setting_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    elsewhere = ParameterProps(value="postgresql://app@db2:5432/app", description="Where it is now")

    check_contract(
        aws,
        handle("url", KIND, name="/shop/production/database-url"),
        SETTING,
        changes=[elsewhere],
        attributes=["name", "arn"],
        also_permitted=[
            "ssm:AddTagsToResource",  # a creation with tags
            "ssm:ListTagsForResource",  # whose a parameter is that is not marked
        ],
    )


def test_a_secret_is_made_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(aws, handle("key", KIND, name="/shop/production/secret-key"), SECRET)


@pytest.mark.parametrize("props", [SETTING, SECRET])
def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: ParameterProps) -> None:
    assert check_cuts(aws, handle("url", KIND, name="/shop/production/url"), props) == 0


def test_two_secrets_differ_are_long_and_are_never_told(aws: Aws, build: Build) -> None:
    told = [build(key, SECRET, name=f"/shop/production/{key}") for key in ("one", "two")]

    values = {_secret(aws, one.id) for one in told}

    assert len(values) == 2 and all(len(value) == 64 for value in values)
    assert not any(value in repr(told) for value in values)
    assert all("value" not in one.props for one in told)


def test_an_update_leaves_a_secret_as_it_is(aws: Aws, handle: MakeHandle, build: Build) -> None:
    made = build("key", SECRET, name="/shop/production/secret-key")
    before = _secret(aws, made.id)

    kind_named(KIND).update(aws, handle("key", KIND, name=made.id, id=made.id), SECRET, made)

    assert _secret(aws, made.id) == before


def test_a_name_that_is_taken_is_neither_overwritten_nor_ours(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("url", KIND, name="/shop/production/database-url")
    aws.ssm.put_parameter(Name=ours.name, Value="theirs", Type="String")

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, SETTING)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)
    assert aws.ssm.get_parameter(Name=ours.name)["Parameter"]["Value"] == "theirs"


def test_all_parameters_of_an_environment_are_read_by_two_calls(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    for number in range(12):
        build(f"setting-{number}", SETTING, name=f"/shop/production/setting-{number}")
    build("key", SECRET, name="/shop/production/key")
    build("deeper", SETTING, name="/shop/production/deeper/setting")
    plan = aws.since(time.monotonic())
    before = aws.connection.calls

    for number in range(12):
        name = f"/shop/production/setting-{number}"
        found = kind_named(KIND).read(plan, handle(f"setting-{number}", KIND, name=name))
        assert found is not None and found.props["value"] == SETTING.value
    assert kind_named(KIND).read(plan, handle("key", KIND, name="/shop/production/key")) is not None

    # Of each list the pages: ten values, fifty descriptions.
    assert aws.connection.calls - before <= 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "SecureString", "value": "in the open"},
        {"type": "SecureString"},
        {"type": "String", "generate": True},
        {"type": "SecureString", "generate": True, "value": "both"},
        {"type": "String"},
        {"value": "x" * 4097},
    ],
)
def test_a_secret_in_a_plan_and_a_setting_without_a_value_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ParameterProps.model_validate(wrong)
