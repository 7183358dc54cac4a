"""EC2 in the simulator: what is in use stays, tokens count, NAT gateways take their time."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until
from provisioning.simulator.tests.networks import Network, database, make_balancer, make_network

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


def security_group(ec2: Any, vpc: str, name: str) -> str:
    return str(ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"])


def nat(ec2: Any, network: Network, **changes: Any) -> dict[str, Any]:
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    settings = {"SubnetId": network.subnets[0], "AllocationId": allocation, **changes}
    made: dict[str, Any] = ec2.create_nat_gateway(**settings)["NatGateway"]
    return {**made, **settings}


def nat_state(ec2: Any, identifier: str) -> Callable[[], str]:
    return lambda: str(ec2.describe_nat_gateways(NatGatewayIds=[identifier])["NatGateways"][0]["State"])


def test_a_security_group_that_is_used_or_named_stays(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    first, second = security_group(ec2, network.vpc, "first"), security_group(ec2, network.vpc, "second")
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": first}]}
    ec2.authorize_security_group_ingress(GroupId=second, IpPermissions=[rule])
    assert refusal(ec2.delete_security_group, GroupId=first) == "DependencyViolation"
    ec2.revoke_security_group_ingress(GroupId=second, IpPermissions=[rule])
    balancer = make_balancer(aws, network, SecurityGroups=[first])
    assert refusal(ec2.delete_security_group, GroupId=first) == "DependencyViolation"
    aws("elbv2").delete_load_balancer(LoadBalancerArn=balancer)
    until(lambda: ec2.describe_network_interfaces()["NetworkInterfaces"], [])
    ec2.delete_security_group(GroupId=first)


def test_a_database_keeps_its_subnets_and_groups_and_says_who_it_is(aws: Aws, network: Network) -> None:
    ec2, rds = aws("ec2"), aws("rds")
    group = security_group(ec2, network.vpc, "data")
    rds.create_db_subnet_group(
        DBSubnetGroupName="data", DBSubnetGroupDescription="data", SubnetIds=list(network.subnets)
    )
    rds.create_db_instance(**database(DBSubnetGroupName="data", VpcSecurityGroupIds=[group], MultiAZ=True))
    interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert [one["Description"] for one in interfaces] == ["RDSNetworkInterface"] * 2
    assert {one["RequesterManaged"] for one in interfaces} == {True}
    for subnet in network.subnets:
        assert refusal(ec2.delete_subnet, SubnetId=subnet) == "DependencyViolation"
    assert refusal(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    forbidden = refusal(ec2.delete_network_interface, NetworkInterfaceId=interfaces[0]["NetworkInterfaceId"])
    assert forbidden == "OperationNotPermitted"


def test_a_gateway_stays_while_public_addresses_are_mapped(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    balancer = make_balancer(aws, network)
    detach = {"InternetGatewayId": network.gateway, "VpcId": network.vpc}
    assert refusal(ec2.detach_internet_gateway, **detach) == "DependencyViolation"
    aws("elbv2").delete_load_balancer(LoadBalancerArn=balancer)
    until(lambda: ec2.describe_network_interfaces()["NetworkInterfaces"], [])
    ec2.detach_internet_gateway(**detach)


def test_a_vpc_goes_last(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    group = security_group(ec2, network.vpc, "web")
    for subnet in network.subnets:
        table = ec2.describe_route_tables(RouteTableIds=[network.table])["RouteTables"][0]
        for association in table["Associations"]:
            ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_route_table(RouteTableId=network.table)
    assert refusal(ec2.delete_vpc, VpcId=network.vpc) == "DependencyViolation"
    ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)
    assert refusal(ec2.delete_vpc, VpcId=network.vpc) == "DependencyViolation"
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=network.vpc)


def test_a_nat_gateway_takes_its_time_and_holds_its_address(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    made = nat(ec2, network)
    state = nat_state(ec2, made["NatGatewayId"])
    assert until(state, "available") == ["pending", "available"]
    assert refusal(ec2.release_address, AllocationId=made["AllocationId"]) == "InvalidIPAddress.InUse"
    association = ec2.describe_addresses()["Addresses"][0]["AssociationId"]
    assert refusal(ec2.disassociate_address, AssociationId=association) == "AuthFailure"
    ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    assert refusal(ec2.release_address, AllocationId=made["AllocationId"]) == "InvalidIPAddress.InUse"
    assert until(state, "deleted") == ["deleting", "deleted"]
    ec2.release_address(AllocationId=made["AllocationId"])


def test_a_nat_gateway_without_an_internet_gateway_fails(aws: Aws) -> None:
    ec2 = aws("ec2")
    made = nat(ec2, make_network(ec2, attached=False))
    until(nat_state(ec2, made["NatGatewayId"]), "failed")
    found = ec2.describe_nat_gateways(NatGatewayIds=[made["NatGatewayId"]])["NatGateways"][0]
    assert found["FailureCode"] == "Gateway.NotAttached"


def test_nat_gateways_are_found_by_tag_and_only_those(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    tagged = {"ResourceType": "natgateway", "Tags": [{"Key": "stack", "Value": "one"}]}
    mine = nat(ec2, network, TagSpecifications=[tagged])
    nat(ec2, network)
    found = ec2.describe_nat_gateways(Filters=[{"Name": "tag:stack", "Values": ["one"]}])["NatGateways"]
    assert [one["NatGatewayId"] for one in found] == [mine["NatGatewayId"]]


def test_the_same_token_gives_the_same_thing_and_another_request_is_a_mismatch(
    aws: Aws, network: Network
) -> None:
    ec2 = aws("ec2")
    tables = [
        ec2.create_route_table(VpcId=network.vpc, ClientToken="t")["RouteTable"]["RouteTableId"] for _ in "ab"
    ]
    assert tables[0] == tables[1]
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateways = [
        ec2.create_nat_gateway(SubnetId=network.subnets[0], AllocationId=allocation, ClientToken="n")[
            "NatGateway"
        ]["NatGatewayId"]
        for _ in "ab"
    ]
    assert gateways[0] == gateways[1]
    endpoint = {"VpcId": network.vpc, "ServiceName": "com.amazonaws.eu-west-1.s3", "ClientToken": "e"}
    made = [ec2.create_vpc_endpoint(**endpoint)["VpcEndpoint"]["VpcEndpointId"] for _ in "ab"]
    assert made[0] == made[1]
    other = make_network(ec2, attached=False)
    assert refusal(ec2.create_route_table, VpcId=other.vpc, ClientToken="t") == "IdempotentParameterMismatch"


def test_a_gateway_endpoint_adds_its_route_and_goes_at_once(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    request = {
        "VpcId": network.vpc,
        "ServiceName": "com.amazonaws.eu-west-1.s3",
        "RouteTableIds": [network.table],
    }
    made = ec2.create_vpc_endpoint(**request)["VpcEndpoint"]
    assert made["State"] == "available"
    assert refusal(ec2.create_vpc_endpoint, **request) == "RouteAlreadyExists"
    assert refusal(ec2.delete_vpc, VpcId=network.vpc) == "DependencyViolation"
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
    assert ec2.describe_vpc_endpoints()["VpcEndpoints"] == []


def test_a_dry_run_changes_nothing(aws: Aws) -> None:
    ec2 = aws("ec2")
    before = len(ec2.describe_vpcs()["Vpcs"])
    assert refusal(ec2.create_vpc, CidrBlock="10.9.0.0/16", DryRun=True) == "DryRunOperation"
    assert len(ec2.describe_vpcs()["Vpcs"]) == before


def test_a_service_has_its_usual_name_in_a_network_once_and_only_where_dns_is_on(
    aws: Aws, network: Network
) -> None:
    ec2 = aws("ec2")
    request = {
        "VpcId": network.vpc,
        "ServiceName": "com.amazonaws.eu-west-1.ssm",
        "VpcEndpointType": "Interface",
        "SubnetIds": [network.subnets[0]],
        "PrivateDnsEnabled": True,
    }
    ec2.modify_vpc_attribute(VpcId=network.vpc, EnableDnsHostnames={"Value": False})
    assert refusal(ec2.create_vpc_endpoint, **request) == "InvalidParameter"

    ec2.modify_vpc_attribute(VpcId=network.vpc, EnableDnsHostnames={"Value": True})
    ec2.create_vpc_endpoint(**request)
    assert refusal(ec2.create_vpc_endpoint, **request) == "InvalidParameter"
    ec2.create_vpc_endpoint(**{**request, "ServiceName": "com.amazonaws.eu-west-1.sqs"})
    ec2.create_vpc_endpoint(**{**request, "PrivateDnsEnabled": False})
