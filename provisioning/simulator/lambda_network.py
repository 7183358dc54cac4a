"""The network interfaces of Lambda functions: shared by those in the same place, and long to go."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from provisioning.simulator import interfaces
from provisioning.simulator.lambda_store import refuse, storage_of
from provisioning.simulator.operations import Call
from provisioning.simulator.world import Moment, event

#: A subnet and the security groups in it, joined by commas: functions that agree on them share an interface.
Place = tuple[str, str]
Vpc = dict[str, Any] | None


@dataclass(kw_only=True)
class Interfaces:
    """Lambda's interfaces in an account and region."""

    by_place: dict[Place, str] = field(default_factory=dict)


def check(call: Call) -> Vpc:
    """The network that a call asks for, as Lambda tells it; None for none. Refuses what is not there."""
    wanted = call.params.get("VpcConfig") or {}
    subnets, groups = list(wanted.get("SubnetIds") or []), list(wanted.get("SecurityGroupIds") or [])
    if not subnets and not groups:
        return None
    if not subnets or not groups:
        raise refuse("SubnetIds and SecurityIds must coexist or be both empty list.")
    ec2 = ec2_backends[call.account][call.region]
    known = {key: subnet for found in ec2.subnets.values() for key, subnet in found.items()}
    for subnet in subnets:
        if subnet not in known:
            raise _missing("DescribeSubnets", "InvalidSubnetID", f"The subnet ID '{subnet}' does not exist")
    for group in groups:
        if ec2.get_security_group_from_id(group) is None:
            raise _missing(
                "DescribeSecurityGroups", "InvalidGroup", f"The security group '{group}' does not exist"
            )
    vpcs = {known[subnet].vpc_id for subnet in subnets}
    if len(vpcs) > 1:
        raise refuse("Security Groups and subnets must belong to the same VPC.")
    return {
        "SubnetIds": subnets,
        "SecurityGroupIds": groups,
        "VpcId": vpcs.pop(),
        "Ipv6AllowedForDualStack": False,
    }


def _missing(asked: str, code: str, text: str) -> Exception:
    return refuse(f"Error occurred while {asked}. EC2 Error Code: {code}.NotFound. EC2 Error Message: {text}")


def _places(vpc: Vpc) -> Iterator[Place]:
    for subnet in vpc["SubnetIds"] if vpc else ():
        yield subnet, ",".join(sorted(vpc["SecurityGroupIds"] if vpc else ()))


def attach(moment: Moment, function: Any) -> None:
    """Have an interface wherever the function is. Raises ValueError where a subnet has no addresses left."""
    there = moment.notes(Interfaces).by_place
    ec2 = ec2_backends[moment.account][moment.region]
    for place in _places(function.vpc):
        if there.get(place) in ec2.enis:
            continue
        owner = interfaces.Owner(
            description=f"AWS Lambda VPC ENI-{function.function_name}-{uuid.uuid4()}",
            requester="AROAEXAMPLE:awslambda",
            kind="lambda",
        )
        subnet, groups = place
        there[place] = interfaces.create(moment, owner, subnet=subnet, groups=groups.split(",")).id


def release(moment: Moment, vpc: Vpc, role: str) -> None:
    """A function is no longer there: its interfaces go much later, with the rights of the role that it had."""
    for subnet, groups in _places(vpc):
        moment.after("lambda.interfaces", "lambda.interface-freed", subnet, groups, role)


@event("lambda.interface-freed")
def freed(moment: Moment, subnet: str, groups: str, role: str) -> None:
    """An interface goes that no function uses, unless the role is gone: then it stays until people delete it."""
    users = (
        function
        for group in storage_of(moment).values()
        for function in (group["latest"], *group["versions"])
        if (subnet, groups) in _places(function.vpc)
    )
    if next(users, None) is not None:
        return
    if role not in {one.arn for one in iam_backends[moment.account]["aws"].roles.values()}:
        return
    identifier = moment.notes(Interfaces).by_place.pop((subnet, groups), "")
    interfaces.delete(moment, [identifier])
