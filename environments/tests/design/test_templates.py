"""Rules that hold for every template, so that a strict content security policy and a reader can rely on them."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))
STATIC = ROOT / "environments" / "static"


def source(path: Path) -> str:
    """A template without its comments."""
    return re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", path.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_style_and_no_script_stands_in_a_template(path: Path) -> None:
    text = source(path)

    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|javascript:|\shx-on|\shx-vals=['\"]js:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)(?! type=\"application/json\")", text)  # data is no script


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    assert not re.search(r"(src|href)=\"(https?:)?//", source(path))


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.name)
def test_a_component_says_on_top_what_it_takes(path: Path) -> None:
    if path.name != "gallery.html":
        assert path.read_text().startswith("{% comment %}")


def test_every_class_that_templates_use_is_styled() -> None:
    sheets = "".join(sheet.read_text() for sheet in (STATIC / "css").glob("*.css"))
    styled = set(re.findall(r"\.([a-z][\w-]*)", sheets))
    used: set[str] = set()
    for path in TEMPLATES:
        markup = re.sub(r"{%.*?%}", " ", source(path))
        for value in re.findall(r'class="([^"]*)"', markup):
            used |= set(re.sub(r"\S*{{.*?}}\S*", " ", value).split())

    assert used - styled == set()


def test_every_icon_that_templates_name_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "svg" / "icons.svg").read_text()))
    named: set[str] = set()
    for path in TEMPLATES:
        for groups in re.findall(
            r'{% icon "([^"]+)"|icon_(?:name|end)="([^"]+)"|\sicon="([^"]+)"', source(path)
        ):
            named |= {name for name in groups if name}

    assert named
    assert named <= drawn


def test_vendored_files_are_those_that_their_readme_names() -> None:
    rows = re.findall(
        r"^\| `(\S+)` \|.*`([0-9a-f]{64})` \|$", (STATIC / "vendor" / "README.md").read_text(), re.MULTILINE
    )

    assert {name for name, _ in rows} == {path.name for path in (STATIC / "vendor").glob("*.js")}
    for name, digest in rows:
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest


def test_stylesheets_stay_small_enough_to_read() -> None:
    for path in [*(STATIC / "css").glob("*.css"), *(STATIC / "js").glob("*.js")]:
        assert len(path.read_text().splitlines()) <= 400, path.name
