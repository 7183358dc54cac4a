"""`manage.py refresh_prices ACCOUNT`: compares the price book with AWS's Price List API, and writes a new one."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from environments.jobs import connection_to
from environments.models import Account
from provisioning.aws import Aws
from provisioning.errors import AwsError
from provisioning.prices.book import FOLDER, PriceBook, book_rows
from provisioning.prices.refresh import LISTS_AT, Reading, questions, read, renewed, write


class Command(BaseCommand):
    """Shows what has changed; with --write there is a book of today's date afterwards."""

    help = "Asks AWS for today's prices with the credentials of an account, and shows what has changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", help="slug of an account of the portal; it needs pricing:GetProducts")
        parser.add_argument("--write", action="store_true", help="write a new book, dated today")
        parser.add_argument("--folder", type=Path, default=FOLDER, help="where the books are")

    def handle(self, *args: object, account: str, write: bool, folder: Path, **options: object) -> None:
        known = Account.objects.filter(slug=account).first()
        if known is None:
            raise CommandError(f"There is no account {account}.")
        aws = Aws(connection=connection_to(known.access, LISTS_AT), caller="refresh_prices")
        version = PriceBook.load(folder=folder).version
        rows = list(book_rows(folder / f"{version}.csv"))
        try:
            readings = read(aws, rows, questions())
        except AwsError as error:
            raise CommandError(f"{error.message} {error.hint or ''}") from error
        self._tell(readings, version, len(rows))
        if write:
            self._write(rows, readings, folder)

    def _tell(self, readings: list[Reading], version: str, rows: int) -> None:
        for one in readings:
            if one.is_change:
                self.stdout.write(
                    f"{one.sku} in {one.region}: {_dollars(one.before)} → {_dollars(one.after)}"
                )
        for one in readings:
            if one.unclear:
                self.stderr.write(one.unclear)
        changed, unclear = sum(one.is_change for one in readings), sum(bool(one.unclear) for one in readings)
        self.stdout.write(
            f"Book {version}: {rows} rows, {len(readings)} prices asked for, {changed} changed, {unclear} unclear."
        )

    def _write(self, rows: list[dict[str, str]], readings: list[Reading], folder: Path) -> None:
        today = timezone.localdate().isoformat()
        path = folder / f"{today}.csv"
        if path.exists():
            raise CommandError(f"There is a book of today already: {path}.")
        write(renewed(rows, readings, today), path)
        self.stdout.write(f"Written: {path}. Estimates made from now on use it; older ones keep theirs.")


def _dollars(prices: tuple[object, ...]) -> str:
    return " / ".join(f"${price:f}" for price in prices)
