"""X-Ray and CodeConnections in the simulator: names, limits, and the person who finishes a connection."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.launch import Simulator, SimulatorFailed
from provisioning.simulator.tests.clients import refusal

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
RULE = {
    "RuleName": "orders",
    "ResourceARN": "*",
    "Priority": 10,
    "FixedRate": 0.1,
    "ReservoirSize": 1,
    "ServiceName": "*",
    "ServiceType": "*",
    "Host": "*",
    "HTTPMethod": "*",
    "URLPath": "*",
    "Version": 1,
}


def test_a_group_is_there_once(aws: Aws) -> None:
    xray = aws("xray")
    made = xray.create_group(GroupName="orders", Tags=[{"Key": "stack", "Value": "one"}])["Group"]
    assert refusal(xray.create_group, GroupName="orders") == "InvalidRequestException"
    assert xray.list_tags_for_resource(ResourceARN=made["GroupARN"])["Tags"] == [
        {"Key": "stack", "Value": "one"}
    ]
    seen = aws("resourcegroupstaggingapi").get_resources()["ResourceTagMappingList"]
    assert [one["ResourceARN"] for one in seen] == [made["GroupARN"]]
    xray.delete_group(GroupName="orders")
    assert refusal(xray.get_group, GroupName="orders") == "InvalidRequestException"


def test_rules_stand_beside_the_one_that_every_account_has(aws: Aws) -> None:
    xray = aws("xray")
    xray.create_sampling_rule(SamplingRule=RULE)
    names = [one["SamplingRule"]["RuleName"] for one in xray.get_sampling_rules()["SamplingRuleRecords"]]
    assert names == ["Default", "orders"]
    assert refusal(xray.create_sampling_rule, SamplingRule=RULE) == "InvalidRequestException"
    assert refusal(xray.delete_sampling_rule, RuleName="Default") == "InvalidRequestException"
    update = {"RuleName": "orders", "FixedRate": 2.0}
    assert refusal(xray.update_sampling_rule, SamplingRuleUpdate=update) == "InvalidRequestException"


def test_no_traces_are_taken(aws: Aws) -> None:
    assert refusal(aws("xray").put_trace_segments, TraceSegmentDocuments=["{}"]) == (
        "NotImplementedInSimulator"
    )


def test_a_connection_waits_for_a_person(aws: Aws, simulator: Simulator) -> None:
    connections = aws("codeconnections")
    arn = connections.create_connection(ConnectionName="source", ProviderType="GitHub")["ConnectionArn"]

    def state() -> Any:
        return connections.get_connection(ConnectionArn=arn)["Connection"]["ConnectionStatus"]

    assert state() == "PENDING"
    assert simulator.finish_connection("source") == [arn]
    assert state() == "AVAILABLE"
    with pytest.raises(SimulatorFailed, match="waiting"):
        simulator.finish_connection("source")
    connections.delete_connection(ConnectionArn=arn)
    assert refusal(connections.get_connection, ConnectionArn=arn) == "ResourceNotFoundException"
    hosted = {"ConnectionName": "own", "ProviderType": "GitHubEnterpriseServer"}
    assert refusal(connections.create_connection, **hosted) == "ResourceNotFoundException"
