"""The calls about what can be had, and its price."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from environments.api import schemas
from environments.api.access import caller_of
from environments.choices import Scope
from environments.errors import InvalidInput
from environments.models import Account, Application
from environments.services import proposals
from environments.services.proposals import Wish
from provisioning.blueprints.comparison import comparison
from provisioning.errors import brief
from provisioning.pricing import cents

router = Router()


@router.get("/catalogue", response=list[dict[str, Any]], summary="What can be had")
def catalogue(request: HttpRequest) -> list[dict[str, Any]]:
    """Each architecture and phase, with the JSON schema of its options; what its defaults cost in us-east-1, the range
    that its phase should cost, and which options would bring it in. Amounts in USD a month. Scope: `read`."""
    caller_of(request, Scope.READ)
    return [
        {
            "architecture": one.blueprint.architecture,
            "phase": one.blueprint.phase,
            "title": one.blueprint.title,
            "summary": one.blueprint.summary,
            "options": one.blueprint.options.model_json_schema(),
            "estimate": schemas.estimate_out(one.estimate),
            "range": {"low": one.range.low, "high": one.range.high, "place": one.place},
            "remedies": [
                {"option": remedy.option, "value": remedy.value, "expected": cents(remedy.expected)}
                for remedy in one.remedies
            ],
        }
        for one in comparison()
    ]


@router.post("/estimates", response=schemas.EstimateOut, summary="Price a wish")
def estimate(request: HttpRequest, body: schemas.WishIn) -> schemas.EstimateOut:
    """The price of an environment as it would be asked for, by AWS service; nothing is written. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    return schemas.estimate_out(proposals.propose(wish_of(body, by.person)).estimate)


def wish_of(body: schemas.WishIn, person: Any) -> Wish:
    """What is wished for, of what the person may see. Raises InvalidInput."""
    application = Application.objects.visible_to(person).filter(slug=body.application).first()
    if application is None:
        raise InvalidInput(
            _("There is no application %(name)s.") % {"name": brief(body.application)}, field="application"
        )
    account = Account.objects.visible_to(person).filter(slug=body.account).first()
    if account is None:
        raise InvalidInput(
            _("There is no account %(name)s.") % {"name": brief(body.account)}, field="account"
        )
    return Wish(
        application=application,
        name=body.name,
        architecture=body.architecture,
        phase=body.phase,
        region=body.region,
        account=account,
        options=body.options,
        usage=body.usage,
    )
