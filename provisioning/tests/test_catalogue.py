"""Everything in the catalogue: made, read back, planned again to nothing, and taken away without a trace."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import provisioning
import provisioning.kinds  # registers every kind
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.blueprints import all_blueprints, blueprint_for
from provisioning.kind import Kind, all_kinds
from provisioning.plan import Action
from provisioning.references import JsonValue
from provisioning.simulator.launch import start
from provisioning.tests.cloud import SPEC
from provisioning.tests.portal_role import asked_for, granted, make_portal_role, root_of, used
from provisioning.tests.unused_actions import explained
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
            "repository": "acme/shop",
            "domain": DOMAIN,
            "firewall": True,
        },
    ),
    ("simple", "production", {"front": False, "domain": DOMAIN}),
    (
        "serverless",
        "mvp",
        {
            "domain": DOMAIN,
            "new_zone": True,
            "file_delivery": True,
            "firewall": True,
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
        {
            "proxy": True,
            "postgres_version": "16",
            "scheduled_backups": "weekly",
            "backup_files": True,
            "copy_region": "us-west-2",
            "repository": "acme/shop",
            "repository_host": "GitLab",
        },
    ),
    (
        "containers",
        "production",
        {
            "domain": DOMAIN,
            "alarm_email": "ops@example.org",
            "repository": "acme/shop",
            "sign_in": True,
            "sign_up": True,
        },
    ),
    (
        "containers",
        "mvp",
        {
            "domain": DOMAIN,
            "access_log": False,
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
            "postgres_version": "18",
            "monthly_budget": 300,
            "scheduled_backups": "daily",
            "copy_region": "us-west-2",
            "copy_prefix": "invoices/",
            "sign_in": True,
        },
    ),
)


@dataclass(frozen=True)
class Account:
    """A simulated account as its root sees it, and how the portal's role reaches it."""

    root: Aws
    access: AccountAccess
    journal: Path


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    journal = tmp_path_factory.mktemp("simulator") / "journal"
    with (
        pytest.MonkeyPatch.context() as patch,
        start(speed=1000, durations={"lambda.interfaces": 300}, journal=journal) as simulator,
    ):
        patch.setenv("AWS_ACCESS_KEY_ID", "simulated")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "simulated")
        root = root_of(simulator.endpoint, SPEC.account, SPEC.region)
        yield Account(root, make_portal_role(root), journal)


def _name(case: Case) -> str:
    architecture, phase, options = case
    return "-".join((architecture, phase, *options))


@pytest.mark.parametrize("case", (*DEFAULTS, *CHOSEN), ids=_name)
def test_it_is_made_as_planned_and_taken_away_without_a_trace(
    account: Account, case: Case, request: pytest.FixtureRequest
) -> None:
    """All of it by the portal's role, to which nothing is allowed but what the kinds ask for."""
    architecture, phase, options = case
    name = f"case-{(*DEFAULTS, *CHOSEN).index(case)}"
    one = whole(account.access.endpoint_url, name, architecture, phase, options)
    one.aws = Aws(connection=Connection(account.access, one.spec.region), caller="test")
    _with_zone(one, account.root)

    first = one.plan()
    assert {change.action for change in first.changes} == {Action.CREATE}
    one.provision(first)
    again = one.plan()
    assert again.is_empty, [change for change in again.changes if change.action is not Action.NOOP]

    one.destroy()
    assert one.remains(account.root) == ()
    _check_grants(request.config, _name(case), used(account.journal))


def _check_grants(config: pytest.Config, case: str, actions: frozenset[str]) -> None:
    """The cases may run in several processes, in any order: the one that ends last holds what all of them used against
    what the role is allowed."""
    assert config.cache is not None
    notes = config.cache.mkdir(f"catalogue-{_version()}")
    for old in {*notes.parent.glob("catalogue-*")} - {notes}:
        shutil.rmtree(old, ignore_errors=True)
    (notes / f"{case}.json").write_text(json.dumps(sorted(actions)))
    if {note.stem for note in notes.iterdir()} >= {_name(one) for one in (*DEFAULTS, *CHOSEN)}:
        everything = {action for note in notes.iterdir() for action in json.loads(note.read_text())}
        excess = granted(SPEC.account) - everything - explained() - _of_kinds_not_made()
        assert excess == set(), "allowed, and neither used by a case nor explained in unused_actions.py"
        assert explained() & everything == set(), "used by a case: needs no reason in unused_actions.py"


def _version() -> str:
    """What was noted by other code does not count."""
    files = sorted(Path(provisioning.__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _of_kinds_not_made() -> set[str]:
    """What only kinds ask for of which no case has a thing."""
    made = {kind for case in (*DEFAULTS, *CHOSEN) for kind in _kinds_of(case)}
    return asked_for(set(all_kinds()) - made) - asked_for(made)


def _kinds_of(case: Case) -> set[Kind[Any]]:
    architecture, phase, options = case
    zone = {"hosted_zone_id": "Z1"} if _asks_for_a_zone(options) else {}
    spec = SPEC.model_copy(
        update={"architecture": architecture, "phase": phase, "options": {**options, **zone}}
    )
    return {one.kind for one in blueprint_for(architecture, phase).resources(spec)}


def _asks_for_a_zone(options: dict[str, JsonValue]) -> bool:
    return "domain" in options and "new_zone" not in options


def test_every_reason_for_what_no_case_uses_is_about_something_that_is_allowed() -> None:
    assert explained() - granted(SPEC.account) == set()


def _with_zone(one: Whole, root: Aws) -> None:
    if _asks_for_a_zone(one.spec.options):
        zone = root.route53.create_hosted_zone(Name=DOMAIN, CallerReference=one.spec.environment)[
            "HostedZone"
        ]["Id"]
        options = {**one.spec.options, "hosted_zone_id": zone.removeprefix("/hostedzone/")}
        one.spec = one.spec.model_copy(update={"options": options})
