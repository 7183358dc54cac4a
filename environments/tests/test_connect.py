"""What there is to copy is filled with the real names, is what it says it is, and works."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import jwt
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.models import User
from django.test import Client

from environments.choices import Scope
from environments.connect import FRAMEWORKS, Snippet, snippets
from environments.models import Environment, Request
from environments.services.tokens import create_token
from environments.tests.conftest import acting
from provisioning.kinds.tests.cloud import running_cloud

pytestmark = pytest.mark.django_db
PORTAL = "https://portal.example.org"


@pytest.fixture
def environment(approved: Request) -> Environment:
    """An environment as it is when it is ready."""
    environment = approved.environment
    environment.outputs = {
        "url": "http://lb.example.org",
        "repository": "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop",
        "database_address": "db.example.org",
        "database_secret_arn": "rds-secret",
        "cache_address": "cache.example.org",
        "bucket": "shop-files",
        "log_group": "/andamio/shop-prod-sabcdefg",
        "parameters": "/shop/prod/",
    }
    environment.save()
    return environment


class KeyServer:
    """Serves the key of a load balancer, as AWS does at its address of public keys."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(public)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def sign(self, said: dict[str, str], *, signer: str) -> str:
        """What a load balancer tells the application of who has signed in."""
        return jwt.encode(said, self._key, algorithm="ES256", headers={"kid": "one", "signer": signer})


@pytest.fixture
def keys() -> Iterator[KeyServer]:
    keys = KeyServer()
    yield keys
    keys.server.shutdown()
    keys.server.server_close()


def by_file(environment: Environment, framework: str) -> dict[str, Snippet]:
    return {one.file: one for one in snippets(environment, framework, PORTAL)}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_python_is_python_and_yaml_is_yaml_and_no_hole_is_left(
    environment: Environment, framework: str
) -> None:
    found = by_file(environment, framework)

    for file, one in found.items():
        assert "{%" not in one.text and "&quot;" not in one.text and "&#x27;" not in one.text, file
        if file.endswith(".py"):
            ast.parse(one.text, file)
        elif file.endswith((".yml", ".yaml")):
            assert yaml.safe_load(one.text)
    for name in ("database_secret_arn", "bucket", "log_group", "repository"):
        assert any(environment.outputs[name] in one.text for one in found.values()), name


def test_scripts_are_what_a_shell_takes(environment: Environment) -> None:
    script = by_file(environment, "flask")["preview.sh"].text

    subprocess.run(["sh", "-n"], input=script, text=True, check=True)
    assert f"api={PORTAL}/api/v1" in script
    assert (
        "${{ secrets.ANDAMIO_TOKEN }}" in by_file(environment, "flask")[".github/workflows/preview.yml"].text
    )


def test_without_a_cache_nothing_speaks_of_one(environment: Environment) -> None:
    del environment.outputs["cache_address"]

    assert not [
        one.file
        for name in FRAMEWORKS
        for one in by_file(environment, name).values()
        if "redis" in one.text.lower()
    ]


def test_the_configuration_of_flask_finds_everything_in_aws(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_cloud() as url:
        monkeypatch.setitem(os.environ, "AWS_ENDPOINT_URL", url)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setitem(os.environ, name, "simulated")
        _fill(url)
        made: dict[str, Any] = {}
        exec(by_file(environment, "flask")["config.py"].text, made)

        class Application:
            config: dict[str, Any] = {}

        made["configure"](Application)

    assert Application.config["SECRET_KEY"] == "signs"
    assert Application.config["BUCKET"] == "shop-files"
    assert Application.config["SQLALCHEMY_DATABASE_URI"] == (
        "postgresql://app:p%40ss%2Fword@db.example.org:5432/app?sslmode=require"
    )


SIGN_IN = {
    "user_pool_id": "us-east-1_aB12cD34e",
    "user_pool_client_id": "client",
    "token_issuer": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_aB12cD34e",
}


@pytest.mark.parametrize("more", [{"load_balancer_arn": "arn"}, {"function": "shop"}, {}])
def test_who_has_signed_in_is_told_by_what_stands_before_the_application(
    environment: Environment, more: dict[str, str]
) -> None:
    assert "sign_in.py" not in by_file(environment, "flask")
    environment.outputs |= {**SIGN_IN, **more}

    found = by_file(environment, "flask")

    ast.parse(found["sign_in.py"].text)
    assert SIGN_IN["user_pool_id"] in found["people.sh"].text
    subprocess.run(["sh", "-n"], input=found["people.sh"].text, text=True, check=True)


def test_only_what_this_load_balancer_signed_says_who_somebody_is(
    environment: Environment, keys: KeyServer
) -> None:
    environment.outputs |= {**SIGN_IN, "load_balancer_arn": "arn:ours"}
    made: dict[str, Any] = {}
    exec(by_file(environment, "flask")["sign_in.py"].text, made)
    made["KEYS"] = keys.url

    signed = keys.sign({"sub": "1", "email": "ada@example.org"}, signer="arn:ours")
    assert made["person"]({"x-amzn-oidc-data": signed})["email"] == "ada@example.org"
    forged = keys.sign({"sub": "1"}, signer="arn:theirs")
    for told in (forged, signed[:-6] + "AAAAAA", "", "nonsense"):
        with pytest.raises(PermissionError):
            made["person"]({"x-amzn-oidc-data": told})


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"repository": "repository"}, "opentelemetry-instrument"),
        ({"function": "shop"}, "patch_all"),
        ({"beanstalk_environment": "shop"}, "aws_xray_sdk"),
    ],
)
def test_traces_are_handed_to_what_takes_them_beside_the_application(
    environment: Environment, framework: str, more: dict[str, str], word: str
) -> None:
    del environment.outputs["repository"]
    environment.outputs |= {"trace_group": "shop", **more}
    (found,) = (one for one in snippets(environment, framework, PORTAL) if one.title == "Traces to X-Ray")

    assert word in found.text
    if found.file.endswith(".py"):
        ast.parse(found.text, found.file)


def _fill(url: str) -> None:
    session = boto3.Session(region_name="us-east-1")
    parameters = session.client("ssm", endpoint_url=url)
    values = {
        "secret-key": "signs",
        "bucket": "shop-files",
        "redis-url": "rediss://cache.example.org:6379/0",
        "database-url": "postgresql://app@db.example.org:5432/app?sslmode=require",
    }
    for name, value in values.items():
        parameters.put_parameter(Name=f"/shop/prod/{name}", Value=value, Type="SecureString")
    session.client("secretsmanager", endpoint_url=url).create_secret(
        Name="rds-secret", SecretString='{"username": "app", "password": "p@ss/word"}'
    )


def test_the_page_shows_the_framework_that_was_asked_for(
    environment: Environment, client: Client, alice: User
) -> None:
    client.force_login(alice)

    page = client.get(f"{environment.get_absolute_url()}connect/?framework=django").content.decode()
    other = client.get(f"{environment.get_absolute_url()}connect/?framework=cobol").content.decode()

    assert "settings_aws.py" in page
    assert "config.py" in other and "settings_aws.py" not in other


def test_on_elastic_beanstalk_there_is_what_it_starts_and_no_word_of_images(environment: Environment) -> None:
    del environment.outputs["repository"]
    environment.outputs["beanstalk_environment"] = "shop-staging-web"

    for framework in FRAMEWORKS:
        found = by_file(environment, framework)
        assert found["Procfile"].text.startswith("web: gunicorn --bind :8000 ")
        assert "docker-compose.aws.yml" not in found
        assert "DATABASE_HOST" not in found[".env"].text
        assert not [
            one.file for one in found.values() if "image" in one.text and one.file != ".gitlab-ci.yml"
        ]


def test_before_it_is_ready_there_is_nothing_to_copy_and_the_page_says_when(
    approved: Request, client: Client, alice: User
) -> None:
    client.force_login(alice)

    page = client.get(f"{approved.environment.get_absolute_url()}connect/").content.decode()

    assert "as soon as the environment is ready" in page
    assert "config.py" not in page


def test_the_files_by_api_are_those_of_the_page(
    environment: Environment, client: Client, alice: User
) -> None:
    _, token = create_token(user=alice, name="test", scopes=[Scope.READ], by=acting(alice))
    headers = {"Authorization": f"Bearer {token}"}
    address = f"/api/v1/environments/{environment.slug}/connect"

    files = client.get(f"{address}?framework=django", headers=headers).json()
    refused = client.get(f"{address}?framework=cobol", headers=headers)

    assert files == [
        {"file": one.file, "title": one.title, "text": one.text}
        for one in snippets(environment, "django", "http://testserver/")
    ]
    assert (refused.status_code, refused.json()["field"]) == (422, "framework")
    assert "flask, django, fastapi" in refused.json()["hint"]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_functions_are_told_what_lambda_calls(environment: Environment, framework: str) -> None:
    del environment.outputs["repository"]
    environment.outputs |= {"function": "shop"}
    tree = ast.parse(by_file(environment, framework)["app.py"].text)
    assert "handler" in {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    environment.outputs |= {"worker": "shop-worker"}

    tree = ast.parse(by_file(environment, framework)["app.py"].text)
    assert [node.name for node in tree.body if isinstance(node, ast.FunctionDef)] == ["worker"]


def test_a_worker_beside_tasks_is_told_what_lambda_calls(environment: Environment) -> None:
    assert "app.py" not in by_file(environment, "flask")
    environment.outputs |= {
        "worker": "shop-worker",
        "queue_url": "https://sqs.us-east-1.amazonaws.com/1/jobs",
    }

    tree = ast.parse(by_file(environment, "flask")["app.py"].text)

    assert [node.name for node in tree.body if isinstance(node, ast.FunctionDef)] == ["worker"]
