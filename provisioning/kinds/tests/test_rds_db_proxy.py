"""What is peculiar to an RDS proxy: minutes both ways, a price by what stands behind it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.rds_db_proxy import DBProxy, DBProxyProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.network import Network
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "rds.db_proxy"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "role_arn": "arn:aws:iam::123456789012:role/portal/shop",
        "secret_arns": ["arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-a1b2c3"],
        "subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
    },
)
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:database"
NEW = DBProxyProps(
    role_arn="${role.arn}",
    secret_arns=("${database.secret_arn}",),
    subnet_ids=("${a.id}", "${b.id}"),
    security_group_ids=("${group.id}",),
)


@pytest.fixture
def props(aws: Aws, build: Build) -> DBProxyProps:
    network = Network(aws, build)
    role = build("proxy-role", RoleProps(service="rds.amazonaws.com"))
    return DBProxyProps(
        role_arn=role.attributes["arn"],
        secret_arns=(SECRET,),
        subnet_ids=network.subnet_ids,
        security_group_ids=(network.group_id,),
    )


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, props: DBProxyProps) -> None:
    changes: tuple[JsonObject, ...] = (
        {"idle_timeout": 60, "debug_logging": True},
        {"secret_arns": (f"{SECRET}-other", SECRET)},  # type: ignore[dict-item]  # a tuple, as in the properties
    )

    check_contract(
        aws,
        handle("proxy", KIND),
        props,
        changes=[props.model_copy(update=change) for change in changes],
        attributes=["name", "arn", "address"],
        also_permitted=[
            "rds:AddTagsToResource",  # a creation with tags
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: DBProxyProps) -> None:
    assert check_cuts(aws, handle("proxy", KIND), props) == 0


def test_a_foreign_proxy_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle, props: DBProxyProps) -> None:
    ours = handle("proxy", KIND)
    aws.rds.create_db_proxy(
        DBProxyName=ours.name,
        EngineFamily="POSTGRESQL",
        Auth=[{"AuthScheme": "SECRETS", "SecretArn": SECRET}],
        RoleArn=props.role_arn,
        VpcSubnetIds=list(props.subnet_ids),
    )

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, props)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


@pytest.mark.parametrize(
    ("field", "value"),
    [("subnet_ids", ["subnet-1"]), ("secret_arns", []), ("idle_timeout", 28_801), ("tls_only", False)],
)
def test_what_it_needs_is_asked_for(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        DBProxyProps.model_validate({**NEW.dump(), field: value})


def test_it_costs_by_what_stands_behind_it_but_for_8_acu_or_2_vcpu_at_least() -> None:
    usage = Usage(average_acu=Decimal(10))

    (small,) = DBProxy().cost(NEW.model_copy(update={"most_acu": 4}), usage, "us-east-1")
    (large,) = DBProxy().cost(NEW.model_copy(update={"most_acu": 16}), usage, "us-east-1")
    (instance,) = DBProxy().cost(NEW.model_copy(update={"vcpu": 1}), usage, "us-east-1")

    assert (small.sku, small.quantity.expected) == ("RDSProxy/acu_serverless_v2", Decimal(8 * 730))
    assert (large.quantity.expected, large.quantity.ceiling) == (Decimal(10 * 730), Decimal(16 * 730))
    assert (instance.sku, instance.quantity.expected) == ("RDSProxy/vcpu", Decimal(2 * 730))
    assert list(DBProxy().cost(NEW, usage, "us-east-1")) == []
