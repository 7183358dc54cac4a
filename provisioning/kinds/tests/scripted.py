"""A server that gives prepared EC2 answers over the wire, for what no simulator of AWS does."""

from __future__ import annotations

import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.kinds.tests.contract import ACCOUNT, REGION

NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"


def refusal(code: str, message: str) -> tuple[int, str]:
    """An error as EC2 writes it."""
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return 400, f"<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>"


def answer(operation: str, body: str) -> tuple[int, str]:
    """A success as EC2 writes it."""
    return (
        200,
        f'<{operation}Response xmlns="{NAMESPACE}"><requestId>1</requestId>{body}</{operation}Response>',
    )


def _nothing(operation: str, sent: Mapping[str, str]) -> None:
    return None


@contextmanager
def scripted_ec2(
    answers: Mapping[str, tuple[int, str]],
    follows: Callable[[str, Mapping[str, str]], tuple[int, str] | None] = _nothing,
) -> Iterator[Aws]:
    """AWS whose EC2 gives one prepared answer per operation ("DescribeNatGateways").

    `follows` may give another one that depends on the parameters as sent ("ClientToken").
    """

    class Script(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = dict(urllib.parse.parse_qsl(asked))
            status, text = follows(sent["Action"], sent) or answers[sent["Action"]]
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
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
        yield Aws(connection=Connection(access, REGION))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
