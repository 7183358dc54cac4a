"""Image: what runs in a container until something is deployed."""

from __future__ import annotations

from provisioning.spec import Spec

PLACEHOLDER_IMAGE = "public.ecr.aws/docker/library/python:3.13-alpine"
# Answers 200 to everything, so that health checks pass until the first deployment.
_PLACEHOLDER = (
    "import http.server as h\n"
    "class Ok(h.BaseHTTPRequestHandler):\n"
    "    def do_GET(self): self.send_response(200); self.end_headers(); self.wfile.write(b'Nothing deployed yet')\n"
    "h.HTTPServer(('', {port}), Ok).serve_forever()"
)


def image_of(spec: Spec) -> str:
    """What was deployed, or the placeholder."""
    return spec.image or PLACEHOLDER_IMAGE


def command_of(spec: Spec) -> tuple[str, ...]:
    """The command of the placeholder; none for what was deployed, which has its own."""
    return () if spec.image else ("python", "-c", _PLACEHOLDER.replace("{port}", str(spec.port)))
