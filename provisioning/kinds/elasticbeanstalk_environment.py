"""An Elastic Beanstalk environment: servers that run one version of an application, with a load balancer or alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from provisioning import beanstalk_options, beanstalk_reading
from provisioning.aws import Aws, found
from provisioning.beanstalk_permissions import ON_BEHALF
from provisioning.errors import Busy, NameTaken
from provisioning.instance_types import InstanceType
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.preflight import Finding, at_once
from provisioning.pricing import HOURS_A_MONTH, Band, CostLine, Usage
from provisioning.properties import Unordered, without_reordered
from provisioning.template_parts import Form, Place

if TYPE_CHECKING:
    from provisioning.references import JsonObject, JsonValue

_NOT_TOLD = frozenset(
    {"application_name", "version_label", "version_kept", "platform", "health"}
)  # by options
_VARIABLES_LIMIT = 4096  # bytes of all names and values (developer guide, "Environment properties")


class BeanstalkEnvironmentProps(Props):
    """`platform` "python": the newest on Amazon Linux 2023 when it is made; managed updates keep it new from then on,
    at `managed_updates_at` ("Sun:03:00", UTC; empty: never). `security_group_ids`: of the servers, besides the one that
    Elastic Beanstalk makes. `secrets`: variable -> ARN of a secret or parameter. `log_retention` in days, 0 streams no
    logs. `cpu`: the load in per cent at which servers are added. What has to do with the load balancer counts only
    where there is one; alone there is one server. `version_kept`: somebody else deploys, and `version_label` is only
    that of the beginning. `tracing`: the X-Ray daemon runs on each.

    What has one allowed value is so always: it is a property so that a change made elsewhere is seen and undone.
    """

    application_name: str
    version_label: str
    version_kept: bool = False
    vpc_id: str
    subnet_ids: Annotated[Unordered, Field(min_length=1, max_length=16)]
    service_role_arn: str
    instance_profile: str = Field(min_length=1)
    load_balanced: bool = True
    balancer_subnet_ids: Unordered = ()
    balancer_security_group_id: str = ""
    security_group_ids: Annotated[Unordered, Field(max_length=4)] = ()
    public_ip: bool = True
    instance_type: InstanceType = "t3.micro"
    volume_gb: int = Field(default=16, ge=8, le=16_384)
    minimum: int = Field(default=1, ge=1, le=500)
    maximum: int = Field(default=4, ge=1, le=500)
    cpu: int = Field(default=70, ge=2, le=100)
    environment: dict[str, str] = {}
    secrets: dict[str, str] = {}
    health_path: str = Field(default="/", pattern="^/", max_length=1024)
    certificate_arn: str = ""
    policy: Literal["AllAtOnce", "Rolling", "RollingWithAdditionalBatch", "Immutable"] = (
        "RollingWithAdditionalBatch"
    )
    batch_percent: int = Field(default=30, ge=1, le=100)
    managed_updates_at: Annotated[
        str, Field(pattern=r"^((Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01]\d|2[0-3]):[0-5]\d)?$")
    ] = "Sun:03:00"
    log_retention: Literal[0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365] = 30
    tracing: bool = False
    platform: Literal["python"] = "python"
    baseline: Literal[True] = (
        True  # enhanced health, metadata with tokens only, gp3, an application load balancer
    )
    health: Literal["Green"] = "Green"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError(f"minimum: {self.minimum} servers are more than the maximum of {self.maximum}")
        if self.load_balanced and len(self.balancer_subnet_ids) < 2:
            raise ValueError("balancer_subnet_ids: a load balancer needs subnets in two zones")
        twice = sorted(self.environment.keys() & self.secrets.keys())
        if twice:
            raise ValueError(f"secrets: {', '.join(twice)} is set in environment too")
        size = sum(len(name) + len(value) + 1 for name, value in self.environment.items())
        if size > _VARIABLES_LIMIT:
            raise ValueError(
                f"environment: {size} bytes are more than the {_VARIABLES_LIMIT} that there is room for"
            )
        return self


@register
class BeanstalkEnvironment(Kind[BeanstalkEnvironmentProps]):
    """https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_CreateEnvironment.html (no token: found by its name)

    Its address has its name in front, from a list that all customers of a region share; a swap may give it another, so
    it is not compared. Ready is at rest and green; red counts as a difference, mended by starting the application
    again. Settings and version cannot be changed in one call: the version follows when the settings are in place. A
    version that Elastic Beanstalk took back is `undone`. FAILED is an environment that was never launched well. Disks
    are encrypted where the account does so by default: there is no option for it. Attributes: id, name, arn, cname,
    endpoint, load_balancer_arn, load_balancer_full_name ("app/<name>/<id>", as in metric dimensions) and
    autoscaling_group.
    """

    name = "elasticbeanstalk.environment"
    title = "Elastic Beanstalk environment"
    naming = Naming(limit=40)
    expected = Expected(create=420, update=240, delete=300)
    patience = 3600  # a rolling update of many servers
    replace_on = frozenset({"application_name", "platform", "load_balanced", "vpc_id"})
    holds = frozenset(
        "application_name version_label vpc_id subnet_ids balancer_subnet_ids security_group_ids certificate_arn "
        "balancer_security_group_id instance_profile service_role_arn".split()
    )
    billed = True
    outage: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("instance_type", "volume_gb", "instance_profile", "security_group_ids", "public_ip"),
            "Servers are replaced in batches; with a single one the application is away meanwhile.",
        ),
        **dict.fromkeys(
            ("environment", "secrets"),
            "The application is started again on each server; with a single one it is away for seconds.",
        ),
        **dict.fromkeys(
            ("load_balanced", "vpc_id", "application_name", "platform"),
            "The environment is replaced: the new one has another address.",
        ),
        "health": "The application is started again on each server.",
    }
    permissions = (
        "elasticbeanstalk:CheckDNSAvailability",
        "elasticbeanstalk:ListAvailableSolutionStacks",
        "elasticbeanstalk:CreateEnvironment",
        "elasticbeanstalk:AddTags",
        "elasticbeanstalk:DescribeEnvironments",
        "elasticbeanstalk:ListTagsForResource",
        "elasticbeanstalk:DescribeConfigurationSettings",
        "elasticbeanstalk:DescribeEnvironmentResources",
        "elasticbeanstalk:DescribeEnvironmentHealth",
        "elasticbeanstalk:DescribeEvents",
        "elasticbeanstalk:UpdateEnvironment",
        "elasticbeanstalk:RestartAppServer",
        "elasticbeanstalk:RebuildEnvironment",
        "elasticbeanstalk:TerminateEnvironment",
        *ON_BEHALF,
    )
    passes_roles_to = ("elasticbeanstalk.amazonaws.com", "ec2.amazonaws.com")
    linked_roles = ("autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com")
    checked = True
    props = BeanstalkEnvironmentProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        environment = _find(aws, handle)
        if environment is None:
            return None
        state, tags = environment["Status"], _tags(aws, handle, environment)
        identifier, attributes = environment["EnvironmentId"], _attributes(environment)
        if state != "Ready":
            status = Status.DELETING if state == "Terminating" else Status.PENDING
            return Observed(
                id=identifier, status=status, attributes=attributes, tags=tags, reason=state.lower()
            )
        never_stood, undone = beanstalk_reading.verdict(aws, identifier)
        status, reason = beanstalk_reading.status(aws, environment, never_stood)
        return Observed(
            id=identifier,
            status=status,
            props=beanstalk_reading.told(aws, environment),
            attributes={**attributes, **beanstalk_reading.parts(aws, identifier)},
            tags=tags,
            reason=" ".join(filter(None, (undone or never_stood, reason))),
            undone=bool(undone),
        )

    def preflight(self, aws: Aws, handle: Handle, props: BeanstalkEnvironmentProps, count: int) -> Finding:
        platform, address = at_once(
            lambda: beanstalk_reading.newest_stack(aws), lambda: _free_address(aws, handle.name)
        )
        return Finding(note=f"{address} is free, and the platform is there: {platform}")

    def create(self, aws: Aws, handle: Handle, props: BeanstalkEnvironmentProps) -> Observed:
        _free_address(aws, handle.name)
        settings = beanstalk_options.written(props.dump(), props.dump())
        environment = aws.elasticbeanstalk.create_environment(
            ApplicationName=props.application_name,
            EnvironmentName=handle.name,
            CNAMEPrefix=handle.name,
            VersionLabel=props.version_label,
            SolutionStackName=beanstalk_reading.newest_stack(aws),
            Tier={"Name": "WebServer", "Type": "Standard"},
            OptionSettings=beanstalk_options.sent(settings),
            Tags=handle.tag_list,
        )
        return Observed(
            id=environment["EnvironmentId"],
            status=Status.PENDING,
            attributes=_attributes(environment),
            reason="launching",
        )

    def update(
        self, aws: Aws, handle: Handle, props: BeanstalkEnvironmentProps, observed: Observed
    ) -> Observed:
        changed = self.differences(props.dump(), observed).keys()
        settings = beanstalk_options.written(props.dump(), changed - _NOT_TOLD)
        surplus = beanstalk_options.dropped(observed.props, props.dump())
        if settings or surplus:
            aws.elasticbeanstalk.update_environment(
                EnvironmentId=observed.id,
                OptionSettings=beanstalk_options.sent(settings),
                OptionsToRemove=surplus,
            )
            if "version_label" in changed:
                raise _one_at_a_time()
        elif "version_label" in changed:
            aws.elasticbeanstalk.update_environment(
                EnvironmentId=observed.id, VersionLabel=props.version_label
            )
        elif observed.status is Status.FAILED:
            aws.elasticbeanstalk.rebuild_environment(EnvironmentId=observed.id)
        elif "health" in changed:
            aws.elasticbeanstalk.restart_app_server(EnvironmentId=observed.id)
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        named: Any = {"EnvironmentId": handle.id} if handle.id else {"EnvironmentName": handle.name}
        try:
            answer = found(aws.elasticbeanstalk.terminate_environment, **named)
        except Busy:
            environment = _find(aws, handle)
            if environment is not None and environment["Status"] != "Terminating":
                raise
            return environment is None
        return answer is None

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but groups that Elastic Beanstalk makes of itself are no difference."""
        differences = without_reordered(super().differences(wanted, observed))
        groups = differences.get("security_group_ids")
        if groups is not None and _has_one_more(*groups):
            del differences["security_group_ids"]
        if wanted.get("version_kept"):
            differences.pop("version_label", None)
        if not wanted.get("balancer_security_group_id"):
            differences.pop("balancer_security_group_id", None)
        return differences

    def cost(self, props: BeanstalkEnvironmentProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """Elastic Beanstalk itself is free of charge: its servers, their disks and addresses, and the load balancer."""
        yield CostLine.fixed("ElasticBeanstalk/service", 1, "Elastic Beanstalk", "no charge of its own")
        least, most = (
            (Decimal(props.minimum), Decimal(props.maximum)) if props.load_balanced else (Decimal(1),) * 2
        )
        average = min(max(usage.average_tasks, least), most)
        servers = f"{least:g} to {most:g} servers, {average:g} on average"
        hours = _band(least, average, most, HOURS_A_MONTH)
        yield CostLine.range(
            f"EC2/{props.instance_type}", hours, "Servers", f"{servers}, {props.instance_type}"
        )
        disks = _band(least, average, most, Decimal(props.volume_gb))
        yield CostLine.range("EBS/gp3", disks, "Disks of servers", f"{servers}, {props.volume_gb} GB each")
        if props.public_ip:
            yield CostLine.range(
                "VPC/public_ipv4", hours, "Public IPv4 of servers", f"{servers}, one address each"
            )
        if props.load_balanced:
            yield from _balancer_lines(props, usage)

    def cloudformation(self, place: Place, props: BeanstalkEnvironmentProps) -> Form:
        """Not told yet: what others need of it is asked for."""
        return Form(
            first="Make the environment, on the newest platform, by the portal or by hand: this template does not."
        )


def _balancer_lines(props: BeanstalkEnvironmentProps, usage: Usage) -> Iterator[CostLine]:
    hours, addresses = HOURS_A_MONTH, len(props.balancer_subnet_ids)
    yield CostLine.fixed("ALB/hour", hours, "Load balancer", f"1 load balancer, {hours:g} h")
    yield CostLine.usage(
        "ALB/lcu",
        usage.lcu * hours,
        "Load balancer capacity",
        f"{usage.lcu:g} LCU on average, {hours:g} h",
    )
    yield CostLine.fixed(
        "VPC/public_ipv4",
        addresses * hours,
        "Public IPv4 of the load balancer",
        f"{addresses} addresses, {hours:g} h",
    )


def _band(least: Decimal, average: Decimal, most: Decimal, each: Decimal) -> Band:
    return Band(floor=least * each, expected=average * each, ceiling=most * each)


def _has_one_more(now: object, wanted: object) -> bool:
    if not isinstance(now, list) or not isinstance(wanted, list):
        return False
    here, asked = set(map(str, now)), set(map(str, wanted))
    return asked <= here and len(here - asked) == 1


def _one_at_a_time() -> Busy:
    return Busy(
        service="elasticbeanstalk",
        operation="update_environment",
        aws_code="OperationInProgressFailure",
        aws_message="The version follows when the settings are in place.",
    )


def _find(aws: Aws, handle: Handle) -> Mapping[str, Any] | None:
    """Out of the one list of the account, without those that are terminated, which AWS shows for an hour."""
    listed = aws.listed(aws.elasticbeanstalk.describe_environments, "Environments", IncludeDeleted=False)
    mine = [
        one
        for one in listed
        if one["Status"] != "Terminated"
        and (one["EnvironmentId"] == handle.id if handle.id else one["EnvironmentName"] == handle.name)
    ]
    return mine[0] if mine else None


def _tags(aws: Aws, handle: Handle, environment: Mapping[str, Any]) -> dict[str, str]:
    """One more call, made only while no id on record says that the environment is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    answer = found(aws.elasticbeanstalk.list_tags_for_resource, ResourceArn=environment["EnvironmentArn"])
    return tags_of(answer, "ResourceTags") if answer else {}


def _attributes(environment: Mapping[str, Any]) -> dict[str, str]:
    attributes = {
        "id": environment["EnvironmentId"],
        "name": environment["EnvironmentName"],
        "arn": environment.get("EnvironmentArn", ""),
        "cname": environment.get("CNAME", ""),
        "endpoint": environment.get("EndpointURL", ""),
    }
    return {name: value for name, value in attributes.items() if value}


def _free_address(aws: Aws, prefix: str) -> str:
    """The address, of which each belongs to one customer in a region. Raises NameTaken."""
    answer = aws.elasticbeanstalk.check_dns_availability(CNAMEPrefix=prefix)
    address: str = answer["FullyQualifiedCNAME"]
    if not answer["Available"]:
        raise NameTaken(f"Could not make the environment: the address {address} is somebody else's.")
    return address
