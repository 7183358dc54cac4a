"""Answers that never arrive, arrive in part, or arrive late, and what upstream has done meanwhile."""

from __future__ import annotations

import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ConnectionClosedError
from botocore.parsers import ResponseParserError

from provisioning.tests.faults import FaultProxy, Hang, LostResponse, Rule, Timeout, Truncated, When
from provisioning.tests.faults.tests.conftest import Clients, make_client

FIRST_VPC = When(operation="CreateVpc", nth=frozenset({1}))
BLOCK = "10.0.0.0/16"


def own_vpcs(direct: Clients) -> int:
    """How many VPCs there are besides the default one."""
    return len(direct("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"])


def test_a_lost_response_leaves_one_vpc_and_a_closed_connection(
    proxy: FaultProxy, clients: Clients, direct: Clients
) -> None:
    proxy.set_rules(Rule(when=FIRST_VPC, fault=LostResponse()))
    with pytest.raises(ConnectionClosedError):
        clients("ec2").create_vpc(CidrBlock=BLOCK)
    assert own_vpcs(direct) == 1
    (call,) = proxy.journal()
    assert (call.outcome, call.committed, call.status) == ("fault:lost_response", True, None)


def test_a_lost_response_is_a_reset_and_not_a_polite_end(proxy: FaultProxy) -> None:
    proxy.set_rules(Rule(fault=LostResponse()))
    with socket.create_connection((urlsplit(proxy.url).hostname, urlsplit(proxy.url).port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_botocores_own_retry_doubles_what_the_lost_response_hid(proxy: FaultProxy, direct: Clients) -> None:
    proxy.set_rules(Rule(when=FIRST_VPC, fault=LostResponse()))
    make_client("ec2", proxy.url, 3).create_vpc(CidrBlock=BLOCK)
    assert own_vpcs(direct) == 2
    assert [call.outcome for call in proxy.journal()] == ["fault:lost_response", "forwarded"]


def test_truncated_xml_is_a_parser_error_and_carried_out(
    proxy: FaultProxy, clients: Clients, direct: Clients
) -> None:
    proxy.set_rules(Rule(when=FIRST_VPC, fault=Truncated()))
    with pytest.raises(ResponseParserError):
        clients("ec2").create_vpc(CidrBlock=BLOCK)
    assert own_vpcs(direct) == 1


def test_truncated_json_raises_nothing_and_is_empty(
    proxy: FaultProxy, clients: Clients, direct: Clients
) -> None:
    proxy.set_rules(Rule(when=When(operation="CreateCluster"), fault=Truncated(share=0.3)))
    assert "cluster" not in clients("ecs").create_cluster(clusterName="main")
    assert len(direct("ecs").list_clusters()["clusterArns"]) == 1


@pytest.mark.parametrize(("side", "made"), [("before", 0), ("after_commit", 1)])
def test_a_timeout_ends_in_a_reset_on_either_side_of_the_commit(
    proxy: FaultProxy, clients: Clients, direct: Clients, side: str, made: int
) -> None:
    fault = Timeout.model_validate({"seconds": 0.2, "when": side})
    proxy.set_rules(Rule(when=FIRST_VPC, fault=fault))
    began = time.monotonic()
    with pytest.raises(ConnectionClosedError):
        clients("ec2").create_vpc(CidrBlock=BLOCK)
    assert time.monotonic() - began >= 0.2
    assert own_vpcs(direct) == made
    assert proxy.journal()[0].committed is bool(made)


def test_a_hung_call_is_carried_out_late(proxy: FaultProxy, clients: Clients, direct: Clients) -> None:
    proxy.set_rules(Rule(when=FIRST_VPC, fault=Hang(seconds=0.3)))
    began = time.monotonic()
    clients("ec2").create_vpc(CidrBlock=BLOCK)
    assert time.monotonic() - began >= 0.3
    assert own_vpcs(direct) == 1


def test_a_hung_call_does_not_hold_up_others(proxy: FaultProxy, clients: Clients) -> None:
    ec2, sts = clients("ec2"), clients("sts")
    ec2.describe_vpcs()  # the simulator's first answer of a service takes it a second on a busy machine
    proxy.reset()
    proxy.set_rules(Rule(when=When(service="sts"), fault=Hang(seconds=6)))
    hung = threading.Thread(target=sts.get_caller_identity)
    hung.start()
    while proxy.counts()[0].struck == 0:
        time.sleep(0.01)
    ec2.describe_vpcs()
    assert [call.service for call in proxy.journal()] == ["ec2"]
    hung.join()
    assert [call.service for call in proxy.journal()] == ["sts", "ec2"]


def test_an_upstream_that_is_gone_is_a_502_and_stands_in_the_journal() -> None:
    with FaultProxy("http://127.0.0.1:9") as proxy:
        client = make_client("sts", proxy.url)
        with pytest.raises(client.exceptions.ClientError, match="502"):
            client.get_caller_identity()
        (call,) = proxy.journal()
        assert (call.outcome, call.committed, call.status) == ("unreachable", False, 502)


def test_a_call_from_before_a_reset_is_not_in_the_new_journal(proxy: FaultProxy, clients: Clients) -> None:
    proxy.set_rules(Rule(when=When(service="sts"), fault=Hang(seconds=0.5)))
    hung = threading.Thread(target=clients("sts").get_caller_identity)
    hung.start()
    while proxy.counts()[0].struck == 0:
        time.sleep(0.01)
    proxy.reset()
    clients("ec2").describe_vpcs()
    hung.join()
    assert [(call.n, call.service) for call in proxy.journal()] == [(1, "ec2")]
