"""Worker: a function beside servers or tasks that works through a queue, with its way to the data and to AWS."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from provisioning.blueprints.blueprint import Options
from provisioning.blueprints.parts.endpoints import endpoints
from provisioning.blueprints.parts.functions import Size, worker_function
from provisioning.blueprints.parts.security import members
from provisioning.choices import Unit
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec

WORKER_GROUP = "function-group"
_MEMORY = 512  # MB
_SERVICES = ("secretsmanager", "ssm")


class WorkerOptions(Options):
    """Jobs that nobody waits for."""

    worker: bool = Field(
        False, title="Worker", description="A function of Lambda works through a queue, one job a message."
    )
    worker_timeout: Annotated[int, Unit(words="s")] = Field(
        120, ge=1, le=900, title="Longest job", description="Counts where there is a worker."
    )


def worker_beside(
    application: str, spec: Spec, options: WorkerOptions, *, nat: bool, traced: bool
) -> tuple[Resource, ...]:
    """It stands in the private subnets. Without NAT it reaches the secret of the database and parameters by endpoints,
    and so do from then on the members of the group `application`, whom they let in as well."""
    if not options.worker:
        return ()
    size = Size(memory=_MEMORY, timeout=options.worker_timeout, worker_timeout=options.worker_timeout)
    return (
        members(WORKER_GROUP, "Worker security group", "Worker: nobody asks it here"),
        *(() if nat else endpoints(WORKER_GROUP, "worker", _SERVICES, zones=1, also=(application,))),
        *worker_function(spec, size, address=ref("database", "address"), traced=traced),
    )


def worker_groups(options: WorkerOptions) -> tuple[str, ...]:
    """The groups that the data lets in beside the application's own."""
    return (WORKER_GROUP,) if options.worker else ()


def worker_outputs(options: WorkerOptions) -> dict[str, str]:
    """What a worker is called, and where jobs go."""
    return {"worker": "${worker.name}", "queue_url": "${jobs.url}"} if options.worker else {}


def worker_parameters(options: WorkerOptions) -> dict[str, str]:
    """Where jobs go, as a parameter."""
    return {"queue-url": ref("jobs", "url")} if options.worker else {}
