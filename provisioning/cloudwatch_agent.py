"""The CloudWatch agent beside an application: what it is told to take from it and from its server.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
"""

from __future__ import annotations

import json
from typing import Any

SPANS_PORT = 4318  # spans of OpenTelemetry over HTTP
DAEMON_PORT = 2000  # segments of the X-Ray SDK by UDP; by TCP, what share is to be traced


def configuration(*, listens_at: str, traces: bool) -> str:
    """In JSON. `listens_at`: the address at which the application reaches it."""
    settings: dict[str, Any] = {}
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
