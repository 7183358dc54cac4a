"""Every component renders with the parameters that it documents, and says what it must."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.http import Http404
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import override_settings

from environments.tests.design.conftest import AskAs
from environments.views import gallery, gallery_samples

COMPONENTS = Path(__file__).parents[3] / "templates" / "components"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def rendered(source: str, **context: object) -> str:
    """A template of one line, with the tags loaded."""
    return Template("{% load andamio %}" + source).render(Context(context))


@pytest.fixture
def page(ask: AskAs) -> str:
    """The gallery as a staff member sees it."""
    with override_settings(ROOT_URLCONF="environments.tests.design.urls"):
        return render_to_string(
            "components/gallery.html", gallery.context(), request=ask("/gallery/", staff=True)
        )


def test_the_gallery_shows_every_component() -> None:
    used = "".join(path.read_text() for path in COMPONENTS.parent.rglob("*.html"))
    tags = {"badge", "avatar", "card", "notice", "dialog", "fold", "nav_link", "gallery"}
    renamed = {"stepper": "request_stepper", "picture": "architecture_picture"}

    for path in COMPONENTS.glob("*.html"):
        name = path.stem
        ways = (f'{{% component "{name}"', f'components/{name}.html"', f"{{% {renamed.get(name, name)} ")
        assert name in tags or any(way in used for way in ways), name


def test_the_gallery_has_no_unfilled_or_escaped_hole(page: str) -> None:
    assert "&lt;span" not in page
    assert "{{" not in page
    assert "None" not in re.sub(r"<[^>]+>", "", page)


def test_no_id_stands_twice(page: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', page)
    twice = {one for one in ids if ids.count(one) > 1}

    assert {one for one in twice if not one.startswith("id_")} == set()  # two forms of one class share theirs


def test_every_description_that_is_named_exists(page: str) -> None:
    ids = set(re.findall(r'\sid="([^"]+)"', page))
    named = {
        one
        for value in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', page)
        for one in value.split()
    }

    assert named
    assert named <= ids


def test_only_staff_see_the_gallery(ask: AskAs) -> None:
    with override_settings(ROOT_URLCONF="environments.tests.design.urls"):
        assert gallery.gallery(ask("/gallery/", staff=True)).status_code == 200
        with pytest.raises(Http404):
            gallery.gallery(ask("/gallery/", user="alice"))
        with pytest.raises(Http404):
            gallery.gallery(ask("/gallery/"))


def test_nothing_of_the_page_leaks_into_a_component() -> None:
    html = rendered('{% component "button" label="Save" %}', url="/elsewhere/", form="<form>", disabled=True)

    assert html.strip() == '<button type="button" class="button"><span>Save</span></button>'


def test_a_button_with_an_address_is_a_link() -> None:
    html = rendered('{% component "button" label="Open" url="/x/" kind="primary" %}')

    assert '<a href="/x/"' in html
    assert "<button" not in html


def test_what_a_person_typed_is_escaped_everywhere() -> None:
    evil = '"><script>alert(1)</script>'
    parts = (
        '{% component "button" label=evil name=evil value=evil %}',
        '{% component "copyable" text=evil %}{% component "code" text=evil title=evil %}',
        '{% component "person" name=evil %}{% badge "operation" evil %}{% icon "check" label=evil %}',
        '{% component "confirm" title=evil name=evil label=evil %}',
        '{% component "failure" message=evil code=evil cause=evil hint=evil log=evil %}',
        "{% card title=evil %}{{ evil }}{% endcard %}{% notice title=evil %}{{ evil }}{% endnotice %}",
    )

    for part in parts:
        assert "<script" not in rendered(part, evil=evil), part


def test_a_missing_price_is_said_and_never_zero() -> None:
    html = rendered("{% money amount %}", amount=None)

    assert "no price" in html
    assert "0" not in html


def test_a_sum_with_a_missing_price_is_marked_partial() -> None:
    html = rendered("{% money amount partial=True %}", amount=Decimal("84.10"))

    assert "$84.10" in html
    assert "/ month" in html
    assert "partial" in html


@pytest.mark.parametrize(("change", "words"), [("12", "+$12.00"), ("-12", "−$12.00"), ("0.001", "no change")])
def test_a_change_of_price_has_sign_and_word(change: str, words: str) -> None:
    html = rendered("{% money_change change %}", change=Decimal(change))

    assert words in html
    assert ("more" in html, "less" in html) == (change == "12", change == "-12")


def test_a_moment_carries_its_exact_time() -> None:
    html = rendered("{% relative_time moment now=now %}", moment=NOW - timedelta(minutes=5), now=NOW)

    assert 'datetime="2026-11-24T11:55:00+00:00"' in html
    assert 'title="2026-11-24 11:55:00 UTC"' in html
    assert ">5 minutes ago<" in html


@pytest.mark.parametrize(
    ("current", "failed", "states"),
    [
        ("requested", False, ["current", "upcoming", "upcoming", "upcoming"]),
        ("building", False, ["done", "done", "current", "upcoming"]),
        ("building", True, ["done", "done", "failed", "upcoming"]),
        ("done", False, ["done"] * 4),
    ],
)
def test_the_stepper_shows_what_is_done_and_what_is_next(
    current: str, failed: bool, states: list[str]
) -> None:
    html = rendered(
        "{% request_stepper current failed=failed actor='bob must act' %}", current=current, failed=failed
    )

    assert re.findall(r'data-state="(\w+)"', html) == states
    assert ("bob must act" in html) == (current != "done")


def test_steps_show_duration_expectation_and_error() -> None:
    step = gallery_samples.Step
    steps = [
        step(title="VPC", status="succeeded", started_at=NOW, finished_at=NOW + timedelta(seconds=3)),
        step(title="Cache", status="failed", started_at=NOW, finished_at=NOW, error="None left."),
        step(title="Service", status="pending", expected=300),
    ]

    html = rendered('{% component "steps" steps=steps %}', steps=steps)

    assert ">3 s<" in html
    assert "None left." in html
    assert "about 5 min" in html
    assert [f'aria-label="{word}"' in html for word in ("Done", "Failed", "Not started")] == [True] * 3


def test_a_fraction_keeps_its_point_in_spanish(ask: AskAs) -> None:
    from django.utils import translation

    with translation.override("es"):
        html = rendered('{% component "progress" words="x" fraction=fraction %}', fraction=0.25)

    assert 'value="0.25"' in html


def test_the_price_panel_says_what_people_must_know() -> None:
    html = rendered('{% component "price" estimate=estimate %}', estimate=gallery_samples.PARTIAL)

    for words in (
        "$107.92",
        "/ month",
        "partial",
        "Floor",
        "Ceiling",
        "2026-11-01",
        "eu-west-1",
        "Tax",
        "no price",
    ):
        assert words in html, words


def positions(html: str) -> list[str]:
    return re.findall(r'<svg x="([^"]+)"', html)


def test_the_scale_of_a_price_goes_from_its_floor_to_its_ceiling() -> None:
    middle = replace(
        gallery_samples.ESTIMATE, floor=Decimal(100), expected=Decimal(125), ceiling=Decimal(200)
    )

    html = rendered('{% component "price" estimate=estimate %}', estimate=middle)

    assert positions(html) == ["25.0%"]
    ends = re.sub(r"<[^>]+>|\s+", " ", html[html.index("price-ends") :])
    assert re.search(r"Floor +\$100\.00 +/ month .*Ceiling +\$200\.00 +/ month", ends)


def test_a_price_that_no_load_changes_has_no_scale() -> None:
    flat = replace(gallery_samples.ESTIMATE, floor=Decimal(9), expected=Decimal(9), ceiling=Decimal(9))

    html = rendered('{% component "price" estimate=estimate %}', estimate=flat)

    assert positions(html) == []
    assert "The same at every load." in html


def test_a_change_of_price_has_its_period_on_both_sides() -> None:
    html = rendered('{% component "price_change" difference=d %}', d=gallery_samples.shown()["difference"])

    assert html.count("/ month") == 3


def test_a_plan_reads_as_symbols_and_words() -> None:
    html = rendered(
        '{% component "plan" changes=c %}{% component "plan_summary" changes=c %}', c=gallery_samples.CHANGES
    )

    for symbol, word in (("+", "create"), ("~", "change"), ("±", "replace"), ("−", "destroy")):
        assert f'aria-hidden="true">{symbol}</span>' in html
        assert f"1 to {word}</span>" in html
    assert "about 12 minutes without the database" in html


def test_an_empty_plan_says_that_nothing_changes() -> None:
    assert "Nothing changes." in rendered('{% component "plan_summary" changes=none %}', none=())


def test_a_failure_offers_its_ways_out() -> None:
    html = rendered(
        '{% component "failure" message="It failed." code="Throttling" actions=actions log="raw" %}',
        actions=gallery_samples.shown()["failure_actions"],
        csrf_token="a-token",
    )

    assert html.count('<form method="post"') == 1
    assert "a-token" in html
    assert "<code>Throttling</code>" in html
    assert "<details" in html


def test_a_picture_tells_states_in_words_too() -> None:
    html = rendered("{% architecture_picture 'containers' states %}", states={"database": "failed"})

    assert "<title>Failed</title>" in html
    assert html.count('class="picture-node') == 12  # eleven boxes, and the one of the legend


def test_several_pictures_of_a_page_share_no_id_and_are_no_landmarks() -> None:
    pictures = "{% for phase in '12' %}{% architecture_picture 'containers' mark=phase %}{% endfor %}"

    html = rendered(pictures)

    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)) > 0
    assert {f"#{one}" for one in ids} >= set(re.findall(r"url\((#[^)]+)\)", html))
    assert 'role="region"' not in html


def test_a_field_with_an_error_is_wired_to_it() -> None:
    form = gallery.GalleryForm({"name": "Not a slug!"})
    form.is_valid()

    html = rendered('{% component "field" field=field %}', field=form["name"])

    assert 'aria-invalid="true"' in html
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described is not None
    assert all(f'id="{one}"' in html for one in described[1].split())


def test_pages_of_a_list_show_only_the_ways_that_exist() -> None:
    html = rendered('{% component "pagination" older_url="?after=x" %}')

    assert "Older" in html
    assert "Newer" not in html
