"""What is peculiar to a permission: it is a statement in a policy that takes no tags and can't be changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.lambda_alias import AliasProps
from provisioning.kinds.lambda_permission import PermissionProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.kinds.tests.functions import function_props
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "lambda.permission"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "function_name": "shop",
        "source_arn": "arn:aws:execute-api:us-east-1:123456789012:abcdef/*/*",
        "qualifier": "live",
    },
)
API = "arn:aws:execute-api:us-east-1:123456789012:abcdefghij/*/*"


@pytest.fixture
def props(build: Build) -> PermissionProps:
    function = build("web", function_props(build)).id
    build("web-alias", AliasProps(function_name=function), name="live")
    return PermissionProps(function_name=function, qualifier="live", source_arn=API)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, props: PermissionProps) -> None:
    bucket = {"service": "s3.amazonaws.com", "source_arn": "arn:aws:s3:::shop-files"}

    check_contract(
        aws,
        handle("api-permission", KIND),
        props,
        changes=[props.model_copy(update=bucket)],
        attributes=["name", "function_name"],
        also_permitted=[],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: PermissionProps) -> None:
    assert check_cuts(aws, handle("api-permission", KIND), props) == 0


def test_only_the_named_thing_may_call_and_only_the_alias(
    aws: Aws, build: Build, props: PermissionProps
) -> None:
    build("api-permission", props)

    answer = aws.functions.get_policy(FunctionName=props.function_name, Qualifier="live")

    (statement,) = json.loads(answer["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
    assert statement["Action"] == "lambda:InvokeFunction"
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": API}}
    assert statement["Resource"].endswith(f":{props.function_name}:live")


def test_a_statement_widened_by_hand_is_seen_and_put_right(
    aws: Aws, handle: MakeHandle, build: Build, props: PermissionProps
) -> None:
    made = build("api-permission", props)
    name = made.attributes["name"]
    target: Any = {"FunctionName": props.function_name, "Qualifier": "live", "StatementId": name}
    aws.functions.remove_permission(**target)
    aws.functions.add_permission(**target, Action="lambda:*", Principal="apigateway.amazonaws.com")
    permission, kind = handle("api-permission", KIND, id=made.id), kind_named(KIND)
    now = kind.read(aws, permission)
    assert now is not None
    assert set(kind.differences(props.dump(), now)) == {"service", "source_arn"}

    kind.update(aws, permission, props, now)

    settled(aws, permission, props)


def test_one_for_the_function_itself_has_no_qualifier(
    aws: Aws, handle: MakeHandle, build: Build, props: PermissionProps
) -> None:
    plain = props.model_copy(update={"qualifier": ""})

    made = build("api-permission", plain)

    assert made.id == f"{props.function_name}/{made.attributes['name']}"
    assert kind_named(KIND).read(aws, handle("api-permission", KIND, id=made.id)) is not None


def test_it_is_not_there_when_its_function_is_gone(
    aws: Aws, handle: MakeHandle, build: Build, props: PermissionProps
) -> None:
    made = build("api-permission", props)
    aws.functions.delete_function(FunctionName=props.function_name)
    permission = handle("api-permission", KIND, id=made.id)

    assert kind_named(KIND).read(aws, permission) is None
    assert kind_named(KIND).delete(aws, permission) is True


@pytest.mark.parametrize(
    ("field", "value"), [("source_arn", ""), ("service", "*"), ("service", "example.com")]
)
def test_nobody_is_let_in_without_a_name(field: str, value: str) -> None:
    with pytest.raises(ValidationError, match=field):
        PermissionProps.model_validate({"function_name": "web", "source_arn": API, field: value})
