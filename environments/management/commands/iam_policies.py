"""`manage.py iam_policies ACCOUNT`: what the portal's role in an AWS account has to be allowed."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.export.iam_policies import policies
from provisioning.inspect import metrics
from provisioning.kind import all_kinds
from provisioning.readiness import checklist


class Command(BaseCommand):
    """Prints the policies as one JSON object, name -> document."""

    help = "The IAM policies that the portal's role in an account needs, as JSON: name -> document."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", metavar="ACCOUNT", help="the twelve digits of the AWS account")

    def handle(self, *args: object, account: str, **options: object) -> None:
        if not re.fullmatch(r"\d{12}", account):
            raise CommandError(f"{account} is no AWS account: give its twelve digits.")
        made = policies(all_kinds(), account, also=(*checklist.PERMISSIONS, *metrics.PERMISSIONS))
        self.stdout.write(json.dumps({policy.name: policy.document for policy in made}, indent=2))
