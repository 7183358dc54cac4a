"""NAT gateways and VPC endpoints: minutes to come and go, honest filters, tokens."""

from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends

from provisioning.simulator import ec2_tokens, interfaces
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment, event

# A NAT gateway that is deleted or failed is shown for about an hour (VPC guide, "NAT gateways").
_SHOWN_SECONDS = 3600.0


def _backend_of(moment: Moment) -> EC2Backend:
    return ec2_backends[moment.account][moment.region]


@operation("ec2", "CreateNatGateway")
def create_nat_gateway(call: Call) -> object:
    """`pending`, then `available`; `failed` in a VPC without an internet gateway."""
    ec2_tokens.refuse_dry_run(call)
    earlier = ec2_tokens.repeated(call)
    if earlier is not None:
        return earlier
    answer = call.forward()
    gateway: Any = result_of(answer)["NatGateway"]
    eni = gateway._eni
    eni.private_ip_address = interfaces.free_address(call, gateway.subnet_id)
    eni.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": eni.private_ip_address}]
    eni.description, eni.interface_type = f"Interface for NAT Gateway {gateway.id}", "nat_gateway"
    eni.requester_managed, eni.status = True, "in-use"
    for address in gateway.address_set:
        address["privateIp"] = eni.private_ip_address
    gateway.state = "pending"
    call.after("nat.create", "nat.created", gateway.id)
    ec2_tokens.remember(call, answer)
    return answer


def _attached(moment: Moment, vpc: str) -> bool:
    gateways = _backend_of(moment).internet_gateways.values()
    return any(gateway.vpc and gateway.vpc.id == vpc for gateway in gateways)


@event("nat.created")
def nat_created(moment: Moment, identifier: str) -> None:
    """A NAT gateway works, or turns out not to."""
    gateway: Any = _backend_of(moment).nat_gateways.get(identifier)
    if gateway is None or gateway.state != "pending":
        return
    if gateway.connectivity_type == "private" or _attached(moment, gateway.vpc_id):
        gateway.state = "available"
        return
    gateway.state = "failed"
    gateway.failure_code = "Gateway.NotAttached"
    gateway.failure_message = f"Network {gateway.vpc_id} has no Internet gateway attached"
    _free(moment, gateway)
    moment.later(moment.durations.scaled(_SHOWN_SECONDS), "nat.forgotten", identifier)


def _free(moment: Moment, gateway: Any) -> None:
    for address in _backend_of(moment).addresses:
        if address.eni is not None and address.eni.id == gateway._eni.id:
            address.eni = address.association_id = None
    interfaces.delete(moment, [gateway._eni.id])


@operation("ec2", "DeleteNatGateway")
def delete_nat_gateway(call: Call) -> object:
    """`deleting`, then `deleted`, when its address is free."""
    identifier = call.text("NatGatewayId")
    gateway = _backend_of(call).nat_gateways.get(identifier)
    if gateway is None or gateway.state == "deleted":
        raise Refusal("NatGatewayNotFound", f"The Nat Gateway {identifier} was not found")
    if gateway.state != "deleting":
        gateway.state = "deleting"
        call.after("nat.delete", "nat.deleted", identifier)
    return {"NatGatewayId": identifier}


@event("nat.deleted")
def nat_deleted(moment: Moment, identifier: str) -> None:
    """A NAT gateway is gone; AWS shows it for an hour more."""
    gateway = _backend_of(moment).nat_gateways.get(identifier)
    if gateway is not None:
        gateway.state = "deleted"
        _free(moment, gateway)
        moment.later(moment.durations.scaled(_SHOWN_SECONDS), "nat.forgotten", identifier)


@event("nat.forgotten")
def nat_forgotten(moment: Moment, identifier: str) -> None:
    """AWS no longer shows a NAT gateway that was deleted an hour ago."""
    _backend_of(moment).nat_gateways.pop(identifier, None)


def _fits(gateway: Any, filters: list[dict[str, Any]]) -> bool:
    tags = {item["key"]: item["value"] for item in gateway.get_tags()}
    for item in filters:
        name, values = item["Name"], item["Values"]
        if name.startswith("tag:") and tags.get(name.removeprefix("tag:")) not in values:
            return False
        if name == "tag-key" and not set(values) & tags.keys():
            return False
    return True


@operation("ec2", "DescribeNatGateways")
def describe_nat_gateways(call: Call) -> object:
    """Filters by tag too, which moto leaves out."""
    filters = call.items("Filter") or call.items("Filters")
    found = result_of(call.forward())["NatGateways"]
    for identifier in call.items("NatGatewayIds"):
        if identifier not in _backend_of(call).nat_gateways:
            raise Refusal("NatGatewayNotFound", f"The Nat Gateway {identifier} was not found")
    return {"NatGateways": [gateway for gateway in found if _fits(gateway, filters)]}


@operation("ec2", "CreateVpcEndpoint")
def create_vpc_endpoint(call: Call) -> object:
    """Gateway endpoints are there at once, interface endpoints after a minute."""
    ec2_tokens.refuse_dry_run(call)
    earlier = ec2_tokens.repeated(call)
    if earlier is not None:
        return earlier
    service, tables = call.text("ServiceName"), set(call.items("RouteTableIds"))
    for endpoint in _backend_of(call).vpc_end_points.values():
        taken = tables & set(endpoint.route_table_ids or [])
        if endpoint.service_name == service and taken:
            raise Refusal(
                "RouteAlreadyExists",
                f"route table {sorted(taken)[0]} already has a route with destination-prefix-list-id "
                f"{endpoint.destination_prefix_list_id}",
            )
    if call.params.get("PrivateDnsEnabled"):
        _refuse_private_name(call, service)
    answer = call.forward()
    made: Any = result_of(answer)["VpcEndpoint"]
    made.vpc_endpoint_type = made.vpc_endpoint_type or "Gateway"
    if made.vpc_endpoint_type == "Interface":
        made.state = "pending"
        _place(call, made)
        call.after("endpoint.create", "endpoint.created", made.id)
    ec2_tokens.remember(call, answer)
    return answer


def _refuse_private_name(call: Call, service: str) -> None:
    """A service has its usual name in a VPC once, and only where the VPC's DNS is on."""
    ec2, vpc_id = _backend_of(call), call.text("VpcId")
    vpc: Any = ec2.vpcs.get(vpc_id)
    if vpc is not None and not (vpc.enable_dns_support and vpc.enable_dns_hostnames):
        raise Refusal(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
            f"for {vpc_id}",
        )
    for endpoint in ec2.vpc_end_points.values():
        if (endpoint.vpc_id, endpoint.service_name) == (vpc_id, service) and endpoint.private_dns_enabled:
            raise Refusal(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                f"{service.rpartition('.')[2]}.{call.region}.amazonaws.com in the VPC {vpc_id}",
            )


def _place(call: Call, endpoint: Any) -> None:
    interfaces.delete(call, endpoint.network_interface_ids)
    owner = interfaces.Owner(
        description=f"VPC Endpoint Interface {endpoint.id}", requester="amazon-vpce", kind="vpc_endpoint"
    )
    endpoint.network_interface_ids = [
        interfaces.create(call, owner, subnet=subnet, groups=call.items("SecurityGroupIds")).id
        for subnet in call.items("SubnetIds")
    ]


@event("endpoint.created")
def endpoint_created(moment: Moment, identifier: str) -> None:
    """An interface endpoint can be reached."""
    endpoint = _backend_of(moment).vpc_end_points.get(identifier)
    if endpoint is not None and endpoint.state == "pending":
        endpoint.state = "available"


@operation("ec2", "DeleteVpcEndpoints")
def delete_vpc_endpoints(call: Call) -> object:
    """Gateway endpoints are gone at once, interface endpoints after their interfaces."""
    ec2 = _backend_of(call)
    slow = [
        identifier
        for identifier in call.items("VpcEndpointIds")
        if identifier in ec2.vpc_end_points and ec2.vpc_end_points[identifier].network_interface_ids
    ]
    quick = [name for name in call.items("VpcEndpointIds") if name in ec2.vpc_end_points and name not in slow]
    for identifier in slow:
        ec2.vpc_end_points[identifier].state = "deleting"
        call.after("endpoint.delete", "endpoint.deleted", identifier)
    ec2.delete_vpc_endpoints(quick)
    for identifier in quick:
        del ec2.vpc_end_points[identifier]
    unknown = [name for name in call.items("VpcEndpointIds") if name not in [*slow, *quick]]
    return {
        "Unsuccessful": [
            {
                "ResourceId": name,
                "Error": {
                    "Code": "InvalidVpcEndpoint.NotFound",
                    "Message": f"The Vpc Endpoint Id '{name}' does not exist",
                },
            }
            for name in unknown
        ]
    }


@event("endpoint.deleted")
def endpoint_deleted(moment: Moment, identifier: str) -> None:
    """An interface endpoint is gone with its interfaces."""
    endpoint: Any = _backend_of(moment).vpc_end_points.pop(identifier, None)
    if endpoint is not None:
        interfaces.delete(moment, endpoint.network_interface_ids)
