"""Security: who may talk to whom. A chain from the internet to the data, of which nobody skips a link."""

from __future__ import annotations

from provisioning.kinds.ec2_security_group import IngressRule, SecurityGroupProps
from provisioning.references import ref
from provisioning.resource import Resource

ANYWHERE = "0.0.0.0/0"
WEB_PORTS = (80, 443)
POSTGRES_PORT = 5432
REDIS_PORT = 6379


def open_to_the_internet(
    key: str, title: str, description: str, *, ports: tuple[int, ...] = WEB_PORTS
) -> Resource:
    """The group of what everybody may ask, on the ports of the web."""
    rules = tuple(IngressRule(port=port, cidr=ANYWHERE, description="The internet") for port in ports)
    return _group(key, title, description, rules)


def behind(
    source: str, key: str, title: str, description: str, *, port: int, also: tuple[str, ...] = ()
) -> Resource:
    """The group of what only the members of another group may ask, on one port. `source`: the key of that group, `also`
    those of further ones."""
    rules = tuple(
        IngressRule(port=port, group_id=ref(one), description=f"From {one}") for one in (source, *also)
    )
    return _group(key, title, description, rules)


def members(key: str, title: str, description: str) -> Resource:
    """A group that opens nothing: others let its members in."""
    return _group(key, title, description, ())


def data_groups(source: str, whose: str, *, cache: bool, also: tuple[str, ...] = ()) -> tuple[Resource, ...]:
    """The groups of the database and, where there is one, the cache. `whose`: who the members of the source are;
    `also`: further groups that are let in."""
    database = behind(
        source,
        "database-group",
        "Database security group",
        f"Database: from the {whose}",
        port=POSTGRES_PORT,
        also=also,
    )
    if not cache:
        return (database,)
    return (
        database,
        behind(
            source,
            "cache-group",
            "Cache security group",
            f"Cache: from the {whose}",
            port=REDIS_PORT,
            also=also,
        ),
    )


def _group(key: str, title: str, description: str, ingress: tuple[IngressRule, ...]) -> Resource:
    props = SecurityGroupProps(vpc_id=ref("vpc"), description=description, ingress=ingress)
    return Resource(key=key, title=title, props=props)
