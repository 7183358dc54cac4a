"""A security group: who may reach the network interfaces that carry it, and on which ports."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import Field, field_validator, model_validator

from provisioning.aws import found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import find_in_ec2, tag_specifications, tags_of
from provisioning.names import Naming
from provisioning.references import is_resolved
from provisioning.template_parts import Form, Part, Place, Told, given

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from provisioning.aws import Aws
    from provisioning.references import JsonObject, JsonValue

# CreateSecurityGroup, parameter GroupDescription; the same for rules (type IpRange).
_Description = Annotated[str, Field(max_length=255, pattern=r"^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*$")]
_MOST_RULES = 60  # default quota of rules per group and direction (VPC guide, "Amazon VPC quotas")


class IngressRule(Props):
    """One port open to one source: an IPv4 range (`cidr`) or the members of another group (`group_id`)."""

    protocol: Literal["tcp", "udp"] = "tcp"
    port: int = Field(ge=0, le=65535)
    cidr: str = ""
    group_id: str = ""
    description: _Description = ""

    @field_validator("cidr")
    @classmethod
    def _is_a_range(cls, value: str) -> str:
        if value and is_resolved(value):
            IPv4Network(value)  # AWS would drop the host bits of "10.0.0.1/24": never equal again
        return value

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.cidr) == bool(self.group_id):
            raise ValueError("A rule has one source: a range (cidr) or a group (group_id).")
        return self


class SecurityGroupProps(Props):
    """`ingress`: what may come in, in any order. Everything may go out: AWS's default, which is not touched."""

    vpc_id: str
    description: Annotated[_Description, Field(min_length=1)]
    ingress: tuple[IngressRule, ...] = Field(default=(), max_length=_MOST_RULES)

    @field_validator("ingress")
    @classmethod
    def _no_rule_twice(cls, value: tuple[IngressRule, ...]) -> tuple[IngressRule, ...]:
        if len({_identity(rule.dump()) for rule in value}) < len(value):
            raise ValueError("The same port is opened twice to the same source.")
        return value


@register
class SecurityGroup(Kind[SecurityGroupProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html (no client token, but names
    are unique in a VPC: a second attempt gets InvalidGroup.Duplicate)."""

    name = "ec2.security_group"
    title = "Security group"
    naming = Naming(limit=255)
    patience = 3600  # a function that left it keeps network interfaces in it for up to 45 minutes
    replace_on = frozenset({"vpc_id", "description"})
    holds = frozenset({"vpc_id", "ingress"})
    born: ClassVar[JsonObject] = {"ingress": []}
    permissions = (
        "ec2:CreateSecurityGroup",
        "ec2:CreateTags",
        "ec2:DescribeSecurityGroups",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:RevokeSecurityGroupIngress",
        "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
        "ec2:DeleteSecurityGroup",
    )
    props = SecurityGroupProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        group = _find(aws, handle)
        if group is None:
            return None
        return Observed(
            id=group["GroupId"],
            props={
                "vpc_id": group["VpcId"],
                "description": group["Description"],
                "ingress": _in_order([rule for each in group["IpPermissions"] for rule in _rules(each)]),
            },
            attributes={"id": group["GroupId"]},
            tags=tags_of(group),
        )

    def create(self, aws: Aws, handle: Handle, props: SecurityGroupProps) -> Observed:
        group_id = aws.ec2.create_security_group(
            GroupName=_group_name(handle.name),
            Description=props.description,
            VpcId=props.vpc_id,
            TagSpecifications=tag_specifications(handle, "security-group"),
        )["GroupId"]
        return Observed(id=group_id, props=self.born, attributes={"id": group_id})

    def update(self, aws: Aws, handle: Handle, props: SecurityGroupProps, observed: Observed) -> Observed:
        now, wanted = _by_identity(observed.props["ingress"]), _by_identity(props.dump()["ingress"])
        missing = [rule for identity, rule in wanted.items() if identity not in now]
        surplus = [rule for identity, rule in now.items() if identity not in wanted]
        reworded = [
            rule
            for identity, rule in wanted.items()
            if identity in now and now[identity]["description"] != rule["description"]
        ]
        # Opened before closed, so that a port which changes its source is never shut to both.
        if missing:
            aws.ec2.authorize_security_group_ingress(GroupId=observed.id, IpPermissions=_sent(missing))
        if surplus:
            aws.ec2.revoke_security_group_ingress(GroupId=observed.id, IpPermissions=_sent(surplus))
        if reworded:
            aws.ec2.update_security_group_rule_descriptions_ingress(
                GroupId=observed.id, IpPermissions=_sent(reworded)
            )
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        group = {"GroupId": handle.id} if handle.id else _find(aws, handle)
        if group is not None:
            found(aws.ec2.delete_security_group, GroupId=group["GroupId"])
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        now = replace(observed, props=_with_rules_in_order(observed.props))
        return super().differences(_with_rules_in_order(wanted), now)

    def cloudformation(self, place: Place, props: SecurityGroupProps) -> Form:
        """Its rules stand in it: what they refer to is always made before, so that there are no circles."""
        properties = given(
            {
                "GroupName": _group_name(place.name),
                "GroupDescription": props.description,
                "VpcId": props.vpc_id,
                "SecurityGroupIngress": [_in_template(rule) for rule in props.ingress],
                "Tags": place.named_tags,
            }
        )
        part = Part(type="AWS::EC2::SecurityGroup", properties=properties)
        return Form(parts=(part,), attributes={"id": Told("GroupId")})


# AWS's list of sources, the name of a source in it, and ours. Only the first and the last are ever wanted.
_SOURCES = (
    ("IpRanges", "CidrIp", "cidr"),
    ("Ipv6Ranges", "CidrIpv6", "cidr"),
    ("PrefixListIds", "PrefixListId", "cidr"),
    ("UserIdGroupPairs", "GroupId", "group_id"),
)


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    return find_in_ec2(
        aws,
        handle,
        aws.ec2.describe_security_groups,
        items="SecurityGroups",
        id_name="GroupId",
        ids="GroupIds",
    )


def _group_name(name: str) -> str:
    """AWS refuses names that begin like its ids, as those of an application called "sg" would."""
    return f"a-{name}"[:255] if name.startswith("sg-") else name


def _rules(permission: Mapping[str, Any]) -> Iterator[JsonObject]:
    """One of AWS's permissions as our rules. What we never open, like a range of ports ("1-1024"), is told too."""
    first, last = permission.get("FromPort", -1), permission.get("ToPort", -1)
    for items, name, ours in _SOURCES:
        for source in permission.get(items, []):
            yield {
                "protocol": permission["IpProtocol"],
                "port": first if first == last else f"{first}-{last}",
                "cidr": "",
                "group_id": "",
                "description": source.get("Description", ""),
                ours: source[name],
            }


def _sent(rules: Sequence[JsonObject]) -> Any:
    """Rules as the permissions that AWS takes, one each."""
    return [_permission(rule) for rule in rules]


def _permission(rule: JsonObject) -> dict[str, Any]:
    first, _, last = str(rule["port"]).rpartition("-") if rule["port"] != -1 else ("", "", "-1")
    source = str(rule["cidr"] or rule["group_id"])
    items, name = _list_of(source, is_group=bool(rule["group_id"]))
    permission: dict[str, Any] = {"IpProtocol": rule["protocol"], items: [{name: source}]}
    if rule["description"]:
        permission[items][0]["Description"] = rule["description"]
    if rule["protocol"] != "-1":
        permission |= {"FromPort": int(first or last), "ToPort": int(last)}
    return permission


def _list_of(source: str, *, is_group: bool) -> tuple[str, str]:
    if is_group:
        return "UserIdGroupPairs", "GroupId"
    if source.startswith("pl-"):
        return "PrefixListIds", "PrefixListId"
    return ("Ipv6Ranges", "CidrIpv6") if ":" in source else ("IpRanges", "CidrIp")


def _identity(rule: JsonObject) -> tuple[JsonValue, ...]:
    """What makes a rule the same rule to AWS; its description does not."""
    return rule["protocol"], rule["port"], rule["cidr"], rule["group_id"]


def _by_identity(rules: JsonValue) -> dict[tuple[JsonValue, ...], JsonObject]:
    return {_identity(rule): rule for rule in cast("list[JsonObject]", rules)}


def _with_rules_in_order(props: JsonObject) -> JsonObject:
    return {**props, "ingress": _in_order(cast("list[JsonObject]", props["ingress"]))}


def _in_order(rules: Sequence[JsonObject]) -> JsonValue:
    """Always the same order, since it means nothing."""
    return cast("JsonValue", sorted(rules, key=lambda rule: json.dumps(rule, sort_keys=True)))


def _in_template(rule: IngressRule) -> dict[str, Any]:
    return given(
        {
            "IpProtocol": rule.protocol,
            "FromPort": rule.port,
            "ToPort": rule.port,
            "CidrIp": rule.cidr,
            "SourceSecurityGroupId": rule.group_id,
            "Description": rule.description,
        }
    )
