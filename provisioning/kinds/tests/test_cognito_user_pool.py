"""What is peculiar to a user pool: its name tells nobody apart, and an update resets what it is not told."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.cognito_user_pool import UserPoolProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, gone, settled
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "cognito.user_pool"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {},
    {"mfa": "OFF", "tier": "ESSENTIALS", "self_signup": True, "deletion_protection": False},
)
PROPS = UserPoolProps()


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("users", KIND),
        PROPS,
        changes=[
            UserPoolProps(min_password_length=16, require_symbols=False),
            UserPoolProps(self_signup=True, tier="ESSENTIALS"),
            UserPoolProps(mfa="OFF", deletion_protection=False),
            UserPoolProps(),
        ],
        attributes=["arn", "name", "issuer"],
        also_permitted=["cognito-idp:TagResource"],  # a creation with tags
    )


def test_cut_before_its_mfa_is_set_it_is_finished(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("users", KIND), PROPS) == 1


def test_of_pools_of_one_name_the_one_with_our_tags_is_ours(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    ours = handle("users", KIND)
    aws.cognito.create_user_pool(PoolName=ours.name)
    assert kind_named(KIND).read(aws, ours) is None

    mine = build("users", PROPS).id

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and found.id == mine


def test_what_others_set_outlives_a_change(aws: Aws, handle: MakeHandle, build: Build) -> None:
    known, kind = handle("users", KIND, id=build("users", PROPS).id), kind_named(KIND)
    theirs: Any = {"EmailMessage": "Your code: {####}", "EmailSubject": "Hello"}
    template: Any = {"DefaultEmailOption": "CONFIRM_WITH_CODE", **theirs}
    now = kind.read(aws, known)
    assert now is not None
    kept: Any = {"DeletionProtection": "ACTIVE", "UserPoolTags": dict(now.tags)}
    aws.cognito.update_user_pool(
        UserPoolId=str(known.id), VerificationMessageTemplate=template, MfaConfiguration="OPTIONAL", **kept
    )
    now = kind.read(aws, known)
    assert now is not None and kind.differences(PROPS.dump(), now)

    kind.update(aws, known, PROPS, now)

    after = settled(aws, known, PROPS)
    assert known.owns(after.tags)
    pool = aws.cognito.describe_user_pool(UserPoolId=str(known.id))["UserPool"]
    assert pool["VerificationMessageTemplate"]["EmailSubject"] == "Hello"


def test_a_protected_pool_goes_when_it_is_meant_to(aws: Aws, handle: MakeHandle, build: Build) -> None:
    gone(aws, handle("users", KIND, id=build("users", PROPS).id), KIND)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"min_password_length": 7}, "8"),
        ({"min_password_length": 100}, "99"),
        ({"mfa": "ON"}, "OPTIONAL"),
        ({"sign_in": "phone"}, "email"),
    ],
)
def test_what_it_does_not_do_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        UserPoolProps.model_validate(changes)


def test_people_who_sign_in_cost_by_the_tier() -> None:
    usage = Usage(active_users=200)

    skus = [
        line.sku
        for tier in ("LITE", "ESSENTIALS")
        for line in kind_named(KIND).cost(UserPoolProps.model_validate({"tier": tier}), usage, "us-east-1")
    ]

    assert skus == ["Cognito/lite_mau", "Cognito/essentials_mau"]
