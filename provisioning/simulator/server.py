"""The HTTP server: cheroot, with threads and kept-alive connections, and a way to lose a reply."""

import contextlib
import socket
from typing import Any

from cheroot import wsgi

from provisioning.simulator.application import Application, ConnectionCut

# More than the client threads of any test, so that none waits while others sleep out a latency.
THREADS = 64


class _Gateway(wsgi.Gateway_10):
    def respond(self) -> None:
        """Serve a request; when its reply is to be lost, cut the connection as a broken network would."""
        try:
            super().respond()
        except ConnectionCut:
            self.req.close_connection = True
            self.req.sent_headers = True
            with contextlib.suppress(OSError):
                self.req.conn.socket.shutdown(socket.SHUT_RDWR)


class _Server(wsgi.Server):
    @classmethod
    def prepare_socket(cls, *settings: Any, **options: Any) -> socket.socket:
        """Let the same port be taken again right after a crash, also where it was a free one at first."""
        prepared: socket.socket = super().prepare_socket(*settings, **options)
        prepared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return prepared


def make_server(application: Application, *, host: str, port: int) -> Any:
    """A bound server (cheroot's `prepare` done): `serve()` runs it until another thread calls `stop()`."""
    server = _Server((host, port), application, numthreads=THREADS, request_queue_size=256, timeout=60)
    server.gateway = _Gateway
    server.keep_alive_conn_limit = 1024
    server.nodelay = True
    server.shutdown_timeout = 0
    server.prepare()
    return server
