"""X-Ray groups and sampling rules; no traces are taken here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.resource_tagging import TaggedResource

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment

_MOST_GROUPS = 25
_MOST_RULES = 25
_WORD = "InvalidRequestException"
# The rule that every account has (developer guide, "Configuring sampling rules").
_DEFAULT = {
    "RuleName": "Default",
    "ResourceARN": "*",
    "Priority": 10_000,
    "FixedRate": 0.05,
    "ReservoirSize": 1,
    "ServiceName": "*",
    "ServiceType": "*",
    "Host": "*",
    "HTTPMethod": "*",
    "URLPath": "*",
    "Version": 1,
    "Attributes": {},
}


@dataclass(kw_only=True)
class Tracing:
    """Groups, rules and tags of one account and region, by their ARN."""

    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)


def _of(moment: Moment) -> Tracing:
    return moment.notes(Tracing)


def _tags(call: Call) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in call.items("Tags")}


def _group_of(call: Call) -> dict[str, Any]:
    for arn, group in _of(call).groups.items():
        if arn == call.text("GroupARN") or group["GroupName"] == call.text("GroupName"):
            return group
    raise Refusal(_WORD, "Group not found")


def _insights(call: Call) -> dict[str, bool]:
    said = call.params.get("InsightsConfiguration") or {}
    enabled, told = bool(said.get("InsightsEnabled")), bool(said.get("NotificationsEnabled"))
    if told and not enabled:
        raise Refusal(_WORD, "Insights notifications need insights.")
    return {"InsightsEnabled": enabled, "NotificationsEnabled": told}


@operation("xray", "CreateGroup")
def create_group(call: Call) -> object:
    """A name is taken once; there are 25 at most."""
    name, groups = call.text("GroupName"), _of(call).groups
    if len(name) > 32:
        raise Refusal(_WORD, "Group name has 32 characters at most.")
    if name == "Default" or any(group["GroupName"] == name for group in groups.values()):
        raise Refusal(_WORD, "Group already exists")
    if len(groups) >= _MOST_GROUPS:
        raise Refusal(_WORD, "The account has as many groups as it may have.")
    arn = f"arn:aws:xray:{call.region}:{call.account}:group/{name}/{len(groups):026X}"
    groups[arn] = {
        "GroupName": name,
        "GroupARN": arn,
        "FilterExpression": call.text("FilterExpression"),
        "InsightsConfiguration": _insights(call),
    }
    _of(call).tags[arn] = _tags(call)
    return {"Group": groups[arn]}


@operation("xray", "GetGroup")
def get_group(call: Call) -> object:
    """One group."""
    return {"Group": _group_of(call)}


@operation("xray", "GetGroups")
def get_groups(call: Call) -> object:
    """All of the region."""
    return {"Groups": list(_of(call).groups.values())}


@operation("xray", "UpdateGroup")
def update_group(call: Call) -> object:
    """What is given is changed."""
    group = _group_of(call)
    if call.params.get("FilterExpression") is not None:
        group["FilterExpression"] = call.text("FilterExpression")
    if call.params.get("InsightsConfiguration") is not None:
        group["InsightsConfiguration"] = _insights(call)
    return {"Group": group}


@operation("xray", "DeleteGroup")
def delete_group(call: Call) -> object:
    """Its traces stay."""
    arn = _group_of(call)["GroupARN"]
    del _of(call).groups[arn]
    _of(call).tags.pop(arn, None)
    return {}


def _rule_of(call: Call, said: Any) -> dict[str, Any]:
    for arn, rule in _of(call).rules.items():
        if arn == said.get("RuleARN") or rule["SamplingRule"]["RuleName"] == said.get("RuleName"):
            return rule
    raise Refusal(_WORD, "Sampling rule not found")


def _check_rule(rule: dict[str, Any]) -> None:
    if not 1 <= int(rule["Priority"]) <= 9999:
        raise Refusal(_WORD, "Priority is between 1 and 9999.")
    if not 0 <= float(rule["FixedRate"]) <= 1:
        raise Refusal(_WORD, "FixedRate is between 0 and 1.")


@operation("xray", "CreateSamplingRule")
def create_rule(call: Call) -> object:
    """A name is taken once; there are 25 at most."""
    said, rules = dict(call.params["SamplingRule"]), _of(call).rules
    name = str(said.get("RuleName") or "")
    if not 1 <= len(name) <= 32:
        raise Refusal(_WORD, "Rule name has 1 to 32 characters.")
    if name == "Default" or any(rule["SamplingRule"]["RuleName"] == name for rule in rules.values()):
        raise Refusal(_WORD, "Sampling rule already exists")
    if len(rules) >= _MOST_RULES:
        raise Refusal("RuleLimitExceededException", "You have reached the maximum number of sampling rules.")
    _check_rule(said)
    arn = f"arn:aws:xray:{call.region}:{call.account}:sampling-rule/{name}"
    rule = {"Attributes": {}, **said, "RuleARN": arn}
    rules[arn] = {"SamplingRule": rule, "CreatedAt": call.now, "ModifiedAt": call.now}
    _of(call).tags[arn] = _tags(call)
    return {"SamplingRuleRecord": rules[arn]}


@operation("xray", "GetSamplingRules")
def get_rules(call: Call) -> object:
    """All of the region, the default one among them."""
    arn = f"arn:aws:xray:{call.region}:{call.account}:sampling-rule/Default"
    default = {"SamplingRule": {**_DEFAULT, "RuleARN": arn}, "CreatedAt": 0, "ModifiedAt": 0}
    return {"SamplingRuleRecords": [default, *_of(call).rules.values()]}


@operation("xray", "UpdateSamplingRule")
def update_rule(call: Call) -> object:
    """What is given is changed."""
    said = dict(call.params["SamplingRuleUpdate"])
    record = _rule_of(call, said)
    changed = {
        **record["SamplingRule"],
        **{k: v for k, v in said.items() if k not in ("RuleName", "RuleARN")},
    }
    _check_rule(changed)
    record.update(SamplingRule=changed, ModifiedAt=call.now)
    return {"SamplingRuleRecord": record}


@operation("xray", "DeleteSamplingRule")
def delete_rule(call: Call) -> object:
    """All but the default one, which is on no list of ours."""
    record = _rule_of(call, {"RuleARN": call.text("RuleARN"), "RuleName": call.text("RuleName")})
    arn = record["SamplingRule"]["RuleARN"]
    del _of(call).rules[arn]
    _of(call).tags.pop(arn, None)
    return {"SamplingRuleRecord": record}


@operation("xray", "ListTagsForResource")
def list_tags(call: Call) -> object:
    """Of a group or a rule."""
    tags = _of(call).tags.get(call.text("ResourceARN"))
    if tags is None:
        raise Refusal("ResourceNotFoundException", "The resource was not found.")
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


@tagged
def tagged_tracing(moment: Moment) -> Iterator[TaggedResource]:
    """For the tagging API."""
    for arn, tags in _of(moment).tags.items():
        yield TaggedResource(arn, tags, "xray:group" if ":group/" in arn else "xray:sampling-rule")
