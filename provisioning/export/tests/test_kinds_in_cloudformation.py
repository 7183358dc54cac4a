"""Every kind says what it is in CloudFormation, and cfn-lint accepts it: the examples of all kinds in one template."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

import provisioning.kinds  # registers every kind
from provisioning.export.cloudformation import FIRST, OURS, template
from provisioning.export.tests.linted import Finding, findings
from provisioning.kind import Kind, all_kinds
from provisioning.references import JsonObject, ref
from provisioning.resource import Resource
from provisioning.template_parts import Place, Within
from provisioning.tests.cloud import SPEC

KINDS = [kind for kind in all_kinds() if type(kind).__module__.startswith(f"{provisioning.kinds.__name__}.")]
NAMES = [kind.name for kind in KINDS]
PLACE = Place(
    stack=SPEC.stack,
    key="thing",
    name="shop-thing",
    token="",
    tags=SPEC.tags(),
    account=SPEC.account,
    region=SPEC.region,
)


def examples(kind: Kind[Any]) -> tuple[JsonObject, ...]:
    """Those that stand in the kind's own test."""
    module = type(kind).__module__.rpartition(".")[2]
    tests = importlib.import_module(f"provisioning.kinds.tests.test_{module}")
    assert tests.EXAMPLES, f"{kind.name} has no example"
    given: tuple[JsonObject, ...] = tests.EXAMPLES
    return given


def key_of(kind: Kind[Any], number: int) -> str:
    return f"{kind.name.replace('.', '-').replace('_', '-')}-{number}"


def resources() -> Iterator[Resource]:
    for kind in KINDS:
        for number, raw in enumerate(examples(kind)):
            yield Resource(key=key_of(kind, number), props=kind.parse(raw))


def outputs() -> dict[str, str]:
    """Everything that others may refer to: a name that CloudFormation does not tell would be found."""
    told = {}
    for kind in KINDS:
        form = kind.cloudformation(PLACE, kind.parse(examples(kind)[0]))
        assert form is not None
        names = [name for name, value in form.attributes.items() if not isinstance(value, Within)]
        if names:
            told[kind.name.replace(".", "-")] = " ".join(ref(key_of(kind, 0), name) for name in names)
    return told


@pytest.fixture(scope="module")
def document() -> JsonObject:
    return template(SPEC, resources(), outputs(), title="All kinds")


@pytest.fixture(scope="module")
def found(document: JsonObject) -> list[Finding]:
    return findings(document, SPEC.region)


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_it_has_a_form(kind: Kind[Any]) -> None:
    assert type(kind).cloudformation is not Kind.cloudformation


def test_cfn_lint_accepts_the_examples_of_every_kind_and_all_that_others_may_refer_to(
    found: list[Finding],
) -> None:
    assert found == []


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_it_is_made_or_the_template_says_why_not(kind: Kind[Any], document: JsonObject) -> None:
    told: Any = document
    notes = told["Metadata"][OURS]
    made = {one["Metadata"][OURS]["Key"] for one in told["Resources"].values()}
    for number in range(len(examples(kind))):
        key = key_of(kind, number)
        assert key in made or key in notes[FIRST] or key in notes["Remarks"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.stateful], ids=lambda kind: kind.name)
def test_what_holds_data_is_kept_when_the_stack_goes(kind: Kind[Any]) -> None:
    for raw in examples(kind):
        form = kind.cloudformation(PLACE, kind.parse(raw))
        assert form is not None
        assert not form.parts or {part.kept for part in form.parts} & {"Retain", "Snapshot"}
