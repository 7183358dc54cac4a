"""What is peculiar to a Lambda function: two kinds of change, code that deployments own, interfaces that linger."""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, InvalidSpec, NotYet
from provisioning.kind import Observed, Status, kind_named
from provisioning.kinds.lambda_function import Function, FunctionProps, S3Code, _packed
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.kinds.tests.functions import function_props, updated_until_done
from provisioning.kinds.tests.network import Network
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "lambda.function"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"role_arn": "arn:aws:iam::123456789012:role/portal/shop", "log_group": "/aws/lambda/shop"},
    {
        "role_arn": "arn:aws:iam::123456789012:role/portal/shop",
        "log_group": "/aws/lambda/shop",
        "architecture": "x86_64",
        "environment": {"STAGE": "live"},
        "subnet_ids": ["subnet-0a1b2c3d4e5f60711"],
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
        "dead_letter_arn": "arn:aws:sqs:us-east-1:123456789012:shop",
        "tracing": "Active",
        "description": "Shop",
        "code": {
            "bucket": "releases",
            "key": "shop.zip",
            "sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "version": "1",
        },
    },
)
NEW = FunctionProps(role_arn="${role.arn}", log_group="${logs.name}")


@pytest.fixture
def props(build: Build) -> FunctionProps:
    return function_props(build)


def _uploaded(aws: Aws, text: str, *, key: str = "shop.zip", handler: str = "app.handler") -> S3Code:
    packed = _packed(NEW.model_copy(update={"placeholder": text, "handler": handler}))
    aws.s3.create_bucket(Bucket="releases")
    aws.s3.put_object(Bucket="releases", Key=key, Body=packed)
    digest = base64.b64encode(hashlib.sha256(packed).digest()).decode()
    return S3Code(bucket="releases", key=key, sha256=digest)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, props: FunctionProps) -> None:
    code = _uploaded(aws, "def handler(event, context): return 'shop'\n")
    dead = "arn:aws:sqs:us-east-1:123456789012:dead"
    settings = {"environment": {"STAGE": "live"}, "dead_letter_arn": dead, "tracing": "Active"}
    sizes = {"memory": 1024, "timeout": 60, "description": "Answers"}
    changes = (
        settings,
        sizes,
        {**sizes, "code": code},
        {**sizes, "code": code, "architecture": "x86_64"},
        {"code": code, "architecture": "x86_64", "runtime": "python3.14", "log_format": "Text"},
    )

    check_contract(
        aws,
        handle("web", KIND),
        props,
        changes=[props.model_copy(update=change) for change in changes],
        attributes=["name", "arn", "invoke_arn"],
        also_permitted=[
            "lambda:TagResource",  # a creation with tags
            "s3:GetObject",  # Lambda with the caller's rights
            "s3:GetObjectVersion",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "lambda:ListFunctions",  # where interfaces are left
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: FunctionProps) -> None:
    assert check_cuts(aws, handle("web", KIND), props) == 0


def test_settings_and_code_are_changed_one_after_the_other(
    aws: Aws, handle: MakeHandle, build: Build, props: FunctionProps
) -> None:
    name = build("web", props).id
    code = _uploaded(aws, "def handler(event, context): return 'shop'\n")
    both = props.model_copy(update={"memory": 2048, "code": code})

    done = updated_until_done(aws, handle("web", KIND, id=name), both)

    assert done.props["memory"] == 2048 and done.props["code"] == {"sha256": code.sha256}


def test_code_that_was_deployed_is_not_put_back(
    aws: Aws, handle: MakeHandle, build: Build, props: FunctionProps
) -> None:
    name = build("web", props).id
    code = _uploaded(aws, "def handler(event, context): return 'shop'\n")
    web = handle("web", KIND, id=name)
    updated_until_done(aws, web, props.model_copy(update={"code": code}))

    now = settled(aws, web, props)

    assert now.props["code"] == {"sha256": code.sha256}


def test_the_placeholder_is_the_same_bytes_every_time_and_named_as_its_handler_says() -> None:
    other = NEW.model_copy(update={"handler": "jobs.main.work"})

    assert _packed(NEW) == _packed(NEW.model_copy())
    assert b"jobs/main.py" in _packed(other) and b"def work(event" in _packed(other)


def test_a_package_that_holds_other_code_is_told(aws: Aws, handle: MakeHandle, props: FunctionProps) -> None:
    code = _uploaded(aws, "one").model_copy(update={"sha256": "A" * 43 + "="})

    with pytest.raises(InvalidSpec, match=r"shop\.zip"):
        kind_named(KIND).create(aws, handle("web", KIND), props.model_copy(update={"code": code}))


def test_a_foreign_function_of_its_name_is_not_taken(
    aws: Aws, handle: MakeHandle, props: FunctionProps
) -> None:
    ours = handle("web", KIND)
    theirs = replace(ours, tags={"Owner": "somebody"})
    kind_named(KIND).create(aws, theirs, props)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, props)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def test_a_role_that_is_not_there_yet_is_waited_for(
    aws: Aws, handle: MakeHandle, props: FunctionProps
) -> None:
    early = props.model_copy(update={"role_arn": props.role_arn + "-new"})

    with pytest.raises(NotYet):
        kind_named(KIND).create(aws, handle("web", KIND), early)


def test_it_is_gone_when_its_interfaces_are(
    aws: Aws, handle: MakeHandle, build: Build, props: FunctionProps
) -> None:
    network = Network(aws, build)
    inside = props.model_copy(
        update={"subnet_ids": network.subnet_ids, "security_group_ids": (network.group_id,)}
    )
    made = build("web", inside)
    web = replace(handle("web", KIND, id=made.id), attributes=made.attributes)
    kind = kind_named(KIND)

    assert kind.delete(aws, web) is False

    going = kind.read(aws, web)
    assert going is not None and going.status is Status.DELETING and "45 minutes" in going.reason
    assert kind.read(aws, handle("web", KIND)) is None
    limit = time.monotonic() + 30
    while kind.read(aws, web) is not None:
        assert time.monotonic() < limit
    aws.ec2.delete_security_group(GroupId=network.group_id)


def test_interfaces_that_another_function_uses_are_not_waited_for(
    aws: Aws, handle: MakeHandle, build: Build, props: FunctionProps
) -> None:
    network = Network(aws, build)
    inside = props.model_copy(
        update={"subnet_ids": network.subnet_ids, "security_group_ids": (network.group_id,)}
    )
    made, _ = (build(key, inside) for key in ("web", "worker"))
    web = replace(handle("web", KIND, id=made.id), attributes=made.attributes)

    assert kind_named(KIND).delete(aws, web) is True


def test_a_change_that_lambda_took_back_is_told_and_asked_for_anew() -> None:
    told = {"memory": 512, "timeout": 30}
    failed = Observed(id="web", props=dict[str, object](told), undone=True)  # type: ignore[arg-type]

    assert set(Function().differences(NEW.dump(), failed)) == set(told)
    assert Function().differences(NEW.dump(), replace(failed, undone=False)) == {}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"memory": 64}, "128"),
        ({"timeout": 901}, "900"),
        ({"runtime": "python2.7"}, "python3.13"),
        ({"handler": "handler"}, "pattern"),
        ({"environment": {"AWS_REGION": "x"}}, "itself"),
        ({"environment": {"1A": "x"}}, "letter first"),
        ({"environment": {"A1": "x" * 4096}}, "4 KB"),
        ({"subnet_ids": ("subnet-1",)}, "needs groups"),
        ({"log_group": ""}, "at least 1"),
        ({"code": {"bucket": "releases", "key": "a.zip", "sha256": "abc"}}, "pattern"),
    ],
)
def test_what_lambda_refuses_is_refused_before(changes: JsonObject, word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        FunctionProps.model_validate({**NEW.dump(), **changes})


def test_the_processor_changes_with_the_code_only() -> None:
    other = NEW.model_copy(update={"architecture": "x86_64"})
    code = S3Code(bucket="releases", key="a.zip", sha256="A" * 43 + "=")

    refused = Function().check_change(NEW, other)

    assert refused is not None and refused.field == "architecture"
    assert Function().check_change(NEW, other.model_copy(update={"code": code})) is None


def _lines(props: FunctionProps) -> list[CostLine]:
    usage = Usage(requests=1_000_000, lambda_ms=100, jobs=10, job_ms=500)
    return list(kind_named(KIND).cost(props, usage, "us-east-1"))


def test_the_price_follows_calls_their_time_and_the_memory() -> None:
    requests, time_used = _lines(NEW.model_copy(update={"memory": 1024}))

    assert (requests.sku, requests.quantity.expected) == ("Lambda/requests", Decimal(1_000_000))
    assert (time_used.sku, time_used.quantity.expected) == ("Lambda/gb_second_arm", Decimal(100_000))
    worker = _lines(NEW.model_copy(update={"calls": "jobs", "architecture": "x86_64", "memory": 2048}))
    assert [(line.sku, line.quantity.expected) for line in worker] == [
        ("Lambda/requests", Decimal(10)),
        ("Lambda/gb_second_x86", Decimal(10)),
    ]
    assert _lines(NEW.model_copy(update={"calls": "none"})) == []
    *_, traces = _lines(NEW.model_copy(update={"tracing": "Active"}))
    # 5 % are expected; one in a second always is more than there are calls.
    assert (traces.sku, traces.quantity.expected, traces.quantity.ceiling) == (
        "XRay/traces_recorded",
        Decimal(50_000),
        Decimal(1_000_000),
    )
