"""`manage.py iam_policies` prints what the portal's role in an account has to be allowed."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError


def test_it_prints_documents_by_name_for_the_account(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("iam_policies", "123456789012")

    printed = json.loads(capsys.readouterr().out)
    assert all(name.startswith("AndamioPortal") for name in printed)
    assert "arn:aws:iam::123456789012:role/portal/*" in json.dumps(printed)


def test_what_is_no_account_is_refused() -> None:
    with pytest.raises(CommandError, match="twelve digits"):
        call_command("iam_policies", "prod")
