"""Web ACLs in the simulator: rules that WAF takes, a lock token for each change, and no deletion of what is used."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.launch import Simulator
from provisioning.simulator.tests.clients import client_of, refusal, until
from provisioning.simulator.tests.networks import Network, make_balancer
from provisioning.simulator.tests.test_cloudfront import config

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
SEEN = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
COMMON = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}
UNKNOWN = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesOfMine"}}
RATE = {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"}}
ODD = {"RateBasedStatement": {**RATE["RateBasedStatement"], "EvaluationWindowSec": 61}}


def group(name: str = "common", priority: int = 0, statement: Any = COMMON) -> dict[str, Any]:
    rule = {"Name": name, "Priority": priority, "Statement": statement, "VisibilityConfig": SEEN}
    return {**rule, "OverrideAction": {"None": {}}}


def limit(priority: int = 1, statement: Any = RATE) -> dict[str, Any]:
    rule = {"Name": "rate", "Priority": priority, "Statement": statement, "VisibilityConfig": SEEN}
    return {**rule, "Action": {"Block": {}}}


def wanted(*rules: dict[str, Any], **changes: object) -> dict[str, Any]:
    plain = {"Name": "web", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": SEEN}
    return {**plain, "Rules": list(rules), **changes}


def test_rules_read_back_with_their_capacity_and_change_under_a_lock_token(aws: Aws) -> None:
    waf = aws("wafv2")
    made = waf.create_web_acl(**wanted(group(), limit()))["Summary"]
    assert refusal(waf.create_web_acl, **wanted()) == "WAFDuplicateItemException"
    here = {"Name": "web", "Scope": "REGIONAL", "Id": made["Id"]}
    told = waf.get_web_acl(**here)["WebACL"]
    assert told["Capacity"] == 702
    assert [rule["Name"] for rule in told["Rules"]] == ["common", "rate"]
    assert waf.get_web_acl(ARN=made["ARN"])["WebACL"]["Id"] == made["Id"]
    change = {**here, "DefaultAction": {"Block": {}}, "VisibilityConfig": SEEN, "Rules": []}
    after = waf.update_web_acl(**change, LockToken=made["LockToken"])["NextLockToken"]
    assert waf.get_web_acl(**here)["WebACL"].get("Rules", []) == []
    stale = {**change, "LockToken": made["LockToken"]}
    assert refusal(waf.update_web_acl, **stale) == "WAFOptimisticLockException"
    late = {**here, "LockToken": made["LockToken"]}
    assert refusal(waf.delete_web_acl, **late) == "WAFOptimisticLockException"
    waf.delete_web_acl(**here, LockToken=after)
    assert refusal(waf.get_web_acl, **here) == "WAFNonexistentItemException"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (wanted(group(), limit(priority=0)), "WAFInvalidParameterException"),
        (wanted(group(), group(priority=1)), "WAFInvalidParameterException"),
        (wanted(group(statement=UNKNOWN)), "WAFNonexistentItemException"),
        (wanted(group(statement=RATE)), "WAFInvalidParameterException"),
        (wanted(limit(statement=COMMON)), "WAFInvalidParameterException"),
        (wanted(limit(statement=ODD)), "WAFInvalidParameterException"),
        (wanted(*[group(str(one), one) for one in range(8)]), "WAFLimitsExceededException"),
        (wanted(Scope="CLOUDFRONT"), "WAFInvalidParameterException"),
    ],
)
def test_what_waf_does_not_take_is_refused(aws: Aws, request_: dict[str, Any], code: str) -> None:
    assert refusal(aws("wafv2").create_web_acl, **request_) == code


def test_it_stands_at_a_load_balancer_in_the_place_of_another_one_and_stays_meanwhile(
    aws: Aws, network: Network
) -> None:
    waf, balancer = aws("wafv2"), make_balancer(aws, network)
    waf.list_web_acls(Scope="REGIONAL")  # so that nothing has to be loaded after the creation
    made = [waf.create_web_acl(**wanted(Name=name))["Summary"] for name in ("one", "two")]
    first, second = ({"WebACLArn": one["ARN"], "ResourceArn": balancer} for one in made)
    nobody = {**first, "ResourceArn": f"{balancer}0"}
    assert refusal(waf.associate_web_acl, **nobody) == "WAFNonexistentItemException"
    assert refusal(waf.associate_web_acl, **first) == "WAFUnavailableEntityException", "of one made just now"
    until(lambda: _answer(waf.associate_web_acl, **first), "")
    until(lambda: _answer(waf.associate_web_acl, **second), "")
    assert waf.get_web_acl_for_resource(ResourceArn=balancer)["WebACL"]["Name"] == "two"
    assert waf.list_resources_for_web_acl(WebACLArn=made[0]["ARN"])["ResourceArns"] == []
    assert waf.list_resources_for_web_acl(WebACLArn=made[1]["ARN"])["ResourceArns"] == [balancer]
    deletion = {"Name": "two", "Scope": "REGIONAL", "Id": made[1]["Id"], "LockToken": made[1]["LockToken"]}
    assert refusal(waf.delete_web_acl, **deletion) == "WAFAssociatedItemException"
    waf.disassociate_web_acl(ResourceArn=balancer)
    assert "WebACL" not in waf.get_web_acl_for_resource(ResourceArn=balancer)
    assert until(lambda: _answer(waf.delete_web_acl, **deletion), "") == ["WAFAssociatedItemException", ""]


def _answer(call: Callable[..., object], **parameters: object) -> str:
    """The code of a refusal; nothing where AWS does it."""
    try:
        return refusal(call, **parameters)
    except AssertionError:
        return ""


def test_one_of_cloudfront_lives_in_us_east_1_and_stays_while_a_distribution_names_it(
    aws: Aws, simulator: Simulator
) -> None:
    waf: Any = client_of(simulator, "wafv2", region="us-east-1")
    tags = [{"Key": "stack", "Value": "s1"}]
    made = waf.create_web_acl(**wanted(Scope="CLOUDFRONT", Tags=tags))["Summary"]
    aws("cloudfront").create_distribution(DistributionConfig=config(WebACLId=made["ARN"]))
    deletion = {"Name": "web", "Scope": "CLOUDFRONT", "Id": made["Id"], "LockToken": made["LockToken"]}

    assert refusal(waf.delete_web_acl, **deletion) == "WAFAssociatedItemException"
    assert [one["Name"] for one in waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]] == ["web"]
    assert waf.list_web_acls(Scope="REGIONAL")["WebACLs"] == []
    assert refusal(aws("wafv2").list_web_acls, Scope="CLOUDFRONT") == "WAFInvalidParameterException"
    tagging: Any = client_of(simulator, "resourcegroupstaggingapi", region="us-east-1")
    told = tagging.get_resources(TagFilters=[{"Key": "stack", "Values": ["s1"]}])["ResourceTagMappingList"]
    assert [one["ResourceARN"] for one in told] == [made["ARN"]]
