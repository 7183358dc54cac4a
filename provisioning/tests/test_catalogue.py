"""Everything in the catalogue: made, read back, planned again to nothing, and taken away without a trace."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import all_blueprints
from provisioning.plan import Action
from provisioning.references import JsonValue
from provisioning.simulator.launch import start
from provisioning.tests.whole import Whole, whole

pytestmark = pytest.mark.simulator
Case = tuple[str, str, dict[str, JsonValue]]
DOMAIN = "shop.example.org"  # its zone is made beforehand for each that asks for it
DEFAULTS: tuple[Case, ...] = tuple((one.architecture, one.phase, {}) for one in all_blueprints())
# Options that the defaults of no phase have, several together where they do not touch each other.
CHOSEN: tuple[Case, ...] = (
    (
        "simple",
        "mvp",
        {
            "load_balancer": True,
            "managed_updates": False,
            "file_delivery": True,
            "instance_type": "t4g.small",
        },
    ),
    (
        "serverless",
        "mvp",
        {
            "nat": True,
            "worker": True,
            "alarm_email": "ops@example.org",
            "monthly_budget": 60,
            "sign_in": True,
            "sign_in_return": "https://shop.example.org/signed-in?from=cognito",
        },
    ),
    (
        "serverless",
        "scaling",
        {"proxy": True, "scheduled_backups": "weekly", "backup_files": True, "copy_region": "us-west-2"},
    ),
    (
        "containers",
        "production",
        {
            "domain": DOMAIN,
            "file_delivery": True,
            "alarm_email": "ops@example.org",
            "sign_in": True,
            "sign_up": True,
        },
    ),
    (
        "containers",
        "mvp",
        {
            "nat": True,
            "cache_node": "cache.t4g.micro",
            "monthly_budget": 60,
            "alarm_memory": 90,
            "alarm_errors": 2,
            "sign_in": True,
        },
    ),
    (
        "server",
        "production",
        {
            "domain": DOMAIN,
            "nat": True,
            "instance_type": "m7g.large",
            "max_servers": 3,
            "firewall": True,
            "read_replicas": 1,
            "monthly_budget": 300,
            "scheduled_backups": "daily",
            "copy_region": "us-west-2",
            "copy_prefix": "invoices/",
            "sign_in": True,
        },
    ),
)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with start(speed=1000, durations={"lambda.interfaces": 300}) as simulator:
        yield simulator.endpoint


def _name(case: Case) -> str:
    architecture, phase, options = case
    return "-".join((architecture, phase, *options))


@pytest.mark.parametrize("case", (*DEFAULTS, *CHOSEN), ids=_name)
def test_it_is_made_as_planned_and_taken_away_without_a_trace(endpoint: str, case: Case) -> None:
    architecture, phase, options = case
    name = f"case-{(*DEFAULTS, *CHOSEN).index(case)}"
    one = whole(endpoint, name, architecture, phase, options)
    _with_zone(one)

    first = one.plan()
    assert {change.action for change in first.changes} == {Action.CREATE}
    one.provision(first)
    again = one.plan()
    assert again.is_empty, [change for change in again.changes if change.action is not Action.NOOP]

    one.destroy()
    assert one.remains() == ()


def _with_zone(one: Whole) -> None:
    if "domain" in one.spec.options:
        zone = one.aws.route53.create_hosted_zone(Name=DOMAIN, CallerReference=one.spec.environment)[
            "HostedZone"
        ]["Id"]
        options = {**one.spec.options, "hosted_zone_id": zone.removeprefix("/hostedzone/")}
        one.spec = one.spec.model_copy(update={"options": options})
