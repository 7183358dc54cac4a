"""Teams, the people in them, and the applications they own."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from environments.choices import Role
from environments.querysets import ApplicationQuerySet, TeamQuerySet


class Team(models.Model):
    """People with roles and a budget."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    slug = models.SlugField(unique=True)
    cost_center = models.CharField(_("cost centre"), max_length=60, blank=True)
    monthly_budget = models.DecimalField(
        _("monthly budget"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("In USD."),
    )
    members: models.ManyToManyField[User, Membership] = models.ManyToManyField(User, through="Membership")

    # Where `for_list` asked for them: how many are in it, and what the person who asks is there.
    people: int
    role: str | None

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("team")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("team", args=[self.slug])


class Membership(models.Model):
    """What somebody is in a team."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.DEVELOPER)

    class Meta:
        ordering = ["team", "user"]
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_role_per_person_and_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}: {self.get_role_display()}"


class Application(models.Model):
    """What is deployed."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="applications")
    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(max_length=60, unique=True)
    repository = models.URLField(_("repository"), blank=True)
    image = models.CharField(_("image"), max_length=400, blank=True)
    port = models.PositiveIntegerField(
        _("port"), default=8000, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    health_path = models.CharField(
        _("health path"), max_length=200, default="/health", validators=[RegexValidator(r"^/\S*\Z")]
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("application")

    def __str__(self) -> str:
        return self.name
