"""The usage profile of an environment: how much of everything metered it is expected to use in a month."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

PhaseName = Literal["mvp", "production", "scaling"]

_GB = Annotated[Decimal, Field(ge=0, le=10_000_000, max_digits=12, decimal_places=3)]
_Count = Annotated[int, Field(ge=0, le=100_000_000_000)]


class Usage(BaseModel):
    """What the usage-based lines of an estimate are computed from; editable per request.

    Every figure is for one month of 730 hours and the whole environment. The defaults here are those of
    `production`; `Usage.of_phase` gives those of any phase. They are stated assumptions, not measurements.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests: _Count = Field(3_000_000, description="HTTP requests a month, cached ones included")
    gb_out: _GB = Field(Decimal(0), description="GB a month sent to the internet without the CDN")
    cdn_gb: _GB = Field(Decimal(100), description="GB a month sent to the internet by the CDN")
    storage_gb: _GB = Field(Decimal(50), description="GB kept in S3, average over the month")
    s3_put: _Count = Field(100_000, description="S3 PUT, COPY, POST and LIST requests a month")
    s3_get: _Count = Field(2_000_000, description="S3 GET and other requests a month")
    log_gb: _GB = Field(Decimal(10), description="GB of logs a month, ingested and kept")
    db_storage_gb: _GB = Field(Decimal(50), description="GB of database storage")
    db_io: _Count = Field(50_000_000, description="Aurora I/O requests a month")
    average_tasks: Decimal = Field(
        Decimal(2), gt=0, le=1_000, description="Tasks or instances running on average, between min and max"
    )
    lcu: Decimal = Field(
        Decimal("0.5"), ge=0, le=10_000, description="Load balancer capacity units (LCU) on average"
    )
    nat_gb: _GB = Field(Decimal(20), description="GB a month through NAT gateways, both ways")
    active_hours: Decimal = Field(
        Decimal(730), ge=0, le=730, description="Hours a month in which a pausable database is awake"
    )
    average_acu: Decimal = Field(
        Decimal("1.5"), ge=0, le=4_096, description="Aurora capacity units (ACU) while awake, all members"
    )
    lambda_ms: int = Field(200, ge=1, le=900_000, description="Milliseconds that one function call takes")
    lambda_mb: int = Field(512, ge=128, le=10_240, description="MB of memory of the function")
    jobs: _Count = Field(0, description="Background jobs a month (one queue message, one worker call each)")
    job_ms: int = Field(500, ge=1, le=900_000, description="Milliseconds that one background job takes")
    trace_percent: Decimal = Field(
        Decimal(5), ge=0, le=100, description="Per cent of the requests that are traced"
    )
    image_gb: _GB = Field(Decimal(1), description="GB of container images kept")
    secret_calls: _Count = Field(3_000, description="Reads of secrets a month")
    emails: _Count = Field(100, description="E-mails that alarms send a month")
    build_minutes: _Count = Field(100, description="Minutes of builds a month")
    active_users: _Count = Field(1_000, description="Users who sign in at least once a month")
    copied_gb: _GB = Field(Decimal(10), description="GB a month copied to another region")

    @classmethod
    def of_phase(cls, phase: PhaseName) -> Self:
        """The default profile of a phase."""
        return cls.model_validate(_CHANGES[phase])

    def with_cdn(self) -> Self:
        """The same traffic when all of it passes through the CDN."""
        return self.model_copy(update={"gb_out": Decimal(0), "cdn_gb": self.cdn_gb + self.gb_out})

    def without_cdn(self) -> Self:
        """The same traffic when the environment has no CDN."""
        return self.model_copy(update={"gb_out": self.cdn_gb + self.gb_out, "cdn_gb": Decimal(0)})


_CHANGES: dict[PhaseName, dict[str, int | str]] = {
    "mvp": {
        "requests": 300_000,
        "gb_out": 10,
        "cdn_gb": 0,
        "storage_gb": 5,
        "s3_put": 0,
        "s3_get": 0,
        "log_gb": 2,
        "db_storage_gb": 20,
        "db_io": 5_000_000,
        "average_tasks": 1,
        "lcu": "0.1",
        "nat_gb": 5,
        "active_hours": 220,
        "average_acu": "0.5",
        "active_users": 100,
        "copied_gb": 1,
    },
    "production": {},
    "scaling": {
        "requests": 30_000_000,
        "cdn_gb": 500,
        "storage_gb": 200,
        "s3_put": 1_000_000,
        "s3_get": 20_000_000,
        "log_gb": 50,
        "db_storage_gb": 100,
        "db_io": 300_000_000,
        "average_tasks": 3,
        "lcu": 2,
        "nat_gb": 100,
        "average_acu": 3,
        "lambda_ms": 150,
        "jobs": 2_000_000,
        "build_minutes": 300,
        "active_users": 10_000,
        "copied_gb": 40,
    },
}
