"""What is peculiar to a Lambda alias: it needs a version, deployments move it, it goes with its function."""

from __future__ import annotations

import pytest

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.lambda_alias import AliasProps
from provisioning.kinds.lambda_function import FunctionProps
from provisioning.kinds.tests.contract import (
    Build,
    MakeHandle,
    check_contract,
    check_cuts,
    handle_for,
    settled,
)
from provisioning.kinds.tests.functions import function_props
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "lambda.alias"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"function_name": "shop", "description": "Live"},)


@pytest.fixture
def of_function(build: Build) -> FunctionProps:
    return function_props(build)


@pytest.fixture
def function(build: Build, of_function: FunctionProps) -> str:
    return build("web", of_function).id


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, function: str) -> None:
    check_contract(
        aws,
        handle("web-alias", KIND, name="live"),
        AliasProps(function_name=function),
        changes=[AliasProps(function_name=function, description="What people reach")],
        attributes=["arn", "name", "function_name", "invoke_arn"],
        also_permitted=[],
    )


def test_a_cut_before_it_points_at_the_version_is_repaired(
    aws: Aws, handle: MakeHandle, function: str
) -> None:
    assert check_cuts(aws, handle("web-alias", KIND, name="live"), AliasProps(function_name=function)) == 1


def test_it_points_at_the_first_version_and_is_left_where_a_deployment_points_it(
    aws: Aws, handle: MakeHandle, build: Build, function: str, of_function: FunctionProps
) -> None:
    props = AliasProps(function_name=function)
    made = build("web-alias", props, name="live")
    lambda_ = aws.functions
    assert lambda_.get_alias(FunctionName=function, Name="live")["FunctionVersion"] == "1"
    lambda_.update_function_configuration(FunctionName=function, Timeout=7)
    settled(aws, handle("web", "lambda.function"), of_function.model_copy(update={"timeout": 7}))
    second = lambda_.publish_version(FunctionName=function)["Version"]
    lambda_.update_alias(FunctionName=function, Name="live", FunctionVersion=second)

    settled(aws, handle("web-alias", KIND, name="live", id=made.id), props)

    assert lambda_.get_alias(FunctionName=function, Name="live")["FunctionVersion"] == second


def test_functions_of_one_environment_may_have_aliases_of_one_name(
    aws: Aws, build: Build, function: str, of_function: FunctionProps
) -> None:
    worker = build("worker", of_function).id
    mine = build("web-alias", AliasProps(function_name=function), name="live")
    other = build("worker-alias", AliasProps(function_name=worker), name="live")

    for key, made in (("web-alias", mine), ("worker-alias", other)):
        found = kind_named(KIND).read(aws, handle_for(key, KIND, name="live"))
        assert found is not None and found.id == made.id


def test_a_foreign_alias_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle, function: str) -> None:
    aws.functions.create_alias(FunctionName=function, Name="live", FunctionVersion="$LATEST")
    ours = handle("web-alias", KIND, name="live")

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, AliasProps(function_name=function))

    assert kind_named(KIND).read(aws, ours) is None


def test_it_is_not_there_when_its_function_is_gone(
    aws: Aws, handle: MakeHandle, build: Build, function: str
) -> None:
    made = build("web-alias", AliasProps(function_name=function), name="live")
    aws.functions.delete_function(FunctionName=function)
    alias = handle("web-alias", KIND, name="live", id=made.id)

    assert kind_named(KIND).read(aws, alias) is None
    assert kind_named(KIND).delete(aws, alias) is True
