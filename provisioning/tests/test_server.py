"""The server blueprint: what its parts owe each other, and what stays from one phase to the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import blueprint_for
from provisioning.errors import InvalidSpec
from provisioning.kinds.ec2_security_group import SecurityGroupProps
from provisioning.plan import Action, Change
from provisioning.references import JsonValue
from provisioning.simulator.launch import start
from provisioning.spec import Spec
from provisioning.tests.cloud import SPEC
from provisioning.tests.whole import Whole, whole

DATA = ("database", "files", "parameter-secret-key")


def _spec(phase: str, options: dict[str, JsonValue]) -> Spec:
    return SPEC.model_copy(update={"architecture": "server", "phase": phase, "options": options})


def _changes(phase: str, *, image: str = "", **options: JsonValue) -> dict[str, Change]:
    spec = _spec(phase, options).model_copy(update={"image": image})
    return {change.key: change for change in blueprint_for("server", phase).plan(spec).changes}


def _ancestors(changes: dict[str, Change], key: str) -> set[str]:
    """Everything that has to stand before it."""
    found: set[str] = set()
    left = [key]
    while left:
        new = set(changes[left.pop()].needs) - found
        found |= new
        left.extend(new)
    return found


@pytest.mark.parametrize("phase", ["mvp", "production", "scaling"])
def test_nobody_comes_in_by_ssh_and_the_data_is_open_to_the_servers_alone(phase: str) -> None:
    resources = blueprint_for("server", phase).resources(_spec(phase, {}))
    groups = {one.key: one.props for one in resources if isinstance(one.props, SecurityGroupProps)}

    public = {
        (key, rule.port) for key, group in groups.items() for rule in group.ingress if not rule.group_id
    }
    door = {("server-group", 80)} if phase == "mvp" else {("load-balancer-group", port) for port in (80, 443)}
    assert public == door


@pytest.mark.parametrize(("phase", "server"), [("mvp", "server"), ("production", "servers")])
def test_servers_start_beside_the_database_and_with_an_application_after_it(phase: str, server: str) -> None:
    deployed = _changes(phase, image="123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:1")

    assert "database" not in _ancestors(_changes(phase), server)
    assert {"database", "application-policy"} <= _ancestors(deployed, server)
    assert "DATABASE_HOST" in str(deployed["template"].props["application"])


def test_the_group_follows_the_load_only_where_it_has_room_to() -> None:
    assert "scaling-cpu" not in _changes("production")
    assert _changes("production", max_servers=4)["scaling-cpu"].props["cpu"] == 70
    assert _changes("scaling", cpu_target=50)["scaling-cpu"].props["cpu"] == 50


def test_a_processor_without_credits_has_no_alarm_for_them() -> None:
    assert "alarm-credits" in _changes("production")
    assert "alarm-credits" not in _changes("production", instance_type="m7g.large")


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"nat": True}, "nat"),
        ({"firewall": True}, "firewall"),
        ({"domain": "shop.example.org", "hosted_zone_id": "Z1"}, "domain"),
    ],
)
def test_what_one_server_cannot_have_is_refused_at_its_option(
    options: dict[str, JsonValue], field: str
) -> None:
    with pytest.raises(InvalidSpec) as raised:
        blueprint_for("server", "mvp").resources(_spec("mvp", options))

    assert raised.value.field == field


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with start(speed=1000) as simulator:
        yield simulator.endpoint


@pytest.mark.simulator
def test_from_one_server_to_a_group_and_on_the_data_stays_what_it_was(endpoint: str) -> None:
    one = whole(endpoint, "grows", "server", "mvp", {"postgres_version": "16"})
    one.provision()
    before = _ids(one)

    for phase, replaced in (("production", {"database-settings"}), ("scaling", set())):
        one.spec = one.spec.model_copy(
            update={"phase": phase, "options": {}}
        )  # a later PostgreSQL comes along
        plan = one.plan()
        assert {change.key for change in plan.changes if change.action is Action.REPLACE} == replaced
        one.provision(plan)
        assert one.plan().is_empty
        assert _ids(one) == before

    one.destroy()
    assert one.remains() == ()


@pytest.mark.simulator
def test_what_is_deployed_comes_on_a_new_server_at_the_same_address(endpoint: str) -> None:
    one = whole(endpoint, "deployed", "server", "mvp")
    one.provision()
    address, server = (one.journal.recorded[key].id for key in ("address", "server"))

    one.spec = one.spec.model_copy(update={"image": "public.ecr.aws/nginx/nginx:1.29"})
    one.provision()

    assert one.plan().is_empty
    assert one.journal.recorded["server"].id != server
    held = one.aws.ec2.describe_addresses(AllocationIds=[str(address)])["Addresses"][0]
    assert held["InstanceId"] == one.journal.recorded["server"].id


def _ids(one: Whole) -> dict[str, str | None]:
    return {key: one.journal.recorded[key].id for key in DATA}
