"""AWS's Price List API with products of our making, in the shape of the real one: filters and pages are honoured."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from provisioning.aws import Aws
from provisioning.kinds.tests.scripted_server import Reply, scripted_server

PAGE = 2


def product(
    sku: str, service_code: str, *, family: str, tiers: Iterable[tuple[str, str, str]], **attributes: str
) -> dict[str, Any]:
    """One product; `tiers` are (from, to, USD)."""
    code = f"{sku}.JRTCKXETXF"
    dimensions = {
        f"{code}.{number}": {
            "rateCode": f"{code}.{number}",
            "beginRange": begin,
            "endRange": end,
            "unit": "Hrs",
            "description": f"${usd} per unit",
            "appliesTo": [],
            "pricePerUnit": {"USD": usd},
        }
        for number, (begin, end, usd) in enumerate(tiers)
    }
    term = {
        "priceDimensions": dimensions,
        "sku": sku,
        "offerTermCode": "JRTCKXETXF",
        "effectiveDate": "2026-11-01T00:00:00Z",
        "termAttributes": {},
    }
    return {
        "serviceCode": service_code,
        "product": {
            "sku": sku,
            "productFamily": family,
            "attributes": {"servicecode": service_code, **attributes},
        },
        "terms": {"OnDemand": {code: term}},
        "publicationDate": "2026-11-02T00:00:00Z",
        "version": "20261102000000",
    }


@contextmanager
def price_list(*products: dict[str, Any]) -> Iterator[Aws]:
    """AWS that has these products on its list."""

    def reply_to(headers: Mapping[str, str], body: bytes) -> Reply:
        if not headers["X-Amz-Target"].endswith(".GetProducts"):
            return 400, json.dumps({"__type": "InvalidParameterException", "message": "No such operation."})
        asked = json.loads(body)
        found = [json.dumps(one) for one in products if _fits(one, asked)]
        start = int(asked.get("NextToken", 0))
        answer: dict[str, Any] = {"FormatVersion": "aws_v1", "PriceList": found[start : start + PAGE]}
        if start + PAGE < len(found):
            answer["NextToken"] = str(start + PAGE)
        return 200, json.dumps(answer)

    with scripted_server("application/x-amz-json-1.1", reply_to) as aws:
        yield aws


def _fits(one: dict[str, Any], asked: dict[str, Any]) -> bool:
    fields = {**one["product"]["attributes"], "productFamily": one["product"]["productFamily"]}
    wanted = asked.get("Filters", [])
    return one["serviceCode"] == asked["ServiceCode"] and all(
        item["Type"] == "TERM_MATCH" and fields.get(item["Field"]) == item["Value"] for item in wanted
    )
