"""What is peculiar to an image repository: how long images stay, and that they go with it."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.ecr_repository import RepositoryProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "ecr.repository"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {},
    {"immutable_tags": False, "scan_on_push": False, "keep_images": 0},
)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    changes = [
        RepositoryProps(keep_images=10),
        RepositoryProps(keep_images=0),
        RepositoryProps(immutable_tags=False, scan_on_push=False),
    ]

    check_contract(
        aws,
        handle("repository", KIND),
        RepositoryProps(),
        changes=changes,
        attributes=["name", "arn", "uri"],
        also_permitted=["ecr:TagResource"],  # CreateRepository with tags
    )


def test_a_cut_before_the_rule_for_old_images_is_repaired(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("repository", KIND), RepositoryProps()) == 1


def test_its_address_is_what_docker_pushes_to(aws: Aws, handle: MakeHandle, build: Build) -> None:
    made = build("repository", RepositoryProps())

    assert made.attributes["uri"].endswith(f".amazonaws.com/{made.id}")


def test_a_foreign_repository_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("repository", KIND)
    aws.ecr.create_repository(repositoryName=ours.name)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, RepositoryProps())

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)
    assert found.props["keep_images"] == 0


def test_a_rule_of_others_is_a_difference(aws: Aws, handle: MakeHandle, build: Build) -> None:
    name = build("repository", RepositoryProps()).id
    selection = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 9,
    }
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    aws.ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=json.dumps({"rules": [rule]}))
    repository, kind = handle("repository", KIND, id=name), kind_named(KIND)
    now = kind.read(aws, repository)
    assert now is not None
    assert set(kind.differences(RepositoryProps().dump(), now)) == {"keep_images"}

    kind.update(aws, repository, RepositoryProps(), now)

    settled(aws, repository, RepositoryProps())


def test_a_rule_that_is_gone_already_can_be_taken_away(aws: Aws, handle: MakeHandle, build: Build) -> None:
    name = build("repository", RepositoryProps()).id
    repository, kind = handle("repository", KIND, id=name), kind_named(KIND)
    before = kind.read(aws, repository)
    assert before is not None
    aws.ecr.delete_lifecycle_policy(repositoryName=name)

    kind.update(aws, repository, RepositoryProps(keep_images=0), before)

    settled(aws, repository, RepositoryProps(keep_images=0))


def test_images_go_with_it(aws: Aws, handle: MakeHandle, build: Build) -> None:
    name = build("repository", RepositoryProps()).id
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": {"digest": "sha256:1", "size": 1},
        "layers": [],
    }
    aws.ecr.put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag="1")

    assert kind_named(KIND).delete(aws, handle("repository", KIND, id=name)) is True

    assert kind_named(KIND).read(aws, handle("repository", KIND)) is None


def test_to_keep_fewer_than_no_images_is_refused() -> None:
    with pytest.raises(ValidationError, match="keep_images"):
        RepositoryProps(keep_images=-1)


def test_it_costs_its_images() -> None:
    usage = Usage.of_phase("production")

    (line,) = kind_named(KIND).cost(RepositoryProps(), usage, "us-east-1")

    assert (line.sku, line.quantity.expected) == ("ECR/private_storage", usage.image_gb)
