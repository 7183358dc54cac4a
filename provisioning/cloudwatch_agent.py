"""The CloudWatch agent beside an application: what it is told to take from it and from its server.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
"""

from __future__ import annotations

import json
from typing import Any, Literal

SPANS_PORT = 4318  # spans of OpenTelemetry over HTTP
DAEMON_PORT = 2000  # segments of the X-Ray SDK by UDP; by TCP, what share is to be traced


Whose = Literal["", "AutoScalingGroupName", "InstanceId"]  # dimensions of metrics; empty for none
NAMESPACE = "CWAgent"
MEMORY, DISK = "mem_used_percent", "disk_used_percent"
DISK_DIMENSIONS = {"path": "/", "fstype": "xfs"}  # the root of Amazon Linux 2023


def configuration(*, listens_at: str = "127.0.0.1", traces: bool = False, metrics_by: Whose = "") -> str:
    """In JSON. `listens_at`: the address at which the application reaches it. `metrics_by`: what memory and disk of its
    server are counted for; servers of a group tell theirs as the same two metrics."""
    settings: dict[str, Any] = {}
    if metrics_by:
        settings["metrics"] = {
            "namespace": NAMESPACE,
            # With these the name of the machine is none, which would make metrics of its own of every server.
            "append_dimensions": {metrics_by: f"${{aws:{metrics_by}}}"},
            "metrics_collected": {
                "mem": {"measurement": [MEMORY]},
                "disk": {"measurement": ["used_percent"], "resources": ["/"], "drop_device": True},
            },
        }
    if traces:
        daemon = f"{listens_at}:{DAEMON_PORT}"
        settings["traces"] = {
            "traces_collected": {
                "xray": {"bind_address": daemon, "tcp_proxy": {"bind_address": daemon}},
                "otlp": {
                    "http_endpoint": f"{listens_at}:{SPANS_PORT}",
                    "grpc_endpoint": f"{listens_at}:4317",
                },
            }
        }
    return json.dumps(settings, sort_keys=True)
