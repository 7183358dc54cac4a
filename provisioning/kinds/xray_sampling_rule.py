"""An X-Ray sampling rule: which share of the requests to a service is traced."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pydantic import Field

from provisioning.aws import Aws
from provisioning.errors import NameTaken
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonObject
from provisioning.template_parts import Form, Part, Place, Told
from provisioning.traces import sampled


class SamplingRuleProps(Props):
    """`reservoir` requests a second are traced always, and of the others the share `rate`. "*" stands for any service,
    host, method or path; of the rules that fit, the one with the lowest `priority` counts."""

    rate: float = Field(default=0.05, ge=0, le=1)
    reservoir: int = Field(default=1, ge=0, le=1000)
    priority: int = Field(default=1000, ge=1, le=9999)
    service_name: str = Field(default="*", min_length=1, max_length=64)
    service_type: str = Field(default="*", min_length=1, max_length=64)
    host: str = Field(default="*", min_length=1, max_length=64)
    http_method: str = Field(default="*", min_length=1, max_length=10)
    url_path: str = Field(default="*", min_length=1, max_length=128)


@register
class SamplingRule(Kind[SamplingRuleProps]):
    """https://docs.aws.amazon.com/xray/latest/api/API_CreateSamplingRule.html

    No token: its name is its identity, and X-Ray has one error for all that is wrong, so `create` looks first. An
    account may have 25 in a region. Attributes: id (the ARN), arn, name.
    """

    name = "xray.sampling_rule"
    title = "Sampling rule"
    naming = Naming(limit=32)
    billed = True
    permissions = (
        "xray:CreateSamplingRule",
        "xray:TagResource",
        "xray:GetSamplingRules",
        "xray:ListTagsForResource",
        "xray:UpdateSamplingRule",
        "xray:DeleteSamplingRule",
    )
    props = SamplingRuleProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        rule = _find(aws, handle)
        if rule is None:
            return None
        arn = rule["RuleARN"]
        tags = handle.tags if handle.id else tags_of(aws.xray.list_tags_for_resource(ResourceARN=arn))
        told: JsonObject = {name: rule[theirs] for name, theirs in _NAMES.items()}
        attributes = {"id": arn, "arn": arn, "name": handle.name}
        return Observed(id=arn, props=told, attributes=attributes, tags=tags)

    def create(self, aws: Aws, handle: Handle, props: SamplingRuleProps) -> Observed:
        there = self.read(aws, handle)
        if there is not None and not handle.owns(there.tags):
            raise NameTaken(f"Could not make the sampling rule: {handle.name} exists and is not ours.")
        if there is not None:
            return self.update(aws, handle, props, there)
        wanted: Any = {"RuleName": handle.name, "ResourceARN": "*", "Version": 1, **_settings(props)}
        answer = aws.xray.create_sampling_rule(SamplingRule=wanted, Tags=handle.tag_list)
        arn = answer["SamplingRuleRecord"]["SamplingRule"]["RuleARN"]
        return Observed(id=arn, attributes={"id": arn, "arn": arn, "name": handle.name})

    def update(self, aws: Aws, handle: Handle, props: SamplingRuleProps, observed: Observed) -> Observed:
        wanted: Any = {"RuleARN": observed.id, **_settings(props)}
        aws.xray.update_sampling_rule(SamplingRuleUpdate=wanted)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        rule = _find(aws, handle)
        if rule is not None:
            aws.xray.delete_sampling_rule(RuleARN=rule["RuleARN"])
        return True

    def cost(self, props: SamplingRuleProps, usage: Usage, region: str) -> Iterator[CostLine]:
        yield sampled(usage.requests, Decimal(str(props.rate)), props.reservoir)

    def cloudformation(self, place: Place, props: SamplingRuleProps) -> Form:
        rule = {"RuleName": place.name, "ResourceARN": "*", "Version": 1, **_settings(props)}
        return Form(
            parts=(
                Part(
                    type="AWS::XRay::SamplingRule",
                    properties={"SamplingRule": rule, "Tags": place.tag_list},
                ),
            ),
            attributes={"id": Told("RuleARN"), "arn": Told("RuleARN"), "name": place.name},
        )


_NAMES = {
    "rate": "FixedRate",
    "reservoir": "ReservoirSize",
    "priority": "Priority",
    "service_name": "ServiceName",
    "service_type": "ServiceType",
    "host": "Host",
    "http_method": "HTTPMethod",
    "url_path": "URLPath",
}


def _settings(props: SamplingRuleProps) -> Any:
    wanted = props.dump()
    return {theirs: wanted[name] for name, theirs in _NAMES.items()}


def _find(aws: Aws, handle: Handle) -> Any:
    records = aws.listed(aws.xray.get_sampling_rules, "SamplingRuleRecords")
    rules = (record["SamplingRule"] for record in records)
    return next((rule for rule in rules if rule["RuleName"] == handle.name), None)
