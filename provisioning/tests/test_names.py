"""Names: within AWS's limits, never colliding, and never what AWS keeps for itself."""

from __future__ import annotations

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.errors import InvalidSpec
from provisioning.kind import all_kinds, kind_named
from provisioning.kinds.ssm_parameter import ParameterProps
from provisioning.names import Naming, build, in_sentence, slugify, stack_of
from provisioning.plan import plan_for
from provisioning.resource import Resource
from provisioning.tests.cloud import SPEC

STACK = stack_of("one")
ODD = (
    "shop",
    "internal-tools",
    "internal",
    "sthree-files",
    "amzn-s3-demo",
    "xn--shop",
    "9lives",
    "Ñandú & Co",
    "a" * 80,
)


@pytest.mark.parametrize("application", ODD)
def test_whatever_the_application_is_called_names_keep_to_the_rules(application: str) -> None:
    slug = slugify(application)

    names = {
        kind: build(kind.naming, slug=slug, stack=STACK, key="load-balancer", generation=12)
        for kind in all_kinds()
    }

    for kind, name in names.items():
        assert len(name) <= kind.naming.limit
        assert STACK in name and name.endswith("-g12")
        assert name == name.lower() and name[0].isalpha() and "--" not in name and not name.endswith("-")
        assert not kind.naming.is_reserved(name), kind.name


@pytest.mark.parametrize(
    ("kind", "application"),
    [("elbv2.load_balancer", "internal-tools"), ("s3.bucket", "sthree-files"), ("s3.bucket", "amzn-s3-demo")],
)
def test_a_beginning_that_aws_keeps_for_itself_gets_another_letter_before_it(
    kind: str, application: str
) -> None:
    name = build(kind_named(kind).naming, slug=application, stack=STACK, key="x")

    assert name.startswith(f"a-{application[:4]}")


def test_two_long_names_stay_two_names() -> None:
    naming = Naming(limit=32)

    names = {build(naming, slug="shop", stack=STACK, key=f"{'a' * 40}-{end}") for end in ("one", "two")}

    assert len(names) == 2


@pytest.mark.parametrize("application", ["aws-console", "SSM"])
def test_a_given_name_that_aws_keeps_for_itself_is_refused_before_anything_is_made(application: str) -> None:
    parameter = Resource(key="url", name=f"/{application}/test/url", props=ParameterProps(value="x"))

    with pytest.raises(InvalidSpec, match="for itself") as refused:
        plan_for(SPEC, [parameter])

    assert refused.value.code == "spec.reserved_name"
    assert "application" in refused.value.hint


@pytest.mark.parametrize(
    ("title", "inside"),
    [
        ("Internet gateway", "internet gateway"),
        ("VPC", "VPC"),
        ("S3 bucket for files", "S3 bucket for files"),
        ("PostgreSQL database", "PostgreSQL database"),
        ("Redis cache", "Redis cache"),
        ("Elastic IP address", "Elastic IP address"),
        ("Alarm: CPU above 80 %", "alarm: CPU above 80 %"),
        ("", ""),
    ],
)
def test_a_title_inside_a_sentence_starts_small_unless_it_is_a_name(title: str, inside: str) -> None:
    assert in_sentence(title) == inside
