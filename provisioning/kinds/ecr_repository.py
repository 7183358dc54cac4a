"""An ECR repository: the container images of one environment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.template_parts import REF, Form, Part, Place, Told, given

if TYPE_CHECKING:
    from mypy_boto3_ecr.literals import ImageTagMutabilityType
    from mypy_boto3_ecr.type_defs import RepositoryTypeDef


class RepositoryProps(Props):
    """`immutable_tags`: a tag, once pushed, means the same image for ever. `keep_images`: the newest so many stay, the
    others expire within a day; 0 keeps all."""

    immutable_tags: bool = True
    scan_on_push: bool = True
    keep_images: int = Field(default=50, ge=0, le=10_000)


@register
class Repository(Kind[RepositoryProps]):
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html

    Deleting takes the images along. Attributes: id (the name), name, arn, uri (what docker pushes to).
    """

    name = "ecr.repository"
    title = "ECR repository"
    naming = Naming(limit=256)
    permissions = (
        "ecr:CreateRepository",
        "ecr:TagResource",
        "ecr:DescribeRepositories",
        "ecr:GetLifecyclePolicy",
        "ecr:ListTagsForResource",
        "ecr:PutImageTagMutability",
        "ecr:PutImageScanningConfiguration",
        "ecr:PutLifecyclePolicy",
        "ecr:DeleteLifecyclePolicy",
        "ecr:DeleteRepository",
    )
    billed = True
    stateful = True
    props = RepositoryProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        answer = found(aws.ecr.describe_repositories, repositoryNames=[handle.name])
        if answer is None:
            return None
        repository = answer["repositories"][0]
        return Observed(
            id=handle.name,
            props={
                "immutable_tags": repository["imageTagMutability"] == "IMMUTABLE",
                "scan_on_push": repository["imageScanningConfiguration"]["scanOnPush"],
                "keep_images": _kept(aws, handle.name),
            },
            attributes=_attributes(repository),
            tags=_tags(aws, handle, repository["repositoryArn"]),
        )

    def create(self, aws: Aws, handle: Handle, props: RepositoryProps) -> Observed:
        answer = aws.ecr.create_repository(
            repositoryName=handle.name,
            imageTagMutability=_mutability(props),
            imageScanningConfiguration={"scanOnPush": props.scan_on_push},
            tags=handle.tag_list,
        )
        if props.keep_images:
            _keep(aws, handle.name, props.keep_images)
        return Observed(id=handle.name, attributes=_attributes(answer["repository"]))

    def update(self, aws: Aws, handle: Handle, props: RepositoryProps, observed: Observed) -> Observed:
        changed = self.differences(props.dump(), observed)
        if "immutable_tags" in changed:
            aws.ecr.put_image_tag_mutability(
                repositoryName=handle.name, imageTagMutability=_mutability(props)
            )
        if "scan_on_push" in changed:
            aws.ecr.put_image_scanning_configuration(
                repositoryName=handle.name, imageScanningConfiguration={"scanOnPush": props.scan_on_push}
            )
        if "keep_images" in changed:
            _keep(aws, handle.name, props.keep_images)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.ecr.delete_repository, repositoryName=handle.name, force=True)
        return True

    def cost(self, props: RepositoryProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """The images kept."""
        yield CostLine.usage(
            "ECR/private_storage", usage.image_gb, "Container images", f"{usage.image_gb:g} GB of images"
        )

    def cloudformation(self, place: Place, props: RepositoryProps) -> Form:
        lifecycle = {"LifecyclePolicyText": _policy(props.keep_images)} if props.keep_images else {}
        properties = {
            "RepositoryName": place.name,
            "ImageTagMutability": _mutability(props),
            "ImageScanningConfiguration": {"ScanOnPush": props.scan_on_push},
            "LifecyclePolicy": lifecycle,
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::ECR::Repository", properties=given(properties), kept="Retain"),),
            attributes={"id": REF, "name": REF, "arn": Told("Arn"), "uri": Told("RepositoryUri")},
        )


def _attributes(repository: RepositoryTypeDef) -> dict[str, str]:
    name = repository["repositoryName"]
    return {
        "id": name,
        "name": name,
        "arn": repository["repositoryArn"],
        "uri": repository["repositoryUri"],
    }


def _mutability(props: RepositoryProps) -> ImageTagMutabilityType:
    return "IMMUTABLE" if props.immutable_tags else "MUTABLE"


def _keep(aws: Aws, name: str, images: int) -> None:
    if images == 0:
        found(aws.ecr.delete_lifecycle_policy, repositoryName=name)
        return
    aws.ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=_policy(images))


def _kept(aws: Aws, name: str) -> int:
    """How many images the policy keeps: 0 without one, -1 when it is not the one that is written here."""
    answer = found(aws.ecr.get_lifecycle_policy, repositoryName=name)
    if answer is None:
        return 0
    rules = json.loads(answer["lifecyclePolicyText"])["rules"]
    ours = len(rules) == 1 and rules[0]["selection"].get("countType") == "imageCountMoreThan"
    return int(rules[0]["selection"]["countNumber"]) if ours else -1


def _tags(aws: Aws, handle: Handle, arn: str) -> dict[str, str]:
    """One more call, made only while no id on record says that the repository is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    return tags_of(aws.ecr.list_tags_for_resource(resourceArn=arn), "tags")


def _policy(images: int) -> str:
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": images}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    return json.dumps({"rules": [rule]})
