"""Tokens: shown once, kept as a digest, with scopes and an end; and the command that prints one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.forms.models import model_to_dict
from django.utils import timezone

from environments.choices import Scope, Via
from environments.errors import InvalidInput
from environments.models import AuditLine, Token
from environments.services import tokens
from environments.tests.conftest import acting


def test_only_a_digest_of_a_token_is_kept(alice: User) -> None:
    token, text = tokens.create_token(user=alice, name="ci", scopes=[Scope.READ], by=acting(alice))

    kept = " ".join(str(value) for value in [*model_to_dict(token).values(), token.digest])
    told = " ".join(str(line.__dict__) for line in AuditLine.objects.all())
    assert len(text) > 40
    assert text not in kept and text not in told
    assert text.startswith(token.prefix) and len(token.prefix) <= 12
    assert tokens.token_for(text) == token
    assert tokens.token_for(text + "x") is None


def test_two_tokens_are_never_alike(alice: User) -> None:
    texts = {
        tokens.create_token(user=alice, name="ci", scopes=[Scope.READ], by=acting(alice))[1] for _ in "abc"
    }

    assert len(texts) == 3


@pytest.mark.parametrize(
    ("scopes", "days", "field"),
    [
        ([], 90, "scopes"),
        (["everything"], 90, "scopes"),
        (["read"], 0, "days"),
        (["read"], 366, "days"),
    ],
)
def test_a_token_that_cannot_be_is_refused(alice: User, scopes: list[str], days: int, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        tokens.create_token(user=alice, name="ci", scopes=scopes, days=days, by=acting(alice))

    assert refused.value.field == field
    assert not Token.objects.exists()


@pytest.mark.parametrize("why", ["revoked", "expired", "its person left"])
def test_a_dead_token_opens_nothing(alice: User, why: str) -> None:
    token, text = tokens.create_token(user=alice, name="ci", scopes=[Scope.READ], by=acting(alice))
    assert token.is_live

    if why == "revoked":
        tokens.revoke_token(token=token, by=acting(alice))
    elif why == "expired":
        Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        User.objects.filter(pk=alice.pk).update(is_active=False)

    found = tokens.token_for(text)
    assert found is not None and not found.is_live


def test_the_last_use_is_noted_at_most_once_a_minute(alice: User) -> None:
    token, _text = tokens.create_token(user=alice, name="ci", scopes=[Scope.READ], by=acting(alice))

    tokens.note_use(token)
    token.refresh_from_db()
    first = token.last_used_at
    tokens.note_use(token)
    token.refresh_from_db()

    assert first is not None and token.last_used_at == first


def test_the_command_prints_the_token_and_nothing_else(
    alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("create_token", "alice", "--scope", "read", "--scope", "requests:write", "--days", "7")

    printed = capsys.readouterr()
    token = tokens.token_for(printed.out.strip())
    assert printed.out.count("\n") == 1 and printed.err == ""
    assert token is not None
    assert token.scopes == ["read", "requests:write"]
    assert 6 < (token.expires_at - timezone.now()).total_seconds() / 86400 <= 7
    assert AuditLine.objects.get().via == Via.COMMAND


def test_without_a_scope_the_command_gives_them_all(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_token", "alice")

    token = tokens.token_for(capsys.readouterr().out.strip())
    assert token is not None and token.scopes == Scope.values


def test_the_command_knows_no_tokens_for_nobody(db: None) -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("create_token", "nobody")


@pytest.mark.parametrize("name", ["x" * 101, "x" * 100_000, "a\0b", "a\udcffb"])
def test_a_name_that_no_token_can_have_is_refused(alice: User, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        tokens.create_token(user=alice, name=name, scopes=[Scope.READ], by=acting(alice))

    assert refused.value.field == "name"
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["alice", "--name", "x" * 101], "at most 100 characters"),
        (["alice", "--name", "a\udcffb"], "at most 100 characters"),
        (["alice", "--days", "9" * 30], "1 to 365 days"),
        (["alice", "--scope", "x" * 100_000], "Unknown scope"),
        (["a\udcffb"], "no active user"),
        (["x" * 100_000], "no active user"),
    ],
)
def test_the_command_says_what_cannot_be_in_a_line(alice: User, arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told) as refused:
        call_command("create_token", *arguments)

    assert len(str(refused.value)) < 400
    assert not Token.objects.exists()


def test_a_name_of_a_hundred_characters_is_fine(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_token", "alice", "--name", "ñ" * 100)

    assert Token.objects.get().name == "ñ" * 100
