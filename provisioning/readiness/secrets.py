"""Secrets, of part 4: where passwords and keys are kept, and where they are not."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from provisioning.readiness import reads
from provisioning.readiness.answer import Answer, met, not_needed, unmet
from provisioning.readiness.item import Fix, Item, Part, Scene, listing, modify_database

_SECRET = re.compile(r"secret|password|token|key", re.IGNORECASE)
_KEY_NAMES = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})
_KEY_ID = re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b")
_VARIABLES = "aws:elasticbeanstalk:application:environment"


def judge_password(database: Any, secret: Any) -> Answer:
    """`secret`: that of the environment, where RDS keeps none."""
    if database is None:
        return not_needed("It has no database.")
    managed = database.get("MasterUserSecret")
    if managed:
        status = managed.get("SecretStatus", "active")
        words = f"RDS keeps the password in Secrets Manager and rotates it: {status}."
        return met(words) if status in ("active", "rotating", "creating") else unmet(words)
    if secret is not None:
        name = secret["Name"]
        return met(f"The password is in Secrets Manager: {name}.")
    return unmet("The password is not in Secrets Manager.")


def judge_parameters(parameters: list[Any]) -> Answer:
    """Those of Parameter Store."""
    if not parameters:
        return unmet("Nothing is in Parameter Store.")
    plain = [one["Name"] for one in parameters if _is_plain_secret(one)]
    if plain:
        names = listing(plain)
        return unmet(f"Not encrypted: {names}.")
    secure = listing(one["Name"] for one in parameters if one["Type"] == "SecureString")
    return met(f"Encrypted with KMS: {secure}.")


def _is_plain_secret(parameter: Any) -> bool:
    last = parameter["Name"].rpartition("/")[2]
    return parameter["Type"] != "SecureString" and bool(_SECRET.search(last))


def judge_keys(variables: Mapping[str, str]) -> Answer:
    """Variable -> value, of everything that runs the application. No value leaves this function."""
    held = [name for name, value in variables.items() if name in _KEY_NAMES or _KEY_ID.search(value)]
    if held:
        names = listing(held)
        return unmet(f"Keys of AWS stand in: {names}.")
    return met("No variable holds keys of AWS.")


def _password(scene: Scene) -> Answer:
    one = scene.one_of("secretsmanager.secret")
    secret = reads.got(one, scene.of(one).secretsmanager.describe_secret, SecretId=one.id) if one else None
    return judge_password(reads.database(scene), secret)


def _parameters(scene: Scene) -> Answer:
    names = [one.name for one in scene.all_of("ssm.parameter")]
    if not names:
        return judge_parameters([])
    wanted: Any = [{"Key": "Name", "Option": "Equals", "Values": names}]
    ssm = scene.aws.ssm
    return judge_parameters(scene.aws.listed(ssm.describe_parameters, "Parameters", ParameterFilters=wanted))


def _keys(scene: Scene) -> Answer:
    variables = {
        name: value for (space, name), value in reads.beanstalk_settings(scene).items() if space == _VARIABLES
    }
    for function in reads.functions(scene):
        variables |= function.get("Environment", {}).get("Variables", {})
    task = reads.task_definition(scene)
    for container in task["containerDefinitions"] if task else ():
        variables |= {one["name"]: one["value"] for one in container.get("environment", ())}
    template = scene.one_of("ec2.launch_template")
    if template is not None:
        call = scene.of(template).ec2.describe_launch_template_versions
        told = reads.got(template, call, LaunchTemplateId=template.id, Versions=["$Latest"])
        data = told["LaunchTemplateVersions"][0]["LaunchTemplateData"].get("UserData", "")
        variables["UserData"] = base64.b64decode(data).decode(errors="replace")
    return judge_keys(variables)


_RUNS = (
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "lambda:GetFunction",
    "elasticbeanstalk:DescribeConfigurationSettings",
    "ec2:DescribeLaunchTemplateVersions",
)

ITEMS = (
    Item(
        key="password",
        part=Part.SECURITY,
        title="Database password in Secrets Manager",
        why="Nobody sees it, and nobody has to type it anywhere.",
        fix=Fix(commands=modify_database("--manage-master-user-password")),
        probe=_password,
        permissions=("rds:DescribeDBInstances", "rds:DescribeDBClusters", "secretsmanager:DescribeSecret"),
    ),
    Item(
        key="parameters",
        part=Part.SECURITY,
        title="Secrets in Parameter Store are encrypted",
        why="A plain parameter is read by everybody who may list them.",
        fix=Fix(hint="Make the parameter anew as a SecureString."),
        probe=_parameters,
        permissions=("ssm:DescribeParameters",),
    ),
    Item(
        key="keys",
        part=Part.SECURITY,
        title="No keys of AWS in variables",
        why="The role of the application gives it keys that change every few hours; others are stolen.",
        fix=Fix(hint="Delete the key in IAM, and take the variable away: the role is enough."),
        probe=_keys,
        permissions=_RUNS,
    ),
)
