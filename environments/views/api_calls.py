"""The same action as an API call: the curl line that a page shows."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from django.http import HttpRequest


def curl(request: HttpRequest, method: str, path: str, body: Mapping[str, object] | None = None) -> str:
    """A command to paste into a shell: `path` below /api/v1/, `body` as JSON."""
    address = request.build_absolute_uri(f"/api/v1/{path}")
    lines = [
        f"curl -X {method} {shlex.quote(address)}",
        '-H "Authorization: Bearer $ANDAMIO_TOKEN"',
    ]
    if body is not None:
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(body))}"]
    return " \\\n  ".join(lines)
