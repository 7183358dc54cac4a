"""What is peculiar to an environment: one change at a time, health, and an address of all customers."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.beanstalk_permissions import ON_BEHALF
from provisioning.errors import AlreadyExists, Busy, NameTaken, NotYet
from provisioning.kind import Handle, Observed, Status, kind_named
from provisioning.kinds.elasticbeanstalk_environment import BeanstalkEnvironmentProps
from provisioning.kinds.tests.beanstalk import Shop
from provisioning.kinds.tests.contract import (
    REGION,
    Build,
    MakeHandle,
    check_contract,
    check_cuts,
    gone,
    settled,
)
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "elasticbeanstalk.environment"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "application_name": "shop",
        "version_label": "one",
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
        "subnet_ids": ["subnet-0a1b2c3d4e5f60711"],
        "balancer_subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
        "service_role_arn": "arn:aws:iam::123456789012:role/portal/shop",
        "instance_profile": "shop",
    },
)
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop"


@pytest.fixture
def shop(aws: Aws, build: Build) -> Shop:
    """An application, a bucket and a network."""
    return Shop(aws, build)


def _at_rest(aws: Aws, handle: Handle) -> Observed:
    """What is there once nothing is under way."""
    limit = time.monotonic() + 20
    while True:
        now = kind_named(KIND).read(aws, handle)
        assert now is not None and time.monotonic() < limit
        if now.status not in {Status.PENDING, Status.DELETING}:
            return now
        time.sleep(0.02)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, shop: Shop) -> None:
    first, second = shop.version(), shop.version("second")
    variables = {"environment": {"COLOUR": "blue", "A": "1"}, "secrets": {"PASSWORD": SECRET}}
    changes = [
        shop.environment(first, **variables),
        shop.environment(second, **variables),
        shop.environment(second, environment={"COLOUR": "red"}),
        shop.environment(second, maximum=6, cpu=50, health_path="/health/", policy="Rolling", tracing=True),
        shop.environment(second, instance_type="t3.small", volume_gb=20),
        shop.environment(second, managed_updates_at="", log_retention=0),
    ]

    check_contract(
        aws,
        handle("web", KIND),
        shop.environment(first),
        changes=changes,
        attributes=["name", "arn", "cname", "endpoint", "load_balancer_arn", "autoscaling_group"],
        # CreateEnvironment with tags, what only a red environment needs, and what Elastic Beanstalk does by itself.
        also_permitted=[
            "elasticbeanstalk:AddTags",
            "elasticbeanstalk:DescribeEnvironmentHealth",
            "elasticbeanstalk:RestartAppServer",
            "elasticbeanstalk:RebuildEnvironment",
            *ON_BEHALF,
        ],
    )


def test_it_is_made_by_its_last_call(aws: Aws, handle: MakeHandle, shop: Shop) -> None:
    assert check_cuts(aws, handle("web", KIND), shop.environment(shop.version())) == 2


def test_a_single_server_has_no_load_balancer(aws: Aws, build: Build, shop: Shop) -> None:
    made = build("web", shop.environment(shop.version(), load_balanced=False, balancer_subnet_ids=()))

    assert "load_balancer_arn" not in made.attributes
    addresses = aws.ec2.describe_addresses()["Addresses"]
    assert made.attributes["endpoint"] == addresses[0]["PublicIp"]


def test_a_server_of_another_architecture_gets_its_image(aws: Aws, build: Build, shop: Shop) -> None:
    alone = shop.environment(
        shop.version(), load_balanced=False, balancer_subnet_ids=(), instance_type="t4g.micro"
    )

    build("web", alone)

    (instance,) = aws.ec2.describe_instances()["Reservations"][0]["Instances"]
    assert (instance["InstanceType"], instance["Architecture"]) == ("t4g.micro", "arm64")


def test_its_platform_is_the_newest_python_and_then_stays(aws: Aws, build: Build, shop: Shop) -> None:
    made = build("web", shop.environment(shop.version()))

    (found,) = aws.elasticbeanstalk.describe_environments(EnvironmentIds=[made.id])["Environments"]
    assert found["SolutionStackName"].endswith("running Python 3.13")
    assert made.props["platform"] == "python"


def test_it_is_safe_and_watched(aws: Aws, build: Build, shop: Shop, handle: MakeHandle) -> None:
    made = build("web", shop.environment(shop.version()))
    answer = aws.elasticbeanstalk.describe_configuration_settings(
        ApplicationName=shop.application, EnvironmentName=made.attributes["name"]
    )
    settings = {
        (one["Namespace"].rpartition(":")[2], one["OptionName"]): one.get("Value")
        for one in answer["ConfigurationSettings"][0]["OptionSettings"]
    }
    assert settings["launchconfiguration", "DisableIMDSv1"] == "true"
    assert settings["system", "SystemType"] == "enhanced"
    assert settings["managedactions", "ManagedActionsEnabled"] == "true"
    assert settings["logs", "StreamLogs"] == "true"
    assert settings["rollingupdate", "RollingUpdateType"] == "Health"

    off: Any = {
        "Namespace": "aws:elasticbeanstalk:managedactions",
        "OptionName": "ManagedActionsEnabled",
        "Value": "false",
    }
    basic: Any = {
        "Namespace": "aws:elasticbeanstalk:healthreporting:system",
        "OptionName": "SystemType",
        "Value": "basic",
    }
    aws.elasticbeanstalk.update_environment(EnvironmentId=made.id, OptionSettings=[off, basic])
    now = _at_rest(aws, handle("web", KIND, id=made.id))
    wanted = shop.environment(made.props["version_label"]).dump()  # type: ignore[arg-type]
    assert kind_named(KIND).differences(wanted, now) == {
        "baseline": (False, True),
        "managed_updates_at": ("", "Sun:03:00"),
    }


def test_settings_and_version_are_changed_one_after_the_other(
    aws: Aws, build: Build, handle: MakeHandle, shop: Shop
) -> None:
    made = build("web", shop.environment(shop.version()))
    wanted = shop.environment(shop.version("second"), environment={"A": "1"})
    kind, web = kind_named(KIND), handle("web", KIND, id=made.id)

    with pytest.raises(Busy):
        kind.update(aws, web, wanted, made)

    now = _at_rest(aws, web)
    assert kind.differences(wanted.dump(), now).keys() == {"version_label"}
    kind.update(aws, web, wanted, now)
    settled(aws, web, wanted)


def test_a_version_that_does_not_answer_is_taken_back(
    aws: Aws, build: Build, handle: MakeHandle, shop: Shop
) -> None:
    good = shop.environment(shop.version())
    made = build("web", good)
    kind, web = kind_named(KIND), handle("web", KIND, id=made.id)
    wanted = shop.environment(shop.version("broken"))

    kind.update(aws, web, wanted, made)

    now = _at_rest(aws, web)
    assert now.undone and "Failed to deploy application." in now.reason
    assert kind.differences(wanted.dump(), now).keys() == {"version_label"}
    settled(aws, web, good)


def test_where_it_is_put_everywhere_at_once_it_is_a_red_environment_until_another_version(
    aws: Aws, build: Build, handle: MakeHandle, shop: Shop
) -> None:
    made = build("web", shop.environment(shop.version(), policy="AllAtOnce"))
    kind, web = kind_named(KIND), handle("web", KIND, id=made.id)
    broken = shop.environment(shop.version("broken"), policy="AllAtOnce")
    kind.update(aws, web, broken, made)

    now = _at_rest(aws, web)

    assert now.status is Status.READY and not now.undone
    assert kind.differences(broken.dump(), now) == {"health": ("Red", "Green")}
    assert "ELB health is failing" in now.reason
    kind.update(aws, web, broken, now)
    assert _at_rest(aws, web).props["health"] == "Red", "starting it again does not mend it"
    mended = shop.environment(shop.version("second"), policy="AllAtOnce")
    kind.update(aws, web, mended, now)
    settled(aws, web, mended)


def test_one_that_was_never_launched_well_fails_and_may_be_made_anew(
    aws: Aws, handle: MakeHandle, shop: Shop
) -> None:
    wanted = shop.environment(shop.version("broken"))
    kind, web = kind_named(KIND), handle("web", KIND)
    kind.create(aws, web, wanted)

    now = _at_rest(aws, web)

    assert now.status is Status.FAILED
    assert "Create environment operation is complete, but with errors" in now.reason
    known = handle("web", KIND, id=now.id)
    kind.update(aws, known, wanted, now)
    assert _at_rest(aws, known).status is Status.FAILED
    gone(aws, known, KIND)


def test_an_address_of_somebody_else_is_told_before_anything_is_made(
    aws: Aws, handle: MakeHandle, shop: Shop, build: Build
) -> None:
    wanted = shop.environment(shop.version())
    theirs = build("other", wanted)
    web = handle("web", KIND, name=theirs.attributes["name"])

    with pytest.raises(NameTaken, match="somebody else's"):
        kind_named(KIND).create(aws, web, wanted)


def test_a_foreign_environment_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle, shop: Shop) -> None:
    ours, version = handle("web", KIND), shop.version()
    kind_named(KIND).create(aws, handle("theirs", KIND, name=f"{ours.name}-x"), shop.environment(version))
    (theirs,) = aws.elasticbeanstalk.describe_environments()["Environments"]
    settings = aws.elasticbeanstalk.describe_configuration_settings(
        ApplicationName=shop.application, EnvironmentName=theirs["EnvironmentName"]
    )["ConfigurationSettings"][0]["OptionSettings"]
    given: Any = [one for one in settings if one.get("Value")]
    aws.elasticbeanstalk.create_environment(
        ApplicationName=shop.application,
        EnvironmentName=ours.name,
        SolutionStackName=theirs["SolutionStackName"],
        OptionSettings=given,
    )

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, shop.environment(version))

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def test_a_profile_made_a_second_ago_is_waited_for(aws: Aws, handle: MakeHandle, shop: Shop) -> None:
    wanted = shop.environment(shop.version(), instance_profile="made-a-second-ago")

    with pytest.raises(NotYet):
        kind_named(KIND).create(aws, handle("web", KIND), wanted)


def test_it_is_deleting_until_it_is_terminated(
    aws: Aws, build: Build, handle: MakeHandle, shop: Shop
) -> None:
    made = build("web", shop.environment(shop.version()))
    kind, web = kind_named(KIND), handle("web", KIND, id=made.id)

    assert kind.delete(aws, web) is False

    now = kind.read(aws, web)
    assert now is not None and now.status is Status.DELETING
    assert kind.delete(aws, web) is False, "asked for once more"
    gone(aws, web, KIND)


def test_the_group_that_elastic_beanstalk_adds_is_no_difference(
    aws: Aws, build: Build, handle: MakeHandle, shop: Shop
) -> None:
    wanted = shop.environment(shop.version(), security_group_ids=(shop.group_id,))
    made = build("web", wanted)

    told = made.props["security_group_ids"]
    assert isinstance(told, list) and len(told) == 2
    assert kind_named(KIND).differences(wanted.dump(), made) == {}
    balancer = replace(made, props={**made.props, "balancer_security_group_id": "sg-of-beanstalk"})
    assert kind_named(KIND).differences(wanted.dump(), balancer) == {}
    other = shop.environment(str(made.props["version_label"]), security_group_ids=(shop.group("two"),))
    assert kind_named(KIND).differences(other.dump(), made).keys() == {"security_group_ids"}


def _unplaced(**changes: object) -> BeanstalkEnvironmentProps:
    wanted = {
        "application_name": "shop",
        "version_label": "1",
        "vpc_id": "vpc-1",
        "subnet_ids": ("subnet-1",),
        "balancer_subnet_ids": ("subnet-1", "subnet-2"),
        "service_role_arn": "arn:aws:iam::123456789012:role/portal/beanstalk",
        "instance_profile": "servers",
    }
    return BeanstalkEnvironmentProps.model_validate({**wanted, **changes})


def test_it_costs_what_it_consists_of() -> None:
    props, kind = _unplaced(minimum=1, maximum=4, instance_type="t3.small"), kind_named(KIND)

    lines = list(kind.cost(props, Usage(average_tasks=Decimal(2)), REGION))

    skus = {line.sku for line in lines}
    expected = {
        "EC2/t3.small",
        "EBS/gp3",
        "VPC/public_ipv4",
        "ALB/hour",
        "ALB/lcu",
        "ElasticBeanstalk/service",
    }
    assert skus == expected
    servers = next(line.quantity for line in lines if line.sku == "EC2/t3.small")
    assert (servers.floor, servers.ceiling) == (Decimal(730), Decimal(2920))
    alone = _unplaced(load_balanced=False)
    assert {line.sku for line in kind.cost(alone, Usage(), REGION)} == {
        "EC2/t3.micro",
        "EBS/gp3",
        "VPC/public_ipv4",
        "ElasticBeanstalk/service",
    }


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"balancer_subnet_ids": ("subnet-1",)}, "balancer_subnet_ids"),
        ({"minimum": 5, "maximum": 4}, "minimum"),
        ({"environment": {"LONG": "x" * 4100}}, "4096"),
        ({"environment": {"A": "1"}, "secrets": {"A": SECRET}}, "A is set in environment too"),
        ({"managed_updates_at": "Sunday"}, "managed_updates_at"),
        ({"log_retention": 31}, "log_retention"),
        ({"health_path": "health"}, "health_path"),
        ({"instance_type": "small"}, "instance_type"),
    ],
)
def test_what_elastic_beanstalk_refuses_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        _unplaced(**changes)
