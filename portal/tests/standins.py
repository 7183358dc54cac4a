"""Stand-ins for the parts that a test of the launcher does not need, and the launcher with them.

`python -m portal.tests.standins up` runs the launcher; PostgreSQL, Redis, migrations and web are the real ones.
"""

import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from portal.launcher.commands import Commands
from portal.launcher.home import Home
from portal.launcher.options import Options
from portal.up import main


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/simulator/health" else 404)
        self.end_headers()


def _simulator(port: str) -> None:
    HTTPServer(("127.0.0.1", int(port)), _Healthy).serve_forever()


def _idle() -> None:
    threading.Event().wait()


def _standin(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "portal.tests.standins", *arguments)


def _table(options: Options) -> Commands:
    options.data.mkdir(parents=True, exist_ok=True)
    port = Home(path=options.data).port("simulator")
    return {
        "simulator": _standin("simulator", str(port)),
        "worker": _standin("idle"),
        "scheduler": _standin("idle"),
        "seed": _standin("nothing"),
    }


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "up":
        sys.exit(main(_table))
    if what == "simulator":
        _simulator(*rest)
    if what == "idle":
        _idle()
