"""CloudWatch: a new alarm has no data yet."""

from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from provisioning.simulator.operations import Call, operation


@operation("cloudwatch", "PutMetricAlarm")
def put_metric_alarm(call: Call) -> object:
    """New alarms start as INSUFFICIENT_DATA; changed ones keep their state."""
    backend = cloudwatch_backends[call.account][call.region]
    name = call.text("AlarmName")
    known: Any = backend.alarms.get(name)
    state = known.state_value if known is not None else "INSUFFICIENT_DATA"
    answer = call.forward()
    alarm = backend.alarms[name]
    alarm.state_value = state
    alarm.state_reason = "Unchecked: Initial alarm creation" if known is None else alarm.state_reason
    return answer
