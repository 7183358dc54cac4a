"""Tracing: what is followed of each architecture, by whom, and that nothing of it is there where nobody asked."""

from __future__ import annotations

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import blueprint_for
from provisioning.kinds.ec2_launch_template import LaunchTemplateProps
from provisioning.kinds.ecs_task_definition import TaskDefinitionProps
from provisioning.kinds.elasticbeanstalk_environment import BeanstalkEnvironmentProps
from provisioning.kinds.iam_role_policy import RolePolicyProps
from provisioning.kinds.lambda_function import FunctionProps
from provisioning.kinds.xray_group import GroupProps
from provisioning.kinds.xray_sampling_rule import SamplingRuleProps
from provisioning.references import JsonValue
from provisioning.resource import Resource
from provisioning.spec import Spec
from provisioning.tests.cloud import SPEC

NAME = f"{SPEC.slug}-{SPEC.stack}"


def _wanted(architecture: str, spec: Spec = SPEC, **options: JsonValue) -> dict[str, Resource]:
    spec = spec.model_copy(update={"architecture": architecture, "phase": "production", "options": options})
    return {one.key: one for one in blueprint_for(architecture, "production").resources(spec)}


def _variables(wanted: dict[str, Resource]) -> dict[str, str]:
    """What the application finds in its environment."""
    for one in wanted.values():
        if isinstance(one.props, LaunchTemplateProps):
            return one.props.application.environment
        if isinstance(one.props, TaskDefinitionProps | BeanstalkEnvironmentProps):
            return one.props.environment
    raise LookupError("Nothing here runs an application.")


@pytest.mark.parametrize("architecture", ["simple", "containers", "server"])
def test_the_rule_and_the_group_are_about_what_the_application_calls_itself(architecture: str) -> None:
    wanted = _wanted(architecture, tracing=True, traced_percent=20)
    rule, group, variables = wanted["trace-sampling"].props, wanted["trace-group"].props, _variables(wanted)

    assert isinstance(rule, SamplingRuleProps) and isinstance(group, GroupProps)
    assert variables.get("OTEL_SERVICE_NAME", variables.get("AWS_XRAY_TRACING_NAME")) == NAME
    assert (rule.service_name, rule.rate, rule.reservoir) == (NAME, 0.2, 0)
    assert group.filter == f'service("{NAME}")'


def test_long_names_are_told_apart_and_fit_into_a_rule() -> None:
    spec = SPEC.model_copy(update={"application": "a" * 60, "environment": "b" * 60})

    rule = _wanted("containers", spec, tracing=True)["trace-sampling"].props

    assert isinstance(rule, SamplingRuleProps) and rule.service_name.endswith(spec.stack)


def test_each_function_is_in_the_group_and_lambda_is_asked_to_trace_it() -> None:
    wanted = _wanted("serverless", tracing=True, worker=True)
    functions = [one.props for one in wanted.values() if isinstance(one.props, FunctionProps)]
    group = wanted["trace-group"].props

    assert [one.tracing for one in functions] == ["Active", "Active"]
    assert isinstance(group, GroupProps)
    assert group.filter == 'service("${function.name}") OR service("${worker.name}")'
    assert "trace-sampling" not in wanted


def test_health_checks_are_not_traced() -> None:
    checked = _variables(_wanted("containers", tracing=True))["OTEL_PYTHON_EXCLUDED_URLS"]
    root = SPEC.model_copy(update={"health_path": "/"})

    assert checked == "health$"
    assert "OTEL_PYTHON_EXCLUDED_URLS" not in _variables(_wanted("containers", root, tracing=True))


@pytest.mark.parametrize("architecture", ["simple", "containers", "serverless", "server"])
def test_without_tracing_nothing_speaks_of_it_and_nobody_may_send_traces(architecture: str) -> None:
    wanted = _wanted(architecture)
    policies = [one.props for one in wanted.values() if isinstance(one.props, RolePolicyProps)]

    assert {"trace-group", "trace-sampling"} & wanted.keys() == set()
    assert "xray:" not in str(policies)
