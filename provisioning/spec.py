"""The spec: the validated, versioned description of one environment, from which everything else follows."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from provisioning.names import slugify, stack_of
from provisioning.references import JsonValue

_REGION = re.compile(r"^[a-z]{2}(-[a-z]+)+-\d$")


class Spec(BaseModel):
    """What a person asked for, together with what the portal adds to it (stack, zones, tags).

    `options` are the blueprint's, already checked by it. `zones` are two availability zones of the region.
    `image` is empty until the first deployment: a small public one runs until then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    identity: str = Field(min_length=1)  # unique for ever, given by the portal
    application: str = Field(min_length=1, max_length=60)
    environment: str = Field(min_length=1, max_length=60)
    team: str = Field(min_length=1, max_length=100)
    cost_center: str = Field(default="", max_length=60)
    architecture: str
    phase: str
    region: str
    account: str = Field(pattern=r"^\d{12}$")
    zones: tuple[str, str]
    image: str = Field(default="", max_length=400)
    port: int = Field(default=8000, ge=1, le=65535)
    health_path: str = Field(default="/health", pattern=r"^/[^\s]*$", max_length=200)
    alarm_email: str = Field(default="", max_length=254)
    options: dict[str, JsonValue] = {}

    @field_validator("region")
    @classmethod
    def _known_shape(cls, value: str) -> str:
        if not _REGION.match(value):
            raise ValueError(f"{value} is not the name of an AWS region")
        return value

    @property
    def slug(self) -> str:
        """`<application>-<environment>`, as in URLs and tags."""
        return slug_of(self.application, self.environment)

    @property
    def stack(self) -> str:
        """Eight characters that no other environment has, in every name that AWS wants unique."""
        return stack_of(self.identity)

    def tags(self) -> dict[str, str]:
        """The tags of every resource; its key and the operation are added one by one."""
        tags = {
            "andamio:application": self.application,
            "andamio:environment": self.slug,
            "andamio:team": self.team,
            "andamio:cost-center": self.cost_center or self.team,
            "andamio:stack": self.stack,
        }
        return {key: _tag_value(value) for key, value in tags.items()}


def slug_of(application: str, environment: str) -> str:
    """What an environment of an application is called everywhere."""
    return slugify(f"{application}-{environment}")


def _tag_value(value: str) -> str:
    """What every service takes as a tag value (the strictest set: letters, digits, space and + - = . _ : / @)."""
    return re.sub(r"[^\w\s+\-=.:/@]", "_", value, flags=re.ASCII)[:256]
