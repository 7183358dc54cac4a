"""What is peculiar to a read replica: it follows a source, here or elsewhere, whose password RDS must not manage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AwsError
from provisioning.kind import Observed, kind_named
from provisioning.kinds.rds_db_instance import DBInstanceProps
from provisioning.kinds.rds_db_parameter_group import DBParameterGroupProps
from provisioning.kinds.rds_db_subnet_group import DBSubnetGroupProps
from provisioning.kinds.rds_read_replica import ReadReplicaProps
from provisioning.kinds.secretsmanager_secret import SecretProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, gone, settled
from provisioning.kinds.tests.network import Network
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "rds.read_replica"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"source": "shop", "security_group_ids": ["sg-0a1b2c3d4e5f60718"], "parameter_group_name": "shop"},
)
MakeSource = Callable[..., Observed]


@pytest.fixture
def network(aws: Aws, build: Build) -> Network:
    return Network(aws, build)


@pytest.fixture
def source(build: Build, network: Network) -> MakeSource:
    """`source()`: a database whose password is in a secret; `source(managed_password=True)`: in RDS's own."""

    def make(**changes: object) -> Observed:
        secret = "" if changes.get("managed_password") else build("secret", SecretProps()).id
        wanted = {
            "subnet_group_name": build("subnets", DBSubnetGroupProps(subnet_ids=network.subnet_ids)).id,
            "parameter_group_name": build("settings", DBParameterGroupProps()).id,
            "security_group_ids": (network.group_id,),
            "managed_password": False,
            "password_secret_arn": secret,
            **changes,
        }
        return build("database", DBInstanceProps.model_validate(wanted))

    return make


def _props(network: Network, source: str, **changes: object) -> ReadReplicaProps:
    wanted = {"source": source, "security_group_ids": (network.group_id,), **changes}
    return ReadReplicaProps.model_validate(wanted)


def test_it_is_made_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, build: Build, network: Network, source: MakeSource
) -> None:
    props = _props(network, source().id)
    settings = build("replica-settings", DBParameterGroupProps()).id

    check_contract(
        aws,
        handle("replica", KIND),
        props,
        changes=[
            _props(network, props.source, instance_class="db.t3.medium"),
            _props(network, props.source, instance_class="db.t3.medium", parameter_group_name=settings),
            _props(network, props.source, performance_insights=False, log_exports=()),
        ],
        attributes=["name", "arn", "address", "port", "resource_id"],
        also_permitted=[
            "rds:AddTagsToResource",  # a creation with tags
            "kms:DescribeKey",  # RDS with the caller's rights
            "kms:CreateGrant",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, network: Network, source: MakeSource) -> None:
    assert check_cuts(aws, handle("replica", KIND), _props(network, source().id)) == 0


def test_a_source_whose_password_rds_manages_is_refused(
    aws: Aws, handle: MakeHandle, network: Network, source: MakeSource
) -> None:
    managed = source(managed_password=True).id

    with pytest.raises(AwsError, match="ManageMasterUserPassword is enabled is not supported"):
        kind_named(KIND).create(aws, handle("replica", KIND), _props(network, managed))


def test_in_another_region_it_has_a_network_and_a_key_of_its_own(
    aws: Aws, handle: MakeHandle, source: MakeSource
) -> None:
    arn = source().attributes["arn"]
    there = aws.in_region("us-west-2")
    vpc = there.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = tuple(
        there.ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"us-west-2{zone}"
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    )
    there.rds.create_db_subnet_group(
        DBSubnetGroupName="there", DBSubnetGroupDescription="there", SubnetIds=subnets
    )
    group = there.ec2.create_security_group(VpcId=vpc, GroupName="there", Description="there")["GroupId"]
    wanted = {
        "source": arn,
        "elsewhere": True,
        "subnet_group_name": "there",
        "security_group_ids": (group,),
    }
    props = ReadReplicaProps.model_validate(wanted)
    replica = replace(handle("replica", KIND), region="us-west-2")

    made = kind_named(KIND).create(there, replica, props)

    found = settled(there, replace(replica, id=made.id), props)
    assert found.attributes["arn"].startswith("arn:aws:rds:us-west-2:")
    gone(there, replace(replica, id=made.id), KIND)


def test_one_that_was_promoted_follows_nobody_and_is_to_be_replaced(
    aws: Aws, handle: MakeHandle, build: Build, network: Network, source: MakeSource
) -> None:
    database = source(deletion_protection=False)
    props = _props(network, database.id)
    name = build("replica", props).id
    gone(aws, handle("database", "rds.db_instance", id=database.id), "rds.db_instance")

    now = kind_named(KIND).read(aws, handle("replica", KIND, id=name))

    assert now is not None
    assert set(kind_named(KIND).differences(props.dump(), now)) == {"source"}
    assert "source" in kind_named(KIND).replace_on


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"elsewhere": True}, "needs a subnet group there"),
        ({"subnet_group_name": "mine"}, "beside its source AWS refuses one"),
        ({"source": "arn:aws:rds:us-west-2:1:db:x"}, "in the same region by its id"),
        ({"max_allocated_storage": 21}, "10 %"),
        ({"public": True}, "False"),
    ],
)
def test_what_aws_refuses_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        ReadReplicaProps.model_validate({"source": "db", "security_group_ids": ("sg-1",), **changes})


def test_its_storage_does_not_shrink() -> None:
    before, after = (
        ReadReplicaProps(source="db", security_group_ids=("sg-1",), allocated_storage=size)
        for size in (50, 20)
    )

    refused = kind_named(KIND).check_change(before, after)

    assert refused is not None and refused.field == "allocated_storage"


def test_it_costs_as_much_as_a_database_of_its_size() -> None:
    props = ReadReplicaProps(source="${database.id}", security_group_ids=("sg-1",), allocated_storage=50)

    lines = list(kind_named(KIND).cost(props, Usage(), "us-east-1"))

    assert [line.sku for line in lines] == ["RDS/pg_db.t3.small_single", "RDS/storage_gp3_single"]
    assert int(lines[1].quantity.floor) == 50
