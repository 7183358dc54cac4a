"""Configuration options: those that environments here know, their defaults, and what is no value for them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from provisioning.simulator.elasticbeanstalk_state import (
    Environment,
    Setting,
    Settings,
    application_of,
    environment_of,
)
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment

_ENV = "aws:elasticbeanstalk:environment"
LAUNCH = "aws:autoscaling:launchconfiguration"
HEALTH = "aws:elasticbeanstalk:healthreporting:system"
#: Options by namespace, with AWS's defaults (developer guide, "General options for all environments"); those without
#: one are empty here.
_KNOWN: Mapping[str, Mapping[str, str]] = {
    "aws:autoscaling:asg": {
        "Availability Zones": "Any",
        "Cooldown": "360",
        "Custom Availability Zones": "",
        "EnableCapacityRebalancing": "false",
        "MaxSize": "4",
        "MinSize": "1",
    },
    LAUNCH: {
        "BlockDeviceMappings": "",
        "DisableDefaultEC2SecurityGroup": "false",
        "DisableIMDSv1": "",
        "EC2KeyName": "",
        "IamInstanceProfile": "",
        "ImageId": "",
        "InstanceType": "",
        "MonitoringInterval": "5 minute",
        "RootVolumeIOPS": "",
        "RootVolumeSize": "",
        "RootVolumeThroughput": "",
        "RootVolumeType": "",
        "SecurityGroups": "",
        "SSHSourceRestriction": "",
    },
    "aws:autoscaling:trigger": {
        "BreachDuration": "5",
        "EvaluationPeriods": "1",
        "LowerBreachScaleIncrement": "-1",
        "LowerThreshold": "2000000",
        "MeasureName": "NetworkOut",
        "Period": "5",
        "Statistic": "Average",
        "Unit": "Bytes",
        "UpperBreachScaleIncrement": "1",
        "UpperThreshold": "6000000",
    },
    "aws:autoscaling:updatepolicy:rollingupdate": {
        "MaxBatchSize": "",
        "MinInstancesInService": "",
        "PauseTime": "",
        "RollingUpdateEnabled": "false",
        "RollingUpdateType": "Time",
        "Timeout": "PT30M",
    },
    "aws:ec2:instances": {"EnableSpot": "false", "InstanceTypes": "", "SupportedArchitectures": ""},
    "aws:ec2:vpc": {
        "AssociatePublicIpAddress": "",
        "DBSubnets": "",
        "ELBScheme": "public",
        "ELBSubnets": "",
        "Subnets": "",
        "VPCId": "",
    },
    "aws:elasticbeanstalk:application": {"Application Healthcheck URL": ""},
    "aws:elasticbeanstalk:cloudwatch:logs": {
        "DeleteOnTerminate": "false",
        "RetentionInDays": "7",
        "StreamLogs": "false",
    },
    "aws:elasticbeanstalk:cloudwatch:logs:health": {
        "DeleteOnTerminate": "false",
        "HealthStreamingEnabled": "false",
        "RetentionInDays": "7",
    },
    "aws:elasticbeanstalk:command": {
        "BatchSize": "100",
        "BatchSizeType": "Percentage",
        "DeploymentPolicy": "AllAtOnce",
        "IgnoreHealthCheck": "false",
        "Timeout": "600",
    },
    "aws:elasticbeanstalk:container:python": {
        "NumProcesses": "1",
        "NumThreads": "15",
        "WSGIPath": "application",
    },
    _ENV: {
        "EnvironmentType": "LoadBalanced",
        "LoadBalancerIsShared": "false",
        "LoadBalancerType": "classic",
        "ServiceRole": "",
    },
    "aws:elasticbeanstalk:environment:process:default": {
        "DeregistrationDelay": "20",
        "HealthCheckInterval": "15",
        "HealthCheckPath": "/",
        "HealthCheckTimeout": "5",
        "HealthyThresholdCount": "3",
        "MatcherHTTPCode": "",
        "Port": "80",
        "Protocol": "HTTP",
        "StickinessEnabled": "false",
        "StickinessLBCookieDuration": "86400",
        "UnhealthyThresholdCount": "5",
    },
    "aws:elasticbeanstalk:environment:proxy": {"ProxyServer": "nginx"},
    HEALTH: {
        "ConfigDocument": "",
        "EnhancedHealthAuthEnabled": "true",
        "HealthCheckSuccessThreshold": "Ok",
        "SystemType": "basic",
    },
    "aws:elasticbeanstalk:hostmanager": {"LogPublicationControl": "false"},
    "aws:elasticbeanstalk:managedactions": {
        "ManagedActionsEnabled": "false",
        "PreferredStartTime": "",
        "ServiceRoleForManagedUpdates": "",
    },
    "aws:elasticbeanstalk:managedactions:platformupdate": {
        "InstanceRefreshEnabled": "false",
        "UpdateLevel": "",
    },
    "aws:elasticbeanstalk:sns:topics": {
        "Notification Endpoint": "",
        "Notification Protocol": "email",
        "Notification Topic ARN": "",
        "Notification Topic Name": "",
    },
    "aws:elasticbeanstalk:xray": {"XRayEnabled": "false"},
    "aws:elbv2:listener:default": {
        "DefaultProcess": "default",
        "ListenerEnabled": "true",
        "Protocol": "HTTP",
        "Rules": "",
        "SSLCertificateArns": "",
        "SSLPolicy": "",
    },
    "aws:elbv2:listener:443": {
        "DefaultProcess": "default",
        "ListenerEnabled": "",
        "Protocol": "",
        "Rules": "",
        "SSLCertificateArns": "",
        "SSLPolicy": "",
    },
    "aws:elbv2:loadbalancer": {
        "AccessLogsS3Bucket": "",
        "AccessLogsS3Enabled": "false",
        "AccessLogsS3Prefix": "",
        "IdleTimeout": "",
        "ManagedSecurityGroup": "",
        "SecurityGroups": "",
        "SharedLoadBalancer": "",
    },
    "aws:rds:dbinstance": {"HasCoupledDatabase": "false"},
}
#: Namespaces whose options are named by whoever uses them.
_FREE = (
    "aws:elasticbeanstalk:application:environment",
    "aws:elasticbeanstalk:application:environmentsecrets",
    "aws:elasticbeanstalk:environment:proxy:staticfiles",
)
_CHOICES: Mapping[Setting, tuple[str, ...]] = {
    (_ENV, "EnvironmentType"): ("LoadBalanced", "SingleInstance"),
    (_ENV, "LoadBalancerType"): ("classic", "application", "network"),
    (HEALTH, "SystemType"): ("basic", "enhanced"),
    ("aws:elasticbeanstalk:command", "DeploymentPolicy"): (
        "AllAtOnce",
        "Rolling",
        "RollingWithAdditionalBatch",
        "Immutable",
        "TrafficSplitting",
    ),
    ("aws:elasticbeanstalk:command", "BatchSizeType"): ("Percentage", "Fixed"),
    ("aws:autoscaling:updatepolicy:rollingupdate", "RollingUpdateType"): ("Time", "Health", "Immutable"),
    ("aws:elasticbeanstalk:managedactions:platformupdate", "UpdateLevel"): ("minor", "patch"),
    ("aws:ec2:vpc", "ELBScheme"): ("public", "internal"),
}
_TIME = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01]\d|2[0-3]):[0-5]\d")
#: What an environment has for good.
FIXED = frozenset(
    {
        (_ENV, "EnvironmentType"),
        (_ENV, "LoadBalancerType"),
        ("aws:ec2:vpc", "VPCId"),
        ("aws:ec2:vpc", "ELBScheme"),
    }
)


def defaults() -> Settings:
    """Every option with a default."""
    return {
        (namespace, name): value
        for namespace, options in _KNOWN.items()
        for name, value in options.items()
        if value
    }


def settings_in(call: Call) -> Settings:
    """The option settings of a request."""
    return {
        (str(one.get("Namespace", "")), str(one.get("OptionName", ""))): str(one.get("Value") or "")
        for one in call.items("OptionSettings")
    }


def _problem(setting: Setting, message: str) -> tuple[Setting, str]:
    namespace, name = setting
    return setting, f"(Namespace: '{namespace}', OptionName: '{name}'): {message}"


def _unknown(settings: Settings) -> Iterator[tuple[Setting, str]]:
    for setting, value in settings.items():
        namespace, name = setting
        if namespace in _FREE or (namespace, name) == ("", ""):
            continue
        if name not in _KNOWN.get(namespace, {}):
            yield _problem(setting, "Unknown configuration setting.")
        choices = _CHOICES.get(setting)
        if choices and value not in choices:
            yield _problem(setting, f"Value is not one of the allowed values: {list(choices)}")


def _sizes(settings: Settings) -> Iterator[tuple[Setting, str]]:
    for name in ("MinSize", "MaxSize"):
        setting = ("aws:autoscaling:asg", name)
        if not settings[setting].isdigit():
            yield _problem(setting, "Value must be a number.")
            return
    if int(settings["aws:autoscaling:asg", "MinSize"]) > int(settings["aws:autoscaling:asg", "MaxSize"]):
        yield _problem(
            ("aws:autoscaling:asg", "MinSize"), "Minimum instance count is greater than the maximum."
        )


def _managed(settings: Settings) -> Iterator[tuple[Setting, str]]:
    here = "aws:elasticbeanstalk:managedactions"
    if settings.get((here, "ManagedActionsEnabled")) != "true":
        return
    if settings.get((HEALTH, "SystemType")) != "enhanced":
        yield _problem((here, "ManagedActionsEnabled"), "Managed actions require enhanced health reporting.")
    if not _TIME.fullmatch(settings.get((here, "PreferredStartTime"), "")):
        yield _problem((here, "PreferredStartTime"), "You must set a time, as in 'Tue:09:00'.")
    if not settings.get((f"{here}:platformupdate", "UpdateLevel")):
        yield _problem((f"{here}:platformupdate", "UpdateLevel"), "You must set an update level.")


def _roles(moment: Moment, settings: Settings) -> Iterator[tuple[Setting, str]]:
    backend = iam_backends[moment.account]["aws"]
    profile = settings.get((LAUNCH, "IamInstanceProfile"), "")
    if not profile:
        yield _problem(
            (LAUNCH, "IamInstanceProfile"), "Environment must have instance profile associated with it."
        )
    elif not any(profile in {one.name, one.arn} for one in backend.instance_profiles.values()):
        message = f"The instance profile {profile} associated with the environment does not exist."
        yield _problem((LAUNCH, "IamInstanceProfile"), message)
    role = settings.get((_ENV, "ServiceRole"), "")
    if role and not any(role in {one.name, one.arn} for one in backend.roles.values()):
        yield _problem((_ENV, "ServiceRole"), f"The service role {role} does not exist.")


def _network(moment: Moment, settings: Settings) -> Iterator[tuple[Setting, str]]:
    backend, here = ec2_backends[moment.account][moment.region], "aws:ec2:vpc"
    vpc = settings.get((here, "VPCId"), "")
    known = {key: subnet.vpc_id for zone in backend.subnets.values() for key, subnet in zone.items()}
    if vpc and vpc not in backend.vpcs:
        yield _problem((here, "VPCId"), f"The VPC '{vpc}' does not exist.")
    for name in ("Subnets", "ELBSubnets"):
        for subnet in listed(settings.get((here, name), "")):
            if known.get(subnet) != vpc:
                yield _problem((here, name), f"The subnet '{subnet}' does not exist in VPC '{vpc}'.")
    if vpc and not settings.get((here, "Subnets")):
        yield _problem((here, "Subnets"), "Specify at least one subnet of the VPC.")


def _groups(moment: Moment, settings: Settings) -> Iterator[tuple[Setting, str]]:
    backend = ec2_backends[moment.account][moment.region]
    for setting in ((LAUNCH, "SecurityGroups"), ("aws:elbv2:loadbalancer", "SecurityGroups")):
        for group in listed(settings.get(setting, "")):
            if group.startswith("sg-") and backend.get_security_group_from_id(group) is None:
                yield _problem(setting, f"The security group '{group}' does not exist")


def listed(text: str) -> list[str]:
    """The parts of a list that is written with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def problems(moment: Moment, settings: Settings) -> list[tuple[Setting, str]]:
    """What is wrong with a whole set of settings."""
    found = list(_unknown(settings))
    if found:
        return found
    checks = (_roles, _network, _groups)
    return [
        *_sizes(settings),
        *_managed(settings),
        *(one for each in checks for one in each(moment, settings)),
    ]


def check(moment: Moment, settings: Settings) -> None:
    """Refuse settings that cannot be."""
    found = problems(moment, settings)
    if found:
        raise Refusal(
            "ConfigurationValidationException",
            f"Configuration validation exception: Invalid option specification {found[0][1]}",
        )


def _told(environment: Environment, settings: Settings, state: str) -> dict[str, Any]:
    everything = {(space, name): value for space, names in _KNOWN.items() for name, value in names.items()}
    everything |= settings
    own = environment.resources.security_group
    if own:  # its own group is told among those that were asked for
        everything[LAUNCH, "SecurityGroups"] = ",".join(
            [*listed(everything.get((LAUNCH, "SecurityGroups"), "")), own]
        )
    return {
        "SolutionStackName": environment.stack,
        "ApplicationName": environment.application,
        "EnvironmentName": environment.name,
        "Description": environment.description,
        "DeploymentStatus": state,
        "DateCreated": environment.created,
        "DateUpdated": environment.updated,
        "OptionSettings": [
            {"Namespace": namespace, "OptionName": name} | ({"Value": value} if value else {})
            for (namespace, name), value in sorted(everything.items())
        ],
    }


@operation("elasticbeanstalk", "DescribeConfigurationSettings")
def describe_configuration_settings(call: Call) -> object:
    """What an environment has, and what an update brings."""
    if call.text("TemplateName"):
        raise NotImplementedError("elasticbeanstalk configuration templates")
    application_of(call)
    environment = environment_of(call)
    found = [_told(environment, environment.settings, "deployed")]
    if environment.coming is not None:
        found.append(_told(environment, environment.coming, "pending"))
    return {"ConfigurationSettings": found}


@operation("elasticbeanstalk", "ValidateConfigurationSettings")
def validate_configuration_settings(call: Call) -> object:
    """What is wrong with settings for an environment."""
    if call.text("TemplateName"):
        raise NotImplementedError("elasticbeanstalk configuration templates")
    application_of(call)
    now = environment_of(call).settings if call.text("EnvironmentName") else defaults()
    return {
        "Messages": [
            {"Message": message, "Severity": "error", "Namespace": namespace, "OptionName": name}
            for (namespace, name), message in problems(call, {**now, **settings_in(call)})
        ]
    }
