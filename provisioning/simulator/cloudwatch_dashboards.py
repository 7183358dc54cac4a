"""CloudWatch dashboards: the account's own whatever the region, tagged when they are new, and checked."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.resource_tagging import TaggedResource

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment

_KINDS = ("metric", "text", "log", "alarm", "explorer", "custom")
_MOST_WIDGETS = 500
# Dashboards answer in every region alike, and are kept as of one; the tagging API gives what is global there.
_HOME = "us-east-1"


@dataclass(kw_only=True)
class Dashboard:
    """A dashboard as it was put."""

    arn: str
    name: str
    body: str
    modified: float
    tags: dict[str, str]


@dataclass(kw_only=True)
class Dashboards:
    """Of one account."""

    by_name: dict[str, Dashboard] = field(default_factory=dict)


def _of(moment: Moment) -> dict[str, Dashboard]:
    return moment.elsewhere(region=_HOME).notes(Dashboards).by_name


def _faults(body: str) -> list[str]:
    """What CloudWatch says against a body ("Dashboard Body Structure and Syntax")."""
    try:
        widgets = json.loads(body)["widgets"]
    except (ValueError, KeyError, TypeError):
        return ['The field "widgets" is required in a JSON object']
    if len(widgets) > _MOST_WIDGETS:
        return [f"A dashboard has at most {_MOST_WIDGETS} widgets"]
    return [fault for number, one in enumerate(widgets) for fault in _faults_of(one, f"/widgets/{number}")]


def _faults_of(widget: Any, path: str) -> Iterator[str]:
    if widget.get("type") not in _KINDS:
        yield f"{path}/type: should be one of {', '.join(_KINDS)}"
    elif "properties" not in widget:
        yield f"{path}: should have the property properties"
    elif widget["type"] == "metric" and not widget["properties"].get("region"):
        yield f"{path}/properties: should have the property region"
    elif widget["type"] == "text" and "markdown" not in widget["properties"]:
        yield f"{path}/properties: should have the property markdown"


@operation("cloudwatch", "PutDashboard")
def put_dashboard(call: Call) -> object:
    """Makes it, or writes over what is there, whose tags stay."""
    name, body = call.text("DashboardName"), call.text("DashboardBody")
    faults = _faults(body)
    if faults:
        raise Refusal("InvalidParameterInput", f"The dashboard body is invalid: {'; '.join(faults)}")
    there = _of(call).get(name)
    tags = there.tags if there else {tag["Key"]: tag["Value"] for tag in call.items("Tags")}
    arn = f"arn:aws:cloudwatch::{call.account}:dashboard/{name}"
    _of(call)[name] = Dashboard(arn=arn, name=name, body=body, modified=call.now, tags=tags)
    return {"DashboardValidationMessages": []}


@operation("cloudwatch", "GetDashboard")
def get_dashboard(call: Call) -> object:
    """One dashboard with its body."""
    there = _there(call, call.text("DashboardName"))
    return {"DashboardArn": there.arn, "DashboardName": there.name, "DashboardBody": there.body}


@operation("cloudwatch", "ListDashboards")
def list_dashboards(call: Call) -> object:
    """All of the account, without their bodies."""
    prefix = call.text("DashboardNamePrefix")
    entries = [
        {
            "DashboardName": one.name,
            "DashboardArn": one.arn,
            "LastModified": one.modified,
            "Size": len(one.body),
        }
        for one in _of(call).values()
        if one.name.startswith(prefix)
    ]
    return {"DashboardEntries": entries}


@operation("cloudwatch", "DeleteDashboards")
def delete_dashboards(call: Call) -> object:
    """All that are named, or none."""
    names = call.items("DashboardNames")
    for name in names:
        _there(call, name)
    for name in names:
        del _of(call)[name]
    return {}


@operation("cloudwatch", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> object:
    """Of dashboards; the others are moto's."""
    there = next((one for one in _of(call).values() if one.arn == call.text("ResourceARN")), None)
    if there is None:
        return call.forward()
    return {"Tags": [{"Key": key, "Value": value} for key, value in there.tags.items()]}


@tagged
def tagged_dashboards(moment: Moment) -> Iterator[TaggedResource]:
    """For the tagging API."""
    for one in _of(moment).values() if moment.region == _HOME else ():
        yield TaggedResource(one.arn, one.tags, "cloudwatch:dashboard")


def _there(call: Call, name: str) -> Dashboard:
    there = _of(call).get(name)
    if there is None:
        raise Refusal("ResourceNotFound", f"Dashboard {name} does not exist")
    return there
