"""The table of statuses: complete, and never by colour alone."""

import re
from enum import StrEnum
from pathlib import Path

import pytest
from django.db.models import TextChoices

from environments.choices import DeployStatus, Drift, Health, Lifecycle, OperationStatus, RequestStatus
from environments.templatetags.statuses import CHANGES, LOOKS, look_of
from environments.views import gallery_samples
from provisioning.kind import Status
from provisioning.plan import Action
from provisioning.resource import Standing
from provisioning.steps import StepStatus

ICONS = Path(__file__).parents[2] / "static" / "svg" / "icons.svg"
STATUSES: dict[str, type[TextChoices] | type[StrEnum]] = {
    "request": RequestStatus,
    "operation": OperationStatus,
    "step": StepStatus,
    "lifecycle": Lifecycle,
    "deploy": DeployStatus,
    "health": Health,
    "drift": Drift,
}


@pytest.mark.parametrize("family", STATUSES)
def test_every_status_that_a_model_or_the_engine_knows_has_a_look(family: str) -> None:
    assert set(LOOKS[family]) == {status.value for status in STATUSES[family]}


def test_a_resource_can_be_shown_by_what_the_journal_knows_and_by_what_aws_says() -> None:
    assert {one.value for one in Standing} | {one.value for one in Status} <= set(LOOKS["resource"])


def test_a_badge_is_told_by_its_word_and_its_icon() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', ICONS.read_text()))

    for family, looks in LOOKS.items():
        for status, look in looks.items():
            assert str(look.label), (family, status)
            assert look.icon in drawn, (family, status)


def test_within_a_family_no_two_statuses_of_different_tone_share_a_word() -> None:
    for family, looks in LOOKS.items():
        tones: dict[str, set[str]] = {}
        for look in looks.values():
            tones.setdefault(str(look.label), set()).add(look.tone)
        assert all(len(found) == 1 for found in tones.values()), family


def test_an_unknown_status_is_shown_as_its_own_word() -> None:
    look = look_of("operation", "waiting_for_quota")

    assert (look.label, look.tone) == ("Waiting for quota", "neutral")


def test_an_unknown_family_is_a_mistake_of_the_page() -> None:
    with pytest.raises(KeyError):
        look_of("weather", "sunny")


def test_a_plan_can_show_every_action_of_the_engine() -> None:
    assert set(CHANGES) == {action.value for action in Action}
    for action in Action:
        assert CHANGES[action].symbol == action.symbol


def test_the_gallery_shows_every_icon() -> None:
    assert set(gallery_samples.ICONS) == set(re.findall(r'<symbol id="([^"]+)"', ICONS.read_text()))
