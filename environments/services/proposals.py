"""Proposals: what an environment would be, do and cost, worked out without writing anything."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import chain, count
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import JsonValue, ValidationError

from environments.errors import InvalidInput
from environments.models import Account, Application, Environment
from environments.naming import may_be_called, name_rule
from provisioning.blueprints import blueprint_for
from provisioning.blueprints.blueprint import Blueprint
from provisioning.blueprints.refusal import refusal
from provisioning.errors import brief
from provisioning.names import stack_of
from provisioning.operations.provision import Usual
from provisioning.plan import Action, Change, Difference, Plan, plan_for
from provisioning.pricing import Estimate, PriceBook, Usage, estimate
from provisioning.spec import Spec, slug_of

_ZONES = 2  # that a load balancer and the subnets of a database take at least


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a person fills in. `options` and `usage` hold only what differs from the blueprint's defaults."""

    application: Application
    name: str
    architecture: str
    phase: str
    region: str
    account: Account
    options: Mapping[str, JsonValue]
    usage: Mapping[str, JsonValue]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A wish worked out. `hash` stands for spec, plan and price together: an approval binds to it."""

    plan: Plan
    estimate: Estimate
    hash: str

    @property
    def spec(self) -> Spec:
        return self.plan.spec


def propose(wish: Wish, *, identity: str = "") -> Proposal:
    """Spec, plan and price of a wish. Raises InvalidInput or InvalidSpec, `field` naming what to correct."""
    blueprint = blueprint_for(wish.architecture, wish.phase)
    elsewhere = region_objections(wish.account, wish.region, blueprint, wish.options)
    for objection in chain(objections(wish), elsewhere):
        raise objection
    return work_out(wish, identity=identity)


def work_out(wish: Wish, *, identity: str = "") -> Proposal:
    """The same for a wish that has met no objection. Raises InvalidInput or InvalidSpec all the same."""
    spec = spec_of(wish, identity=identity or str(uuid.uuid4()))
    blueprint = blueprint_for(spec.architecture, spec.phase)
    plan = blueprint.plan(spec)
    return proposal(plan, price(spec, wish.usage))


def propose_change(
    environment: Environment, options: Mapping[str, JsonValue], usage: Mapping[str, JsonValue]
) -> Proposal:
    """Spec, plan and price of an environment with these options in place of those that it has. What is recorded stands
    for what AWS has: nothing is asked of it. Raises InvalidSpec."""
    spec = changed_spec(environment, options)
    blueprint = blueprint_for(spec.architecture, spec.phase)
    for objection in region_objections(environment.account, spec.region, blueprint, spec.options):
        raise objection
    return proposal(plan_of(environment, spec), price(spec, usage))


def changed_spec(environment: Environment, options: Mapping[str, JsonValue]) -> Spec:
    """All else stays as it was built: image, zones, tags. An option that this version no longer has is left out."""
    spec = environment.spec
    blueprint = blueprint_for(spec.architecture, spec.phase)
    known = blueprint.options.model_fields.keys()
    standing = {name: value for name, value in spec.options.items() if name in known}
    parsed = blueprint.parse({**standing, **options})
    return spec.model_copy(update={"options": parsed.model_dump(mode="json")})


def plan_of(environment: Environment, spec: Spec) -> Plan:
    """What leads from what is recorded of an environment to this spec. Raises InvalidSpec."""
    recorded = [row.recorded for row in environment.resources.all()]
    return blueprint_for(spec.architecture, spec.phase).plan(spec, recorded)


def usage_behind(environment: Environment) -> dict[str, JsonValue]:
    """The figures of use that the price of what stands was worked out with, where they differ from the phase's."""
    last = environment.requests.carried_out().order_by("-pk").first()
    return dict(last.usage) if last else {}


def propose_nothing(environment: Environment) -> Proposal:
    """What is left of an environment after it is destroyed: a plan of deletions, and no price."""
    recorded = [row.recorded for row in environment.resources.all()]
    plan = plan_for(environment.spec, (), recorded)
    return proposal(plan, estimate((), region=environment.region, book=PriceBook.load()))


def proposal(plan: Plan, estimated: Estimate) -> Proposal:
    """A plan with its price and the hash of both."""
    return Proposal(plan=plan, estimate=estimated, hash=hash_of(plan, estimated))


def hash_of(plan: Plan, estimated: Estimate) -> str:
    """Another spec, plan or price is another hash. The price counts as people see it, to the cent."""
    price = {**asdict(estimated.rounded()), "currency": estimated.currency, "partial": estimated.partial}
    text = json.dumps([plan.digest(), price], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def moved(shown: Plan, now: Plan) -> list[Change]:
    """What is otherwise in the one plan than in the other: for who must say yes a second time."""
    before = {change.key: change for change in shown.changes}
    after = {change.key: change for change in now.changes}
    gone = [
        change.model_copy(update={"action": Action.DELETE})
        for key, change in before.items()
        if key not in after
    ]
    return [*(one for key, change in after.items() for one in _moved(before.get(key), change)), *gone]


def _moved(shown: Change | None, now: Change) -> list[Change]:
    if shown is None:
        return [now]
    names = sorted({*shown.props, *now.props})
    differences = tuple(
        Difference(property=name, before=shown.props.get(name), after=now.props.get(name))
        for name in names
        if shown.props.get(name) != now.props.get(name)
    )
    if not differences and shown.action == now.action:
        return []
    return [now.model_copy(update={"action": Action.UPDATE, "differences": differences})]


def price(spec: Spec, usage: Mapping[str, JsonValue]) -> Estimate:
    """What a spec costs a month by the newest price book."""
    blueprint = blueprint_for(spec.architecture, spec.phase)
    return estimate(
        blueprint.cost(spec, usage_of(spec.phase, usage)), region=spec.region, book=PriceBook.load()
    )


def usage_of(phase: str, usage: Mapping[str, JsonValue]) -> Usage:
    """The usage profile of a phase with some figures changed. Raises InvalidSpec."""
    defaults = Usage.of_phase(phase)  # type: ignore[arg-type]  # the blueprint has checked the phase
    try:
        return Usage.model_validate({**defaults.model_dump(), **usage})
    except ValidationError as error:
        raise refusal(error, Usage) from error


def objections(wish: Wish) -> Iterator[InvalidInput]:
    """All that stands against name and place of a wish; what its options cannot be, their blueprint says."""
    if not may_be_called(wish.name):
        yield InvalidInput(
            _("The name %(name)s cannot be used.") % {"name": brief(repr(wish.name))},
            hint=name_rule(),
            field="name",
        )
    if wish.account not in Account.objects.usable_by(wish.application.team):
        yield InvalidInput(
            _("The team %(team)s may not use this account.") % {"team": wish.application.team.name},
            hint=_("Choose another account, or ask a platform admin."),
            field="account",
        )
    if wish.region not in wish.account.zones:
        yield InvalidInput(
            _("The account %(account)s has no region %(region)s.")
            % {"account": wish.account.name, "region": brief(wish.region)},
            hint=_("Regions of this account: %(regions)s.") % {"regions": ", ".join(wish.account.regions)},
            field="region",
        )
    elif len(wish.account.zones[wish.region]) < _ZONES:
        yield InvalidInput(
            _("The account %(account)s has one availability zone in %(region)s.")
            % {"account": wish.account.name, "region": wish.region},
            hint=_(
                "AWS wants two for a load balancer and for the subnets of a database. Choose another region, or ask a "
                "platform admin for a second zone."
            ),
            field="region",
        )


def region_objections(
    account: Account, home: str, blueprint: Blueprint[Any], options: Mapping[str, JsonValue]
) -> Iterator[InvalidInput]:
    """Options that name a region in which nothing may be made, or `home`, that of the environment itself."""
    for name, region in blueprint.other_regions(options).items():
        if region in account.zones and region != home:
            continue
        others = [one for one in account.regions if one != home]
        yield InvalidInput(
            _("The account %(account)s has no other region %(region)s.")
            % {"account": account.name, "region": brief(region)}
            if region != home
            else _("The environment itself is in %(region)s.") % {"region": region},
            hint=_("Other regions of this account: %(regions)s.") % {"regions": ", ".join(others) or "–"},
            field=name,
        )


def name_objections(application: Application, name: str) -> Iterator[InvalidInput]:
    """Whether a living environment is in the way of this name."""
    try:
        ensure_name_is_free(slug_of(application.slug, name))
    except InvalidInput as error:
        yield error


def free_name(application: Application, wanted: str) -> str:
    """The wanted name, with a number behind it where living environments of the application have it."""
    slug = slug_of(application.slug, wanted)
    taken = set(Environment.objects.living().filter(slug__startswith=slug).values_list("slug", flat=True))
    numbered = (f"{wanted}-{number}" for number in count(2))
    return next(name for name in chain((wanted,), numbered) if slug_of(application.slug, name) not in taken)


def spec_of(wish: Wish, *, identity: str) -> Spec:
    """The spec of a wish that has met no objection."""
    application = wish.application
    blueprint = blueprint_for(wish.architecture, wish.phase)
    options = blueprint.parse(dict(wish.options))
    try:
        return Spec(
            identity=identity,
            application=application.slug,
            environment=wish.name,
            team=application.team.name,
            cost_center=application.team.cost_center,
            architecture=wish.architecture,
            phase=wish.phase,
            region=wish.region,
            account=wish.account.number,
            zones=tuple(wish.account.zones[wish.region][:2]),
            image=application.image,
            port=application.port,
            health_path=application.health_path,
            options=options.model_dump(mode="json"),
        )
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else None
        raise InvalidInput(f"{field}: {first['msg']}.", field=field) from error


def new_identity() -> uuid.UUID:
    """One whose stack no environment has or had: what stays of one in AWS bears its stack for ever."""
    while True:
        identity = uuid.uuid4()
        if not Environment.objects.filter(stack=stack_of(str(identity))).exists():
            return identity


def usual_of(account: Account) -> Usual:
    """How long steps took in this account so far, in seconds."""
    return {(one.kind, one.verb): one.seconds for one in account.usual_durations.all()}


def ensure_name_is_free(slug: str) -> None:
    """Raises InvalidInput when a living environment has the name."""
    if Environment.objects.living().filter(slug=slug).exists():
        raise InvalidInput(
            _("There is an environment %(slug)s already.") % {"slug": slug},
            code="name.taken",
            hint=_("Choose another name, or destroy that one first."),
            field="name",
        )


def default_region() -> str:
    """Where a form starts when nothing else is known."""
    return str(getattr(settings, "DEFAULT_REGION", "us-east-1"))
