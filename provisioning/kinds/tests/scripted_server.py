"""A web server in the place of AWS that gives prepared answers, for states that no simulator of AWS gets into."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from provisioning.aws import AccountAccess, Aws
from provisioning.kinds.tests.contract import ACCOUNT, REGION
from provisioning.kinds.tests.noted import NotedConnection

Reply = tuple[int, str]


@contextmanager
def scripted_server(
    content_type: str, reply_to: Callable[[Mapping[str, str], bytes], Reply]
) -> Iterator[Aws]:
    """AWS whose every answer is what `reply_to` makes of the headers and the body of a request."""

    class Script(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            status, text = reply_to(dict(self.headers), asked)
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
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
