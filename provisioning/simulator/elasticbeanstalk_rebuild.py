"""An environment made anew under its old name, id and address, while it is there or after it was terminated."""

from provisioning.simulator import elasticbeanstalk_deployments as deployments
from provisioning.simulator import elasticbeanstalk_removal as removal
from provisioning.simulator.elasticbeanstalk_state import (
    Environment,
    be_unknown,
    clock,
    environment_of,
    invalid,
    names,
    of,
    require_ready,
    tell,
)
from provisioning.simulator.operations import Call, operation
from provisioning.simulator.world import Moment, event


def _grave(call: Call) -> Environment | None:
    identifier, name = call.text("EnvironmentId"), call.text("EnvironmentName")
    known = of(call).environments.values()
    if any(one.there and (one.id == identifier or one.name == name) for one in known):
        return None
    return next((one for one in known if one.id == identifier or one.name == name), None)


@operation("elasticbeanstalk", "RebuildEnvironment")
def rebuild_environment(call: Call) -> object:
    """All that it consists of goes and is made again."""
    grave = _grave(call)
    if grave is not None:
        _revive(call, grave)
        return {}
    environment = environment_of(call)
    require_ready(environment)
    environment.turn += 1
    environment.status, environment.updated = "Updating", clock(call)
    be_unknown(environment, "Pending")
    tell(call, environment, "rebuildEnvironment is starting.")
    removal.begin(call, environment)
    deployments.plan(call, environment, "beanstalk.terminate", "beanstalk.emptied")
    return {}


def _revive(call: Call, environment: Environment) -> None:
    taken = names(call).taken
    if any(one.there and one.name == environment.name for one in of(call).environments.values()):
        raise invalid(f"Environment {environment.name} already exists.")
    if taken.get(environment.cname, environment.id) != environment.id:
        raise invalid(f"DNS name ({environment.cname}) is not available.")
    taken[environment.cname] = environment.id
    tell(call, environment, "rebuildEnvironment is starting.")
    _launch(call, environment)


def _launch(moment: Moment, environment: Environment) -> None:
    environment.turn += 1
    environment.status, environment.updated = "Launching", clock(moment)
    be_unknown(environment, "Pending")
    deployments.plan(moment, environment, "beanstalk.resources", "beanstalk.resources")
    deployments.plan(moment, environment, "beanstalk.launch", "beanstalk.launched")


@event("beanstalk.emptied")
def emptied(moment: Moment, identifier: str, turn: str) -> None:
    """What the environment consisted of is gone: it is launched again."""
    environment = deployments.find(moment, identifier, turn)
    if environment is None:
        return
    if removal.is_busy(moment, environment):
        deployments.again(moment, environment, "beanstalk.emptied")
        return
    why = removal.finish(moment, environment)
    if why:
        tell(moment, environment, why, "Failed to rebuild environment.", severity="ERROR")
        deployments.rest(moment, environment)
        be_unknown(environment, "Unknown")
        return
    _launch(moment, environment)
