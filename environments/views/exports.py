"""Files to take along."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from environments.exports import cloudformation_of
from environments.views.environments import visible_environment


@login_required
@require_GET
def environment_cloudformation(request: HttpRequest, slug: str) -> HttpResponse:
    """The environment as a CloudFormation template, to be saved."""
    environment = visible_environment(request, slug)
    name = f"{environment.slug}.cloudformation.json"
    return JsonResponse(
        cloudformation_of(environment),
        json_dumps_params={"indent": 2},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
