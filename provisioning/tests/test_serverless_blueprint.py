"""The serverless architecture: who reaches what, what is refused, and what stays from phase to phase."""

from __future__ import annotations

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import blueprint_for
from provisioning.errors import InvalidSpec
from provisioning.kinds.ec2_security_group import SecurityGroupProps
from provisioning.kinds.lambda_function import FunctionProps
from provisioning.kinds.lambda_permission import PermissionProps
from provisioning.kinds.sqs_queue import QueueProps
from provisioning.plan import Action
from provisioning.references import JsonValue, ref
from provisioning.resource import Resource
from provisioning.simulator.launch import start
from provisioning.tests.cloud import SPEC
from provisioning.tests.whole import whole


def _wanted(phase: str, **options: JsonValue) -> dict[str, Resource]:
    spec = SPEC.model_copy(update={"architecture": "serverless", "phase": phase, "options": options})
    return {one.key: one for one in blueprint_for("serverless", phase).resources(spec)}


def _let_in(wanted: dict[str, Resource], key: str) -> set[str]:
    props = wanted[key].props
    assert isinstance(props, SecurityGroupProps)
    return {rule.group_id or rule.cidr for rule in props.ingress}


def test_only_functions_reach_the_database_and_with_a_proxy_only_that() -> None:
    plain, proxied = _wanted("production"), _wanted("production", proxy=True)

    assert _let_in(plain, "function-group") == set()
    assert _let_in(plain, "database-group") == {ref("function-group")}
    assert _let_in(proxied, "proxy-group") == {ref("function-group")}
    assert _let_in(proxied, "database-group") == {ref("proxy-group")}


def test_the_api_calls_the_alias_and_is_alone_allowed_to() -> None:
    permission = _wanted("mvp")["api-permission"].props

    assert isinstance(permission, PermissionProps)
    assert permission.qualifier == ref("live", "name")
    assert permission.source_arn == "${api.execution_arn}/*/*"


def test_a_job_is_hidden_for_six_times_as_long_as_it_may_take() -> None:
    wanted = _wanted("scaling", worker_timeout=300)
    queue, worker = wanted["jobs"].props, wanted["worker"].props

    assert isinstance(queue, QueueProps) and isinstance(worker, FunctionProps)
    assert queue.visibility_timeout == 6 * worker.timeout == 1800


@pytest.mark.parametrize(
    ("phase", "options", "field"),
    [("mvp", {"proxy": True}, "proxy"), ("production", {"min_acu": "4", "max_acu": 2}, "max_acu")],
)
def test_what_does_not_go_together_is_refused_at_its_option(
    phase: str, options: dict[str, JsonValue], field: str
) -> None:
    with pytest.raises(InvalidSpec) as refused:
        _wanted(phase, **options)

    assert refused.value.field == field


@pytest.mark.simulator
def test_a_first_version_grows_into_production_and_scaling_and_keeps_its_data_and_its_address() -> None:
    with start(speed=1000, durations={"lambda.interfaces": 300}) as simulator:
        one = whole(simulator.endpoint, "grows", "serverless", "mvp")
        one.provision()
        before = dict(one.journal.recorded)
        for phase in ("production", "scaling"):
            one.spec = one.spec.model_copy(update={"phase": phase})
            change = one.plan()
            assert {each.action for each in change.changes} <= {Action.NOOP, Action.UPDATE, Action.CREATE}
            one.provision(change)

        after = one.journal.recorded
        for kept in ("database", "database-writer", "files", "api", "function", "parameter-secret-key"):
            assert after[kept].id == before[kept].id
