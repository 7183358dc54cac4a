"""Part 1, setup: the account, its roles, the network, the database and the bucket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from provisioning.aws import found
from provisioning.readiness import reads
from provisioning.readiness.answer import Answer, met, not_needed, unmet
from provisioning.readiness.item import Fix, Item, Part, Scene, listing

_ADMINISTRATORS = ("/AdministratorAccess", "/PowerUserAccess", "/IAMFullAccess")


def judge_account(wanted: str, told: str) -> Answer:
    """Whether the portal's role leads where it should."""
    if told != wanted:
        return unmet(f"The portal's role leads to account {told}, not to {wanted}.")
    return met(f"AWS answers for account {told}.")


def judge_roles(roles: Mapping[str, Any]) -> Answer:
    """Roles by name, as AWS has them: taken by services of AWS and by nobody else."""
    if not roles:
        return not_needed("Nothing in it runs with a role.")
    others = [name for name, role in roles.items() if not _is_of_services(role)]
    if others:
        names = listing(others)
        return unmet(f"Others than services of AWS may take on: {names}.")
    names = listing(roles)
    return met(f"It runs with roles of its own: {names}.")


def _is_of_services(role: Any) -> bool:
    statements = role["AssumeRolePolicyDocument"]["Statement"]
    return all(
        isinstance(one["Principal"], dict) and {*one["Principal"]} == {"Service"} for one in statements
    )


def judge_privileges(documents: Mapping[str, Any], attached: Mapping[str, Iterable[str]]) -> Answer:
    """`documents`: policy -> its document; `attached`: role -> ARNs of managed policies."""
    if not documents and not attached:
        return not_needed("Nothing in it runs with a role.")
    wide = [name for name, document in documents.items() if _is_wide(document)]
    wide += [role for role, arns in attached.items() if any(arn.endswith(_ADMINISTRATORS) for arn in arns)]
    if wide:
        names = listing(wide)
        return unmet(f"Allowed is every call of a service, or of all: {names}.")
    names = listing(documents)
    return met(f"Each names its actions: {names}.")


def _is_wide(document: Any) -> bool:
    statements = document["Statement"]
    allowed = [one for one in _as_list(statements) if one["Effect"] == "Allow"]
    actions = [action for one in allowed for action in _as_list(one.get("Action", "*"))]
    return any(action == "*" or action.endswith(":*") for action in actions)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def judge_network(subnets: list[Any], tables: list[Any], data: Iterable[str]) -> Answer:
    """`data`: ids of the subnets in which the database may stand."""
    zones = sorted({subnet["AvailabilityZone"] for subnet in subnets})
    named = listing(zones)
    if len(zones) < 2:
        return unmet(f"All subnets are in one zone: {named}.")
    public = {
        link["SubnetId"]
        for table in tables
        if any(str(route.get("GatewayId", "")).startswith("igw-") for route in table["Routes"])
        for link in table["Associations"]
        if "SubnetId" in link
    }
    if exposed := public & {*data}:
        names = listing(exposed)
        return unmet(f"Subnets of the database lead to the internet: {names}.")
    return met(f"Subnets in {named}; those of the database have no way in from the internet.")


def judge_database(database: Any, instances: list[Any]) -> Answer:
    """Whether it is there for the application, and for nobody outside."""
    if database is None:
        return not_needed("It has no database.")
    status = str(database.get("DBInstanceStatus") or database.get("Status"))
    version = database["EngineVersion"]
    if any(one.get("PubliclyAccessible") for one in instances):
        return unmet(f"PostgreSQL {version} can be reached from the internet.")
    if status != "available":
        return unmet(f"PostgreSQL {version} is {status}.")
    return met(f"PostgreSQL {version} is available, from inside the network only.")


def judge_zones(database: Any, instances: list[Any], *, first: bool) -> Answer:
    """`first`: of a first version nobody asks it."""
    if database is None:
        return not_needed("It has no database.")
    standing = sorted({one["AvailabilityZone"] for one in instances if one.get("AvailabilityZone")})
    zones = listing(standing)
    if database.get("DBInstanceStatus") and database.get("MultiAZ"):
        return met("A standby in another zone takes over.")
    if "DBClusterIdentifier" in database and len(instances) > 1 and len(standing) > 1:
        return met(f"Writer and readers stand in {zones}.")
    if first:
        return not_needed("One zone is enough for a first version.")
    return unmet(f"It stands in one zone: {zones}.")


def judge_bucket(blocks: Mapping[str, Any]) -> Answer:
    """`blocks`: bucket -> its public access block, None where there is none."""
    if not blocks:
        return not_needed("It has no bucket.")
    open_ones = [name for name, block in blocks.items() if not block or not all(block.values())]
    names = listing(open_ones or blocks)
    if open_ones:
        return unmet(f"Public access is not blocked: {names}.")
    return met(f"Public access is blocked: {names}.")


def _account(scene: Scene) -> Answer:
    return judge_account(scene.spec.account, scene.aws.sts.get_caller_identity()["Account"])


def _roles(scene: Scene) -> Answer:
    roles = scene.all_of("iam.role")
    return judge_roles(
        {one.name: reads.got(one, scene.aws.iam.get_role, RoleName=one.name)["Role"] for one in roles}
    )


def _privileges(scene: Scene) -> Answer:
    iam = scene.aws.iam
    documents, attached = {}, {}
    for role in scene.all_of("iam.role"):
        for name in scene.aws.listed(iam.list_role_policies, "PolicyNames", RoleName=role.name):
            answer = iam.get_role_policy(RoleName=role.name, PolicyName=name)
            documents[name] = answer["PolicyDocument"]
        policies = scene.aws.listed(iam.list_attached_role_policies, "AttachedPolicies", RoleName=role.name)
        attached[role.name] = [one["PolicyArn"] for one in policies]
    return judge_privileges(documents, attached)


def _network(scene: Scene) -> Answer:
    vpc = scene.one_of("ec2.vpc")
    if vpc is None:
        return not_needed("It has no network of its own.")
    ec2, mine = scene.aws.ec2, [{"Name": "vpc-id", "Values": [vpc.id or ""]}]
    subnets = scene.aws.listed(ec2.describe_subnets, "Subnets", Filters=mine)
    tables = scene.aws.listed(ec2.describe_route_tables, "RouteTables", Filters=mine)
    if not subnets:
        raise reads.Missing(vpc.name)
    group = scene.one_of("rds.db_subnet_group")
    data = []
    if group is not None:
        call = scene.aws.rds.describe_db_subnet_groups
        told = reads.got(group, call, DBSubnetGroupName=group.name)["DBSubnetGroups"][0]
        data = [one["SubnetIdentifier"] for one in told["Subnets"]]
    return judge_network(subnets, tables, data)


def _database(scene: Scene) -> Answer:
    return judge_database(reads.database(scene), reads.database_instances(scene))


def _zones(scene: Scene) -> Answer:
    return judge_zones(reads.database(scene), reads.database_instances(scene), first=scene.is_first_version)


def _bucket(scene: Scene) -> Answer:
    blocks = {}
    for one in scene.all_of("s3.bucket"):
        answer = found(scene.of(one).s3.get_public_access_block, Bucket=one.name)
        blocks[one.name] = answer["PublicAccessBlockConfiguration"] if answer else None
    return judge_bucket(blocks)


ITEMS = (
    Item(
        key="account",
        part=Part.SETUP,
        title="AWS account",
        why="Everything else is asked of it: the portal's role has to lead to the right one.",
        fix=Fix(hint="A platform admin corrects role and number of the account."),
        probe=_account,
    ),
    Item(
        key="people",
        part=Part.SETUP,
        title="People reach the account by single sign-on or with MFA",
        why="A password alone is guessed or stolen, and the account holds everything.",
        fix=Fix(hint="Look at IAM Identity Center, and at the root user's MFA, in the AWS console."),
    ),
    Item(
        key="roles",
        part=Part.SETUP,
        title="IAM roles",
        why="Roles give the application keys that change by themselves, and only to services of AWS.",
        fix=Fix(hint="Correct the trust policy in the IAM console."),
        probe=_roles,
        permissions=("iam:GetRole",),
    ),
    Item(
        key="least-privilege",
        part=Part.SETUP,
        title="Least privilege",
        why="Whoever breaks into the application can do what its role may do.",
        fix=Fix(hint="Take the wide policy off the role in the IAM console."),
        probe=_privileges,
        permissions=("iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"),
    ),
    Item(
        key="network",
        part=Part.SETUP,
        title="VPC and subnets",
        why="Two zones survive the failure of one, and data has no business on the internet.",
        fix=Fix(hint="Take the route to the internet gateway out of the private route table."),
        probe=_network,
        permissions=("ec2:DescribeSubnets", "ec2:DescribeRouteTables", "rds:DescribeDBSubnetGroups"),
    ),
    Item(
        key="database",
        part=Part.SETUP,
        title="PostgreSQL",
        why="The application keeps its data there.",
        fix=Fix(hint="Look at the database's events in the RDS console."),
        probe=_database,
        permissions=("rds:DescribeDBInstances", "rds:DescribeDBClusters"),
    ),
    Item(
        key="database-zones",
        part=Part.SETUP,
        title="Database in two zones",
        why="When a zone fails, or AWS maintains the server, another takes over within minutes.",
        fix=Fix(options={"multi_az": True}, at_least={"readers": 1}),
        probe=_zones,
        permissions=("rds:DescribeDBInstances", "rds:DescribeDBClusters"),
    ),
    Item(
        key="bucket",
        part=Part.SETUP,
        title="S3 bucket",
        why="A bucket that is open by mistake is found by strangers within hours.",
        fix=Fix(
            commands={
                "s3.bucket": "aws s3api put-public-access-block --bucket ${files.name} "
                "--public-access-block-configuration "
                "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
            }
        ),
        probe=_bucket,
        permissions=("s3:GetBucketPublicAccessBlock",),
    ),
)
