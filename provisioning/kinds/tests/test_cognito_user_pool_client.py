"""What is peculiar to a client: it is found by its name in its pool, and its secret is never told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.cognito_user_pool import UserPoolProps
from provisioning.kinds.cognito_user_pool_client import UserPoolClientProps
from provisioning.kinds.tests.contract import Build, Cut, MakeHandle, cut_after, gone, settled
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "cognito.user_pool_client"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"pool_id": "us-east-1_abcdefghi", "callback_urls": ["https://shop.example.com/back"]},
    {"pool_id": "us-east-1_abcdefghi", "flow": "srp", "secret": False},
)


@pytest.fixture
def props(build: Build) -> UserPoolClientProps:
    pool = build("users", UserPoolProps(deletion_protection=False)).id
    return UserPoolClientProps(pool_id=pool, callback_urls=("https://app.example.org/oauth2/idpresponse",))


def test_it_is_made_found_by_what_is_wanted_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, props: UserPoolClientProps
) -> None:
    kind, client, noted = kind_named(KIND), handle("web", KIND), aws.connection
    assert isinstance(noted, NotedConnection)
    noted.actions.clear()
    assert kind.read(aws, client) is None

    made = kind.create(aws, client, props)

    assert kind.identify(client, props.dump()) == made.id
    known = replace(client, id=made.id)
    settled(aws, known, props)
    for changes in (
        {"logout_urls": ("https://app.example.org/",)},
        {"access_minutes": 15, "refresh_days": 1},
        {"flow": "srp", "callback_urls": ()},
    ):
        changed = props.model_copy(update=changes)
        before = kind.read(aws, known)
        assert before is not None and kind.differences(changed.dump(), before)
        kind.update(aws, known, changed, before)
        after = settled(aws, known, changed)
        assert after.attributes["client_id"] == made.attributes["client_id"]
    gone(aws, known, KIND)
    assert noted.actions == set(kind.permissions)


def test_a_lost_answer_leaves_one(aws: Aws, handle: MakeHandle, props: UserPoolClientProps) -> None:
    kind, client = kind_named(KIND), handle("web", KIND)
    with pytest.raises(Cut):
        kind.create(cut_after(aws, 1), client, props)  # between the look and the creation

    made = [kind.create(aws, client, props) for _ in range(2)]

    assert made[0].attributes == made[1].attributes


def test_its_secret_is_told_to_nobody(aws: Aws, handle: MakeHandle, props: UserPoolClientProps) -> None:
    made = kind_named(KIND).create(aws, handle("web", KIND), props)
    pool_id, client_id = props.pool_id, made.attributes["client_id"]
    told = aws.cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)

    found = kind_named(KIND).read(aws, handle("web", KIND, id=made.id))

    assert told["UserPoolClient"]["ClientSecret"] not in f"{made}{found}"
    assert found is not None and found.props["secret"] is True


def test_with_its_pool_it_is_gone(aws: Aws, handle: MakeHandle, props: UserPoolClientProps) -> None:
    known = handle("web", KIND, id=kind_named(KIND).create(aws, handle("web", KIND), props).id)
    aws.cognito.delete_user_pool(UserPoolId=props.pool_id)

    assert kind_named(KIND).read(aws, known) is None
    assert kind_named(KIND).delete(aws, known) is True


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"callback_urls": ()}, "send people back to"),
        ({"flow": "srp"}, "send people back to"),
        ({"callback_urls": ("http://app.example.org/",)}, "is not https"),
        ({"access_minutes": 1}, "5"),
    ],
)
def test_what_cognito_refuses_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        UserPoolClientProps.model_validate({"pool_id": "p", "callback_urls": ("https://a.org/",), **changes})


def test_an_address_that_is_still_to_be_resolved_is_taken() -> None:
    assert UserPoolClientProps(
        pool_id="${users.id}", callback_urls=("${cdn.url}/back", "http://localhost:1/")
    )
