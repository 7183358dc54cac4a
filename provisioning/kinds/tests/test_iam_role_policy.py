"""What is peculiar to an inline policy: it is a document, and it lives and dies with its role."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.iam_role_policy import RolePolicyProps, Statement
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "iam.role_policy"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "role_name": "shop",
        "statements": [
            {
                "actions": ["s3:GetObject"],
                "resources": ["arn:aws:s3:::shop/${aws:username}/*"],
                "conditions": {"StringEquals": {"aws:RequestedRegion": ["us-east-1"]}},
            }
        ],
    },
)
FILES = Statement(actions=("s3:GetObject", "s3:PutObject"), resources=("arn:aws:s3:::shop-files/*",))
LIST = Statement(
    actions=("s3:ListBucket",),
    resources=("arn:aws:s3:::shop-files",),
    conditions={"StringEquals": {"aws:RequestedRegion": ("us-east-1", "eu-west-1")}},
)


@pytest.fixture
def role(build: Build) -> str:
    return build("task-role", RoleProps()).id


def _props(role: str, *statements: Statement) -> RolePolicyProps:
    return RolePolicyProps(role_name=role, statements=statements or (FILES, LIST))


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, role: str) -> None:
    denied = Statement(effect="Deny", actions=("s3:DeleteObject",), resources=("*",))

    check_contract(
        aws,
        handle("task-policy", KIND),
        _props(role),
        changes=[_props(role, FILES), _props(role, FILES, denied)],
        attributes=["name", "role_name"],
        also_permitted=[],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, role: str) -> None:
    assert check_cuts(aws, handle("task-policy", KIND), _props(role)) == 0


def test_only_what_the_document_means_is_compared(
    aws: Aws, handle: MakeHandle, build: Build, role: str
) -> None:
    build("task-policy", _props(role))
    turned = FILES.model_copy(update={"actions": ("s3:PutObject", "s3:GetObject")})
    fewer = FILES.model_copy(update={"actions": ("s3:GetObject",)})
    kind = kind_named(KIND)

    now = kind.read(aws, handle("task-policy", KIND))

    assert now is not None
    assert kind.differences(_props(role, LIST, turned).dump(), now) == {}
    assert set(kind.differences(_props(role, LIST, fewer).dump(), now)) == {"statements"}


def test_a_document_written_by_hand_is_read_in_its_short_form_too(
    aws: Aws, handle: MakeHandle, build: Build, role: str
) -> None:
    build("task-policy", _props(role, FILES))
    name = handle("task-policy", KIND).name
    short = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop-files/*"}
    aws.iam.put_role_policy(
        RoleName=role,
        PolicyName=name,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": short}),
    )

    now = kind_named(KIND).read(aws, handle("task-policy", KIND))

    only = Statement(actions=("s3:GetObject",), resources=("arn:aws:s3:::shop-files/*",))
    assert now is not None
    assert kind_named(KIND).differences(_props(role, only).dump(), now) == {}


def test_a_document_with_elements_that_are_never_written_here_is_a_difference(
    aws: Aws, handle: MakeHandle, build: Build, role: str
) -> None:
    build("task-policy", _props(role, FILES))
    odd = {"Sid": "Odd", "Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    aws.iam.put_role_policy(
        RoleName=role,
        PolicyName=handle("task-policy", KIND).name,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [odd]}),
    )

    now = kind_named(KIND).read(aws, handle("task-policy", KIND))

    assert now is not None
    assert set(kind_named(KIND).differences(_props(role, FILES).dump(), now)) == {"statements"}


def test_policies_of_the_role_that_others_wrote_stay(
    aws: Aws, handle: MakeHandle, build: Build, role: str
) -> None:
    made = build("task-policy", _props(role))
    document = json.dumps({"Version": "2012-10-17", "Statement": [FILES.document()]})
    aws.iam.put_role_policy(RoleName=role, PolicyName="theirs", PolicyDocument=document)

    kind_named(KIND).delete(aws, handle("task-policy", KIND, id=made.id))

    assert aws.iam.list_role_policies(RoleName=role)["PolicyNames"] == ["theirs"]


def test_without_its_role_it_is_gone(aws: Aws, handle: MakeHandle, build: Build, role: str) -> None:
    known = handle("task-policy", KIND, id=build("task-policy", _props(role)).id)
    kind_named("iam.role").delete(aws, handle("task-role", "iam.role", id=role))

    assert kind_named(KIND).read(aws, known) is None
    assert kind_named(KIND).delete(aws, known) is True


def test_a_policy_that_allows_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="statements"):
        RolePolicyProps.model_validate({"role_name": "task", "statements": []})
    with pytest.raises(ValidationError, match="actions"):
        Statement(actions=(), resources=("*",))
