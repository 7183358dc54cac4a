"""The form of a change: what an environment has, to be chosen otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pydantic import JsonValue

from environments.models import Environment
from environments.option_fields import OPTION
from environments.services.proposals import changed_spec, region_objections, usage_behind, usage_of
from environments.spec_form import SpecForm, plain
from provisioning.blueprints import blueprint_for


class ChangeForm(SpecForm):
    """The options that an environment stands with, and the use that its price was worked out for."""

    def __init__(
        self,
        *,
        environment: Environment,
        sent: Mapping[str, str] | None = None,
        link: Mapping[str, str] | None = None,
    ) -> None:
        """`sent`: what a browser sent, `link`: values that a link carries; what neither has is what stands."""
        spec = environment.spec
        super().__init__(blueprint_for(spec.architecture, spec.phase), usage_behind(environment))
        self.environment = environment
        self.carried = {OPTION + name for name in link or ()}
        self._offer_regions(environment.account.regions)
        self.standing = changed_spec(environment, {}).options
        for name, value in self.standing.items():
            self.fields[OPTION + name].initial = (link or {}).get(name, value)
        self._fill(sent)

    def clean(self) -> None:
        """What stands against another region as well."""
        super().clean()
        account, spec = self.environment.account, self.environment.spec
        self._take_all(
            OPTION, region_objections(account, spec.region, self.blueprint, plain(self.cleaned_data, OPTION))
        )

    def as_call(self) -> dict[str, object]:
        """The same as the API takes it: only what would differ."""
        figures = usage_of(self.blueprint.phase, {})
        usage = {
            name: text for name, text in self.use().items() if getattr(figures, name) != Decimal(str(text))
        }
        return {"options": self.moved(), "usage": usage, "note": self.cleaned_data["note"]}

    def moved(self) -> dict[str, JsonValue]:
        """The options that are no longer as they stand."""
        return {name: value for name, value in self.chosen().items() if value != self.standing.get(name)}
