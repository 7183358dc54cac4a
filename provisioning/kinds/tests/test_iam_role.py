"""What is peculiar to an IAM role: whom it trusts, and what has to be taken off it before it goes."""

from __future__ import annotations

import json

import pytest

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import Handle, kind_named
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.tests.contract import ACCOUNT, Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "iam.role"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {},
    {
        "service": "ec2.amazonaws.com",
        "description": "Servers",
        "managed_policy_arns": ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"],
    },
)
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
LOGS = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
PROPS = RoleProps(description="The application", managed_policy_arns=(READ_ONLY,))


def _trust(aws: Aws, name: str) -> dict[str, object]:
    document = aws.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    (statement,) = json.loads(json.dumps(document))["Statement"]
    return dict(statement)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    changes = [
        RoleProps(description="Another", managed_policy_arns=(READ_ONLY,)),
        RoleProps(managed_policy_arns=(LOGS, READ_ONLY)),
        RoleProps(service="ecs.amazonaws.com", managed_policy_arns=(LOGS,)),
    ]

    check_contract(
        aws,
        handle("task-role", KIND),
        PROPS,
        changes=changes,
        attributes=["name", "arn"],
        # CreateRole with tags; and what only a role has that somebody gave policies by hand.
        also_permitted=["iam:TagRole", "iam:DeleteRolePolicy"],
    )


def test_a_cut_before_its_policies_are_attached_is_repaired(aws: Aws, handle: MakeHandle) -> None:
    props = RoleProps(managed_policy_arns=(READ_ONLY, LOGS))

    assert check_cuts(aws, handle("task-role", KIND), props) == 2


def test_only_the_service_may_take_it_on_and_only_for_this_account(aws: Aws, build: Build) -> None:
    name = build("task-role", PROPS).id

    assert _trust(aws, name) == {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }


@pytest.mark.parametrize(
    ("service", "condition"),
    [
        ("ec2.amazonaws.com", None),
        ("elasticbeanstalk.amazonaws.com", {"StringEquals": {"sts:ExternalId": "elasticbeanstalk"}}),
    ],
)
def test_a_service_that_does_not_say_for_which_account_it_asks_is_not_asked_for_it(
    aws: Aws, build: Build, service: str, condition: object
) -> None:
    name = build("role", RoleProps(service=service)).id

    assert _trust(aws, name).get("Condition") == condition


@pytest.mark.parametrize(
    "path",
    [
        "AmazonSSMManagedInstanceCore",
        "AWSElasticBeanstalkWebTier",
        "AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy",
        "service-role/AWSElasticBeanstalkEnhancedHealth",
    ],
)
def test_policies_of_aws_for_servers_are_there(aws: Aws, build: Build, path: str) -> None:
    arn = f"arn:aws:iam::aws:policy/{path}"

    name = build("role", RoleProps(service="ec2.amazonaws.com", managed_policy_arns=(arn,))).id

    attached = aws.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert [one["PolicyArn"] for one in attached] == [arn]


def test_a_trust_widened_by_hand_is_seen_and_undone(aws: Aws, handle: MakeHandle, build: Build) -> None:
    name = build("task-role", PROPS).id
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
    aws.iam.update_assume_role_policy(RoleName=name, PolicyDocument=document)
    role, kind = handle("task-role", KIND, id=name), kind_named(KIND)
    now = kind.read(aws, role)
    assert now is not None
    assert kind.differences(PROPS.dump(), now) == {"service": ("", "ecs-tasks.amazonaws.com")}

    kind.update(aws, role, PROPS, now)

    settled(aws, role, PROPS)


def test_a_foreign_role_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("task-role", KIND)
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    aws.iam.create_role(RoleName=ours.name, AssumeRolePolicyDocument=document)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, PROPS)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)
    assert _trust(aws, ours.name)["Principal"] == {"Service": "ec2.amazonaws.com"}


def test_policies_that_somebody_gave_it_do_not_keep_it(aws: Aws, handle: MakeHandle, build: Build) -> None:
    name = build("task-role", PROPS).id
    aws.iam.attach_role_policy(RoleName=name, PolicyArn=LOGS)
    allowed = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    aws.iam.put_role_policy(RoleName=name, PolicyName="by-hand", PolicyDocument=document)

    assert kind_named(KIND).delete(aws, handle("task-role", KIND, id=name)) is True

    assert kind_named(KIND).read(aws, handle("task-role", KIND)) is None


def test_the_order_of_policies_means_nothing(aws: Aws, handle: MakeHandle, build: Build) -> None:
    build("task-role", RoleProps(managed_policy_arns=(READ_ONLY, LOGS)))

    now = kind_named(KIND).read(aws, handle("task-role", KIND))

    assert now is not None
    wanted = RoleProps(managed_policy_arns=(LOGS, READ_ONLY))
    assert kind_named(KIND).differences(wanted.dump(), now) == {}


def test_all_roles_of_the_portal_stand_under_one_path(aws: Aws, handle: MakeHandle, build: Build) -> None:
    role: Handle = handle("task-role", KIND)

    assert build("task-role", PROPS).attributes["arn"] == f"arn:aws:iam::{ACCOUNT}:role/portal/{role.name}"
