"""Tracing: what X-Ray follows through an application, which of it, and how the application hands it over."""

from __future__ import annotations

from provisioning.blueprints.options import SampledTracingOptions
from provisioning.cloudwatch_agent import DAEMON_PORT, SPANS_PORT
from provisioning.kinds.iam_role_policy import Statement
from provisioning.kinds.xray_group import GroupProps
from provisioning.kinds.xray_sampling_rule import SamplingRuleProps
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec


def traced_as(spec: Spec) -> str:
    """What an application is called in its traces, which no other has. A rule takes 64 characters."""
    return f"{spec.slug[:55]}-{spec.stack}"


def tracing(spec: Spec, options: SampledTracingOptions) -> tuple[Resource, ...]:
    """The traces of one application apart from all others, and the share of its requests that is traced."""
    if not options.tracing:
        return ()
    # Without a reservoir: one request in a second, traced always, would be most of those of a small application.
    rule = SamplingRuleProps(rate=options.traced_percent / 100, reservoir=0, service_name=traced_as(spec))
    return (
        trace_group(traced_as(spec)),
        Resource(key="trace-sampling", title=f"Sampling rule: {options.traced_percent} % traced", props=rule),
    )


def trace_group(*names: str) -> Resource:
    """The traces in which one of these takes part."""
    wanted = " OR ".join(f'service("{name}")' for name in names)
    return Resource(key="trace-group", title="X-Ray group of the traces", props=GroupProps(filter=wanted))


def trace_outputs(*, traced: bool) -> dict[str, str]:
    """Where people find the traces."""
    return {"trace_group": ref("trace-group", "name")} if traced else {}


def sending_traces() -> Statement:
    """X-Ray knows no resources for what is sent, nor for asking what share is to be."""
    return Statement(
        actions=(
            "xray:PutTraceSegments",
            "xray:PutTelemetryRecords",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:GetSamplingStatisticSummaries",
        ),
        resources=("*",),
    )


def tracing_variables(spec: Spec, agent: str) -> dict[str, str]:
    """What AWS's distribution of OpenTelemetry reads: an application that is started by it is traced as it is. `agent`:
    where the agent listens.

    https://aws-otel.github.io/docs/getting-started/python-sdk/auto-instr
    """
    checks = spec.health_path.partition("?")[0].strip("/")
    return {
        "OTEL_SERVICE_NAME": traced_as(spec),
        "OTEL_PYTHON_DISTRO": "aws_distro",
        "OTEL_PYTHON_CONFIGURATOR": "aws_configurator",
        "OTEL_TRACES_SAMPLER": "xray",
        "OTEL_TRACES_SAMPLER_ARG": f"endpoint=http://{agent}:{DAEMON_PORT}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"http://{agent}:{SPANS_PORT}/v1/traces",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        **({"OTEL_PYTHON_EXCLUDED_URLS": f"{checks}$"} if checks else {}),
    }
