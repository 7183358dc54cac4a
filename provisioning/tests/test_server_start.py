"""What a server does at its start, tried here with programs that note how they are called."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from provisioning.instance_types import architecture, is_burstable
from provisioning.server_start import ServerApplication, application_in, user_data

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key"
REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

_DOCKER = """\
#!{python}
import json, os, sys
words = sys.argv[1:]
with open("{notes}", "a") as notes:
    typed = sys.stdin.read() if "login" in words else ""
    notes.write(json.dumps({{"words": words, "typed": typed, "environment": dict(os.environ)}}) + "\\n")
"""
_AWS = """\
#!{python}
import sys
words = " ".join(sys.argv[1:])
print("word" if "get-login-password" in words else "from-ssm" if " ssm " in words else '{{"password": "s 3"}}')
"""


def _start(folder: Path, application: ServerApplication) -> list[dict[str, Any]]:
    """Runs the script that systemd runs; gives the calls of docker."""
    text = base64.b64decode(user_data(application, "eu-west-1")).decode().partition("\n")[2]
    files = {one["path"]: one["content"] for one in json.loads(text)["write_files"]}
    (folder / "application.json").write_text(files["/etc/application.json"])
    script = files["/usr/local/bin/start-application"].replace(
        "/etc/application.json", f"{folder}/application.json"
    )
    for name, content in (("docker", _DOCKER), ("aws", _AWS)):
        program = folder / name
        program.write_text(content.format(python=sys.executable, notes=folder / "notes"))
        program.chmod(0o755)
        script = script.replace(f"/usr/bin/{name}", str(program))
    subprocess.run([sys.executable, "-c", script], check=True)
    return [json.loads(line) for line in (folder / "notes").read_text().splitlines()]


def test_a_server_may_answer_at_another_port_than_its_container(tmp_path: Path) -> None:
    (call,) = _start(tmp_path, ServerApplication(image="nginx:1", port=8000, public_port=80))

    assert "80:8000" in call["words"]


def test_the_container_gets_its_port_its_variables_and_its_command(tmp_path: Path) -> None:
    application = ServerApplication(
        image="nginx:1", port=8000, environment={"A": "it's $1"}, command=("serve", "--now")
    )

    (call,) = _start(tmp_path, application)

    words = " ".join(call["words"])
    assert "--publish 8000:8000" in words and words.endswith("--env A nginx:1 serve --now")
    assert call["environment"]["A"] == "it's $1"


def test_secrets_and_parameters_are_fetched_at_the_start(tmp_path: Path) -> None:
    secrets = {"PASSWORD": f"{SECRET}:password::", "WHOLE": SECRET, "KEY": PARAMETER}

    (call,) = _start(tmp_path, ServerApplication(image="nginx:1", port=80, secrets=secrets))

    found = {name: call["environment"][name] for name in secrets}
    assert found == {"PASSWORD": "s 3", "WHOLE": '{"password": "s 3"}', "KEY": "from-ssm"}
    assert "s 3" not in " ".join(call["words"])


def test_a_private_registry_is_signed_in_to_first(tmp_path: Path) -> None:
    login, run = _start(tmp_path, ServerApplication(image=f"{REPOSITORY}/shop:1", port=80))

    assert login["words"][-1] == REPOSITORY and login["typed"] == "word"
    assert run["words"][-1] == f"{REPOSITORY}/shop:1"


def test_logs_go_to_their_group(tmp_path: Path) -> None:
    (call,) = _start(tmp_path, ServerApplication(image="nginx:1", port=80, log_group="/shop"))

    assert {"awslogs-region=eu-west-1", "awslogs-group=/shop"} <= set(call["words"])


def test_the_application_is_read_back_from_the_user_data() -> None:
    application = ServerApplication(image="nginx:1", port=80, secrets={"P": SECRET}, command=("a", "b"))

    assert application_in(user_data(application, "eu-west-1")) == application


@pytest.mark.parametrize("text", ["", "#!/bin/sh\n", "#cloud-config\n{}", "#cloud-config\npackages: [x]"])
def test_what_somebody_else_wrote_starts_nothing_of_ours(text: str) -> None:
    assert application_in(base64.b64encode(text.encode()).decode()) is None


def test_what_is_no_user_data_starts_nothing() -> None:
    assert application_in("not base64!") is None


@pytest.mark.parametrize(
    ("instance_type", "processors", "burstable"),
    [
        ("t3.micro", "x86_64", True),
        ("t4g.micro", "arm64", True),
        ("m7i.large", "x86_64", False),
        ("c7gn.large", "arm64", False),
        ("a1.large", "arm64", False),
        ("g5.xlarge", "x86_64", False),
        ("g5g.xlarge", "arm64", False),
    ],
)
def test_the_name_of_a_type_says_what_it_has(instance_type: str, processors: str, burstable: bool) -> None:
    assert (architecture(instance_type), is_burstable(instance_type)) == (processors, burstable)
