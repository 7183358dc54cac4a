"""Options that several architectures offer, each set with what does not go together in it.

A blueprint's options inherit from the sets that it takes; the form shows those of the last base first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from provisioning.blueprints.blueprint import Options
from provisioning.blueprints.postgres_versions import EXTENDED_SUPPORT, POSTGRES_VERSIONS
from provisioning.blueprints.refusal import Conflict
from provisioning.choices import AnotherRegion, Aside, Named, Unit
from provisioning.references import ref


class MachineOptions(Options):
    """Servers, and how many of them."""

    instance_type: Literal[
        "t4g.micro", "t3.micro", "t4g.small", "t3.small", "t4g.medium", "t3.medium", "m7g.large", "m6i.large"
    ] = Field(
        "t3.micro",
        title="Instance type",
        description="t4g and m7g have ARM processors: an image has to be built for them.",
    )
    load_balancer: bool = Field(
        True,
        title="Load balancer",
        description="Without it there is one server with an address of its own, away while it is replaced.",
    )
    min_servers: Annotated[int, Unit(words="servers")] = Field(
        2, ge=1, le=50, title="Fewest servers", description="Behind a load balancer; the price's floor."
    )
    max_servers: Annotated[int, Unit(words="servers")] = Field(
        4, ge=1, le=100, title="Most servers", description="Under load; the price's ceiling."
    )

    def conflicts(self) -> Iterator[Conflict]:
        """A range that is empty."""
        yield from super().conflicts()
        if self.max_servers < self.min_servers:
            yield Conflict("max_servers", ("min_servers",), reason="cannot be fewer than the fewest.")


class DatabaseOptions(Options):
    """PostgreSQL on RDS."""

    postgres_version: Annotated[
        Literal["14", "15", "16", "17", "18"], POSTGRES_VERSIONS, EXTENDED_SUPPORT
    ] = Field(
        "17",
        title="PostgreSQL version",
        description="A later one can be chosen later, an earlier one cannot. AWS renews it within the version.",
    )
    database_class: Literal[
        "db.t4g.micro",
        "db.t3.micro",
        "db.t4g.small",
        "db.t3.small",
        "db.t4g.medium",
        "db.t3.medium",
        "db.m6g.large",
    ] = Field("db.t3.small", title="Database class", description="Memory sets how many connections it takes.")
    database_storage: Annotated[int, Unit(words="GiB")] = Field(
        50, ge=20, le=4096, title="Database storage", description="General-purpose SSD (gp3)."
    )
    multi_az: bool = Field(
        True, title="Database in two zones", description="A standby takes over within minutes."
    )
    backup_days: Annotated[int, Unit(words="days")] = Field(
        7, ge=1, le=35, title="Keep backups", description="Any second of them can be restored."
    )
    read_replicas: Annotated[int, Unit(words="copies")] = Field(
        0,
        ge=0,
        le=5,
        title="Read replicas",
        description="Copies of the database for queries. RDS then rotates its password no more.",
    )


_SAFETY = Aside(title="Backups and copies")


class BackupOptions(Options):
    """What AWS Backup keeps for longer than RDS does by itself."""

    scheduled_backups: Annotated[
        Literal["none", "daily", "weekly"],
        Named(words={"daily": "every day", "weekly": "every Sunday"}),
        _SAFETY,
    ] = Field(
        "none",
        title="Scheduled backups",
        description="Backups of the database in a vault of AWS Backup, which may keep them for years.",
    )
    backup_weeks: Annotated[int, Unit(words="weeks"), _SAFETY] = Field(
        5, ge=1, le=520, title="Keep scheduled backups", description="Counts where there are any."
    )
    backup_files: Annotated[bool, _SAFETY] = Field(
        False, title="Files in scheduled backups", description="The bucket for files is backed up with them."
    )

    @property
    def scheduled(self) -> bool:
        """Whether there are scheduled backups."""
        return self.scheduled_backups != "none"

    def conflicts(self) -> Iterator[Conflict]:
        """Files in backups that nobody makes."""
        yield from super().conflicts()
        if self.backup_files and not self.scheduled:
            yield Conflict(
                "backup_files", ("scheduled_backups",), reason="choose how often backups are scheduled."
            )


class CopyOptions(Options):
    """What is kept in a second region, for the day on which the first is lost."""

    copy_region: Annotated[str, AnotherRegion(), _SAFETY] = Field(
        "none",
        max_length=30,
        pattern=r"^none$|^[a-z]{2}(-[a-z]+)+-[0-9]$",
        examples=["us-west-2"],
        title="Copies in another region",
        description="Of the database's backups, and of files as they are written; what is deleted here stays there.",
    )
    copy_prefix: Annotated[str, _SAFETY] = Field(
        "",
        max_length=200,
        pattern=r"^[A-Za-z0-9!_.*'()/-]*$",
        examples=["invoices/"],
        title="Files to copy",
        description="Those whose names begin so; empty: all.",
    )

    @property
    def copied_to(self) -> str:
        """The other region; empty where there is none."""
        return "" if self.copy_region == "none" else self.copy_region


class CacheOptions(Options):
    """Redis on ElastiCache."""

    cache_node: Literal["none", "cache.t4g.micro", "cache.t3.micro", "cache.t4g.small", "cache.t3.small"] = (
        Field("cache.t3.micro", title="Cache node", description="One Redis node.")
    )

    @property
    def cached(self) -> bool:
        """Whether there is a cache."""
        return self.cache_node != "none"


class DeliveryOptions(Options):
    """How files reach people."""

    file_delivery: bool = Field(
        True,
        title="CloudFront",
        description="Files reach people from close by, and only through it; with a domain, at a name below it.",
    )


_MONITORING = Aside(title="Monitoring")


class AccessLogOptions(Options):
    """What is written down of requests."""

    access_log: Annotated[bool, _MONITORING] = Field(
        True,
        title="Access log of the HTTP API",
        description="Who asked for what and how it went, kept for 30 days. Counts where an HTTP API is the entrance.",
    )


class FirewallOptions(Options):
    """What stands between the internet and the entrance."""

    firewall: bool = Field(
        False,
        title="Web application firewall",
        description="WAF with AWS's rules, and at most 2000 requests of one address in five minutes.",
    )


_DOMAIN = Aside(title="Domain")


class DomainOptions(Options):
    """A domain of one's own."""

    domain: Annotated[str, _DOMAIN] = Field(
        "",
        max_length=247,  # "files." has to fit before it
        pattern=r"^$|^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$",
        examples=["shop.example.org"],
        title="Domain",
        description="With it: a certificate and HTTPS at an address of your own.",
    )
    hosted_zone_id: Annotated[str, _DOMAIN] = Field(
        "",
        max_length=32,
        pattern=r"^$|^Z[A-Z0-9]+$",
        examples=["Z0123456789ABCDEFGHIJ"],
        title="Route 53 zone",
        description="The id of the zone that answers for the domain.",
    )
    new_zone: Annotated[bool, _DOMAIN] = Field(
        False,
        title="New Route 53 zone",
        description="Made for the domain. You name its servers where the domain is delegated; the certificate waits "
        "for that, three days at most.",
    )

    @property
    def zone(self) -> str:
        """The id of the zone of the domain."""
        return ref("zone") if self.new_zone else self.hosted_zone_id

    def conflicts(self) -> Iterator[Conflict]:
        """A domain without its zone, or the other way round."""
        yield from super().conflicts()
        if self.new_zone and self.hosted_zone_id:
            yield Conflict(
                "new_zone",
                ("hosted_zone_id",),
                reason="there is a zone already: leave out its id, or have no new one made.",
            )
        elif bool(self.domain) != bool(self.hosted_zone_id or self.new_zone):
            yield Conflict(
                "new_zone" if self.new_zone else "hosted_zone_id",
                ("domain",),
                reason="a domain and the Route 53 zone that answers for it go together.",
            )


_THRESHOLDS = Aside(title="Alarm thresholds")


class ThresholdOptions(Options):
    """From where on an alarm goes off; the defaults are the source's."""

    alarm_cpu: Annotated[int, Unit(words="%"), _THRESHOLDS] = Field(
        80,
        ge=10,
        le=99,
        title="CPU above",
        description="Of the application and of the database, for five minutes.",
    )
    alarm_connections: Annotated[int, Unit(words="%"), _THRESHOLDS] = Field(
        80, ge=10, le=99, title="Database connections above", description="Of those that the database takes."
    )
    alarm_response_ms: Annotated[int, Unit(words="ms"), _THRESHOLDS] = Field(
        2000,
        ge=50,
        le=60_000,
        title="Answers slower than",
        description="On average over five minutes, where a load balancer or an HTTP API measures them.",
    )
    alarm_errors: Annotated[int, Unit(words="%"), _THRESHOLDS] = Field(
        5, ge=1, le=100, title="Errors above", description="The share of answers that are 5xx."
    )


class StorageThresholdOptions(ThresholdOptions):
    """The same where the database's storage is bought beforehand."""

    alarm_storage: Annotated[int, Unit(words="%"), _THRESHOLDS] = Field(
        10, ge=1, le=50, title="Free storage below", description="Of the database's storage."
    )


class MemoryThresholdOptions(StorageThresholdOptions):
    """The same where AWS measures the memory of the application."""

    alarm_memory: Annotated[int, Unit(words="%"), _THRESHOLDS] = Field(
        85, ge=10, le=99, title="Memory above", description="Of the application, for five minutes."
    )


_SIGN_IN = Aside(title="Sign-in")


class SignInOptions(Options):
    """Who gets in."""

    sign_in: Annotated[bool, _SIGN_IN] = Field(
        False,
        title="Sign-in",
        description="Only people of a Cognito user pool get in; removing it removes them.",
    )
    sign_up: Annotated[bool, _SIGN_IN] = Field(
        False,
        title="Registration",
        description="People register themselves; otherwise you add them. Counts with sign-in.",
    )


def without_https() -> Conflict:
    """What stands against sign-in at a load balancer that answers for no domain."""
    return Conflict(
        "sign_in",
        ("domain", "load_balancer"),
        reason="a load balancer signs people in over HTTPS only, which takes a domain of one's own.",
    )


class ApiSignInOptions(SignInOptions):
    """Sign-in where an HTTP API asks for a token of Cognito, and the application's own page gets it."""

    sign_in_return: Annotated[str, _SIGN_IN] = Field(
        "",
        max_length=1024,
        pattern=r"^$|^https://[^\s#{}]+$|^http://localhost[^\s#{}]*$",  # braces: no reference of ours
        examples=["https://shop.example.org/signed-in"],
        title="After sign-in",
        description="Before an HTTP API: where Cognito's pages send people. Empty: your page asks for the password.",
    )


_PIPELINE = Aside(title="Pipeline")


class PipelineOptions(Options):
    """What deploys an application on every push."""

    repository: Annotated[str, _PIPELINE] = Field(
        "",
        max_length=200,
        pattern=r"^$|^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$",
        examples=["acme/shop"],
        title="Repository",
        description="With it: a pipeline that builds and deploys every push. Somebody lets AWS in once.",
    )
    repository_host: Annotated[Literal["GitHub", "GitLab", "Bitbucket"], _PIPELINE] = Field(
        "GitHub", title="Where the repository is", description="AWS is let in there by whoever owns it."
    )
    branch: Annotated[str, _PIPELINE] = Field(
        "main",
        min_length=1,
        max_length=200,
        pattern=r"^[A-Za-z0-9_./-]+$",
        examples=["main"],
        title="Branch",
        description="Every push to it is deployed.",
    )


class TracingOptions(Options):
    """What is followed through the application."""

    tracing: Annotated[bool, _MONITORING] = Field(
        False,
        title="Tracing",
        description="X-Ray follows requests through the application and what it asks.",
    )


class SampledTracingOptions(TracingOptions):
    """Tracing where the share is one's own choice."""

    traced_percent: Annotated[int, Unit(words="%"), _MONITORING] = Field(
        5, ge=1, le=100, title="Traced requests", description="Counts with tracing; the price follows it."
    )


class AlarmOptions(Options):
    """Who hears of alarms."""

    alarm_email: str = Field(
        "",
        max_length=254,
        pattern=r"^$|^[^@\s{}]+@[^@\s{}]+\.[^@\s{}]+$",  # braces: no reference of ours
        examples=["team@example.org"],
        title="E-mail for alarms",
        description="AWS asks this address to confirm. Empty: nobody is mailed.",
    )


class InsightOptions(Options):
    """What AWS's own console and mails say."""

    dashboard: Annotated[bool, _MONITORING] = Field(
        False, title="CloudWatch dashboard", description="The metrics behind the alarms on one page of AWS."
    )
    monthly_budget: Annotated[int, Unit(words="USD"), _MONITORING] = Field(
        0,
        ge=0,
        le=1_000_000,
        title="Monthly budget",
        description="AWS warns at 80 % of it and when more is to be expected; 0 is none.",
    )
