"""A service without a load balancer tells Cloud Map where its tasks are."""

from __future__ import annotations

import pytest

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.servicediscovery_private_dns_namespace import NamespaceProps
from provisioning.kinds.servicediscovery_service import DiscoveryServiceProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, gone
from provisioning.kinds.tests.network import Network

pytestmark = pytest.mark.simulator
KIND = "ecs.service"


@pytest.fixture
def network(aws: Aws, build: Build) -> Network:
    return Network(aws, build)


@pytest.fixture
def registries(build: Build, network: Network) -> tuple[str, str]:
    """The ids of two Cloud Map services in one namespace."""
    namespace = build("namespace", NamespaceProps(vpc_id=network.vpc_id)).id
    props = DiscoveryServiceProps(namespace_id=namespace)
    return build("name", props).id, build("other-name", props).id


def _arn(aws: Aws, registry: str) -> str:
    return aws.servicediscovery.get_service(Id=registry)["Service"]["Arn"]


def _told(aws: Aws, registry: str) -> list[str]:
    instances = aws.servicediscovery.list_instances(ServiceId=registry)["Instances"]
    return [one["Attributes"]["AWS_INSTANCE_PORT"] for one in instances]


def test_it_moves_from_one_registry_to_another_and_out_of_both(
    aws: Aws, handle: MakeHandle, network: Network, registries: tuple[str, str]
) -> None:
    first, second = (_arn(aws, one) for one in registries)
    definition = network.definition()
    service = network.service(definition, registry_arn=first)

    check_contract(
        aws,
        handle("service-blue", KIND),
        service,
        changes=[network.service(definition, registry_arn=second), network.service(definition)],
    )


def test_each_of_its_tasks_is_told_and_none_is_left_behind(
    aws: Aws, handle: MakeHandle, build: Build, network: Network, registries: tuple[str, str]
) -> None:
    registry, _ = registries
    props = network.service(network.definition(), registry_arn=_arn(aws, registry), desired_count=2)

    made = build("service-blue", props)

    assert _told(aws, registry) == [str(props.container_port)] * 2
    gone(aws, handle("service-blue", KIND, id=made.id), KIND)
    assert _told(aws, registry) == []
    assert kind_named("servicediscovery.service").delete(
        aws, handle("name", "servicediscovery.service", id=registry)
    )
