"""`manage.py refresh_prices` shows what AWS asks now, and writes a book only when it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from environments.jobs import connection_to
from environments.models import Account
from provisioning.prices.book import FOLDER, PriceBook
from provisioning.tests.price_list import price_list, product

pytestmark = pytest.mark.django_db
NAT = product(
    "NAT1",
    "AmazonEC2",
    family="NAT Gateway",
    tiers=[("0", "Inf", "0.0500000000")],
    regionCode="us-east-1",
    usagetype="NatGateway-Hours",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a book of two prices."""
    newest = (FOLDER / f"{PriceBook.load().version}.csv").read_text().splitlines()
    kept = [line for line in newest[1:] if line.startswith(("NATGateway,hour", "NATGateway,gb"))]
    (tmp_path / "2026-11-01.csv").write_text("\n".join([newest[0], *kept, ""]))
    return tmp_path


@pytest.fixture
def listed(account: Account) -> Iterator[Account]:
    """An account whose AWS has one price on its list."""
    with price_list(NAT) as aws:
        account.endpoint_url = aws.connection.access.endpoint_url
        account.save()
        yield account
    connection_to.cache_clear()


def test_it_shows_what_changed_and_what_is_unclear_and_writes_nothing(
    listed: Account, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("refresh_prices", listed.slug, folder=folder)

    told = capsys.readouterr()
    assert "NATGateway/hour in us-east-1: $0.045 → $0.05" in told.out
    assert "1 changed" in told.out
    assert "NATGateway/gb in us-east-1: one product was expected, found none." in told.err
    assert [path.name for path in folder.iterdir()] == ["2026-11-01.csv"]


def test_told_to_write_it_makes_a_book_of_today_beside_the_old_one_and_only_once(
    listed: Account, folder: Path
) -> None:
    call_command("refresh_prices", listed.slug, folder=folder, write=True)

    book = PriceBook.load(folder=folder)
    price = book.price("NATGateway/hour", "us-east-1")
    assert book.version == timezone.localdate().isoformat()
    assert price is not None and f"{price.unit_price:f}" == "0.05"
    assert PriceBook.load("2026-11-01", folder=folder).price("NATGateway/hour", "us-east-1") != price
    with pytest.raises(CommandError, match="book of today already"):
        call_command("refresh_prices", listed.slug, folder=folder, write=True)


def test_an_account_that_is_not_there_is_refused() -> None:
    with pytest.raises(CommandError, match="no account nowhere"):
        call_command("refresh_prices", "nowhere")
