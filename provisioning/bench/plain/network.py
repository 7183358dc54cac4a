"""Plain calls that make the network."""

from __future__ import annotations

from typing import Any

from provisioning.bench.plain.script import Script, Task

_ANYWHERE = "0.0.0.0/0"
_LAYOUT = (("public-a", 0, 0), ("public-b", 1, 1), ("private-a", 10, 0), ("private-b", 11, 1))


def _specification(script: Script, kind: str, key: str) -> list[dict[str, Any]]:
    tags = [*script.tags(key), {"Key": "Name", "Value": script.name(key)}]
    return [{"ResourceType": kind, "Tags": tags}]


def _vpc(script: Script) -> str:
    made = script.client("ec2").create_vpc(
        CidrBlock="10.9.0.0/16", TagSpecifications=_specification(script, "vpc", "vpc")
    )
    return str(made["Vpc"]["VpcId"])


def _host_names(script: Script) -> None:
    script.client("ec2").modify_vpc_attribute(VpcId=script.made["vpc"], EnableDnsHostnames={"Value": True})


def _gateway(script: Script) -> str:
    made = script.client("ec2").create_internet_gateway(
        TagSpecifications=_specification(script, "internet-gateway", "gateway")
    )
    return str(made["InternetGateway"]["InternetGatewayId"])


def _attach(script: Script) -> None:
    script.client("ec2").attach_internet_gateway(
        InternetGatewayId=script.made["gateway"], VpcId=script.made["vpc"]
    )


def _subnet(key: str, third: int, zone: int) -> Task:
    def act(script: Script) -> str:
        made = script.client("ec2").create_subnet(
            VpcId=script.made["vpc"],
            CidrBlock=f"10.9.{third}.0/24",
            AvailabilityZone=script.spec.zones[zone],
            TagSpecifications=_specification(script, "subnet", key),
        )
        return str(made["Subnet"]["SubnetId"])

    return Task(key=key, act=act, needs=("vpc",))


def _public_addresses(key: str) -> Task:
    def act(script: Script) -> None:
        script.client("ec2").modify_subnet_attribute(
            SubnetId=script.made[key], MapPublicIpOnLaunch={"Value": True}
        )

    return Task(key=f"{key}-addresses", act=act, needs=(key,))


def _routes(key: str) -> Task:
    def act(script: Script) -> str:
        made = script.client("ec2").create_route_table(
            VpcId=script.made["vpc"], TagSpecifications=_specification(script, "route-table", f"{key}-routes")
        )
        return str(made["RouteTable"]["RouteTableId"])

    return Task(key=f"{key}-routes", act=act, needs=("vpc",))


def _association(side: str, zone: str) -> Task:
    def act(script: Script) -> str:
        made = script.client("ec2").associate_route_table(
            RouteTableId=script.made[f"{side}-routes"], SubnetId=script.made[f"{side}-{zone}"]
        )
        return str(made["AssociationId"])

    return Task(key=f"{side}-{zone}-route", act=act, needs=(f"{side}-routes", f"{side}-{zone}"))


def _way_out(script: Script) -> None:
    script.client("ec2").create_route(
        RouteTableId=script.made["public-routes"],
        DestinationCidrBlock=_ANYWHERE,
        GatewayId=script.made["gateway"],
    )


def _endpoint(script: Script) -> str:
    made = script.client("ec2").create_vpc_endpoint(
        VpcEndpointType="Gateway",
        VpcId=script.made["vpc"],
        ServiceName=f"com.amazonaws.{script.spec.region}.s3",
        RouteTableIds=[script.made["public-routes"], script.made["private-routes"]],
        TagSpecifications=_specification(script, "vpc-endpoint", "endpoint"),
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def _group(key: str) -> Task:
    def act(script: Script) -> str:
        made = script.client("ec2").create_security_group(
            GroupName=script.name(key),
            Description=key,
            VpcId=script.made["vpc"],
            TagSpecifications=_specification(script, "security-group", key),
        )
        return str(made["GroupId"])

    return Task(key=key, act=act, needs=("vpc",))


def _rule(key: str, port: int, *, source: str = "") -> Task:
    """What may reach the group: another group, or the whole internet on 80 and 443."""

    def act(script: Script) -> None:
        if source:
            pair = {"GroupId": script.made[source], "Description": f"From {source}"}
            rules = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [pair]}]
        else:
            anyone = [{"CidrIp": _ANYWHERE, "Description": "The internet"}]
            rules = [
                {"IpProtocol": "tcp", "FromPort": one, "ToPort": one, "IpRanges": anyone} for one in (80, 443)
            ]
        script.client("ec2").authorize_security_group_ingress(GroupId=script.made[key], IpPermissions=rules)

    return Task(key=f"{key}-rule", act=act, needs=(key, source) if source else (key,))


NETWORK = (
    Task(key="vpc", act=_vpc),
    Task(key="vpc-host-names", act=_host_names, needs=("vpc",)),
    Task(key="gateway", act=_gateway),
    Task(key="attachment", act=_attach, needs=("gateway", "vpc")),
    *(_subnet(*row) for row in _LAYOUT),
    _public_addresses("public-a"),
    _public_addresses("public-b"),
    _routes("public"),
    _routes("private"),
    Task(key="way-out", act=_way_out, needs=("public-routes", "attachment")),
    *(_association(side, zone) for side in ("public", "private") for zone in "ab"),
    Task(key="endpoint", act=_endpoint, needs=("public-routes", "private-routes")),
    *(_group(key) for key in ("balancer-group", "task-group", "database-group", "cache-group")),
    _rule("balancer-group", 80),
    _rule("task-group", 8000, source="balancer-group"),
    _rule("database-group", 5432, source="task-group"),
    _rule("cache-group", 6379, source="task-group"),
)
