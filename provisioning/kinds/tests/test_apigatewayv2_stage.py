"""What is peculiar to a stage: its name is its identity within the API; limits and logs change in place."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.apigatewayv2_api import ApiProps
from provisioning.kinds.apigatewayv2_stage import StageProps
from provisioning.kinds.logs_log_group import LogGroupProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "apigatewayv2.stage"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"api_id": "abcdef1234"},
    {"api_id": "abcdef1234", "access_log_arn": "arn:aws:logs:us-east-1:123456789012:log-group:/shop"},
)


@pytest.fixture
def props(build: Build) -> StageProps:
    return StageProps(api_id=build("api", ApiProps()).id)


def test_it_is_made_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, build: Build, props: StageProps
) -> None:
    log = build("access-log", LogGroupProps()).attributes["arn"]
    changes: tuple[JsonObject, ...] = (
        {"rate_limit": 12.5, "burst_limit": 50},
        {"access_log_arn": log, "detailed_metrics": True},
        {},
    )

    check_contract(
        aws,
        handle("stage", KIND, name="$default"),
        props,
        changes=[props.model_copy(update=change) for change in changes],
        attributes=["name", "url"],
        also_permitted=[  # API Gateway with the caller's rights, for the access log
            "logs:CreateLogDelivery",
            "logs:UpdateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:PutResourcePolicy",
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: StageProps) -> None:
    assert check_cuts(aws, handle("stage", KIND, name="$default"), props) == 0


def test_the_log_says_who_asked_what_and_how_it_went(aws: Aws, build: Build, props: StageProps) -> None:
    log = build("access-log", LogGroupProps()).attributes["arn"]
    build("stage", props.model_copy(update={"access_log_arn": log}), name="$default")

    told = aws.apigatewayv2.get_stage(ApiId=props.api_id, StageName="$default")["AccessLogSettings"]

    assert {"ip", "method", "path", "status", "milliseconds"} <= json.loads(told["Format"]).keys()


def test_the_default_one_has_no_path_and_others_have(build: Build, props: StageProps) -> None:
    default = build("stage", props, name="$default").attributes["url"]
    beta = build("beta", props, name="beta").attributes["url"]

    assert default == f"https://{props.api_id}.execute-api.us-east-1.amazonaws.com"
    assert beta == f"{default}/beta"


def test_a_foreign_stage_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle, props: StageProps) -> None:
    aws.apigatewayv2.create_stage(ApiId=props.api_id, StageName="$default")
    ours = handle("stage", KIND, name="$default")

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, props)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


@pytest.mark.parametrize(
    ("field", "value"), [("rate_limit", -1), ("burst_limit", 5001), ("auto_deploy", False)]
)
def test_what_would_not_be_of_use_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        StageProps.model_validate({"api_id": "abc", field: value})
