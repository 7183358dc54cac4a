"""The Django app of environments."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnvironmentsConfig(AppConfig):
    """Requests, operations, environments and the people they belong to."""

    name = "environments"
    verbose_name = _("Environments")
