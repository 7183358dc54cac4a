"""What is peculiar to a web ACL: all its rules are one document, under a lock token, and those of others stay."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, Busy
from provisioning.kind import kind_named
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, gone, settled
from provisioning.kinds.wafv2_web_acl import WebAclProps
from provisioning.pricing import Usage
from provisioning.references import JsonObject
from provisioning.simulator.launch import Simulator

pytestmark = pytest.mark.simulator
KIND = "wafv2.web_acl"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"counted": ["AWSManagedRulesCommonRuleSet/SizeRestrictions_BODY"]},
    {"scope": "CLOUDFRONT", "managed_groups": [], "rate_limit": 100, "rate_window": 60},
)
PROPS = WebAclProps()
COMMON = "AWSManagedRulesCommonRuleSet"
THEIRS: Any = {
    "Name": "theirs",
    "Priority": 0,
    "Statement": {"GeoMatchStatement": {"CountryCodes": ["AQ"]}},
    "Action": {"Block": {}},
    "VisibilityConfig": {
        "SampledRequestsEnabled": True,
        "CloudWatchMetricsEnabled": True,
        "MetricName": "theirs",
    },
}


def _named(arn: str) -> Any:
    _, _, name, identifier = arn.split(":")[5].split("/")
    return {"Name": name, "Scope": "CLOUDFRONT" if ":global/" in arn else "REGIONAL", "Id": identifier}


def _set(aws: Aws, arn: str, **changes: object) -> None:
    """Somebody changes it by hand."""
    answer: Any = aws.wafv2.get_web_acl(**_named(arn))
    kept = {name: answer["WebACL"][name] for name in ("DefaultAction", "Rules", "VisibilityConfig")}
    aws.wafv2.update_web_acl(**_named(arn), LockToken=answer["LockToken"], **{**kept, **changes})


def _rules(aws: Aws, arn: str) -> list[Any]:
    web_acl: Any = aws.wafv2.get_web_acl(**_named(arn))["WebACL"]
    return sorted(web_acl["Rules"], key=lambda rule: rule["Priority"])


@pytest.mark.parametrize("scope", ["REGIONAL", "CLOUDFRONT"])
def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, scope: Any) -> None:
    changes = [
        WebAclProps(
            scope=scope, counted=(f"{COMMON}/SizeRestrictions_BODY",), rate_limit=500, rate_window=60
        ),
        WebAclProps(scope=scope, managed_groups=(COMMON,), rate_limit=0),
        WebAclProps(scope=scope, managed_groups=(), rate_limit=10),
    ]

    check_contract(
        aws,
        handle("firewall", KIND),
        WebAclProps(scope=scope),
        changes=changes,
        attributes=["arn", "name"],
        also_permitted=["wafv2:TagResource"],  # made with tags
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("firewall", KIND), PROPS) == 0


def test_known_bad_addresses_are_refused_before_anything_else_is_looked_at(aws: Aws, build: Build) -> None:
    arn = build("firewall", PROPS).id

    assert [rule["Name"] for rule in _rules(aws, arn)] == [
        "andamio-AWSManagedRulesAmazonIpReputationList",
        "andamio-AWSManagedRulesCommonRuleSet",
        "andamio-AWSManagedRulesKnownBadInputsRuleSet",
        "andamio-rate",
    ]


def test_a_web_acl_of_its_name_that_somebody_else_made_is_not_ours(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    ours = handle("firewall", KIND)
    build("other", PROPS, name=ours.name)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, PROPS)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def test_rules_and_settings_of_others_stay(aws: Aws, handle: MakeHandle, build: Build) -> None:
    arn = build("firewall", WebAclProps(managed_groups=(COMMON,))).id
    ours = [{**rule, "Priority": rule["Priority"] + 1} for rule in _rules(aws, arn)]
    _set(aws, arn, Rules=[THEIRS, *ours], TokenDomains=["shop.example.com"])
    known = handle("firewall", KIND, id=arn)
    now = kind_named(KIND).read(aws, known)
    assert now is not None

    kind_named(KIND).update(aws, known, PROPS, now)

    settled(aws, known, PROPS)
    rules = _rules(aws, arn)
    assert (rules[0]["Name"], rules[0]["Priority"]) == ("theirs", 0)
    assert len(rules) == 5
    web_acl: Any = aws.wafv2.get_web_acl(**_named(arn))["WebACL"]
    assert web_acl["TokenDomains"] == ["shop.example.com"]


def test_a_rule_that_somebody_disarmed_is_seen(aws: Aws, handle: MakeHandle, build: Build) -> None:
    arn = build("firewall", PROPS).id
    disarmed = [
        {**rule, "Action": {"Count": {}}} if "Action" in rule else {**rule, "OverrideAction": {"Count": {}}}
        for rule in _rules(aws, arn)
    ]
    _set(aws, arn, Rules=disarmed)

    now = kind_named(KIND).read(aws, handle("firewall", KIND, id=arn))

    assert now is not None
    differences = kind_named(KIND).differences(PROPS.dump(), now)
    assert set(differences) == {"managed_groups", "rate_limit"}
    assert "counts only" in str(differences["managed_groups"][0])


def test_a_change_by_somebody_else_in_between_is_tried_again(
    aws: Aws, handle: MakeHandle, build: Build, simulator: Simulator
) -> None:
    made = build("firewall", PROPS)
    simulator.fault(service="wafv2", code="WAFOptimisticLockException", operation="UpdateWebACL")
    simulator.fault(service="wafv2", code="WAFAssociatedItemException", operation="DeleteWebACL")
    known = handle("firewall", KIND, id=made.id)

    with pytest.raises(Busy):
        kind_named(KIND).update(aws, known, WebAclProps(rate_limit=100), made)
    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, known)

    gone(aws, known, KIND)


def test_all_who_look_share_the_lists(aws: Aws, handle: MakeHandle, build: Build) -> None:
    build("firewall", PROPS)
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    looks = [kind_named(KIND).read(poll, handle("firewall", KIND, stack=f"sstrange{one}")) for one in "abc"]

    assert looks == [None, None, None]
    assert aws.connection.calls - before == 2  # one of each scope


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"rate_limit": 5}, "from 10"),
        ({"rate_limit": -1}, "rate_limit"),
        ({"rate_window": 100}, "rate_window"),
        ({"managed_groups": (), "rate_limit": 0}, "does nothing"),
        ({"managed_groups": (COMMON, COMMON)}, "twice"),
        ({"managed_groups": ("AWSManagedRulesOfMine",)}, "managed_groups"),
        ({"counted": ("SizeRestrictions_BODY",)}, "group/rule"),
        ({"scope": "GLOBAL"}, "scope"),
    ],
)
def test_what_waf_does_not_take_is_refused(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        WebAclProps.model_validate(changes)


@pytest.mark.parametrize(("scope", "billed_in"), [("REGIONAL", None), ("CLOUDFRONT", "us-east-1")])
def test_it_costs_by_itself_by_rule_and_by_request(scope: Any, billed_in: str | None) -> None:
    usage = Usage.of_phase("production")

    lines = list(kind_named(KIND).cost(WebAclProps(scope=scope), usage, "eu-west-1"))

    assert [(line.sku, line.quantity.expected) for line in lines] == [
        ("WAF/web_acl", Decimal(1)),
        ("WAF/rule", Decimal(4)),
        ("WAF/requests_up_to_1500_wcu", usage.requests),
    ]
    assert {line.region for line in lines} == {billed_in}
