"""Dashboards in the simulator: the account's in every region, tagged when new, refused when they are wrong."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.launch import Simulator
from provisioning.simulator.tests.clients import client_of, refusal

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


def body(*widgets: object) -> str:
    return json.dumps({"widgets": widgets})


def test_a_dashboard_is_the_accounts_whatever_the_region(aws: Aws, simulator: Simulator) -> None:
    here, elsewhere = aws("cloudwatch"), client_of(simulator, "cloudwatch", region="us-west-2")
    text = body({"type": "text", "properties": {"markdown": "hello"}})
    here.put_dashboard(DashboardName="web", DashboardBody=text, Tags=[{"Key": "stack", "Value": "one"}])
    elsewhere.put_dashboard(DashboardName="web", DashboardBody=text, Tags=[{"Key": "stack", "Value": "two"}])
    found = elsewhere.get_dashboard(DashboardName="web")
    assert found["DashboardBody"] == text
    tags = here.list_tags_for_resource(ResourceARN=found["DashboardArn"])["Tags"]
    assert tags == [{"Key": "stack", "Value": "one"}], "tags of what is there are left as they are"
    seen = client_of(simulator, "resourcegroupstaggingapi", region="us-east-1").get_resources()
    assert [one["ResourceARN"] for one in seen["ResourceTagMappingList"]] == [found["DashboardArn"]]
    assert refusal(here.delete_dashboards, DashboardNames=["web", "none"]) == "ResourceNotFound"
    here.delete_dashboards(DashboardNames=["web"])
    assert here.list_dashboards()["DashboardEntries"] == []


@pytest.mark.parametrize(
    "wrong", ["{no", "{}", body({"type": "pie"}), body({"type": "metric", "properties": {"metrics": []}})]
)
def test_a_body_that_cloudwatch_cannot_draw_is_refused(aws: Aws, wrong: str) -> None:
    put = aws("cloudwatch").put_dashboard
    assert refusal(put, DashboardName="web", DashboardBody=wrong) == "InvalidParameterInput"
