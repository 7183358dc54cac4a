"""What the engine says to people, for translation. Made by `make messages` out of its source: not by hand."""

from django.utils.translation import gettext_noop as _

# fmt: off
WORDS = (
    _("%(title)s needs %(names)s, which nothing has told."),
    _("AWS could not make %(title)s: %(reason)s."),
    _("AWS took back the change of %(title)s: %(reason)s"),
    _("Could not make %(title)s: %(name)s exists and is not ours."),
    _("Plan again: the resource it names may have gone."),
    _("Read AWS's reason, mend the cause, then retry from this step: it is mended, or made anew if it never stood."),
    _("This could not be checked: %(message)s"),
    _("This could not be checked: AWS's answer lacks %(error)s."),
    _("being deleted"),
    _("being made"),
    _("looking for an earlier attempt"),
    _("looking for what may be there"),
    _("not visible yet"),
    _("nothing stands in the way"),
    _("something of this name exists and is not ours: left alone"),
    _("taking away: %(reason)s"),
    _("went with what it belonged to"),
)
