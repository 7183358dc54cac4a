"""Mails: the notifications of those who want them by mail too, sent once they are committed, by a worker."""

from __future__ import annotations

import logging
import smtplib
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from environments.errors import InvalidInput
from environments.models import Notification, Preferences
from environments.services.actor import Actor
from provisioning.errors import brief

logger = logging.getLogger(__name__)

WORTH_SENDING = timedelta(days=1)  # what could not be sent for so long is old news


@transaction.atomic
def choose_mail(*, mail: bool, language: str, by: Actor) -> Preferences:
    """Whether this person wants mails, and in which language. Raises InvalidInput."""
    known = [code for code, _label in settings.LANGUAGES]
    if language not in known:
        raise InvalidInput(
            _("There is no language %(language)s.") % {"language": brief(language)},
            hint=_("Languages: %(languages)s.") % {"languages": ", ".join(known)},
            field="language",
        )
    chosen, _made = Preferences.objects.update_or_create(
        user=by.person, defaults={"mail": mail, "language": language}
    )
    return chosen


def send_due() -> int:
    """Send what waits, each in a transaction of its own; how many went. A mail server that is away is asked later."""
    since = timezone.now() - WORTH_SENDING
    waiting = Notification.objects.filter(mail_due=True, created_at__gte=since).order_by("pk")
    sent = 0
    for pk in list(waiting.values_list("pk", flat=True)):
        try:
            sent += _send(pk)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException):
            logger.warning(
                "A mail is not taken now; it is tried again", extra={"notification": pk}, exc_info=True
            )
        except OSError:
            logger.warning("The mail server does not answer; what is due waits", exc_info=True)
            break
    return sent


@transaction.atomic
def _send(pk: int) -> bool:
    """One mail, unless somebody else sends it. A crash before the commit sends it twice rather than never."""
    row = Notification.objects.select_for_update(of=("self",), skip_locked=True).for_list()
    told = row.select_related("user__preferences").filter(pk=pk, mail_due=True).first()
    if told is None:
        return False
    try:
        sent = _write(told, told.user)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException, ValueError) as error:
        if not _is_final(error):
            raise
        logger.warning("A mail is refused for good", extra={"notification": pk}, exc_info=True)
        sent = False
    Notification.objects.filter(pk=pk).update(mail_due=False)
    return sent


def _is_final(error: smtplib.SMTPException | ValueError) -> bool:
    """Whether asking again is in vain: codes of 500 and more are for good, those of 400 are not (greylisting); what
    cannot even be written as an address (ValueError) stays so."""
    if isinstance(error, ValueError):
        return True
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    return getattr(error, "smtp_code", 0) >= 500


def _write(told: Notification, person: User) -> bool:
    with override(person.preferences.language):
        context = {"told": told, "person": person, "portal": settings.PUBLIC_URL}
        text = render_to_string("mail/notification.txt", context)
        return bool(send_mail(f"Andamio: {told.text}", text, None, [person.email]))
