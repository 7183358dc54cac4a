"""Numbers, moments and names, as people read them."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from environments.templatetags import formats
from environments.templatetags.prices import SERVICES
from provisioning.prices.book import PriceBook

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("84.10", "USD", "$84.10"),
        ("12480", "USD", "$12,480.00"),
        ("0.005", "USD", "$0.01"),
        ("0.0042", "USD", "< $0.01"),
        ("0", "USD", "$0.00"),
        ("-3.5", "USD", "−$3.50"),
        ("84.10", "EUR", "€84.10"),
        ("84.10", "CHF", "CHF 84.10"),
    ],
)
def test_money_has_its_currency_and_is_never_rounded_to_nothing(
    amount: str, currency: str, words: str
) -> None:
    assert formats.plain_money(Decimal(amount), currency) == words


def test_a_signed_amount_says_in_which_direction() -> None:
    assert formats.plain_money(Decimal(12), signed=True) == "+$12.00"
    assert formats.plain_money(Decimal(-12), signed=True) == "−$12.00"
    assert formats.plain_money(Decimal(0), signed=True) == "$0.00"


def test_spanish_has_its_own_decimal_comma() -> None:
    with translation.override("es"):
        assert formats.plain_money(Decimal("84.10")) == "$84,10"
        assert formats.plain_money(Decimal(1_234_567)) == "$1\xa0234\xa0567,00"


def test_long_numbers_in_a_text_stand_in_groups() -> None:
    text = "2000000 requests, 4096 MB for 730 h, 12345.5 GB"

    assert formats.grouped(text) == "2,000,000 requests, 4096 MB for 730 h, 12,345.5 GB"
    with translation.override("es"):
        assert formats.grouped("2000000 solicitudes") == "2\xa0000\xa0000 solicitudes"


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (None, ""),
        (0.4, "< 1 s"),
        (42, "42 s"),
        (252, "4 min 12 s"),
        (7380, "2 h 03 min"),
        (190_000, "2 d 4 h"),
        (timedelta(seconds=61), "1 min 01 s"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(length: timedelta | float | None, words: str) -> None:
    assert formats.spoken_duration(length) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, ""), (0.2, "1 s"), (60, "60 s"), (300, "5 min"), (5400, "2 h")]
)
def test_an_expected_duration_is_told_in_one_unit(seconds: float | None, words: str) -> None:
    assert formats.rough_duration(seconds) == words


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=-9), "just now"),
        (timedelta(seconds=9), "in a moment"),
        (timedelta(seconds=-42), "42 seconds ago"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(hours=3), "in 3 hours"),
        (timedelta(days=6, hours=5), "in 6 days"),
        (timedelta(days=-70), "Sept. 15, 2026"),
    ],
)
def test_a_moment_is_told_as_its_distance_from_now(away: timedelta, words: str) -> None:
    assert formats.relative_words(NOW + away, NOW) == words


def test_the_exact_moment_names_its_zone() -> None:
    assert formats.exact_words(NOW) == "2026-11-24 12:00:00 UTC"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        formats.exact_words(NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("alice", "AL"),
        ("Ana María Pérez", "AP"),
        ("payments-core", "PC"),
        ("ci_bot", "CB"),
        ("é", "É"),
        ("", "?"),
    ],
)
def test_two_letters_stand_for_a_person(name: str, letters: str) -> None:
    assert formats.initials_of(name) == letters


def test_a_person_keeps_the_same_tone() -> None:
    assert formats.tone_of("alice") == formats.tone_of("alice")
    assert len({formats.tone_of(f"person {number}") for number in range(60)}) == len(formats.TONES)


@pytest.mark.parametrize("name", ["shop-staging", "a.b", "x+(y)", "1/2"])
def test_the_pattern_of_a_name_matches_that_name_alone(name: str) -> None:
    pattern = formats.exact_pattern(name)

    assert re.fullmatch(pattern, name)
    assert not re.fullmatch(pattern, name.replace(".", "x") + "x")
    assert r"\-" not in pattern  # an error in the pattern of an <input>


def test_services_are_called_what_aws_calls_them() -> None:
    services = {sku.partition("/")[0] for sku, _ in PriceBook.load().prices}
    names = {str(SERVICES.get(service, service)) for service in services}

    assert {"Secrets Manager", "Elastic Load Balancing", "Route 53"} <= names
    run_together = {name for name in names if re.search("[a-z][A-Z]|[A-Z]{3}[a-z]", name)}
    assert run_together == {"CloudFront", "CloudWatch", "CodeBuild", "CodePipeline", "ElastiCache"}
