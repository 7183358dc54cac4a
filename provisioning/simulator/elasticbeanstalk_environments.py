"""Environments of Elastic Beanstalk as callers see and touch them; what they do over time: `…_deployments`."""

import re
from datetime import UTC, datetime
from typing import Any

from moto.s3.models import s3_backends

from provisioning.simulator import elasticbeanstalk_deployments as deployments
from provisioning.simulator import elasticbeanstalk_options as options
from provisioning.simulator import elasticbeanstalk_platforms as platforms
from provisioning.simulator import elasticbeanstalk_resources as resources
from provisioning.simulator.elasticbeanstalk_state import (
    Environment,
    Settings,
    application_of,
    arn,
    clock,
    environment_of,
    invalid,
    letters,
    names,
    of,
    require_ready,
    tags_in,
    tell,
    version_of,
)
from provisioning.simulator.operations import Call, Refusal, operation

_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{4,40}(?<!-)")
_PREFIX = re.compile(r"(?!-)[A-Za-z0-9-]{4,63}(?<!-)")
_TIER = {"Name": "WebServer", "Type": "Standard", "Version": "1.0"}
_ABORTABLE = frozenset({"Updating"})


def _told(call: Call, environment: Environment) -> dict[str, Any]:
    told: dict[str, Any] = {
        "EnvironmentName": environment.name,
        "EnvironmentId": environment.id,
        "ApplicationName": environment.application,
        "SolutionStackName": environment.stack,
        "PlatformArn": platforms.platform_arn(call.region, environment.stack),
        "CNAME": environment.cname,
        "DateCreated": environment.created,
        "DateUpdated": environment.updated,
        "Status": environment.status,
        "AbortableOperationInProgress": environment.status in _ABORTABLE,
        "Health": environment.health,
        "Tier": _TIER,
        "EnvironmentLinks": [],
        "EnvironmentArn": environment.arn,
    }
    if environment.enhanced:
        told["HealthStatus"] = environment.health_status
    optional = {
        "VersionLabel": environment.version,
        "Description": environment.description,
        "EndpointURL": resources.endpoint(call, environment),
    }
    return told | {name: value for name, value in optional.items() if value}


def storage(call: Call) -> str:
    """The bucket that Elastic Beanstalk keeps its own files in; it stays for good."""
    name = f"elasticbeanstalk-{call.region}-{call.account}"
    backend = s3_backends[call.account]["aws"]
    if name not in backend.buckets:
        backend.create_bucket(name, call.region)
    return name


def domain(call: Call, prefix: str) -> str:
    """The address for a prefix."""
    return f"{prefix}.{call.region}.elasticbeanstalk.com".lower()


def _check_request(call: Call, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise invalid(
            f"Value {name[:60]} at 'EnvironmentName' failed to satisfy constraint: Member must contain only letters, "
            "digits, and the dash character and may not start or end with a dash"
        )
    if any(one.there and one.name == name for one in of(call).environments.values()):
        raise invalid(f"Environment {name} already exists.")
    if call.text("TemplateName") or call.text("GroupName"):
        raise NotImplementedError("elasticbeanstalk configuration templates and environment groups")
    tier = call.params.get("Tier") or _TIER
    if tier.get("Name") != "WebServer":
        raise NotImplementedError(f"elasticbeanstalk tier {tier.get('Name')}")


def _address(call: Call, name: str) -> str:
    prefix = call.text("CNAMEPrefix")
    if not prefix:
        return domain(call, f"{name}.eba-{letters(8)}")
    if not _PREFIX.fullmatch(prefix):
        raise invalid(f"Value {prefix[:80]} at 'CNAMEPrefix' failed to satisfy constraint.")
    address = domain(call, prefix)
    if address in names(call).taken:
        raise invalid(f"DNS name ({address}) is not available.")
    return address


@operation("elasticbeanstalk", "CreateEnvironment")
def create_environment(call: Call) -> object:
    """`Launching`, then `Ready`: green, or red where it cannot be launched or does not answer."""
    application, name = application_of(call), call.text("EnvironmentName")
    _check_request(call, name)
    stack, label = platforms.stack_asked_for(call), call.text("VersionLabel")
    if not stack:
        raise invalid("No Platform was specified.")
    if label:
        version_of(call, application.name, label)
    settings = {**options.defaults(), **options.settings_in(call)}
    options.check(call, settings)
    made = Environment(
        id=f"e-{letters(10)}",
        name=name,
        application=application.name,
        arn=arn(call, "environment", f"{application.name}/{name}"),
        description=call.text("Description"),
        stack=stack,
        version=label or "Sample Application",
        cname=_address(call, name),
        settings=settings,
        tags=tags_in(call),
        created=clock(call),
        updated=clock(call),
    )
    space = "aws:elasticbeanstalk:environment"
    if made.balanced and made.option(space, "LoadBalancerType") != "application":
        raise NotImplementedError(
            f"elasticbeanstalk load balancers of type {made.option(space, 'LoadBalancerType')}"
        )
    of(call).environments[made.id] = made
    names(call).taken[made.cname] = made.id
    _launch(call, made)
    return _told(call, made)


def _launch(call: Call, environment: Environment) -> None:
    tell(
        call,
        environment,
        "createEnvironment is starting.",
        f"Using {storage(call)} as Amazon S3 storage bucket for environment data.",
    )
    deployments.plan(call, environment, "beanstalk.resources", "beanstalk.resources")
    deployments.plan(call, environment, "beanstalk.launch", "beanstalk.launched")


def _since(value: object) -> datetime | None:
    if value is None or isinstance(value, datetime):
        found = value
    else:
        found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


@operation("elasticbeanstalk", "DescribeEnvironments")
def describe_environments(call: Call) -> object:
    """Filtered, a page at a time; those that are terminated unless they are left out."""
    ids, named = call.items("EnvironmentIds"), call.items("EnvironmentNames")
    application, label = call.text("ApplicationName"), call.text("VersionLabel")
    graves, back_to = (
        call.params.get("IncludeDeleted") is not False,
        _since(call.params.get("IncludedDeletedBackTo")),
    )
    found = [
        _told(call, one)
        for one in of(call).environments.values()
        if (one.there or (graves and (back_to is None or one.updated >= back_to)))
        and (not ids or one.id in ids)
        and (not named or one.name in named)
        and application in {"", one.application}
        and label in {"", one.version}
    ]
    start, size = int(call.text("NextToken") or 0), int(call.params.get("MaxRecords") or 1000)
    page: dict[str, Any] = {"Environments": found[start : start + size]}
    return page | ({"NextToken": str(start + size)} if start + size < len(found) else {})


@operation("elasticbeanstalk", "UpdateEnvironment")
def update_environment(call: Call) -> object:
    """A version or settings, one of them at a time, and only of an environment at rest."""
    environment = environment_of(call)
    require_ready(environment)
    label, removed = call.text("VersionLabel"), call.items("OptionsToRemove")
    given = options.settings_in(call)
    if label and (given or removed):
        raise Refusal(
            "InvalidParameterCombination",
            "You cannot update the application version and the configuration at once.",
        )
    if call.text("TemplateName") or (call.params.get("Tier") or _TIER).get("Name") != "WebServer":
        raise NotImplementedError("elasticbeanstalk configuration templates and other tiers")
    _check_stack(call, environment)
    if "Description" in call.params:
        environment.description = call.text("Description")
    if label:
        version_of(call, environment.application, label)
        if environment.option("aws:elasticbeanstalk:command", "DeploymentPolicy") == "TrafficSplitting":
            raise NotImplementedError("elasticbeanstalk traffic splitting")
        deployments.begin_deployment(call, environment, label)
    elif given or removed:
        deployments.begin_configuration(call, environment, _settings(call, environment, given, removed))
    return _told(call, environment)


def _check_stack(call: Call, environment: Environment) -> None:
    stack = platforms.stack_asked_for(call)
    if stack and stack != environment.stack:
        raise NotImplementedError("elasticbeanstalk updates of the platform")


def _settings(call: Call, environment: Environment, given: Settings, removed: list[Any]) -> Settings:
    for setting, value in given.items():
        if setting in options.FIXED and value != environment.settings.get(setting, ""):
            raise Refusal(
                "ConfigurationValidationException",
                f"Configuration validation exception: {setting[1]} cannot be changed once the environment is created.",
            )
    gone = {(str(one.get("Namespace", "")), str(one.get("OptionName", ""))) for one in removed}
    kept = {key: value for key, value in environment.settings.items() if key not in gone}
    settings = {**options.defaults(), **kept, **given}
    options.check(call, settings)
    return settings


@operation("elasticbeanstalk", "TerminateEnvironment")
def terminate_environment(call: Call) -> object:
    """`Terminating`, then `Terminated`; its address is free again then."""
    environment = environment_of(call)
    require_ready(environment)
    if call.params.get("TerminateResources") is False:
        raise NotImplementedError("elasticbeanstalk terminations that leave resources")
    deployments.begin_termination(call, environment)
    return _told(call, environment)


@operation("elasticbeanstalk", "RestartAppServer")
def restart_app_server(call: Call) -> object:
    """A short update."""
    environment = environment_of(call)
    require_ready(environment)
    deployments.begin_restart(call, environment)
    return {}


@operation("elasticbeanstalk", "AbortEnvironmentUpdate")
def abort_environment_update(call: Call) -> object:
    """Back to the version and settings before."""
    environment = environment_of(call)
    if environment.status not in _ABORTABLE:
        raise invalid(f"Environment named {environment.name} has no update in progress that can be aborted.")
    deployments.begin_abort(call, environment)
    return {}


@operation("elasticbeanstalk", "SwapEnvironmentCNAMEs")
def swap_environment_cnames(call: Call) -> object:
    """The addresses change at once, and back when it is asked for once more."""
    first, second = environment_of(call, "Source"), environment_of(call, "Destination")
    for one in (first, second):
        require_ready(one)
    if first is second:
        raise invalid("You cannot swap the CNAME of an environment with itself.")
    deployments.begin_swap(call, first, second)
    return {}


@operation("elasticbeanstalk", "CheckDNSAvailability")
def check_dns_availability(call: Call) -> object:
    """Whether nobody in the region has the address."""
    prefix = call.text("CNAMEPrefix")
    if not _PREFIX.fullmatch(prefix):
        raise invalid(f"Value {prefix[:80]} at 'CNAMEPrefix' failed to satisfy constraint.")
    address = domain(call, prefix)
    return {"Available": address not in names(call).taken, "FullyQualifiedCNAME": address}


@operation("elasticbeanstalk", "CreateStorageLocation")
def create_storage_location(call: Call) -> object:
    """The same bucket every time."""
    return {"S3Bucket": storage(call)}
