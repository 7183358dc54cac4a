"""WAF: rules are checked, capacity is counted, what is used stays, and what is new is not usable at once."""

from collections.abc import Iterator
from typing import Any

from moto.cloudfront.models import cloudfront_backends
from moto.core.resource_tagging import TaggedResource
from moto.elbv2.models import elbv2_backends
from moto.wafv2.models import wafv2_backends

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment

_HOME = "us-east-1"
_MOST_CAPACITY = 5000
#: Capacity units of AWS's rule groups (WAF developer guide, "AWS Managed Rules rule groups list").
_GROUPS = {
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesAdminProtectionRuleSet": 100,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesUnixRuleSet": 100,
    "AWSManagedRulesWindowsRuleSet": 200,
    "AWSManagedRulesPHPRuleSet": 100,
    "AWSManagedRulesWordPressRuleSet": 100,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesBotControlRuleSet": 50,
    "AWSManagedRulesATPRuleSet": 50,
    "AWSManagedRulesACFPRuleSet": 50,
}
_WINDOWS = (60, 120, 300, 600)


def _backend_of(moment: Moment, scope: str) -> Any:
    return wafv2_backends[moment.account]["global" if scope == "CLOUDFRONT" else moment.region]


@tagged
def tagged_web_acls(moment: Moment) -> Iterator[TaggedResource]:
    """The web ACLs that a region has; those of CloudFront are in one."""
    for scope in ("REGIONAL", "CLOUDFRONT") if moment.region == _HOME else ("REGIONAL",):
        backend = _backend_of(moment, scope)
        for arn in backend.wacls:
            yield TaggedResource(arn, backend.tagging_service.get_tag_dict_for_resource(arn), "wafv2:webacl")


def _invalid(field: str, parameter: object, reason: str) -> Refusal:
    return Refusal(
        "WAFInvalidParameterException",
        f"Error reason: {reason}, field: {field}, parameter: {parameter}",
    )


def _missing() -> Refusal:
    return Refusal(
        "WAFNonexistentItemException",
        "AWS WAF couldn't perform the operation because your resource doesn't exist.",
    )


def _scope_of(call: Call) -> str:
    scope = call.text("Scope")
    if scope not in ("REGIONAL", "CLOUDFRONT") or (scope == "CLOUDFRONT" and call.region != _HOME):
        raise _invalid("SCOPE_VALUE", scope, "The scope is not valid.")
    return scope


def _check_rules(call: Call) -> int:
    """Refuses what WAF refuses in rules; gives their capacity."""
    rules = call.items("Rules")
    for key in ("Name", "Priority"):
        values = [rule[key] for rule in rules]
        if len(values) != len(set(values)):
            raise _invalid("RULE", key, f"A rule's {key.lower()} is used by another rule")
    capacity = sum(map(_capacity_of, rules))
    if capacity > _MOST_CAPACITY:
        raise Refusal(
            "WAFLimitsExceededException",
            "AWS WAF couldn't perform the operation because you exceeded your resource limit.",
        )
    return capacity


def _capacity_of(rule: Any) -> int:
    """Of a rule group what AWS tells, of a limit its base; of statements that nobody here writes the least."""
    statement = rule["Statement"]
    group, limit = statement.get("ManagedRuleGroupStatement"), statement.get("RateBasedStatement")
    if ("OverrideAction" in rule) != (group is not None or "RuleGroupReferenceStatement" in statement):
        raise _invalid("RULE_ACTION", rule["Name"], "A rule group takes an override, other rules an action")
    if group is not None:
        if group["VendorName"] != "AWS" or group["Name"] not in _GROUPS:
            raise _missing()
        return _GROUPS[group["Name"]]
    if limit is not None:
        if int(limit["Limit"]) < 10 or int(limit.get("EvaluationWindowSec", 300)) not in _WINDOWS:
            raise _invalid("RATE_BASED_STATEMENT", limit["Limit"], "The rate or its window is not valid")
        return 2
    return 1


@operation("wafv2", "CreateWebACL")
def create_web_acl(call: Call) -> object:
    """Refuses a name that its scope has; not usable for a moment."""
    scope, name = _scope_of(call), call.text("Name")
    capacity = _check_rules(call)
    backend = _backend_of(call, scope)
    if any(one.name == name for one in backend.wacls.values()):
        raise Refusal(
            "WAFDuplicateItemException",
            "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an "
            "existing one.",
        )
    answer = call.forward()
    web_acl = next(one for one in backend.wacls.values() if one.name == name)
    web_acl.capacity = capacity
    web_acl.usable_at = call.now + call.durations.of("wafv2.create")
    return answer


def _web_acl_of(call: Call) -> Any:
    backend = _backend_of(call, _scope_of(call))
    for one in backend.wacls.values():
        if (one.name, one.id) == (call.text("Name"), call.text("Id")):
            return one
    raise _missing()


@operation("wafv2", "GetWebACL")
def get_web_acl(call: Call) -> object:
    """By name, scope and id, or by ARN."""
    if not call.params.get("ARN"):
        _web_acl_of(call)
    elif ":global/" in call.text("ARN"):
        call.params["Scope"] = "CLOUDFRONT"
        _scope_of(call)
    return call.forward()


@operation("wafv2", "ListWebACLs")
def list_web_acls(call: Call) -> object:
    """Those of CloudFront in one region only."""
    _scope_of(call)
    return call.forward()


@operation("wafv2", "UpdateWebACL")
def update_web_acl(call: Call) -> object:
    """All rules are replaced, by none too."""
    web_acl = _web_acl_of(call)
    capacity = _check_rules(call)
    answer = call.forward()
    web_acl.capacity = capacity
    if not call.items("Rules"):
        web_acl.rules = []
    return answer


def _users(call: Call, web_acl: Any) -> list[str]:
    """ARNs of what it stands at."""
    distributions: Any = cloudfront_backends[call.account]["aws"].distributions.values()
    used = [one.arn for one in distributions if one.config["WebACLId"] == web_acl.arn]
    return used + [arn for arn in web_acl.associated_resources if _stands(call, arn)]


def _stands(call: Call, arn: str) -> bool:
    """Whether it is there: a load balancer takes its association along."""
    return ":loadbalancer/" not in arn or arn in elbv2_backends[call.account][call.region].load_balancers


@operation("wafv2", "DeleteWebACL")
def delete_web_acl(call: Call) -> object:
    """Refused while something uses it, and some seconds longer."""
    web_acl = _web_acl_of(call)
    if _users(call, web_acl) or call.now < getattr(web_acl, "free_at", 0.0):
        raise Refusal(
            "WAFAssociatedItemException",
            "AWS WAF couldn't perform the operation because your resource is being used by another resource or it's "
            "associated with another resource.",
        )
    return call.forward()


def _check_resource(call: Call) -> None:
    """A load balancer must be there; what else a web ACL may stand at, the simulator does not have."""
    arn = call.text("ResourceArn")
    if ":loadbalancer/" not in arn:
        raise NotImplementedError
    if ":loadbalancer/app/" not in arn:
        raise _invalid("RESOURCE_ARN", arn, "The ARN isn't valid. A valid ARN begins with arn: …")
    if not _stands(call, arn):
        raise _missing()


@operation("wafv2", "AssociateWebACL")
def associate_web_acl(call: Call) -> object:
    """It takes the place of another one."""
    _check_resource(call)
    arn, resource = call.text("WebACLArn"), call.text("ResourceArn")
    backend = _backend_of(call, "REGIONAL")
    if ":global/" in arn:
        raise _invalid(
            "WEB_ACL_ARN", arn, "The ARN isn't valid. A web ACL of CloudFront is named by the distribution"
        )
    if arn not in backend.wacls:
        raise _missing()
    balancer: Any = elbv2_backends[call.account][call.region].load_balancers[resource]
    if balancer.state != "active" or call.now < getattr(backend.wacls[arn], "usable_at", 0.0):
        raise Refusal(
            "WAFUnavailableEntityException",
            "AWS WAF couldn't retrieve the resource that you requested. Retry your request.",
        )
    backend.disassociate_web_acl(resource)
    return call.forward()


@operation("wafv2", "DisassociateWebACL")
def disassociate_web_acl(call: Call) -> object:
    """WAF needs a moment before it knows that nothing uses the web ACL."""
    _check_resource(call)
    web_acl: Any = _backend_of(call, "REGIONAL").get_web_acl_for_resource(call.text("ResourceArn"))
    if web_acl is not None:
        web_acl.free_at = call.now + call.durations.of("wafv2.release")
    return call.forward()


@operation("wafv2", "GetWebACLForResource")
def get_web_acl_for_resource(call: Call) -> object:
    """Nothing where there is none."""
    _check_resource(call)
    return call.forward()


@operation("wafv2", "ListResourcesForWebACL")
def list_resources_for_web_acl(call: Call) -> object:
    """Load balancers that it stands at; not distributions, as in AWS."""
    web_acl = _backend_of(call, "REGIONAL").wacls.get(call.text("WebACLArn"))
    if web_acl is None:
        raise _missing()
    return {"ResourceArns": [arn for arn in web_acl.associated_resources if _stands(call, arn)]}
