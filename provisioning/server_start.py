"""What a server does when it starts for the first time: it runs the application's container under systemd.

The user data is a cloud-init configuration in JSON. It holds the application as it was asked for, so that it can be
read back, and no secret: the server fetches those with its role each time the application starts.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from pydantic import Field, ValidationError

from provisioning.cloudwatch_agent import Whose, configuration
from provisioning.kind import Props

LIMIT = 16_384  # bytes of user data that EC2 takes (EC2 User Guide, "instance user data")
_HEAD = "#cloud-config\n"
_SETTINGS = "/etc/application.json"

_AGENT_SETTINGS = "/etc/cloudwatch-agent.json"
_AGENT_START = [
    "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl",
    *("-a", "fetch-config", "-m", "ec2", "-c", f"file:{_AGENT_SETTINGS}", "-s"),
]
AGENT_ON_SERVER = "agent"  # the name at which the container reaches the agent of its server

_START = '''\
#!/usr/bin/python3
"""Starts the container of the application; systemd calls this and starts it again when it ends."""
import json, os, socket, subprocess

with open("/etc/application.json") as opened:
    settings = json.load(opened)


def ask(*words):
    command = ["/usr/bin/aws", "--region", settings["region"], "--output", "text", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.rstrip("\\n")


def secret(source):
    parts = source.split(":")
    if parts[2] == "ssm":
        name = ("ssm", "get-parameter", "--with-decryption", "--name", source)
        return ask(*name, "--query", "Parameter.Value")
    whole = ask("secretsmanager", "get-secret-value", "--secret-id", ":".join(parts[:7]), "--query", "SecretString")
    return str(json.loads(whole)[parts[7]]) if parts[7:] and parts[7] else whole


values = {**settings["environment"], **{name: secret(source) for name, source in settings["secrets"].items()}}
port, image = settings["port"], settings["image"]
if ".dkr.ecr." in image:
    word = ask("ecr", "get-login-password")
    login = ["/usr/bin/docker", "login", "--username", "AWS", "--password-stdin", image.partition("/")[0]]
    subprocess.run(login, input=word, check=True, text=True)
command = ["/usr/bin/docker", "run", "--rm", "--pull", "always", "--name", "application"]
command += ["--publish", f"{settings['public_port'] or port}:{port}"]
if settings["log_group"]:
    logs = {"region": settings["region"], "group": settings["log_group"], "stream": socket.gethostname()}
    command += ["--log-driver", "awslogs"]
    command += [word for name, value in logs.items() for word in ("--log-opt", f"awslogs-{name}={value}")]
if settings["traces"]:
    command += ["--add-host", "agent:host-gateway"]
command += [word for name in values for word in ("--env", name)]
os.execve("/usr/bin/docker", [*command, image, *settings["command"]], {**os.environ, **values})
'''

_UNIT = """\
[Unit]
Description=The application
Wants=network-online.target
After=network-online.target docker.service
Requires=docker.service

[Service]
ExecStartPre=-/usr/bin/docker rm --force application
ExecStart=/usr/local/bin/start-application
ExecStop=/usr/bin/docker stop application
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
"""


class ServerApplication(Props):
    """The container that a server runs, which listens at `port`; the server answers at `public_port`, 0: at the same.
    `secrets`: variable -> ARN of a secret or parameter, as
    ECS takes them; `command` empty runs the image's own. `traces`: the CloudWatch agent runs beside it and takes its
    traces at the name AGENT_ON_SERVER. `metrics_by`: it tells memory and disk of the server by this dimension."""

    image: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    public_port: int = Field(default=0, ge=0, le=65535)
    command: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    secrets: dict[str, str] = {}
    log_group: str = ""
    traces: bool = False
    metrics_by: Whose = ""


def start_text(application: ServerApplication, region: str) -> str:
    """What cloud-init of a server in `region` is to read."""
    return _HEAD + json.dumps(_configuration(application, region), separators=(",", ":"))


def user_data(application: ServerApplication, region: str) -> str:
    """What EC2 is to hand to a server in `region`, encoded as EC2 wants it."""
    return base64.b64encode(start_text(application, region).encode()).decode()


def application_in(encoded: str) -> ServerApplication | None:
    """The application that this user data starts; None when it does anything else."""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
        files = {one["path"]: one["content"] for one in json.loads(text.removeprefix(_HEAD))["write_files"]}
        settings = json.loads(files[_SETTINGS])
        region = settings.pop("region")
        application = ServerApplication.model_validate(settings)
    except (binascii.Error, UnicodeDecodeError, ValueError, KeyError, TypeError, ValidationError):
        return None
    return application if user_data(application, region) == encoded else None


def size(application: ServerApplication, region: str) -> int:
    """Bytes of its user data before they are encoded, which is what EC2 counts."""
    return len(base64.b64decode(user_data(application, region)))


def _configuration(application: ServerApplication, region: str) -> dict[str, Any]:
    settings = json.dumps({**application.dump(), "region": region}, sort_keys=True)
    # At every address of the server: the container asks at that of Docker's bridge. Its group lets nobody else in.
    agent = configuration(
        listens_at="0.0.0.0",  # noqa: S104
        traces=application.traces,
        metrics_by=application.metrics_by,
    )
    watched = application.traces or application.metrics_by
    return {
        "packages": ["docker", *(["amazon-cloudwatch-agent"] if watched else [])],
        "write_files": [
            {"path": _SETTINGS, "permissions": "0600", "content": settings},
            {"path": "/usr/local/bin/start-application", "permissions": "0755", "content": _START},
            {"path": "/etc/systemd/system/application.service", "content": _UNIT},
            *([{"path": _AGENT_SETTINGS, "content": agent}] if watched else []),
        ],
        "runcmd": [
            ["systemctl", "daemon-reload"],
            ["systemctl", "enable", "--now", "docker"],
            *([_AGENT_START] if watched else []),
            ["systemctl", "enable", "--now", "application"],
        ],
    }
