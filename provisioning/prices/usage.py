"""The usage profile of an environment: how much of everything metered it is expected to use in a month."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from provisioning.choices import Unit

PhaseName = Literal["mvp", "production", "scaling"]

_Amount = Annotated[Decimal, Field(ge=0, le=10_000_000, max_digits=12, decimal_places=3)]
_GB = Annotated[_Amount, Unit(words="GB")]
_GBMonthly = Annotated[_Amount, Unit(words="GB a month")]
_Count = Annotated[int, Field(ge=0, le=100_000_000_000)]
_Monthly = Annotated[_Count, Unit(words="a month")]


class Usage(BaseModel):
    """What the usage-based lines of an estimate are computed from; editable per request.

    Every figure is for one month of 730 hours and the whole environment. The defaults here are those of
    `production`; `Usage.of_phase` gives those of any phase. They are stated assumptions, not measurements.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests: _Monthly = Field(3_000_000, title="HTTP requests", description="Cached ones included.")
    gb_out: _GBMonthly = Field(
        Decimal(0), title="Sent without the CDN", description="To the internet, straight from the region."
    )
    cdn_gb: _GBMonthly = Field(Decimal(100), title="Sent by the CDN", description="To the internet.")
    storage_gb: _GB = Field(Decimal(50), title="Files in S3", description="Average over the month.")
    s3_put: _Monthly = Field(100_000, title="Writing requests to S3", description="PUT, COPY, POST and LIST.")
    s3_get: _Monthly = Field(2_000_000, title="Reading requests to S3", description="GET and all others.")
    log_gb: _GBMonthly = Field(Decimal(10), title="Logs written", description="Ingested and kept.")
    db_storage_gb: _GB = Field(
        Decimal(50), title="Data in the database", description="Average over the month."
    )
    backup_gb: _GB = Field(
        Decimal(75),
        title="Kept database backups",
        description="Of the scheduled ones, average over the month.",
    )
    db_io: _Monthly = Field(50_000_000, title="Database I/O", description="Only of Aurora.")
    average_tasks: Annotated[Decimal, Unit(words="tasks")] = Field(
        Decimal(2),
        gt=0,
        le=1_000,
        title="Running on average",
        description="Between the fewest and the most.",
    )
    lcu: Annotated[Decimal, Unit(words="LCU")] = Field(
        Decimal("0.5"),
        ge=0,
        le=10_000,
        title="Load balancer",
        description="Units on average, as AWS counts them.",
    )
    nat_gb: _GBMonthly = Field(Decimal(20), title="Through NAT gateways", description="Both ways.")
    active_hours: Annotated[Decimal, Unit(words="h a month")] = Field(
        Decimal(730), ge=0, le=730, title="Database awake", description="Of one that pauses by itself."
    )
    average_acu: Annotated[Decimal, Unit(words="ACU")] = Field(
        Decimal(1),
        ge=0,
        le=4_096,
        title="Load on Aurora",
        description="Capacity units while awake, all members together.",
    )
    lambda_ms: Annotated[int, Unit(words="ms")] = Field(
        200, ge=1, le=900_000, title="Time of a call", description="Of the function."
    )
    lambda_mb: Annotated[int, Unit(words="MB")] = Field(
        512, ge=128, le=10_240, title="Memory of the function", description="Lambda gives CPU in proportion."
    )
    jobs: _Monthly = Field(
        0, title="Background jobs", description="One message in a queue and one call of a worker each."
    )
    job_ms: Annotated[int, Unit(words="ms")] = Field(
        500, ge=1, le=900_000, title="Time of a job", description="In the background."
    )
    trace_percent: Annotated[Decimal, Unit(words="%")] = Field(
        Decimal(5), ge=0, le=100, title="Traced requests", description="By X-Ray."
    )
    image_gb: _GB = Field(Decimal(1), title="Container images", description="Kept in the registry.")
    secret_calls: _Monthly = Field(3_000, title="Reads of secrets", description="From Secrets Manager.")
    emails: _Monthly = Field(100, title="E-mails of alarms", description="To all addresses together.")
    build_minutes: Annotated[_Count, Unit(words="min a month")] = Field(
        100, title="Build time", description="In CodeBuild."
    )
    active_users: _Monthly = Field(
        1_000, title="Users who sign in", description="Each counts once, however often."
    )
    copied_gb: _GBMonthly = Field(
        Decimal(10), title="Copied to another region", description="Of files and backups."
    )

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
        "backup_gb": 30,
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
        "backup_gb": 150,
        "db_io": 300_000_000,
        "average_tasks": 3,
        "lcu": 2,
        "nat_gb": 100,
        "average_acu": 2,
        "lambda_ms": 150,
        "jobs": 2_000_000,
        "build_minutes": 300,
        "active_users": 10_000,
        "copied_gb": 40,
    },
}
