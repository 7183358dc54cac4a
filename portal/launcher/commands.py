"""The programs of the portal: what is started, by name."""

import sys
from collections.abc import Mapping, Sequence

from portal.launcher.options import BASE_DIR, Options

Commands = Mapping[str, Sequence[str]]

_MANAGE = (sys.executable, str(BASE_DIR / "manage.py"))


def commands(options: Options, *, simulator_port: int) -> Commands:
    """The command line of each part; `worker` is started as often as asked, `migrate` and `seed` end."""
    return {
        "simulator": (
            *(sys.executable, "-m", "provisioning.simulator"),
            *("--host", "127.0.0.1", "--port", str(simulator_port)),
            *("--data", str(options.data / "simulator"), "--speed", f"{options.speed:g}"),
        ),
        "migrate": (*_MANAGE, "migrate", "--no-input", "--verbosity", "0"),
        "seed": (*_MANAGE, "seed_demo"),
        "worker": (*_MANAGE, "worker"),
        "scheduler": (*_MANAGE, "scheduler"),
        "web": _web(options),
    }


def _web(options: Options) -> Sequence[str]:
    """One process with threads: pages wait for the database, not for the processor."""
    host = f"[{options.host}]" if ":" in options.host else options.host
    return (
        *(sys.executable, "-m", "gunicorn", "portal.wsgi:application"),
        *("--bind", f"{host}:{options.port}", "--workers", "1", "--threads", "8"),
        *("--log-level", "warning", "--no-control-socket"),
    )
