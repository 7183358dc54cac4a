"""WCAG AA for every pair of tokens that can meet, in both themes, by calculation from tokens.css."""

import itertools
import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
THEMES = ("light", "dark")
TONES = ("neutral", "info", "success", "warning", "danger", "sleep")
SURFACES = ("canvas", "surface", "surface-raised", "surface-sunken", "surface-hover")
TEXT_RATIO, SHAPE_RATIO = 4.5, 3.0
"""WCAG 2.2: 1.4.3 for text, 1.4.11 for what is not text."""

TEXTS = [
    *itertools.product(["text", "text-muted", "accent-text", *(f"{tone}-text" for tone in TONES)], SURFACES),
    *((f"{tone}-text", f"{tone}-soft") for tone in TONES),
    *(("text", f"{tone}-soft") for tone in (*TONES, "accent", "plank")),
    ("text-muted", "accent-soft"),
    ("accent-text", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-danger", "danger-action"),
    ("on-danger", "danger-action-hover"),
]
SHAPES = list(
    itertools.product(
        ["line-strong", "focus", "accent", "danger-action", *(f"{tone}-solid" for tone in TONES)], SURFACES
    )
)


def colours() -> dict[str, dict[str, str]]:
    """Theme → token → colour, each as `#rrggbb`; the block of `prefers-contrast` left out."""
    text = (CSS / "tokens.css").read_text().partition("@media (prefers-contrast")[0]
    found = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", text)
    return {theme: {name: pair[place] for name, *pair in found} for place, theme in enumerate(THEMES)}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def too_weak(pairs: list[tuple[str, str]], theme: str, ratio: float) -> list[str]:
    """The pairs that miss the ratio."""
    token = colours()[theme]
    return [
        f"{front} on {back}: {contrast(token[front], token[back]):.2f}"
        for front, back in pairs
        if contrast(token[front], token[back]) < ratio
    ]


def test_the_calculation_knows_the_two_ends() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read(theme: str) -> None:
    assert too_weak(TEXTS, theme, TEXT_RATIO) == []


@pytest.mark.parametrize("theme", THEMES)
def test_borders_icons_and_focus_can_be_seen(theme: str) -> None:
    assert too_weak(SHAPES, theme, SHAPE_RATIO) == []


def test_every_text_token_is_compared() -> None:
    compared = {front for front, _ in TEXTS}

    assert {
        name for name in colours()["light"] if name.startswith(("text", "on-")) or name.endswith("-text")
    } <= compared


def test_only_tokens_name_colours() -> None:
    for sheet in CSS.glob("*.css"):
        if sheet.name != "tokens.css":
            rules = re.sub(r"mask-image: [^;]*;", "", sheet.read_text())
            assert not re.findall(r":[^;{]*(?:#[0-9a-f]{3,8}\b|rgba?\(|hsla?\()", rules), sheet.name


def test_every_token_that_is_used_exists() -> None:
    sheets = "".join(sheet.read_text() for sheet in CSS.glob("*.css"))
    defined = set(re.findall(r"(--[\w-]+):", sheets))

    assert set(re.findall(r"var\((--[\w-]+)", sheets)) <= defined
