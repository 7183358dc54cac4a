"""What the engine says to people, for translation. Made by `make messages` out of its source: not by hand."""

from django.utils.translation import gettext_noop as _

# fmt: off
WORDS = (
    _("5xx"),
    _("AWS did not answer in time."),
    _("AWS did not give this metric: %(value)s"),
    _("Age"),
    _("Age of the oldest message"),
    _("Calls"),
    _("Capacity"),
    _("Capacity in use"),
    _("Connections"),
    _("Duration"),
    _("Errors"),
    _("Free storage"),
    _("Latency"),
    _("Memory"),
    _("Messages"),
    _("Messages that wait"),
    _("Requests"),
    _("Response time"),
    _("Size"),
    _("The portal could not make sense of AWS's answer."),
    _("Try again in a minute. If it stays so, a platform admin can look at the account."),
    _("Try again later; a platform admin can look at the permissions of the account's role."),
    _("Unhealthy targets"),
    _("average"),
    _("failed"),
    _("free"),
    _("healthy"),
    _("p95"),
    _("reads"),
    _("unhealthy"),
    _("writes"),
)
