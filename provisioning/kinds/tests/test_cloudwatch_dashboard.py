"""What is peculiar to a dashboard: it is put whole, written over, and what people moved in the console is put back."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import NameTaken
from provisioning.kind import kind_named
from provisioning.kinds.cloudwatch_dashboard import DashboardProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "cloudwatch.dashboard"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "widgets": [
            {"text": "# Shop", "width": 24, "height": 2},
            {
                "title": "CPU",
                "threshold": 80,
                "lines": [
                    {
                        "namespace": "AWS/ECS",
                        "metric_name": "CPUUtilization",
                        "dimensions": {"ClusterName": "shop"},
                    }
                ],
            },
        ]
    },
)
CHART = {
    "title": "Load",
    "lines": [
        {
            "namespace": "AWS/ECS",
            "metric_name": "CPUUtilization",
            "dimensions": {"ClusterName": "web", "ServiceName": "web"},
            "label": "CPU",
        },
        {"namespace": "AWS/ApplicationELB", "metric_name": "TargetResponseTime", "statistic": "p95"},
    ],
    "threshold": 70,
}
TEXT = {"text": "# Orders", "width": 24, "height": 2}
PROPS = DashboardProps.model_validate({"widgets": [TEXT, CHART]})


def _props(**changes: object) -> DashboardProps:
    return DashboardProps.model_validate({"widgets": [TEXT, {**CHART, **changes}]})


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("dashboard", KIND),
        PROPS,
        changes=[
            _props(threshold=None),
            _props(period=300, region="us-west-2"),
            DashboardProps.model_validate({"widgets": [CHART]}),
        ],
        attributes=["name", "arn"],
        also_permitted=["cloudwatch:TagResource"],  # PutDashboard with tags
    )


def test_it_is_made_by_a_look_and_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("dashboard", KIND), PROPS) == 1


def test_a_foreign_dashboard_of_its_name_is_not_written_over(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("dashboard", KIND)
    body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "theirs"}}]})
    aws.cloudwatch.put_dashboard(DashboardName=ours.name, DashboardBody=body)

    with pytest.raises(NameTaken):
        kind_named(KIND).create(aws, ours, PROPS)

    assert "theirs" in aws.cloudwatch.get_dashboard(DashboardName=ours.name)["DashboardBody"]


def test_widgets_stand_beside_each_other_as_long_as_there_is_room(aws: Aws, build: Build) -> None:
    name = build("dashboard", DashboardProps.model_validate({"widgets": [TEXT, CHART, CHART, CHART]})).id

    body = json.loads(aws.cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])

    places = [(one["x"], one["y"]) for one in body["widgets"]]
    assert places == [(0, 0), (0, 2), (12, 2), (0, 8)]
    assert body["widgets"][1]["properties"]["region"] == "us-east-1"


def test_what_was_put_there_by_hand_is_a_difference(aws: Aws, handle: MakeHandle, build: Build) -> None:
    name = build("dashboard", PROPS).id
    theirs = {"type": "log", "width": 6, "height": 6, "properties": {"query": "SOURCE 'x'"}}
    aws.cloudwatch.put_dashboard(DashboardName=name, DashboardBody=json.dumps({"widgets": [theirs]}))

    now = kind_named(KIND).read(aws, handle("dashboard", KIND, id=name))

    assert now is not None
    assert set(kind_named(KIND).differences(PROPS.dump(), now)) == {"widgets"}


@pytest.mark.parametrize(
    ("widget", "word"),
    [
        ({"title": "nothing"}, "either a text or metrics"),
        ({"text": "words", "lines": CHART["lines"]}, "either a text or metrics"),
        ({"text": "words", "width": 25}, "24"),
    ],
)
def test_what_cloudwatch_refuses_is_refused_before(widget: object, word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        DashboardProps.model_validate({"widgets": [widget]})


def test_it_costs_the_same_whatever_is_on_it() -> None:
    (line,) = kind_named(KIND).cost(PROPS, Usage(), "us-east-1")

    assert (line.sku, int(line.quantity.floor)) == ("CloudWatch/dashboard", 1)
