"""A secret whose value is written by what uses it first: nobody here ever reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.errors import AwsError
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.template_parts import REF, Form, Part, Place, given

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import DescribeSecretResponseTypeDef


class SecretProps(Props):
    """`description`: what is kept in it."""

    description: str = Field(default="", max_length=2048)


@register
class Secret(Kind[SecretProps]):
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html

    The token makes a second creation answer with the first. It is deleted at once, without the days in which AWS
    would keep it: what is meant to be kept is in the database that it opens. Attributes: id (the ARN), arn, name.
    """

    name = "secretsmanager.secret"
    title = "Secret"
    naming = Naming(limit=505)  # 512, less the hyphen and the six characters that end its ARN
    billed = True
    permissions = (
        "secretsmanager:CreateSecret",
        "secretsmanager:TagResource",
        "secretsmanager:DescribeSecret",
        "secretsmanager:UpdateSecret",
        "secretsmanager:DeleteSecret",
    )
    props = SecretProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        secret = found(aws.secretsmanager.describe_secret, SecretId=handle.id or handle.name)
        if secret is None or "DeletedDate" in secret:
            return None
        return _observed(secret)

    def create(self, aws: Aws, handle: Handle, props: SecretProps) -> Observed:
        answer = aws.secretsmanager.create_secret(
            Name=handle.name,
            Description=props.description,
            ClientRequestToken=handle.token,
            Tags=handle.tag_list,
        )
        arn = answer["ARN"]
        return Observed(id=arn, attributes={"id": arn, "arn": arn, "name": handle.name})

    def update(self, aws: Aws, handle: Handle, props: SecretProps, observed: Observed) -> Observed:
        aws.secretsmanager.update_secret(SecretId=observed.id, Description=props.description)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        try:
            found(
                aws.secretsmanager.delete_secret,
                SecretId=handle.id or handle.name,
                ForceDeleteWithoutRecovery=True,
            )
        except AwsError as error:
            # It is on its way out already.
            if error.aws_code != "InvalidRequestException" or "delet" not in error.aws_message.lower():
                raise
        return True

    def cost(self, props: SecretProps, usage: Usage, region: str) -> Iterator[CostLine]:
        yield CostLine.fixed("SecretsManager/secret", 1, "Secret", "One secret")

    def cloudformation(self, place: Place, props: SecretProps) -> Form:
        """What uses it first is there a database, which takes its password from it: CloudFormation writes it before."""
        names = (user.props.dump().get("master_username") for user in place.users)
        template = json.dumps({"username": next((name for name in names if name), place.key)})
        properties = {
            "Name": place.name,
            "Description": props.description,
            "GenerateSecretString": {
                "SecretStringTemplate": template,
                "GenerateStringKey": "password",
                "PasswordLength": 40,
                "ExcludePunctuation": True,
            },
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::SecretsManager::Secret", properties=given(properties)),),
            attributes={"id": REF, "arn": REF, "name": place.name},
        )


def _observed(secret: DescribeSecretResponseTypeDef) -> Observed:
    arn = secret["ARN"]
    return Observed(
        id=arn,
        props={"description": secret.get("Description", "")},
        attributes={"id": arn, "arn": arn, "name": secret["Name"]},
        tags=tags_of(secret),
    )
