"""A portal that `make up` keeps running, as other programs on the machine find it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from portal.launcher.home import Home
from portal.launcher.options import child_environment, read_options


def environment_of_running(environment: Mapping[str, str]) -> dict[str, str]:
    """What `manage.py` needs to work on the portal that runs on DATA_DIR; empty where none runs there."""
    options = read_options(environment)
    state = _announced(options.data / "up.json")
    if not state:
        return {}
    addresses = {name: state[name] for name in ("database_url", "redis_url", "aws_endpoint")}
    return {
        "SECRET_KEY": Home(path=options.data).secret_key(),
        **child_environment(options, **addresses),
    }


def _announced(path: Path) -> dict[str, str]:
    try:
        state: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return state
