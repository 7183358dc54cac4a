"""A mail server of a few lines, for tests: it takes mail, or refuses an address with the code that it is told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Postman(socketserver.ThreadingTCPServer):
    """`refusals` maps an address to the code of its refusal; `taken` is who got mail."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.refusals: dict[str, int] = {}
        self.taken: list[str] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    """SMTP, as far as one mail needs it."""

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "QUIT":
                return self.say("221 bye")
            self.say(self.answer(verb, line))
        return None

    def answer(self, verb: str, line: str) -> str:
        """One reply; DATA takes the text first."""
        assert isinstance(self.server, Postman)
        if verb == "RCPT":
            self.address = line.partition("<")[2].partition(">")[0]
            code = self.server.refusals.get(self.address, 250)
            return f"{code} {self.address}"
        if verb == "DATA":
            self.say("354 go on")
            while self.rfile.readline().strip() != b".":
                pass
            self.server.taken.append(self.address)
        return "250 ok"

    def say(self, line: str) -> None:
        """One line to the other side."""
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def postman() -> Iterator[Postman]:
    """One that works until the end of the block."""
    with Postman() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
