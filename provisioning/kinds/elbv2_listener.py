"""A listener: what a load balancer does with the requests on one port."""

from __future__ import annotations

import re
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place

_TLS = "ELBSecurityPolicy-TLS13-1-2-2021-06"
_ASKS = "authenticate-cognito"
_SESSION = 12 * 3600  # seconds; AWS's default of a week outlives everybody who has left
_DECIDED = frozenset({"forward", "redirect_to_https", "sign_in"})  # what becomes of a request


class WeightedTarget(BaseModel):
    """A target group and its share of the requests: weight / sum of the weights, each 0 to 999."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target_group_arn: str
    weight: int = Field(default=1, ge=0, le=999)


class SignIn(BaseModel):
    """Who may come through: people of a Cognito user pool. `client_id` is that of a client with a secret, `domain` the
    first part of the address of its pages, or one's own whole domain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pool_arn: str
    client_id: str
    domain: str


class ListenerProps(Props):
    """Forwards to one to five target groups, or sends everybody to HTTPS on port 443. Weights count at creation only:
    deployments write them later. `sign_in`: who must say who they are before they are let through."""

    load_balancer_arn: str
    port: int = Field(ge=1, le=65535)
    protocol: Literal["HTTP", "HTTPS"] = "HTTP"
    certificate_arn: str = ""
    forward: tuple[WeightedTarget, ...] = Field(default=(), max_length=5)
    redirect_to_https: bool = False
    sign_in: SignIn | None = None
    ssl_policy: str = _TLS

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if bool(self.forward) == self.redirect_to_https:
            raise ValueError("forward: name target groups, or redirect to HTTPS, and not both")
        if self.forward and not any(target.weight for target in self.forward):
            raise ValueError("forward: with all weights 0 no request reaches anything")
        if (self.protocol == "HTTPS") != bool(self.certificate_arn):
            raise ValueError("certificate_arn: HTTPS needs a certificate, HTTP takes none")
        if self.protocol == "HTTPS" and self.redirect_to_https:
            raise ValueError("redirect_to_https: an HTTPS listener would send people to itself")
        if self.sign_in and self.protocol != "HTTPS":
            raise ValueError("sign_in: a load balancer signs people in over HTTPS only")
        return self


@register
class Listener(Kind[ListenerProps]):
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html

    A changed set of target groups is written with the wanted weights, but a group that takes another's place gets its
    share: whoever has the traffic keeps it. Weights alone are never a difference.
    Attributes: id (the ARN), arn.
    """

    name = "elbv2.listener"
    title = "Listener"
    replace_on = frozenset({"load_balancer_arn"})
    holds = frozenset({"forward", "certificate_arn"})
    goes_with = frozenset(
        {"load_balancer_arn"}
    )  # DeleteLoadBalancer: "Deleting a load balancer also deletes its listeners"
    permissions = (
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:ModifyListener",
        "elasticloadbalancing:DeleteListener",
    )
    props = ListenerProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        listener = _by_id(aws, handle.id) if handle.id is not None else _by_tags(aws, handle)
        if listener is None:
            return None
        arn = listener["ListenerArn"]
        return Observed(
            id=arn,
            props=_told(listener),
            attributes={"id": arn, "arn": arn},
            # Found by its tags, or by an id on record, which is ours.
            tags=handle.tags,
        )

    def create(self, aws: Aws, handle: Handle, props: ListenerProps) -> Observed:
        answer = aws.elbv2.create_listener(
            LoadBalancerArn=props.load_balancer_arn, Tags=handle.tag_list, **_settings(props)
        )
        arn = answer["Listeners"][0]["ListenerArn"]
        return Observed(id=arn, attributes={"id": arn, "arn": arn})

    def update(self, aws: Aws, handle: Handle, props: ListenerProps, observed: Observed) -> Observed:
        settings = _settings(_with_shares(props, observed, handle.stack))
        if not self.differences(props.dump(), observed).keys() & _DECIDED:
            del settings["DefaultActions"]  # a deployment's weights stay
        aws.elbv2.modify_listener(ListenerArn=observed.id, **settings)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        arn = handle.id or (there["ListenerArn"] if (there := _by_tags(aws, handle)) else "")
        if arn:
            found(aws.elbv2.delete_listener, ListenerArn=arn)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but of the target groups only which they are, not their order or weights."""
        found_ones = super().differences(wanted, observed)
        if _groups(observed.props.get("forward")) == _groups(wanted.get("forward")):
            found_ones.pop("forward", None)
        return found_ones

    def cloudformation(self, place: Place, props: ListenerProps) -> Form:
        """It takes no tags there."""
        properties = {"LoadBalancerArn": props.load_balancer_arn, **_settings(props)}
        return Form(
            parts=(Part(type="AWS::ElasticLoadBalancingV2::Listener", properties=properties),),
            attributes={"id": REF, "arn": REF},
        )


def _by_id(aws: Aws, arn: str) -> dict[str, Any] | None:
    """From the one list of all listeners of the same load balancer."""
    # arn:…:listener/app/<name>/<balancer>/<listener> -> arn:…:loadbalancer/app/<name>/<balancer>
    balancer = arn.rpartition("/")[0].replace(":listener/", ":loadbalancer/")
    return next((one for one in _listeners(aws, balancer) if one["ListenerArn"] == arn), None)


def _by_tags(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    """Among the listeners of the load balancers whose name says that they are of this environment."""
    for balancer in aws.listed(aws.elbv2.describe_load_balancers, "LoadBalancers"):
        if handle.stack in balancer["LoadBalancerName"]:
            for listener in _listeners(aws, balancer["LoadBalancerArn"]):
                tags = found(aws.elbv2.describe_tags, ResourceArns=[listener["ListenerArn"]])
                if tags and handle.owns(tags_of(tags["TagDescriptions"][0])):
                    return listener
    return None


def _listeners(aws: Aws, balancer_arn: str) -> list[dict[str, Any]]:
    listed = found(aws.listed, aws.elbv2.describe_listeners, "Listeners", LoadBalancerArn=balancer_arn)
    return listed or []


def _settings(props: ListenerProps) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "Port": props.port,
        "Protocol": props.protocol,
        "DefaultActions": _actions(props),
    }
    if props.protocol == "HTTPS":
        settings["SslPolicy"] = props.ssl_policy
        settings["Certificates"] = [{"CertificateArn": props.certificate_arn}]
    return settings


def _with_shares(props: ListenerProps, observed: Observed, stack: str) -> ListenerProps:
    """The same, with the weights that a deployment gave to the groups of the same roles."""
    now = observed.props.get("forward")
    shares = {
        _role(str(one["target_group_arn"]), stack): one["weight"]
        for one in (now if isinstance(now, list) else [])
        if isinstance(one, dict)
    }
    if {_role(target.target_group_arn, stack) for target in props.forward} != shares.keys():
        return props
    targets = [
        target.model_copy(update={"weight": shares[_role(target.target_group_arn, stack)]})
        for target in props.forward
    ]
    return props.model_copy(update={"forward": tuple(targets)})


def _role(target_group_arn: str, stack: str) -> str:
    """arn:…:targetgroup/<application>-<stack>-blue-g2/<id> -> "-blue": what a group is for, whatever its generation."""
    name = target_group_arn.split("/")[-2] if "/" in target_group_arn else target_group_arn
    return re.sub(r"-g\d+$", "", name.rpartition(stack)[2])


def _actions(props: ListenerProps) -> list[dict[str, Any]]:
    """What is done with a request, in this order where there is more than one thing."""
    if props.sign_in is None:
        return [_action(props)]
    return [{**_asks(props.sign_in), "Order": 1}, {**_action(props), "Order": 2}]


def _asks(sign_in: SignIn) -> dict[str, Any]:
    """People without a session are sent to the pool's pages, and back with one of twelve hours."""
    config = {
        "UserPoolArn": sign_in.pool_arn,
        "UserPoolClientId": sign_in.client_id,
        "UserPoolDomain": sign_in.domain,
        "Scope": "openid email profile",
        "SessionTimeout": _SESSION,
        "OnUnauthenticatedRequest": "authenticate",
    }
    return {"Type": _ASKS, "AuthenticateCognitoConfig": config}


def _action(props: ListenerProps) -> dict[str, Any]:
    if props.redirect_to_https:
        redirect = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
        return {"Type": "redirect", "RedirectConfig": redirect}
    groups = [
        {"TargetGroupArn": target.target_group_arn, "Weight": target.weight} for target in props.forward
    ]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def _told(listener: dict[str, Any]) -> JsonObject:
    # It asks before it does anything else.
    action = listener["DefaultActions"][-1]
    told: JsonObject = {
        "load_balancer_arn": listener["LoadBalancerArn"],
        "port": listener["Port"],
        "protocol": listener["Protocol"],
        "certificate_arn": next((one["CertificateArn"] for one in listener.get("Certificates") or []), ""),
        "forward": [
            {"target_group_arn": group["TargetGroupArn"], "weight": group.get("Weight", 1)}
            for group in action.get("ForwardConfig", {}).get("TargetGroups", [])
        ],
        "redirect_to_https": action.get("RedirectConfig", {}).get("Protocol") == "HTTPS",
        "sign_in": _asked(listener["DefaultActions"][0]),
    }
    if listener["Protocol"] == "HTTPS":
        told["ssl_policy"] = listener["SslPolicy"]
    return told


def _asked(action: dict[str, Any]) -> JsonValue:
    """The pool whose people are let through; None where anybody is, or where they need not sign in."""
    config = action.get("AuthenticateCognitoConfig") or {}
    if action["Type"] != _ASKS or config.get("OnUnauthenticatedRequest", "authenticate") != "authenticate":
        return None
    return {
        "pool_arn": config["UserPoolArn"],
        "client_id": config["UserPoolClientId"],
        "domain": config["UserPoolDomain"],
    }


def _groups(forward: JsonValue) -> set[str]:
    listed = forward if isinstance(forward, list) else []
    return {str(target["target_group_arn"]) for target in listed if isinstance(target, dict)}
