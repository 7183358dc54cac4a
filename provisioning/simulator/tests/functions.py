"""Lambda functions for tests: a role, a package, a function that is ready."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from provisioning.simulator.tests.clients import until


def package(text: str = "def handler(event, context): return 1\n") -> bytes:
    """A deployment package with one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py"), text)
    return packed.getvalue()


def make_role(aws: Callable[[str], Any], name: str = "runs-functions", service: str = "lambda") -> str:
    """The ARN of a role that a service may take on."""
    principal = {"Service": f"{service}.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)
    return str(made["Role"]["Arn"])


def wanted(role: str, **changes: Any) -> dict[str, Any]:
    """Parameters of a function."""
    return {
        "FunctionName": "web",
        "Runtime": "python3.13",
        "Role": role,
        "Handler": "app.handler",
        "Code": {"ZipFile": package()},
        **changes,
    }


def ready(client: Any) -> None:
    """Wait until the function can be called and changed."""

    def look() -> tuple[str, str]:
        told = client.get_function(FunctionName="web")["Configuration"]
        return told["State"], told.get("LastUpdateStatus", "")

    until(look, ("Active", "Successful"))
