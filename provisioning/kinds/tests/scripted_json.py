"""Prepared answers of services that speak AWS's JSON protocol, for states that no simulator of AWS gets into."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from provisioning.aws import AccountAccess, Aws
from provisioning.kinds.tests.contract import ACCOUNT, REGION
from provisioning.kinds.tests.noted import NotedConnection


@contextmanager
def scripted_json(answers: Mapping[str, Any]) -> Iterator[Aws]:
    """AWS that gives one prepared answer per operation ("DescribeServices"); one with "__type" is an error."""

    class Script(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer = answers[self.headers["X-Amz-Target"].rpartition(".")[2]]
            body = json.dumps(answer).encode()
            self.send_response(400 if "__type" in answer else 200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent: the test says what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        access = AccountAccess(account=ACCOUNT, endpoint_url=f"http://127.0.0.1:{server.server_port}")
        yield Aws(connection=NotedConnection(access, REGION))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
