"""A WAF web ACL: AWS's rule groups against what is known to be bad, and a limit to how often one address may ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.properties import Unordered
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import Form, Part, Place, Told

_OURS = "andamio-"  # how the names of our rules begin; others are left alone
_RATE = "andamio-rate"
_HOME = "us-east-1"  # where web ACLs of CloudFront are
# What UpdateWebACL resets unless it is sent back.
_KEPT = (
    *("Description", "CustomResponseBodies", "CaptchaConfig", "ChallengeConfig", "TokenDomains"),
    *("AssociationConfig", "DataProtectionConfig", "OnSourceDDoSProtectionConfig", "ApplicationConfig"),
)

Scope = Literal["REGIONAL", "CLOUDFRONT"]
ManagedGroup = Literal[
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
]


class WebAclProps(Props):
    """`managed_groups` are asked in this order. `counted`: rules of theirs that only count and let pass, as
    "AWSManagedRulesCommonRuleSet/SizeRestrictions_BODY" for uploads of more than 8 KB.

    `rate_limit`: requests that one address may send within `rate_window` seconds; 0 is without limit.
    """

    scope: Scope = "REGIONAL"
    managed_groups: tuple[ManagedGroup, ...] = (
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    )
    counted: Unordered = ()
    rate_limit: Annotated[int, Field(ge=0, le=2_000_000_000)] = 2000
    rate_window: Literal[60, 120, 300, 600] = 300

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if 0 < self.rate_limit < 10:
            raise ValueError("rate_limit: WAF counts from 10 requests on (0 is without limit).")
        if not self.managed_groups and not self.rate_limit:
            raise ValueError("managed_groups: without a group and without a limit it does nothing.")
        if len(set(self.managed_groups)) < len(self.managed_groups):
            raise ValueError("managed_groups: a group is named twice.")
        if any(rule.partition("/")[0] not in self.managed_groups for rule in self.counted):
            raise ValueError('counted: write "group/rule", of a group that is asked.')
        return self


@register
class WebAcl(Kind[WebAclProps]):
    """https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html

    No token: its name is unique in its region and scope. A change takes the lock token of what it was and writes all
    rules: those whose names do not begin with ours are sent back as they were. With the scope CLOUDFRONT it exists in
    us-east-1 only. Stays while something uses it, some minutes longer too. Attributes: id (the ARN), arn, name.
    """

    name = "wafv2.web_acl"
    title = "Web ACL"
    naming = Naming(limit=128)
    expected = Expected(delete=30)
    replace_on = frozenset({"scope"})
    billed = True
    outage: ClassVar[Mapping[str, str]] = {
        "rate_limit": "None, but an address that asks more often is refused.",
        "managed_groups": "None, but requests that a new group takes for an attack are refused.",
    }
    permissions = (
        "wafv2:CreateWebACL",
        "wafv2:TagResource",
        "wafv2:ListWebACLs",
        "wafv2:GetWebACL",
        "wafv2:ListTagsForResource",
        "wafv2:UpdateWebACL",
        "wafv2:DeleteWebACL",
    )
    props = WebAclProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        arn = handle.id or _arn_of_name(aws, handle)
        answer: Any = found(aws.wafv2.get_web_acl, **_identity(arn)) if arn else None
        if answer is None:
            return None
        return Observed(
            id=arn,
            props=_told(answer["WebACL"]) | {"scope": _identity(arn)["Scope"]},
            attributes=_attributes(arn),
            tags=_tags(aws, handle, arn),
        )

    def create(self, aws: Aws, handle: Handle, props: WebAclProps) -> Observed:
        made = aws.wafv2.create_web_acl(
            Name=handle.name,
            Scope=props.scope,
            DefaultAction={"Allow": {}},
            Rules=_rules(props, []),
            VisibilityConfig=_visible(handle.name),
            Tags=handle.tag_list,
        )
        arn = made["Summary"]["ARN"]
        return Observed(id=arn, attributes=_attributes(arn))

    def update(self, aws: Aws, handle: Handle, props: WebAclProps, observed: Observed) -> Observed:
        identity = _identity(observed.id)
        answer: Any = aws.wafv2.get_web_acl(**identity)
        before = answer["WebACL"]
        others = [rule for rule in before.get("Rules", []) if not rule["Name"].startswith(_OURS)]
        aws.wafv2.update_web_acl(
            **identity,
            LockToken=answer["LockToken"],
            DefaultAction=before["DefaultAction"],
            Rules=[*_rules(props, others), *others],
            VisibilityConfig=before["VisibilityConfig"],
            **{name: before[name] for name in _KEPT if before.get(name)},
        )
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        arn = handle.id or _arn_of_name(aws, handle)
        answer: Any = found(aws.wafv2.get_web_acl, **_identity(arn)) if arn else None
        if answer is not None:
            found(aws.wafv2.delete_web_acl, **_identity(arn), LockToken=answer["LockToken"])
        return True

    def cost(self, props: WebAclProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """It, its rules (a group is one), and every request that it looks at."""
        rules = len(props.managed_groups) + bool(props.rate_limit)
        lines = (
            CostLine.fixed("WAF/web_acl", 1, "Web ACL", "1 web ACL"),
            CostLine.fixed("WAF/rule", rules, "Rules of the web ACL", f"{rules} rules and rule groups"),
            CostLine.usage(
                "WAF/requests_up_to_1500_wcu",
                usage.requests,
                "Requests that the web ACL looks at",
                f"{usage.requests:,} requests",
            ),
        )
        for line in lines:
            yield line.billed_in(_HOME) if props.scope == "CLOUDFRONT" else line

    def cloudformation(self, place: Place, props: WebAclProps) -> Form:
        properties = {
            "Name": place.name,
            "Scope": props.scope,
            "DefaultAction": {"Allow": {}},
            "Rules": _rules(props, []),
            "VisibilityConfig": _visible(place.name),
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::WAFv2::WebACL", properties=properties),),
            attributes={"id": Told("Arn"), "arn": Told("Arn"), "name": place.name},
        )


def _arn_of_name(aws: Aws, handle: Handle) -> str:
    """The ARN of the one of this name, empty without one."""
    scopes: tuple[Scope, ...] = ("REGIONAL", "CLOUDFRONT") if aws.region == _HOME else ("REGIONAL",)
    for scope in scopes:
        listed = aws.listed(aws.wafv2.list_web_acls, "WebACLs", Scope=scope, Limit=100)
        arn = next((one["ARN"] for one in listed if one["Name"] == handle.name), "")
        if arn:
            return str(arn)
    return ""


def _identity(arn: str) -> Any:
    """Name, scope and id, as every call takes them, out of "arn:…:global/webacl/<name>/<id>"."""
    scope, _, name, identifier = arn.split(":")[5].split("/")
    return {"Name": name, "Scope": "CLOUDFRONT" if scope == "global" else "REGIONAL", "Id": identifier}


def _attributes(arn: str) -> dict[str, str]:
    return {"id": arn, "arn": arn, "name": _identity(arn)["Name"]}


def _tags(aws: Aws, handle: Handle, arn: str) -> dict[str, str]:
    """One more call, made only while no id on record says that it is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    return tags_of(aws.wafv2.list_tags_for_resource(ResourceARN=arn)["TagInfoForResource"], "TagList")


def _visible(name: str) -> Any:
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


def _rules(props: WebAclProps, others: list[Any]) -> list[Any]:
    """Our rules in their order, at places that the others leave."""
    taken = {rule["Priority"] for rule in others}
    places = (place for place in count() if place not in taken)
    rules = [_group_rule(group, props) for group in props.managed_groups]
    if props.rate_limit:
        rules.append(_rate_rule(props))
    return [{**rule, "Priority": place} for rule, place in zip(rules, places, strict=False)]


def _group_rule(group: str, props: WebAclProps) -> dict[str, Any]:
    counted = [rule.partition("/")[2] for rule in props.counted if rule.startswith(f"{group}/")]
    statement: dict[str, Any] = {"VendorName": "AWS", "Name": group}
    if counted:
        statement["RuleActionOverrides"] = [{"Name": rule, "ActionToUse": {"Count": {}}} for rule in counted]
    return {
        "Name": f"{_OURS}{group}",
        "Statement": {"ManagedRuleGroupStatement": statement},
        "OverrideAction": {"None": {}},
        "VisibilityConfig": _visible(f"{_OURS}{group}"),
    }


def _rate_rule(props: WebAclProps) -> dict[str, Any]:
    statement = {
        "Limit": props.rate_limit,
        "EvaluationWindowSec": props.rate_window,
        "AggregateKeyType": "IP",
    }
    return {
        "Name": _RATE,
        "Statement": {"RateBasedStatement": statement},
        "Action": {"Block": {}},
        "VisibilityConfig": _visible(_RATE),
    }


def _told(web_acl: Mapping[str, Any]) -> JsonObject:
    rules = sorted(web_acl.get("Rules", []), key=lambda rule: rule["Priority"])
    ours = [rule for rule in rules if rule["Name"].startswith(_OURS)]
    groups: list[JsonValue] = []
    counted: list[str] = []
    for rule in ours:
        statement = rule["Statement"].get("ManagedRuleGroupStatement")
        if statement is not None:
            only_counts = "Count" in rule.get("OverrideAction", {})
            groups.append(f"{statement['Name']} (counts only)" if only_counts else statement["Name"])
            counted += [
                f"{statement['Name']}/{one['Name']}" for one in statement.get("RuleActionOverrides", [])
            ]
    return {"managed_groups": groups, "counted": [*sorted(counted)], **_rate_told(ours)}


def _rate_told(ours: list[Any]) -> JsonObject:
    """A limit that does not refuse is none."""
    rule = next((rule for rule in ours if rule["Name"] == _RATE), None)
    if rule is None or "Block" not in rule.get("Action", {}):
        return {"rate_limit": 0}
    statement = rule["Statement"]["RateBasedStatement"]
    return {"rate_limit": statement["Limit"], "rate_window": statement.get("EvaluationWindowSec", 300)}
