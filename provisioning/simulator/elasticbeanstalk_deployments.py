"""What an environment does over time: it is launched, gets versions and settings, restarts, swaps, goes.

A version whose label contains "broken" never answers. With a policy that puts it on servers of its own first
(RollingWithAdditionalBatch, Immutable) these go again and the version before serves on; Rolling stops at its first
batch; AllAtOnce puts it everywhere.
"""

import math

from provisioning.simulator import ec2_autoscaling_groups, ec2_autoscaling_refresh, elbv2_targets
from provisioning.simulator import elasticbeanstalk_removal as removal
from provisioning.simulator import elasticbeanstalk_resources as resources
from provisioning.simulator.ec2_autoscaling_groups import Group, Member
from provisioning.simulator.elasticbeanstalk_state import (
    Environment,
    Settings,
    be_ill,
    be_unknown,
    be_well,
    clock,
    names,
    of,
    tell,
)
from provisioning.simulator.operations import Refusal
from provisioning.simulator.world import Moment, event

_COMMAND = "aws:elasticbeanstalk:command"
_ROLLING = "aws:autoscaling:updatepolicy:rollingupdate"
_MORE = "For more information, see troubleshooting documentation."
_WITH_ERRORS = f"Create environment operation is complete, but with errors. {_MORE}"
_ABORTED = (
    "During an aborted deployment, some instances may have deployed the new application version. To ensure all "
    "instances are running the same version, re-deploy the appropriate application version."
)
# A terminated environment is listed for about an hour (API reference, DescribeEnvironments).
_SHOWN_SECONDS = 3600.0
_FEW_SECONDS = 5.0


def find(moment: Moment, identifier: str, turn: str) -> Environment | None:
    """The environment, if it is still at the operation that planned this."""
    found = of(moment).environments.get(identifier)
    return found if found is not None and found.there and str(found.turn) == turn else None


def plan(moment: Moment, environment: Environment, duration: str, name: str) -> None:
    """Let something happen to the environment later, unless another operation comes first."""
    moment.after(duration, name, environment.id, str(environment.turn))


def again(moment: Moment, environment: Environment, name: str) -> None:
    """Let the same happen some seconds later."""
    moment.later(moment.durations.scaled(_FEW_SECONDS), name, environment.id, str(environment.turn))


def rest(moment: Moment, environment: Environment) -> None:
    """The environment is ready for whatever comes next."""
    environment.status, environment.updated = "Ready", clock(moment)
    environment.coming, environment.arriving = None, ""


def _is_broken(moment: Moment, environment: Environment, label: str) -> bool:
    version = of(moment).versions.get((environment.application, label))
    return version.broken if version is not None else "broken" in label


def _serving(group: Group | None) -> list[Member]:
    return [member for member in group.alive if member.state == "InService"] if group else []


def _run(moment: Moment, environment: Environment, member: Member, label: str) -> None:
    """Put a version on one instance."""
    member.broken = _is_broken(moment, environment, label)
    if label == environment.version:
        environment.strays.pop(member.id, None)
    else:
        environment.strays[member.id] = label
    group = resources.group_of(moment, environment)
    for arn in group.targets if group else ():
        elbv2_targets.set_health(moment, arn, member.id, "unhealthy" if member.broken else "healthy")


def judge(moment: Moment, environment: Environment) -> None:
    """Find out how the environment does: green where every server answers with the version that it should have."""
    group = resources.group_of(moment, environment)
    serving = _serving(group)
    ill = [member for member in serving if member.broken]
    strays = [member for member in serving if member.id in environment.strays]
    causes = []
    if not serving:
        causes.append("None of the instances are sending data.")
    if ill:
        everywhere = (
            "all instances" if len(ill) == len(serving) else f"{len(ill)} out of {len(serving)} instances"
        )
        causes.append(
            f"ELB health is failing or not available for {everywhere}."
            if environment.balanced
            else "100.0 % of the requests to the application are failing with HTTP 5xx."
        )
    if strays:
        causes.append(
            f"Incorrect application version found on {len(strays)} out of {len(serving)} instances. Expected version "
            f'"{environment.version}" (deployment {environment.deployment}).'
        )
    if causes:
        be_ill(environment, causes)
    else:
        be_well(environment)


@event("beanstalk.resources")
def make_resources(moment: Moment, identifier: str, turn: str) -> None:
    """What the environment consists of is made."""
    environment = find(moment, identifier, turn)
    if environment is None:
        return
    try:
        broken = _is_broken(moment, environment, environment.version)
        resources.make(moment, environment, broken=broken)
    except Refusal as error:
        tell(
            moment,
            environment,
            f"Service:AmazonCloudFormation, Message:Resource creation failed Reason: {error.message}",
            "Failed to launch environment.",
            severity="ERROR",
        )
        rest(moment, environment)
        be_ill(environment, ["Environment failed to launch."])
        return
    tell(moment, environment, "Waiting for EC2 instances to launch. This may take a few minutes.")


@event("beanstalk.launched")
def launched(moment: Moment, identifier: str, turn: str) -> None:
    """The environment is there, well or not."""
    environment = find(moment, identifier, turn)
    if environment is None or environment.status != "Launching":
        return
    group = resources.group_of(moment, environment)
    failed = next((one for one in group.activities if one["StatusCode"] == "Failed"), None) if group else None
    if group is not None and len(_serving(group)) < group.desired and failed is None:
        again(moment, environment, "beanstalk.launched")
        return
    if failed is not None:
        tell(moment, environment, str(failed.get("StatusMessage")), severity="ERROR")
    rest(moment, environment)
    resources.point(moment, environment)
    judge(moment, environment)
    if environment.health == "Green":
        tell(
            moment,
            environment,
            f"Application available at {environment.cname}.",
            f"Successfully launched environment: {environment.name}",
        )
    else:
        tell(moment, environment, _WITH_ERRORS, severity="ERROR")


def begin_deployment(moment: Moment, environment: Environment, label: str) -> None:
    """A version is on its way."""
    _begin(moment, environment, "Environment update is starting.", "Deploying new version to instance(s).")
    environment.arriving, environment.failing = label, False
    group = resources.group_of(moment, environment)
    if group is not None and _policy(environment) in {"RollingWithAdditionalBatch", "Immutable"}:
        group.extra = _batch(environment, group)
        group.broken = _is_broken(moment, environment, label)
        ec2_autoscaling_groups.settle(moment, group)
    plan(moment, environment, "beanstalk.deploy", "beanstalk.deployed")


def _begin(moment: Moment, environment: Environment, *messages: str) -> None:
    environment.turn += 1
    environment.status, environment.updated = "Updating", clock(moment)
    if environment.health == "Green":
        be_well(environment, "Info")
    tell(moment, environment, *messages)


def _policy(environment: Environment) -> str:
    return environment.option(_COMMAND, "DeploymentPolicy") if environment.balanced else "AllAtOnce"


def _batch(environment: Environment, group: Group) -> int:
    if _policy(environment) == "Immutable":
        return group.desired
    size = int(environment.option(_COMMAND, "BatchSize") or 100)
    if environment.option(_COMMAND, "BatchSizeType") == "Fixed":
        return min(size, max(group.desired, 1))
    return max(1, math.floor(group.desired * size / 100))


@event("beanstalk.deployed")
def deployed(moment: Moment, identifier: str, turn: str) -> None:
    """A deployment has come to its end, good or not."""
    environment = find(moment, identifier, turn)
    if environment is None:
        return
    group, label = resources.group_of(moment, environment), environment.arriving
    if group is not None and len(_serving(group)) < group.desired + group.extra:
        again(moment, environment, "beanstalk.deployed")
        return
    fails = _is_broken(moment, environment, label)
    if fails and _policy(environment) != "AllAtOnce" and group is not None:
        _fail(moment, environment, group, label)
        return
    environment.version, environment.deployment = label, environment.deployment + 1
    if group is not None:
        group.broken = fails
        for member in _serving(group):
            _run(moment, environment, member, label)
        _drop_extra(moment, environment, group, newest=False)
    tell(
        moment,
        environment,
        "New application version was deployed to running EC2 instances.",
        "Environment update completed successfully.",
    )
    rest(moment, environment)
    judge(moment, environment)


def _fail(moment: Moment, environment: Environment, group: Group, label: str) -> None:
    """The first batch does not answer: the environment is red. Some seconds later the deployment is given up; what was
    put on servers of its own goes with them, while a batch of those that served stays as it is."""
    if not environment.failing:
        environment.failing = True
        for member in [] if group.extra else _serving(group)[: _batch(environment, group)]:
            _run(moment, environment, member, label)
        judge(moment, environment)
        plan(moment, environment, "beanstalk.restart", "beanstalk.deployed")
        return
    environment.failing = False
    group.broken = _is_broken(moment, environment, environment.version)
    _drop_extra(moment, environment, group, newest=True)
    tell(moment, environment, _ABORTED, "Failed to deploy application.", severity="ERROR")
    rest(moment, environment)
    judge(moment, environment)


def _drop_extra(moment: Moment, environment: Environment, group: Group, *, newest: bool) -> None:
    if not group.extra:
        return
    count, group.extra = group.extra, 0
    by_age = sorted(_serving(group), key=lambda member: member.since, reverse=newest)
    for member in by_age[:count]:
        environment.strays.pop(member.id, None)
        cause = "an instance was taken out of service at the end of a deployment of Elastic Beanstalk."
        ec2_autoscaling_groups.stop(moment, group, member, cause)
    ec2_autoscaling_groups.settle(moment, group)


def begin_configuration(moment: Moment, environment: Environment, settings: Settings) -> None:
    """Other settings are on their way; where only other servers can have them, these follow one after the other."""
    _begin(
        moment,
        environment,
        "Environment update is starting.",
        "Updating environment's configuration settings.",
    )
    environment.coming = settings
    plan(moment, environment, "beanstalk.configure", "beanstalk.configured")


@event("beanstalk.configured")
def configured(moment: Moment, identifier: str, turn: str) -> None:
    """The settings are in place; servers that need others are replaced."""
    environment = find(moment, identifier, turn)
    if environment is None or environment.coming is None:
        return
    before, environment.settings = environment.settings, environment.coming
    changed = {
        key for key in {*before, *environment.settings} if before.get(key) != environment.settings.get(key)
    }
    resources.apply(moment, environment)
    group = resources.group_of(moment, environment)
    if changed & resources.OF_INSTANCES and group is not None:
        template = resources.renew_template(moment, environment)
        gently = environment.balanced and environment.option(_ROLLING, "RollingUpdateEnabled") == "true"
        bounds = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200}
        tell(moment, environment, "Rolling update started on Auto Scaling group " + group.name)
        ec2_autoscaling_refresh.begin(
            moment, group, template, bounds if gently else {"MinHealthyPercentage": 0}
        )
        again(moment, environment, "beanstalk.replaced")
        return
    _end_configuration(moment, environment)


@event("beanstalk.replaced")
def replaced(moment: Moment, identifier: str, turn: str) -> None:
    """All servers are new, or they could not be."""
    environment = find(moment, identifier, turn)
    if environment is None:
        return
    state = ec2_autoscaling_refresh.status_of(moment, environment.resources.group)
    if state in {"Pending", "InProgress"}:
        again(moment, environment, "beanstalk.replaced")
        return
    if state == "Failed":
        tell(moment, environment, "Failed to deploy configuration.", severity="ERROR")
    _end_configuration(moment, environment)


def _end_configuration(moment: Moment, environment: Environment) -> None:
    tell(
        moment,
        environment,
        "Successfully deployed new configuration to environment.",
        "Environment update completed successfully.",
    )
    rest(moment, environment)
    resources.point(moment, environment)
    judge(moment, environment)


def begin_restart(moment: Moment, environment: Environment) -> None:
    """The application is started again."""
    _begin(moment, environment, "restartAppServer is starting.", "Restarting application server.")
    plan(moment, environment, "beanstalk.restart", "beanstalk.rested")


def begin_abort(moment: Moment, environment: Environment) -> None:
    """An update is given up: the environment goes back to what it had."""
    environment.turn += 1
    environment.status = "Aborting"
    group = resources.group_of(moment, environment)
    if group is not None:
        group.broken = _is_broken(moment, environment, environment.version)
        ec2_autoscaling_refresh.abandon(moment, group)
        _drop_extra(moment, environment, group, newest=True)
    environment.coming, environment.arriving = None, ""
    tell(moment, environment, "Abort operation initiated: canceling the update of the environment.")
    plan(moment, environment, "beanstalk.restart", "beanstalk.rested")


@event("beanstalk.rested")
def rested(moment: Moment, identifier: str, turn: str) -> None:
    """Something short is over."""
    environment = find(moment, identifier, turn)
    if environment is not None:
        rest(moment, environment)
        judge(moment, environment)


def begin_swap(moment: Moment, first: Environment, second: Environment) -> None:
    """Two environments change their addresses."""
    for one in (first, second):
        _begin(moment, one, "swapEnvironmentCnames is starting.")
    first.cname, second.cname = second.cname, first.cname
    taken = names(moment).taken
    taken[first.cname], taken[second.cname] = first.id, second.id
    for one in (first, second):
        tell(moment, one, f"Swapping CNAMEs for environments '{first.name}' and '{second.name}'.")
        plan(moment, one, "beanstalk.swap", "beanstalk.rested")


def begin_termination(moment: Moment, environment: Environment) -> None:
    """Everything that the environment consists of goes."""
    environment.turn += 1
    environment.status, environment.updated = "Terminating", clock(moment)
    be_unknown(environment, "Suspended")
    tell(moment, environment, "terminateEnvironment is starting.")
    removal.begin(moment, environment)
    plan(moment, environment, "beanstalk.terminate", "beanstalk.terminated")


@event("beanstalk.terminated")
def terminated(moment: Moment, identifier: str, turn: str) -> None:
    """The environment is gone, or something of somebody else keeps it."""
    environment = find(moment, identifier, turn)
    if environment is None:
        return
    if removal.is_busy(moment, environment):
        again(moment, environment, "beanstalk.terminated")
        return
    why = removal.finish(moment, environment)
    if why:
        tell(moment, environment, why, "Failed to terminate environment.", severity="ERROR")
        rest(moment, environment)
        be_unknown(environment, "Unknown")
        return
    environment.status, environment.updated = "Terminated", clock(moment)
    names(moment).taken.pop(environment.cname, None)
    tell(moment, environment, "terminateEnvironment completed successfully.")
    moment.later(moment.durations.scaled(_SHOWN_SECONDS), "beanstalk.forgotten", identifier)


@event("beanstalk.forgotten")
def forgotten(moment: Moment, identifier: str) -> None:
    """AWS no longer lists an environment that was terminated an hour ago."""
    of(moment).environments.pop(identifier, None)
