"""Part 4, security: HTTPS, WAF, what is open, what is encrypted, what is kept new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from provisioning.aws import found
from provisioning.readiness import reads, secrets
from provisioning.readiness.answer import Answer, State, met, not_needed, unmet
from provisioning.readiness.item import Fix, Item, Part, Scene, listing, modify_database

_HTTPS_ONLY = ("redirect-to-https", "https-only")
_WEB_PORTS = frozenset({80, 443})
_WORLD = frozenset({"0.0.0.0/0", "::/0"})
_RENEWED = timedelta(days=30)  # ACM renews 60 days before the end; what is left then is stuck


def judge_https(front: Any, listeners: list[Any], *, api: bool) -> Answer:
    """`front`: the configuration of the distribution before the application; `api`: API Gateway is the entrance."""
    if front is not None:
        policy = front["DefaultCacheBehavior"]["ViewerProtocolPolicy"]
        if policy in _HTTPS_ONLY:
            return met("CloudFront answers by HTTPS only.")
        return unmet("CloudFront answers by HTTPS, and by HTTP as well.")
    if api:
        return met("API Gateway answers by HTTPS only.")
    secure = [one for one in listeners if one["Protocol"] == "HTTPS"]
    if not secure:
        return unmet("People reach it by HTTP, in the open.")
    plain = [one for one in listeners if one["Protocol"] == "HTTP" and not _redirects(one)]
    if plain:
        return unmet("It answers by HTTPS, and by HTTP as well.")
    policy = secure[0].get("SslPolicy", "")
    return met(f"HTTPS with {policy}; HTTP is sent there.")


def _redirects(listener: Any) -> bool:
    return all(one["Type"] == "redirect" for one in listener["DefaultActions"])


def judge_certificate(certificate: Any, now: datetime) -> Answer:
    """One of its own."""
    if certificate is None:
        return not_needed("It has no certificate of its own; AWS's addresses have AWS's.")
    domain, status = certificate["DomainName"], certificate["Status"]
    if status != "ISSUED":
        return unmet(f"The certificate of {domain} is {status}.")
    end = certificate.get("NotAfter")
    if end is None:
        return met(f"The certificate of {domain} is issued.")
    date = f"{end.astimezone(UTC):%Y-%m-%d}"
    if end - now < _RENEWED:
        return unmet(f"The certificate of {domain} ends on {date} and was not renewed.")
    return met(f"The certificate of {domain} is valid until {date}.")


def judge_certificates(certificates: list[Any], now: datetime) -> Answer:
    """All of an environment: one that is wrong is told before those that are right."""
    answers = [judge_certificate(one, now) for one in certificates or (None,)]
    return next((one for one in answers if one.state is State.FAIL), answers[0])


def judge_firewall(names: list[str], *, api: bool, balanced: bool) -> Answer:
    """`names`: web ACLs before the application."""
    if names:
        told = listing(names)
        return met(f"Before the application stands {told}.")
    if api:
        return not_needed("AWS has no WAF for HTTP APIs.")
    if not balanced:
        return unmet("Nothing that WAF could stand before: neither load balancer nor CloudFront.")
    return unmet("Every request reaches the application.")


def judge_groups(groups: list[Any]) -> Answer:
    """Security groups: open to everybody are the ports of the web, and no other."""
    if not groups:
        return not_needed("It has no security group.")
    opened = {(group["GroupName"], port) for group in groups for port in _open_ports(group)}
    wrong = [f"{name} ({port})" for name, port in opened if port not in _WEB_PORTS]
    if wrong:
        names = listing(wrong)
        return unmet(f"Open to the internet: {names}.")
    ports = ", ".join(str(port) for port in sorted({port for _, port in opened}))
    return met(f"Open to the internet: {ports}.") if ports else met("Nothing is open to the internet.")


def _open_ports(group: Any) -> Iterator[int | str]:
    for rule in group["IpPermissions"]:
        sources = [one["CidrIp"] for one in rule.get("IpRanges", ())]
        sources += [one["CidrIpv6"] for one in rule.get("Ipv6Ranges", ())]
        if _WORLD & {*sources}:
            first, last = rule.get("FromPort", 0), rule.get("ToPort", 65535)
            yield first if first == last else f"{first}–{last}"


def judge_encryption(encrypted: Mapping[str, bool]) -> Answer:
    """Thing -> whether what it keeps is encrypted."""
    if not encrypted:
        return not_needed("It keeps nothing.")
    plain = [name for name, is_so in encrypted.items() if not is_so]
    names = listing(plain or encrypted)
    return unmet(f"Not encrypted: {names}.") if plain else met(f"Encrypted: {names}.")


def judge_transit(secure: Mapping[str, bool]) -> Answer:
    """Thing -> whether it refuses connections without TLS."""
    if not secure:
        return not_needed("It keeps nothing.")
    plain = [name for name, is_so in secure.items() if not is_so]
    names = listing(plain or secure)
    return unmet(f"Without TLS answers: {names}.") if plain else met(f"By TLS only: {names}.")


def judge_updates(instances: list[Any], settings: Mapping[tuple[str, str], str]) -> Answer:
    """Whether AWS mends what it finds."""
    off = [one["DBInstanceIdentifier"] for one in instances if not one.get("AutoMinorVersionUpgrade")]
    managed = settings.get(("aws:elasticbeanstalk:managedactions", "ManagedActionsEnabled"))
    if settings and managed != "true":
        off.append("Elastic Beanstalk")
    if off:
        names = listing(off)
        return unmet(f"Stays as it is: {names}.")
    return met("AWS renews minor versions by itself.")


def _front(scene: Scene) -> Any:
    return next((config for key, config in reads.distributions(scene) if key == "front"), None)


def _https(scene: Scene) -> Answer:
    api = scene.one_of("apigatewayv2.api") is not None
    return judge_https(_front(scene), reads.listeners(scene), api=api)


def _certificate(scene: Scene) -> Answer:
    told = [
        reads.got(one, scene.of(one).acm.describe_certificate, CertificateArn=one.id)["Certificate"]
        for one in scene.all_of("acm.certificate")
    ]
    return judge_certificates(told, datetime.now(UTC))


def _firewall(scene: Scene) -> Answer:
    front, arn = _front(scene), reads.load_balancer(scene)
    names = [front["WebACLId"].split("/")[-2]] if front is not None and front.get("WebACLId") else []
    if arn and not names:
        answer = found(scene.aws.wafv2.get_web_acl_for_resource, ResourceArn=arn)
        names = [answer["WebACL"]["Name"]] if answer and "WebACL" in answer else []
    api = scene.one_of("apigatewayv2.api") is not None
    return judge_firewall(names, api=api, balanced=bool(arn) or front is not None)


def _groups(scene: Scene) -> Answer:
    vpc = scene.one_of("ec2.vpc")
    if vpc is None:
        return judge_groups([])
    mine = [{"Name": "vpc-id", "Values": [vpc.id or ""]}]
    ec2 = scene.aws.ec2
    return judge_groups(scene.aws.listed(ec2.describe_security_groups, "SecurityGroups", Filters=mine))


def _of_caches(scene: Scene, what: str) -> dict[str, bool]:
    """Redis -> whether all of it is so; nothing where there is none."""
    caches = reads.caches(scene)
    return {"Redis": all(one.get(what) for one in caches)} if caches else {}


def _encryption(scene: Scene) -> Answer:
    database = reads.database(scene)
    encrypted = {"PostgreSQL": bool(database["StorageEncrypted"])} if database else {}
    encrypted |= _of_caches(scene, "AtRestEncryptionEnabled")
    for one in scene.all_of("s3.bucket"):
        encrypted[one.name] = found(scene.of(one).s3.get_bucket_encryption, Bucket=one.name) is not None
    return judge_encryption(encrypted)


def _transit(scene: Scene) -> Answer:
    secure = _of_caches(scene, "TransitEncryptionEnabled")
    for one in scene.all_of("rds.db_parameter_group", "rds.db_cluster_parameter_group"):
        secure["PostgreSQL"] = reads.forces_tls(scene, one)
    for one in scene.all_of("s3.bucket"):
        answer = found(scene.of(one).s3.get_bucket_policy, Bucket=one.name)
        secure[one.name] = "aws:SecureTransport" in (answer["Policy"] if answer else "")
    return judge_transit(secure)


def _updates(scene: Scene) -> Answer:
    return judge_updates(reads.database_instances(scene), reads.beanstalk_settings(scene))


_FORCE_TLS = "ParameterName=rds.force_ssl,ParameterValue=1,ApplyMethod=immediate"
_DATABASE = ("rds:DescribeDBInstances", "rds:DescribeDBClusters")
_CACHE = "elasticache:DescribeReplicationGroups"

ITEMS = (
    Item(
        key="https",
        part=Part.SECURITY,
        title="HTTPS",
        why="Without it everybody on the way reads passwords and changes answers.",
        fix=Fix(
            options={"front": True},
            opens="domain",
            hint="HTTPS takes a domain: give one and the id of the Route 53 zone that answers for it. A single server "
            "needs a load balancer for that.",
        ),
        probe=_https,
        permissions=("cloudfront:GetDistribution", "elasticloadbalancing:DescribeListeners"),
    ),
    Item(
        key="certificate",
        part=Part.SECURITY,
        title="Certificate of ACM",
        why="ACM renews it by itself, as long as the record in the domain stands.",
        fix=Fix(hint="Look in ACM which record is missing from the domain."),
        probe=_certificate,
        permissions=("acm:DescribeCertificate",),
    ),
    Item(
        key="firewall",
        part=Part.SECURITY,
        title="WAF",
        why="It keeps out known attacks, and those who ask too often.",
        fix=Fix(
            options={"firewall": True},
            hint="Put a web ACL of AWS's managed rules before it in the WAF console.",
        ),
        probe=_firewall,
        permissions=(
            "cloudfront:GetDistribution",
            "wafv2:GetWebACLForResource",
            "wafv2:GetWebACL",
        ),
    ),
    *secrets.ITEMS,
    Item(
        key="groups",
        part=Part.SECURITY,
        title="Only the web's ports are open",
        why="Every open port is tried by strangers within minutes.",
        fix=Fix(
            hint="Take the rule out of the security group; Session Manager gives a shell without a port."
        ),
        probe=_groups,
        permissions=("ec2:DescribeSecurityGroups",),
    ),
    Item(
        key="encryption",
        part=Part.SECURITY,
        title="Data is encrypted at rest",
        why="A disk or a backup that gets lost tells nothing.",
        fix=Fix(
            hint="Restore from a snapshot that was copied with encryption: AWS cannot turn it on in place."
        ),
        probe=_encryption,
        permissions=(*_DATABASE, _CACHE, "s3:GetEncryptionConfiguration"),
    ),
    Item(
        key="transit",
        part=Part.SECURITY,
        title="Data travels by TLS",
        why="Inside a network too, somebody may listen.",
        fix=Fix(
            commands={
                "rds.db_parameter_group": "aws rds modify-db-parameter-group --db-parameter-group-name "
                f"${{database-settings.name}} --parameters {_FORCE_TLS}",
                "rds.db_cluster_parameter_group": "aws rds modify-db-cluster-parameter-group "
                f"--db-cluster-parameter-group-name ${{database-settings.name}} --parameters {_FORCE_TLS}",
            }
        ),
        probe=_transit,
        permissions=(
            "rds:DescribeDBParameters",
            "rds:DescribeDBClusterParameters",
            _CACHE,
            "s3:GetBucketPolicy",
        ),
    ),
    Item(
        key="updates",
        part=Part.SECURITY,
        title="AWS installs updates",
        why="Known holes are used within days of being known.",
        fix=Fix(
            options={"managed_updates": True},
            commands=modify_database("--auto-minor-version-upgrade", cluster=False),
        ),
        probe=_updates,
        permissions=("rds:DescribeDBInstances", "elasticbeanstalk:DescribeConfigurationSettings"),
    ),
)
