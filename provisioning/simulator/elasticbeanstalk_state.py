"""What Elastic Beanstalk keeps here: applications, their versions, environments, events; moto has none of it."""

import secrets
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from provisioning.simulator.operations import Call, Refusal
from provisioning.simulator.world import Moment

Setting = tuple[str, str]
#: Namespace and name of a configuration option -> its value.
Settings = dict[Setting, str]

SEVERITIES = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(kw_only=True)
class Application:
    """An application: what versions and environments belong to."""

    name: str
    arn: str
    description: str
    lifecycle: dict[str, Any]
    tags: dict[str, str]
    created: datetime
    updated: datetime


@dataclass(kw_only=True)
class Version:
    """A version of an application. `state` is AWS's word for how far it is processed."""

    application: str
    label: str
    arn: str
    description: str
    bucket: str
    key: str
    state: str
    tags: dict[str, str]
    created: datetime
    updated: datetime

    @property
    def broken(self) -> bool:
        """Whether it never answers, as a container image whose tag says so."""
        return "broken" in self.label


@dataclass(kw_only=True)
class Resources:
    """What an environment consists of, by AWS's ids; empty where there is no such thing."""

    security_group: str = ""
    balancer_group: str = ""
    balancer: str = ""
    targets: str = ""
    template: str = ""
    group: str = ""
    address: str = ""


@dataclass(kw_only=True)
class Environment:
    """An environment. `turn` counts its operations, so that what an aborted one had planned comes to nothing."""

    id: str
    name: str
    application: str
    arn: str
    description: str
    stack: str
    version: str
    cname: str
    settings: Settings
    tags: dict[str, str]
    created: datetime
    updated: datetime
    status: str = "Launching"
    health: str = "Grey"
    health_status: str = "Pending"
    causes: list[str] = field(default_factory=list)
    resources: Resources = field(default_factory=Resources)
    #: Settings that an update brings, while it does.
    coming: Settings | None = None
    #: The version that a deployment brings, while it does.
    arriving: str = ""
    #: Whether the first servers of a deployment did not answer.
    failing: bool = False
    deployment: int = 1
    turn: int = 0
    #: Versions that single instances run, if not the environment's.
    strays: dict[str, str] = field(default_factory=dict)

    def option(self, namespace: str, name: str) -> str:
        """The value of a configuration option; empty when it has none."""
        return self.settings.get((namespace, name), "")

    @property
    def balanced(self) -> bool:
        """Whether a load balancer stands before its instances."""
        return self.option("aws:elasticbeanstalk:environment", "EnvironmentType") != "SingleInstance"

    @property
    def enhanced(self) -> bool:
        """Whether its instances tell how they do."""
        return self.option("aws:elasticbeanstalk:healthreporting:system", "SystemType") == "enhanced"

    @property
    def there(self) -> bool:
        """Whether it is not only a grave."""
        return self.status != "Terminated"


@dataclass(kw_only=True)
class Beanstalk:
    """Everything of an account and region."""

    applications: dict[str, Application] = field(default_factory=dict)
    versions: dict[tuple[str, str], Version] = field(default_factory=dict)
    #: By id; those that are terminated for an hour more.
    environments: dict[str, Environment] = field(default_factory=dict)
    #: The newest first.
    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass(kw_only=True)
class Names:
    """The addresses of a region, which all customers share: CNAME -> id of the environment."""

    taken: dict[str, str] = field(default_factory=dict)


_KEPT_EVENTS = 2000


def clock(moment: Moment) -> datetime:
    """The moment as AWS writes it."""
    return datetime.fromtimestamp(moment.now, UTC)


def of(moment: Moment) -> Beanstalk:
    """Elastic Beanstalk of this account and region."""
    return moment.notes(Beanstalk)


def names(moment: Moment) -> Names:
    """The addresses of this region."""
    return moment.world.notes_of(Names, "", moment.region)


def invalid(message: str) -> Refusal:
    """Elastic Beanstalk's error for almost everything."""
    return Refusal("InvalidParameterValue", message)


def letters(count: int) -> str:
    """Random letters and digits, as in Elastic Beanstalk's own names."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(count))


def arn(moment: Moment, kind: str, path: str) -> str:
    """The ARN of a thing of Elastic Beanstalk."""
    return f"arn:aws:elasticbeanstalk:{moment.region}:{moment.account}:{kind}/{path}"


def tags_in(call: Call, name: str = "Tags") -> dict[str, str]:
    """The tags of a request."""
    return {tag["Key"]: tag.get("Value", "") for tag in call.items(name)}


def application_of(call: Call, name: str = "") -> Application:
    """The application that a call names, or AWS's error where there is none."""
    name = name or call.text("ApplicationName")
    found = of(call).applications.get(name)
    if found is None:
        raise invalid(f"No Application named '{name}' found.")
    return found


def version_of(call: Call, application: str, label: str) -> Version:
    """A version, or AWS's error where there is none."""
    found = of(call).versions.get((application, label))
    if found is None:
        raise invalid(f"No Application Version named '{label}' found.")
    return found


def environment_of(call: Call, prefix: str = "") -> Environment:
    """The environment that a call names by id or by name, or AWS's error where there is none."""
    identifier, name = call.text(f"{prefix}EnvironmentId"), call.text(f"{prefix}EnvironmentName")
    if not identifier and not name:
        raise Refusal(
            "MissingParameter", "Either the environment ID or the environment name must be specified."
        )
    for one in of(call).environments.values():
        if one.there and (one.id == identifier if identifier else one.name == name):
            return one
    what = f"EnvironmentId = '{identifier}'" if identifier else f"EnvironmentName = '{name}'"
    raise invalid(f"No Environment found for {what}.")


def require_ready(environment: Environment) -> None:
    """Refuse what only an environment at rest takes."""
    if environment.status != "Ready":
        raise invalid(
            f"Environment named {environment.name} is in an invalid state for this operation. Must be Ready."
        )


def users_of(moment: Moment, application: str, label: str = "") -> Iterator[Environment]:
    """Environments of an application, or of one version of it, that are there."""
    for one in of(moment).environments.values():
        if one.there and one.application == application and label in {"", one.version, one.arriving}:
            yield one


def tell(moment: Moment, environment: Environment, *messages: str, severity: str = "INFO") -> None:
    """Write events of an environment down."""
    for message in messages:
        event = {
            "EventDate": clock(moment),
            "Message": message,
            "ApplicationName": environment.application,
            "EnvironmentName": environment.name,
            "Severity": severity,
            "EnvironmentId": environment.id,
        }
        if environment.arriving or environment.version:
            event["VersionLabel"] = environment.arriving or environment.version
        of(moment).events.insert(0, event)
    del of(moment).events[_KEPT_EVENTS:]


def be_well(environment: Environment, status: str = "Ok") -> None:
    """The environment is green."""
    environment.health, environment.health_status, environment.causes = "Green", status, []


def be_ill(environment: Environment, causes: Iterable[str]) -> None:
    """The environment is red, and says why."""
    environment.health, environment.health_status = "Red", "Severe"
    environment.causes = list(causes)


def be_unknown(environment: Environment, status: str) -> None:
    """Nobody knows how the environment does."""
    environment.health, environment.health_status, environment.causes = "Grey", status, []
