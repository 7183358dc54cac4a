"""Configuration options of Elastic Beanstalk: how properties of an environment are written in them, and read back.

https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.instance_types import architecture
from provisioning.references import JsonObject, JsonValue

Setting = tuple[str, str]  # namespace and name
Settings = dict[Setting, str]

_ASG, _TRIGGER = "aws:autoscaling:asg", "aws:autoscaling:trigger"
_LAUNCH, _VPC = "aws:autoscaling:launchconfiguration", "aws:ec2:vpc"
_INSTANCES = "aws:ec2:instances"
_COMMAND, _ENVIRONMENT = "aws:elasticbeanstalk:command", "aws:elasticbeanstalk:environment"
_LOGS, _MANAGED = "aws:elasticbeanstalk:cloudwatch:logs", "aws:elasticbeanstalk:managedactions"
_BALANCER, _HTTPS = "aws:elbv2:loadbalancer", "aws:elbv2:listener:443"
_PROCESS = "aws:elasticbeanstalk:environment:process:default"
_ROLLING = "aws:autoscaling:updatepolicy:rollingupdate"
VARIABLES = {
    "environment": "aws:elasticbeanstalk:application:environment",
    "secrets": "aws:elasticbeanstalk:application:environmentsecrets",
}
_XRAY = ("aws:elasticbeanstalk:xray", "XRayEnabled")
_TLS = "ELBSecurityPolicy-TLS13-1-2-2021-06"


@dataclass(frozen=True)
class _Option:
    """One property in one option."""

    setting: Setting
    write: Callable[[Any], str]
    read: Callable[[str], JsonValue]


def _text(namespace: str, name: str) -> _Option:
    return _Option((namespace, name), str, str)


def _number(namespace: str, name: str) -> _Option:
    return _Option((namespace, name), str, lambda text: int(text) if text.isdigit() else 0)


def _flag(namespace: str, name: str) -> _Option:
    return _Option((namespace, name), lambda value: str(value).lower(), lambda text: text == "true")


def _list(namespace: str, name: str) -> _Option:
    return _Option((namespace, name), ",".join, lambda text: [*sorted(filter(None, text.split(",")))])


_EVERYWHERE: Mapping[str, _Option] = {
    "vpc_id": _text(_VPC, "VPCId"),
    "subnet_ids": _list(_VPC, "Subnets"),
    "public_ip": _flag(_VPC, "AssociatePublicIpAddress"),
    "security_group_ids": _list(_LAUNCH, "SecurityGroups"),
    "instance_profile": _text(_LAUNCH, "IamInstanceProfile"),
    "volume_gb": _number(_LAUNCH, "RootVolumeSize"),
    "instance_type": _text(_INSTANCES, "InstanceTypes"),
    "service_role_arn": _text(_ENVIRONMENT, "ServiceRole"),
    "managed_updates_at": _text(_MANAGED, "PreferredStartTime"),
    "log_retention": _number(_LOGS, "RetentionInDays"),
    "tracing": _flag(*_XRAY),
}
_BALANCED: Mapping[str, _Option] = {
    "balancer_subnet_ids": _list(_VPC, "ELBSubnets"),
    "balancer_security_group_id": _text(_BALANCER, "ManagedSecurityGroup"),
    "certificate_arn": _text(_HTTPS, "SSLCertificateArns"),
    "minimum": _number(_ASG, "MinSize"),
    "maximum": _number(_ASG, "MaxSize"),
    "cpu": _number(_TRIGGER, "UpperThreshold"),
    "health_path": _text(_PROCESS, "HealthCheckPath"),
    "policy": _text(_COMMAND, "DeploymentPolicy"),
    "batch_percent": _number(_COMMAND, "BatchSize"),
}
#: What every environment has: new accounts have no launch configurations, and DisableIMDSv1 asks for templates.
_ALWAYS: Settings = {
    (_LAUNCH, "DisableIMDSv1"): "true",
    (_LAUNCH, "RootVolumeType"): "gp3",
    ("aws:elasticbeanstalk:healthreporting:system", "SystemType"): "enhanced",
}
_ALWAYS_BALANCED: Settings = {
    (_ENVIRONMENT, "LoadBalancerType"): "application",
    (_ROLLING, "RollingUpdateEnabled"): "true",
    (_ROLLING, "RollingUpdateType"): "Health",
    (_COMMAND, "BatchSizeType"): "Percentage",
    (_TRIGGER, "MeasureName"): "CPUUtilization",
    (_TRIGGER, "Unit"): "Percent",
}


def _options(balanced: bool) -> dict[str, _Option]:
    return {**_EVERYWHERE, **(_BALANCED if balanced else {})}


def _baseline(balanced: bool) -> Settings:
    return {**_ALWAYS, **(_ALWAYS_BALANCED if balanced else {})}


def written(props: Mapping[str, Any], names: Iterable[str]) -> Settings:
    """Some properties as options. One that is off has no value: Elastic Beanstalk is told so by another option."""
    wanted, balanced = set(names), bool(props["load_balanced"])
    settings = {
        option.setting: option.write(props[name])
        for name, option in _options(balanced).items()
        if name in wanted and props[name]
    }
    for name, namespace in VARIABLES.items():
        if name in wanted:
            settings |= {(namespace, variable): str(value) for variable, value in props[name].items()}
    for name, switched in _switches(balanced).items():
        if name in wanted:
            settings |= switched(props[name])
    return settings


def _switches(balanced: bool) -> dict[str, Callable[[Any], Settings]]:
    kind = "LoadBalanced" if balanced else "SingleInstance"
    always: dict[str, Callable[[Any], Settings]] = {
        "instance_type": lambda name: {(_INSTANCES, "SupportedArchitectures"): architecture(name)},
        "managed_updates_at": _managed_updates,
        "log_retention": _streaming,
        "tracing": lambda on: {_XRAY: str(on).lower()},
        "baseline": lambda _: _baseline(balanced),
        "load_balanced": lambda _: {(_ENVIRONMENT, "EnvironmentType"): kind},
    }
    return {**always, **(_SWITCHES_BALANCED if balanced else {})}


def _managed_updates(at: str) -> Settings:
    on = {(f"{_MANAGED}:platformupdate", "UpdateLevel"): "minor"} if at else {}
    return {(_MANAGED, "ManagedActionsEnabled"): str(bool(at)).lower(), **on}


def _streaming(days: int) -> Settings:
    on = {(_LOGS, "DeleteOnTerminate"): "true"} if days else {}
    return {(_LOGS, "StreamLogs"): str(bool(days)).lower(), **on}


def _https(certificate: str) -> Settings:
    on = {(_HTTPS, "Protocol"): "HTTPS", (_HTTPS, "SSLPolicy"): _TLS} if certificate else {}
    return {(_HTTPS, "ListenerEnabled"): str(bool(certificate)).lower(), **on}


_SWITCHES_BALANCED: Mapping[str, Callable[[Any], Settings]] = {
    "certificate_arn": _https,
    "balancer_security_group_id": lambda group: {(_BALANCER, "SecurityGroups"): group} if group else {},
    "cpu": lambda cpu: {(_TRIGGER, "LowerThreshold"): str(cpu // 2)},
}


def told(settings: Settings) -> JsonObject:
    """What the options of an environment say of the properties."""
    balanced = settings.get((_ENVIRONMENT, "EnvironmentType")) != "SingleInstance"
    props: JsonObject = {
        name: option.read(settings.get(option.setting, "")) for name, option in _options(balanced).items()
    }
    props["load_balanced"] = balanced
    for name, namespace in VARIABLES.items():
        props[name] = {
            variable: value for (space, variable), value in settings.items() if space == namespace and value
        }
    props["baseline"] = all(settings.get(name) == value for name, value in _baseline(balanced).items())
    if settings.get((_MANAGED, "ManagedActionsEnabled")) != "true":
        props["managed_updates_at"] = ""
    if settings.get((_LOGS, "StreamLogs")) != "true":
        props["log_retention"] = 0
    if balanced and settings.get((_HTTPS, "ListenerEnabled")) != "true":
        props["certificate_arn"] = ""
    return props


def read(listed: Iterable[Mapping[str, Any]]) -> Settings:
    """AWS's list of option settings."""
    return {(one["Namespace"], one["OptionName"]): one.get("Value", "") for one in listed}


def sent(settings: Settings) -> list[Any]:
    """Options as AWS takes them."""
    return [
        {"Namespace": namespace, "OptionName": name, "Value": value}
        for (namespace, name), value in sorted(settings.items())
    ]


def dropped(before: JsonObject, after: Mapping[str, Any]) -> list[Any]:
    """Variables that are wanted no more, as AWS takes them."""
    gone = []
    for name, namespace in VARIABLES.items():
        now = before.get(name)
        surplus = sorted(set(now if isinstance(now, dict) else ()) - set(after[name]))
        gone += [{"Namespace": namespace, "OptionName": variable} for variable in surplus]
    return gone
