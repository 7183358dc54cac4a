"""`manage.py create_token USER`: prints one token and nothing else."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from environments.choices import Scope, Via
from environments.services.actor import Actor
from environments.services.tokens import create_token
from provisioning.errors import ProvisioningError, brief


class Command(BaseCommand):
    help = "Makes a token for the API and prints it; it is not shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the name that the person signs in with")
        parser.add_argument(
            "--scope",
            action="extend",
            nargs="+",
            metavar="S",
            help=f"one or several of: {', '.join(Scope.values)} (all, if none is named); may be repeated",
        )
        parser.add_argument("--days", type=int, default=90)
        parser.add_argument("--name", default="command line")

    def handle(self, *args: Any, **options: Any) -> None:
        user = _user_named(options["user"])
        if user is None:
            raise CommandError(f"There is no active user {brief(options['user'])}.")
        try:
            _, text = create_token(
                user=user,
                name=options["name"],
                scopes=options["scope"] or Scope.values,
                days=options["days"],
                by=Actor(user=user, via=Via.COMMAND),
            )
        except ProvisioningError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        self.stdout.write(text)


def _user_named(name: str) -> User | None:
    try:
        return User.objects.filter(username=name, is_active=True).first()
    except UnicodeEncodeError:  # bytes that are no text
        return None
