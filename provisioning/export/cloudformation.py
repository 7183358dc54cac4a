"""A spec as one CloudFormation template. Pure: resources go in, a document comes out.

Every kind says what it is there; here references become Ref, Fn::GetAtt and Fn::Sub, and what stands before what
becomes DependsOn. What CloudFormation cannot make is told in the template's Metadata, and what others need of it is a
parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioning.plan import in_order
from provisioning.references import JsonObject, JsonValue, pieces, references, resolve
from provisioning.resource import Resource
from provisioning.spec import Spec
from provisioning.template_parts import Form, Part, Place, Told, Within

OURS = "Andamio"  # under which the template's Metadata tells what it has to say
FIRST = "BeforeTheStack"  # what people have to make beforehand


def template(
    spec: Spec, resources: Iterable[Resource], outputs: Mapping[str, str], *, title: str
) -> JsonObject:
    """The whole environment as CloudFormation takes it; `title`: what the blueprint is called."""
    things = in_order(tuple(resources))
    document = _Document(spec, things)
    made = document.resources()
    told: JsonObject = {
        _logical(name): {"Description": name.replace("_", " "), "Value": document.rendered(value)}
        for name, value in outputs.items()
    }
    whole: JsonObject = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": (
            f"{spec.application} / {spec.environment}: {title}, {spec.region}, account {spec.account}. "
            f"Made by Andamio; needs CAPABILITY_NAMED_IAM.{document.asks_for_more()}"
        )[:1024],
        "Metadata": {OURS: document.metadata()},
        "Parameters": document.parameters,
        "Resources": made,
        "Outputs": told,
    }
    return {name: value for name, value in whole.items() if value}


@dataclass(frozen=True)
class _Hole:
    """What is known only when the stack is made: a resource's, or the value of a parameter."""

    logical: str
    attribute: str = ""
    item: int | None = None

    @property
    def name(self) -> str:
        """What stands for it inside a text."""
        if self.item is not None:
            return f"{self.logical}{self.attribute}{self.item}"
        return f"{self.logical}.{self.attribute}" if self.attribute else self.logical

    def alone(self) -> JsonObject:
        whole: JsonObject = {"Ref": self.logical}
        if self.attribute:
            whole = {"Fn::GetAtt": [self.logical, self.attribute]}
        return whole if self.item is None else {"Fn::Select": [self.item, whole]}


class _Document:
    """One template while it is written."""

    def __init__(self, spec: Spec, things: tuple[Resource, ...]) -> None:
        self.spec = spec
        self.things = {thing.key: thing for thing in things}
        self.parameters: JsonObject = {}
        self._props = {thing.key: thing.props.dump() for thing in things}
        self._named = {key: {named for named, _ in references(props)} for key, props in self._props.items()}
        names = {thing.key: {"name": thing.name_in(spec)} for thing in things}
        self._names = {key: str(resolve(one["name"], names)) for key, one in names.items()}
        self._forms = {key: self._form(thing) for key, thing in self.things.items()}
        self._forms = {key: self._without_what_is_within(key, form) for key, form in self._forms.items()}
        self._put_together()
        self._logical = self._named_parts()

    def resources(self) -> JsonObject:
        """Every part, under its logical id."""
        written: JsonObject = {}
        for key, form in self._forms.items():
            for part in form.parts:
                name = self._logical[key, part.role]
                if name not in written:
                    written[name] = self._resource(key, part)
                else:
                    raise ValueError(f"Two parts of the template are called {name}")
        return written

    def asks_for_more(self) -> str:
        """Where to read on, when something has to be there before."""
        more = any(form.first for form in self._forms.values())
        return f" First see Metadata, {OURS}, {FIRST}." if more else ""

    def metadata(self) -> JsonObject:
        """Where it comes from, and the remarks of all kinds."""
        spec = self.spec
        told: JsonObject = {
            "Application": spec.application,
            "Environment": spec.environment,
            "Architecture": spec.architecture,
            "Phase": spec.phase,
            "Region": spec.region,
            "Account": spec.account,
            "Stack": spec.stack,
        }
        first = {key: form.first for key, form in self._forms.items() if form.first}
        remarks = {key: form.remark for key, form in self._forms.items() if form.remark}
        told |= {FIRST: {**first}} if first else {}
        return told | ({"Remarks": {**remarks}} if remarks else {})

    def rendered(self, value: Any) -> Any:
        """A value with intrinsic functions instead of references."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list | tuple):
            return [self.rendered(item) for item in value]
        if isinstance(value, Mapping):
            return {name: self.rendered(item) for name, item in value.items()}
        return value

    def _form(self, thing: Resource) -> Form:
        form = thing.kind.cloudformation(self._place(thing), thing.props)
        if form is None:
            return Form(first="Make it by other means: nobody has said what it is in CloudFormation.")
        elsewhere = thing.region and thing.region != self.spec.region
        if elsewhere and form.parts:
            first = f"Make it in {thing.region}: a template makes things of one region only."
            return replace(form, parts=(), first=first)
        return form

    def _place(self, thing: Resource) -> Place:
        region = thing.region or self.spec.region
        return Place(
            stack=self.spec.stack,
            key=thing.key,
            name=self._names[thing.key],
            token="",
            tags=self.spec.tags(),
            account=self.spec.account,
            region=region,
            users=tuple(self.things[key] for key, named in self._named.items() if thing.key in named),
        )

    def _without_what_is_within(self, key: str, form: Form) -> Form:
        """The same; nothing for what another thing's own service takes care of."""
        for named, attribute in references(self._props[key]):
            told = self._forms[named].attributes.get(attribute)
            if isinstance(told, Within):
                return replace(form, parts=(), remark=told.why)
        return form

    def _put_together(self) -> None:
        """Where AWS has one for several things, what all of them say of it stands with the last."""
        first: dict[tuple[str, str], tuple[str, Part]] = {}
        for key in self.things:
            for part in self._forms[key].parts:
                if not part.one_of:
                    continue
                if (part.type, part.one_of) in first:
                    other_key, other = first[part.type, part.one_of]
                    self._replace(other_key, other, ())
                    joined = replace(part, properties=_joined(other.properties, part.properties))
                    self._replace(key, part, (joined,))
                    part = joined  # noqa: PLW2901 # what a third one is put together with
                first[part.type, part.one_of] = (key, part)

    def _replace(self, key: str, part: Part, by: tuple[Part, ...]) -> None:
        form = self._forms[key]
        others = (one for one in form.parts if one is not part)
        self._forms[key] = replace(form, parts=(*others, *by))

    def _named_parts(self) -> dict[tuple[str, str], str]:
        return {
            (key, part.role): _logical(f"{key}-{part.role}")
            for key, form in self._forms.items()
            for part in form.parts
        }

    def _resource(self, key: str, part: Part) -> JsonObject:
        thing = self.things[key]
        whole: JsonObject = {"Type": part.type}
        if before := self._before(key, part):
            whole["DependsOn"] = [*before]
        if part.kept:
            whole |= {"DeletionPolicy": part.kept, "UpdateReplacePolicy": part.kept}
        if part.changed:
            whole["UpdatePolicy"] = self.rendered(part.changed)
        title = thing.title or thing.kind.title
        whole["Metadata"] = {OURS: {"Key": key, "Title": title}}
        if part.properties:
            whole["Properties"] = self.rendered(part.properties)
        return whole

    def _before(self, key: str, part: Part) -> list[str]:
        """What must be there first, all parts of it, and is not named by the properties anyway."""
        needs = {named for named, _ in references(_plain(part.properties))} - {key}
        named = {hole.logical for hole in self._holes(part.properties)}
        first = {name for need in {*needs, *self.things[key].after} for name in self._parts_of(need)}
        return sorted(first - named)

    def _parts_of(self, key: str) -> Iterator[str]:
        """The logical ids of a thing; of one that has none, those of what it needs."""
        form = self._forms[key]
        for part in form.parts:
            yield self._logical[key, part.role]
        if not form.parts:
            for need in self.things[key].needs:
                yield from self._parts_of(need)

    def _holes(self, value: Any) -> Iterator[_Hole]:
        if isinstance(value, str):
            yield from (one for one in self._pieces(value) if isinstance(one, _Hole))
        elif isinstance(value, list | tuple):
            for item in value:
                yield from self._holes(item)
        elif isinstance(value, Mapping):
            for item in value.values():
                yield from self._holes(item)

    def _text(self, text: str) -> str | JsonObject:
        found = list(self._pieces(text))
        if not any(isinstance(one, _Hole) for one in found):
            return "".join(str(one) for one in found)
        if len(found) == 1 and isinstance(found[0], _Hole):
            return found[0].alone()
        inside = (f"${{{one.name}}}" if isinstance(one, _Hole) else one.replace("${", "${!") for one in found)
        chosen = {one.name: one.alone() for one in found if isinstance(one, _Hole) and one.item is not None}
        whole = "".join(inside)
        return {"Fn::Sub": [whole, {**chosen}] if chosen else whole}

    def _pieces(self, text: str) -> Iterator[str | _Hole]:
        for piece in pieces(text):
            if isinstance(piece, str):
                yield piece
            else:
                yield from self._told(*piece)

    def _told(self, key: str, attribute: str) -> Iterator[str | _Hole]:
        """What stands for a reference."""
        form = self._forms[key]
        told = form.attributes.get(attribute)
        if isinstance(told, str):
            yield from self._pieces(told)
        elif not form.parts:
            yield self._asked_for(key, attribute)
        elif isinstance(told, Told):
            yield _Hole(self._logical[key, told.role], told.attribute, told.item)
        else:
            raise ValueError(f"CloudFormation does not tell {attribute} of {key}")

    def _asked_for(self, key: str, attribute: str) -> _Hole:
        """A parameter, for what the template does not make."""
        thing = self.things[key]
        name = _logical(f"{key}-{attribute}")
        title = thing.title or thing.kind.title
        asked: JsonObject = {"Type": "String", "Description": f"{attribute} of: {title}"}
        self.parameters[name] = asked | ({"Default": self._names[key]} if attribute == "name" else {})
        return _Hole(name)


def _plain(value: Any) -> JsonValue:
    """The same as JSON has it, with lists instead of tuples."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    plain: JsonValue = value
    return plain


def _joined(first: Any, second: Any) -> Any:
    """Two documents as one: lists one after the other, and for the rest the second."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        both = {name: _joined(first[name], second[name]) for name in first if name in second}
        return {**first, **second, **both}
    if isinstance(first, list) and isinstance(second, list):
        return [*first, *second]
    return second


def _logical(name: str) -> str:
    """A logical id: letters and digits, each word with a capital."""
    words = name.replace("_", "-").replace("/", "-").split("-")
    return "".join(word[:1].upper() + word[1:] for word in words)
