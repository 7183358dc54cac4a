"""What the engine says to people, for translation. Made by `make messages` out of its source: not by hand."""

from django.utils.translation import gettext_noop as _

# fmt: off
WORDS = (
    _("%(title)s would have to be replaced, and its data with it."),
    _("Check %(title)s"),
    _("Create %(title)s"),
    _("Delete %(title)s"),
    _("Promote the environment or restore a backup into a new one instead."),
    _("Update %(title)s"),
)
