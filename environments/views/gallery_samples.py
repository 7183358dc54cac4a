"""Invented but believable values for the gallery: an environment that is being built, its price and its plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from provisioning.plan import Action, Change, Difference
from provisioning.pricing import Band, Estimate, PricedLine, difference


@dataclass(frozen=True, kw_only=True)
class Link:
    """A breadcrumb, a tab or an action."""

    label: str
    url: str = "#"
    current: bool = False
    count: int | None = None
    kind: str = ""
    icon: str = ""
    method: str = ""


@dataclass(frozen=True, kw_only=True)
class Team:
    """A team as the menu needs it."""

    name: str
    slug: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of an operation as steps.html needs it."""

    title: str
    status: str
    detail: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expected: int | None = None
    fraction: float | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as resources.html needs it."""

    title: str
    kind: str
    aws_id: str
    status: str
    billed: bool = False
    amount: Decimal | None = None
    url: str = ""


ICONS = (
    "check cross plus minus tilde plus-minus clock play pause moon sun screen chevron-right chevron-left "
    "chevron-down arrow-right external copy download search bell inbox home catalogue environments operations "
    "user users globe info question warning failed ban trash refresh undo rocket health shield lock coins "
    "database server container network balancer bucket bolt key function code terminal drift eye calendar "
    "link book menu more filter sign-out settings dashed dot working chat scaffold box chart snapshot log"
).split()

TEAMS = (Team(name="Flowise", slug="flowise"), Team(name="Payments Core", slug="payments-core"))

CRUMBS = (
    Link(label="Environments"),
    Link(label="flowise-backend"),
    Link(label="shop-staging"),
)

TABS = (
    Link(label="Overview", current=True),
    Link(label="Resources", count=31),
    Link(label="Deployments", count=4),
    Link(label="Backups", count=0),
    Link(label="Metrics and alarms"),
    Link(label="Cost"),
    Link(label="Checklist"),
    Link(label="Connect"),
    Link(label="Activity"),
)

CHANGES = (
    Change(
        action=Action.CREATE,
        key="cache",
        kind="elasticache.cluster",
        title="Redis cache",
        name="shop-staging",
    ),
    Change(
        action=Action.UPDATE,
        key="service",
        kind="ecs.service",
        title="Service",
        name="shop-staging",
        differences=(
            Difference(property="desired_count", before=2, after=4),
            Difference(property="cpu", before=256, after=512),
        ),
    ),
    Change(
        action=Action.REPLACE,
        key="database",
        kind="rds.db_instance",
        title="RDS database",
        name="shop-staging",
        differences=(
            Difference(
                property="subnet_group",
                before="shop-staging-a",
                after="shop-staging-private",
                outage="about 12 minutes without the database",
            ),
        ),
    ),
    Change(action=Action.DELETE, key="nat", kind="ec2.nat_gateway", title="NAT gateway", name="shop-staging"),
)

RESOURCES = (
    Resource(title="VPC", kind="ec2.vpc", aws_id="vpc-0a1b2c3d4e5f60718", status="ready"),
    Resource(
        title="Load balancer",
        kind="elbv2.load_balancer",
        aws_id="arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop-staging/50dc6c495c0c9188",
        status="ready",
        billed=True,
        amount=Decimal("18.40"),
        url="#",
    ),
    Resource(
        title="Database",
        kind="rds.db_instance",
        aws_id="shop-staging",
        status="pending",
        billed=True,
        amount=Decimal("61.32"),
    ),
    Resource(title="Cache", kind="elasticache.cluster", aws_id="", status="planned", billed=True),
    Resource(
        title="Log group",
        kind="logs.log_group",
        aws_id="/andamio/shop-staging",
        status="failed",
        billed=True,
        amount=Decimal("0.0042"),
    ),
)

CURL = """curl -X POST https://andamio.example.com/api/v1/requests \\
  -H "Authorization: Bearer $ANDAMIO_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"application": "flowise-backend", "name": "shop-staging", "architecture": "containers"}'"""

LOG = """12:04:31 ec2.subnet public-a: create: subnet-0c2f41d0a77be1c02
12:04:33 rds.db_instance database: CreateDBInstance
12:04:34 rds.db_instance database: InsufficientDBInstanceCapacity: db.t3.small is not available in eu-west-1b
12:04:34 operation 42: stopped after the running steps"""

PICTURE_STATES = {
    "load-balancer": "ready",
    "service-blue": "pending",
    "database": "pending",
    "cache": "failed",
    "repository": "ready",
    "files": "ready",
    "parameter-secret-key": "planned",
}


def _steps(now: datetime) -> tuple[Step, ...]:
    start = now - timedelta(minutes=4, seconds=12)
    return (
        Step(
            title="VPC",
            status="succeeded",
            detail="vpc-0a1b2c3d4e5f60718",
            started_at=start,
            finished_at=start + timedelta(seconds=3),
        ),
        Step(
            title="Subnets in two zones",
            status="succeeded",
            started_at=start,
            finished_at=start + timedelta(seconds=9),
        ),
        Step(
            title="Database",
            status="waiting",
            detail="AWS is copying it to the second zone",
            started_at=now - timedelta(minutes=3),
            expected=300,
            fraction=0.6,
        ),
        Step(
            title="Load balancer",
            status="running",
            started_at=now - timedelta(seconds=41),
            expected=90,
            fraction=0.45,
        ),
        Step(
            title="Cache",
            status="failed",
            started_at=start,
            finished_at=now - timedelta(minutes=2),
            error="AWS has no cache.t3.micro left in eu-west-1b just now.",
        ),
        Step(title="Service", status="pending", expected=60),
        Step(title="Alarms", status="skipped"),
    )


def _line(service: str, label: str, why: str, amount: str | None) -> PricedLine:
    band = None
    if amount is not None:
        value = Decimal(amount)
        band = Band(floor=value, expected=value, ceiling=value * 2)
    return PricedLine(
        resource=label.lower(),
        label=label,
        service=service,
        sku="sample",
        region="eu-west-1",
        unit="h",
        quantity=Band(floor=Decimal(730), expected=Decimal(730), ceiling=Decimal(1460)),
        unit_price=Decimal("0.1") if amount else None,
        amount=band,
        net=band.expected if band else None,
        why=why,
        basis="fixed",
        confidence=None,
        priced=amount is not None,
    )


def _estimate(lines: tuple[PricedLine, ...], *, ceiling: str) -> Estimate:
    expected = sum((line.amount.expected for line in lines if line.amount), Decimal(0))
    return Estimate(
        gross=expected,
        net=expected - Decimal("3.20"),
        floor=expected - Decimal("41.10"),
        expected=expected,
        ceiling=Decimal(ceiling),
        partial=any(not line.priced for line in lines),
        book="2026-11-01",
        region="eu-west-1",
        lines=lines,
    )


ESTIMATE = _estimate(
    (
        _line("RDS", "Database", "db.t3.small, two zones", "61.32"),
        _line("RDS", "Database storage", "20 GB gp3, two zones", "5.06"),
        _line("ECS Fargate", "Service", "2 to 10 tasks, 0.5 vCPU, 1 GB", "41.54"),
        _line("Elastic Load Balancing", "Load balancer", "1 LCU", "24.24"),
        _line("ElastiCache", "Cache", "cache.t3.micro", "13.14"),
        _line("CloudWatch", "Log group", "2 GB ingested", "0.0042"),
    ),
    ceiling="312.40",
)
PARTIAL = _estimate((*ESTIMATE.lines[:3], _line("Route 53", "Domain", "", None)), ceiling="180.00")


def shown() -> dict[str, object]:
    """The samples by the name that gallery.html knows them by; moments are near now."""
    now = timezone.now()
    return {
        "tabs": TABS,
        "changes": CHANGES,
        "resources": RESOURCES,
        "curl": CURL,
        "log": LOG,
        "steps": _steps(now),
        "estimate": ESTIMATE,
        "partial_estimate": PARTIAL,
        "difference": difference(PARTIAL, ESTIMATE),
        "cheaper": difference(ESTIMATE, PARTIAL),
        "picture_states": PICTURE_STATES,
        "eta": now + timedelta(minutes=3, seconds=20),
        "moments": [
            now - timedelta(seconds=4),
            now - timedelta(minutes=5),
            now + timedelta(days=6, hours=2),
            now - timedelta(days=70),
        ],
        "lengths": [0.4, 42, 252, 7_380, 190_000],
        "amounts": [Decimal("84.10"), Decimal("12480"), Decimal("0.0042"), Decimal("-3.5"), None],
        "failure_actions": (
            Link(label="Retry from here", kind="primary", icon="refresh", method="post"),
            Link(label="Edit and retry"),
            Link(label="Roll back"),
            Link(label="Destroy shop-staging", kind="quiet-danger"),
        ),
        "consequences": (
            "31 resources go, with the database and its automatic backups.",
            "A final snapshot stays for 30 days; until then you can undo this.",
        ),
    }
