"""A CloudWatch dashboard: the metrics of an environment on one page of AWS's own console."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from provisioning.aws import Aws, found
from provisioning.errors import NameTaken
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place

_COLUMNS = 24


class Line(BaseModel):
    """One metric in a chart: `statistic` may be a percentile such as "p95"; without `label` AWS names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    namespace: str = Field(min_length=1)
    metric_name: str = Field(min_length=1)
    dimensions: dict[str, str] = {}
    statistic: str = "Average"
    label: str = ""


class Widget(BaseModel):
    """Either a chart of `lines` or a `text` in Markdown. `width` in columns of 24, `height` in rows; `threshold` draws
    a line across; `region`: where the metrics are, if not where the environment is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(default="", max_length=255)
    text: str = ""
    lines: tuple[Line, ...] = Field(default=(), max_length=100)
    period: Literal[60, 300, 3600] = 60
    threshold: float | None = None
    region: str = ""
    width: int = Field(default=12, ge=1, le=_COLUMNS)
    height: int = Field(default=6, ge=1, le=1000)

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if bool(self.text) == bool(self.lines):
            raise ValueError("A widget shows either a text or metrics.")
        return self


class DashboardProps(Props):
    """Widgets from left to right, then downwards; CloudWatch takes 500 of them."""

    widgets: tuple[Widget, ...] = Field(min_length=1, max_length=500)


@register
class Dashboard(Kind[DashboardProps]):
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html

    Writes over what has the name and takes tags only when it is new, so `create` looks first. Dashboards are the
    account's, not a region's. Attributes: id (the name), name, arn.
    """

    name = "cloudwatch.dashboard"
    title = "Dashboard"
    naming = Naming(limit=255)
    permissions = (
        "cloudwatch:GetDashboard",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:PutDashboard",
        "cloudwatch:TagResource",
        "cloudwatch:DeleteDashboards",
    )
    billed = True
    props = DashboardProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        answer = found(aws.cloudwatch.get_dashboard, DashboardName=handle.name)
        if answer is None:
            return None
        tags = dict(handle.tags)
        if handle.id is None:
            tags = tags_of(aws.cloudwatch.list_tags_for_resource(ResourceARN=answer["DashboardArn"]))
        return _observed(handle, answer["DashboardArn"], _told(answer["DashboardBody"], handle), tags)

    def create(self, aws: Aws, handle: Handle, props: DashboardProps) -> Observed:
        there = self.read(aws, handle)
        if there is not None and not handle.owns(there.tags):
            raise NameTaken(f"Could not make the dashboard: {handle.name} exists and is not ours.")
        aws.cloudwatch.put_dashboard(
            DashboardName=handle.name, DashboardBody=_body(props, handle), Tags=handle.tag_list
        )
        return _observed(handle, _arn(aws, handle), {}, handle.tags)

    def update(self, aws: Aws, handle: Handle, props: DashboardProps, observed: Observed) -> Observed:
        aws.cloudwatch.put_dashboard(DashboardName=handle.name, DashboardBody=_body(props, handle))
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.cloudwatch.delete_dashboards, DashboardNames=[handle.name])
        return True

    def cost(self, props: DashboardProps, usage: Usage, region: str) -> Iterator[CostLine]:
        yield CostLine.fixed("CloudWatch/dashboard", 1, "Dashboard", "One dashboard, whatever is on it")

    def cloudformation(self, place: Place, props: DashboardProps) -> Form:
        properties = {"DashboardName": place.name, "DashboardBody": _body(props, place)}
        return Form(
            parts=(Part(type="AWS::CloudWatch::Dashboard", properties=properties),),
            attributes={
                "id": REF,
                "name": REF,
                "arn": place.arn("cloudwatch", f"dashboard/{place.own('id')}", region=""),
            },
        )


def _arn(aws: Aws, handle: Handle) -> str:
    partition = "aws-cn" if aws.region.startswith("cn-") else "aws"
    return f"arn:{partition}:cloudwatch::{handle.account}:dashboard/{handle.name}"


def _observed(handle: Handle, arn: str, props: JsonObject, tags: Any) -> Observed:
    attributes = {"id": handle.name, "name": handle.name, "arn": arn}
    return Observed(id=handle.name, props=props, attributes=attributes, tags=tags)


def _body(props: DashboardProps, handle: Handle) -> str:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"""
    widgets, column, row, tallest = [], 0, 0, 0
    for widget in props.widgets:
        if column + widget.width > _COLUMNS:
            column, row, tallest = 0, row + tallest, 0
        place = {"x": column, "y": row, "width": widget.width, "height": widget.height}
        widgets.append({**place, **_content(widget, handle)})
        column, tallest = column + widget.width, max(tallest, widget.height)
    return json.dumps({"widgets": widgets})


def _content(widget: Widget, handle: Handle) -> dict[str, Any]:
    if widget.text:
        return {"type": "text", "properties": {"markdown": widget.text}}
    properties: dict[str, Any] = {
        "title": widget.title,
        "view": "timeSeries",
        "region": widget.region or handle.region,
        "period": widget.period,
        "metrics": [_metric(line) for line in widget.lines],
    }
    if widget.threshold is not None:
        properties["annotations"] = {"horizontal": [{"value": widget.threshold}]}
    return {"type": "metric", "properties": properties}


def _metric(line: Line) -> list[Any]:
    dimensions = [word for pair in line.dimensions.items() for word in pair]
    rendering = {"stat": line.statistic, **({"label": line.label} if line.label else {})}
    return [line.namespace, line.metric_name, *dimensions, rendering]


def _told(body: str, handle: Handle) -> JsonObject:
    """The widgets as they would be written here; what nobody here can have written stays as it is, and differs."""
    widgets: list[JsonValue] = [_widget(one, handle) for one in json.loads(body).get("widgets", [])]
    return {"widgets": widgets}


def _widget(one: Any, handle: Handle) -> JsonObject:
    try:
        return _parsed(one, handle).model_dump(mode="json")
    except (KeyError, IndexError, TypeError, ValueError, ValidationError):
        return {"by_hand": json.dumps(one, sort_keys=True)}


def _parsed(one: Any, handle: Handle) -> Widget:
    said, size = one["properties"], {"width": one["width"], "height": one["height"]}
    if one["type"] == "text":
        return Widget.model_validate({"text": said["markdown"], **size})
    notes = said.get("annotations", {}).get("horizontal") or [{}]
    shown = {
        "title": said.get("title", ""),
        "period": said["period"],
        "region": "" if said["region"] == handle.region else said["region"],
        "threshold": notes[0].get("value"),
        "lines": [_line(metric) for metric in said["metrics"]],
    }
    return Widget.model_validate({**shown, **size})


def _line(metric: list[Any]) -> dict[str, Any]:
    *words, rendering = metric
    namespace, name, *pairs = words
    dimensions = dict(zip(pairs[::2], pairs[1::2], strict=True))
    looks = {"statistic": rendering["stat"], "label": rendering.get("label", "")}
    return {"namespace": namespace, "metric_name": name, "dimensions": dimensions, **looks}
