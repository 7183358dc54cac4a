"""What is peculiar to a domain: its name is everybody's, and it is ours if its pool is."""

from __future__ import annotations

import time

import pytest

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, AwsError
from provisioning.kind import Status, kind_named
from provisioning.kinds.cognito_user_pool import UserPoolProps
from provisioning.kinds.cognito_user_pool_domain import UserPoolDomainProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, gone, settled
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "cognito.user_pool_domain"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"pool_id": "us-east-1_abcdefghi"},)
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/"


@pytest.fixture
def pool(build: Build) -> str:
    return build("users", UserPoolProps(deletion_protection=False)).id


def test_it_is_made_and_taken_away(aws: Aws, handle: MakeHandle, pool: str) -> None:
    check_contract(
        aws,
        handle("sign-in", KIND),
        UserPoolDomainProps(pool_id=pool),
        attributes=["name", "host"],
        also_permitted=["cognito-idp:UpdateUserPoolDomain"],  # another certificate
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, pool: str) -> None:
    assert check_cuts(aws, handle("sign-in", KIND), UserPoolDomainProps(pool_id=pool)) == 0


def test_it_is_pending_until_its_pages_are_there(aws: Aws, handle: MakeHandle, pool: str) -> None:
    props = UserPoolDomainProps(pool_id=pool)
    made = kind_named(KIND).create(aws, handle("sign-in", KIND), props)

    found = settled(aws, handle("sign-in", KIND, id=made.id), props)

    assert made.status is Status.PENDING
    assert found.attributes["host"] == f"{made.id}.auth.us-east-1.amazoncognito.com"


def test_ones_own_domain_gets_another_certificate(aws: Aws, handle: MakeHandle, pool: str) -> None:
    kind, domain = kind_named(KIND), handle("sign-in", KIND, name="auth.example.org")
    first = UserPoolDomainProps(pool_id=pool, certificate_arn=f"{CERTIFICATE}1")
    made = kind.create(aws, domain, first)
    known = handle("sign-in", KIND, name="auth.example.org", id=made.id)
    now = settled(aws, known, first)
    assert now.attributes["host"] == "auth.example.org" and now.attributes["target"]
    second = UserPoolDomainProps(pool_id=pool, certificate_arn=f"{CERTIFICATE}2")

    kind.update(aws, known, second, now)

    settled(aws, known, second)
    gone(aws, known, KIND)


def test_an_address_of_awss_own_does_not_become_ones_own() -> None:
    plain = UserPoolDomainProps(pool_id="p")
    own = UserPoolDomainProps(pool_id="p", certificate_arn=f"{CERTIFICATE}1")

    refused = kind_named(KIND).check_change(plain, own)

    assert refused is not None and refused.field == "certificate_arn"
    assert kind_named(KIND).check_change(own, own) is None


def test_a_name_that_another_pool_has_is_not_taken(aws: Aws, handle: MakeHandle, pool: str) -> None:
    ours = handle("sign-in", KIND)
    other = aws.cognito.create_user_pool(PoolName="theirs")["UserPool"]["Id"]
    aws.cognito.create_user_pool_domain(Domain=ours.name, UserPoolId=other)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, UserPoolDomainProps(pool_id=pool))

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def test_words_that_a_prefix_may_not_have_are_left_out(aws: Aws, handle: MakeHandle, pool: str) -> None:
    domain = handle("sign-in", KIND, name="aws-tools-sabcdefg-sign-in")

    made = kind_named(KIND).create(aws, domain, UserPoolDomainProps(pool_id=pool))

    assert made.id == "x-tools-sabcdefg-sign-in"
    found = kind_named(KIND).read(aws, domain)
    assert found is not None and found.id == made.id


def test_a_pool_stays_while_it_has_one(aws: Aws, handle: MakeHandle, build: Build, pool: str) -> None:
    known = handle("sign-in", KIND, id=build("sign-in", UserPoolDomainProps(pool_id=pool)).id)

    with pytest.raises(AwsError, match="domain configured that should be deleted first"):
        kind_named("cognito.user_pool").delete(aws, handle("users", "cognito.user_pool", id=pool))

    limit = time.monotonic() + 30
    kind_named(KIND).delete(aws, known)
    while kind_named(KIND).read(aws, known) is not None:
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert kind_named("cognito.user_pool").delete(aws, handle("users", "cognito.user_pool", id=pool)) is True
