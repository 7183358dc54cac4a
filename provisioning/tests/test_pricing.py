"""What an estimate must get right: tiers, allowances, missing prices, sums, changes and the hand-made totals."""

from __future__ import annotations

import json
import random
import time
from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest
from pydantic import ValidationError

from provisioning.prices.book import COLUMNS
from provisioning.pricing import (
    HOURS_A_MONTH,
    Band,
    CostLine,
    Estimate,
    PriceBook,
    Totals,
    Usage,
    cents,
    difference,
    estimate,
)

Lines = list[tuple[str, CostLine]]
H = HOURS_A_MONTH


@pytest.fixture(scope="module")
def book() -> PriceBook:
    return PriceBook.load("2026-11-01")


def fixed(sku: str, quantity: D | int, resource: str = "thing") -> tuple[str, CostLine]:
    return resource, CostLine.fixed(sku, quantity, "Label", "why")


def used(sku: str, quantity: D | int, resource: str = "thing") -> tuple[str, CostLine]:
    return resource, CostLine.usage(sku, quantity, "Label", "why")


def production_containers(usage: Usage) -> Lines:
    """Load balancer, two public tasks (2 to 10), Multi-AZ database, cache, CDN, DNS and what watches them."""
    tasks = Band(floor=D(2), expected=usage.average_tasks, ceiling=D(10))

    def per_task(sku: str, units: D) -> tuple[str, CostLine]:
        quantity = Band(
            floor=tasks.floor * units, expected=tasks.expected * units, ceiling=tasks.ceiling * units
        )
        return "service", CostLine.range(sku, quantity, "Tasks", "2 tasks on average, 2 to 10")

    return [
        fixed("ALB/hour", H, "load_balancer"),
        used("ALB/lcu", usage.lcu * H, "load_balancer"),
        fixed("VPC/public_ipv4", 2 * H, "load_balancer"),
        per_task("Fargate/linux_x86_vcpu", D("0.25") * H),
        per_task("Fargate/linux_x86_gb", D("0.5") * H),
        per_task("VPC/public_ipv4", H),
        fixed("RDS/pg_db.t3.small_multi", H, "database"),
        fixed("RDS/storage_gp3_multi", usage.db_storage_gb, "database"),
        fixed("ElastiCache/redis_cache.t3.micro", H, "cache"),
        used("S3/standard_storage", usage.storage_gb, "bucket"),
        used("S3/put_copy_post_list", usage.s3_put, "bucket"),
        used("S3/get_other", usage.s3_get, "bucket"),
        used("CloudFront/dto_us", usage.cdn_gb, "cdn"),
        used("CloudFront/https_us", usage.requests, "cdn"),
        used("CloudWatch/logs_ingestion", usage.log_gb, "logs"),
        used("CloudWatch/logs_storage", usage.log_gb, "logs"),
        fixed("CloudWatch/alarm_standard", 10, "alarms"),
        fixed("CloudWatch/custom_metric", 5, "metrics"),
        fixed("CloudWatch/dashboard", 1, "dashboard"),
        fixed("SecretsManager/secret", 3, "secrets"),
        used("SecretsManager/api_calls", usage.secret_calls, "secrets"),
        fixed("KMS/customer_key", 1, "key"),
        fixed("Route53/hosted_zone", 1, "zone"),
        used("Route53/standard_queries", usage.requests, "zone"),
        used("ECR/private_storage", usage.image_gb, "images"),
    ]


# Hand-made totals


def test_a_production_containers_total_is_what_the_arithmetic_by_hand_gives(book: PriceBook) -> None:
    priced = estimate(
        production_containers(Usage.of_phase("production")), region="us-east-1", book=book
    ).rounded()

    # 16.425 + 2.92 balancer, 4 addresses 14.60, tasks 14.7752 + 3.24485, database 52.56 + 11.50, cache 12.41,
    # S3 1.15 + 0.50 + 0.80, CDN 8.50 + 3.00, logs 5.00 + 0.30, 1.00 alarms, 1.50 metrics, 3.00 dashboard,
    # secrets 1.20 + 0.015, key 1.00, zone 0.50 + 1.20, images 0.10
    assert priced.gross == D("157.20")
    # Free: CDN 11.50, 10 alarms 1.00, 5 metrics 1.50, 1 dashboard 3.00, 5 of 10 GB of logs 2.50
    assert priced.net == D("137.70")
    # The floor is without what traffic brings: 2.92 + 2.45 + 11.50 + 5.30 + 0.015 + 1.20 + 0.10
    assert priced.floor == D("133.72")
    # The ceiling has 8 more tasks: 8 x (9.010025 + 3.65)
    assert priced.ceiling == D("258.48")


def test_smaller_choices_bring_the_production_total_down_by_their_own_prices(book: PriceBook) -> None:
    swap = {
        "RDS/pg_db.t3.small_multi": "RDS/pg_db.t4g.small_multi",
        "ElastiCache/redis_cache.t3.micro": "ElastiCache/valkey_cache.t4g.micro",
        "Fargate/linux_x86_vcpu": "Fargate/linux_arm_vcpu",
        "Fargate/linux_x86_gb": "Fargate/linux_arm_gb",
    }
    usage = Usage(db_storage_gb=D(20))
    lines = [
        (
            resource,
            CostLine(
                sku=swap.get(line.sku, line.sku),
                quantity=line.quantity,
                label=line.label,
                why=line.why,
                basis=line.basis,
            ),
        )
        for resource, line in production_containers(usage)
    ]
    assert estimate(lines, region="us-east-1", book=book).rounded().gross == D("138.52")


def test_two_nat_gateways_and_a_firewall_add_what_they_cost(book: PriceBook) -> None:
    usage = Usage.of_phase("production")
    public_tasks = [line for line in production_containers(usage) if line[1].label == "Tasks"]
    lines = [
        line
        for line in production_containers(usage)
        if line not in public_tasks or not line[1].sku.startswith("VPC/")
    ]
    lines += [
        fixed("NATGateway/hour", 2 * H, "nat"),
        fixed("VPC/public_ipv4", 2 * H, "nat"),
        used("NATGateway/gb", usage.nat_gb, "nat"),
        fixed("WAF/web_acl", 1, "firewall"),
        fixed("WAF/rule", 3, "firewall"),
        used("WAF/requests_up_to_1500_wcu", usage.requests, "firewall"),
    ]
    assert estimate(lines, region="us-east-1", book=book).rounded().gross == D("233.60")


def test_a_small_load_balancer_costs_24_31_with_its_two_addresses(book: PriceBook) -> None:
    lcu = Usage.of_phase("mvp").lcu
    lines = [fixed("ALB/hour", H), fixed("VPC/public_ipv4", 2 * H), used("ALB/lcu", lcu * H)]
    assert estimate(lines, region="us-east-1", book=book).rounded().gross == D("24.31")


# Tiers


def test_resources_with_the_same_sku_share_its_tiers(book: PriceBook) -> None:
    apart = estimate(
        [used("S3/standard_storage", 40_000, "one"), used("S3/standard_storage", 40_000, "two")],
        region="us-east-1",
        book=book,
    )
    together = estimate([used("S3/standard_storage", 80_000)], region="us-east-1", book=book)
    assert apart.gross == together.gross == D("1811.200")


def test_any_split_of_a_volume_over_lines_has_the_price_of_the_whole(book: PriceBook) -> None:
    chance = random.Random(7)
    for (sku, region), price in book.prices.items():
        top = price.limit or 3 * max(tier.start for tier in price.tiers) + 1_000
        parts = [D(chance.randrange(1 + int(top) // 5)) for _ in range(5)]
        split = estimate([used(sku, part) for part in parts], region=region, book=book)
        whole = estimate([used(sku, sum(parts, D(0)))], region=region, book=book)
        assert (split.gross, split.net, split.partial) == (whole.gross, whole.net, False), sku


def test_an_allowance_written_as_a_first_tier_counts_for_net_only(book: PriceBook) -> None:
    priced = estimate([used("CloudFront/invalidation_path_over_1000", 1_500)], region="us-east-1", book=book)
    assert (priced.gross, priced.net) == (D("7.5"), D("2.5"))


# What has no price


def test_a_missing_price_makes_line_and_total_partial_and_is_not_a_zero(book: PriceBook) -> None:
    priced = estimate(
        [fixed("VPC/public_ipv4", H), fixed("NATGateway/hour", H)], region="us-west-2", book=book
    )
    assert priced.partial
    assert priced.gross == D("3.65")
    (line,) = priced.unpriced()
    assert (line.sku, line.priced, line.amount, line.net) == ("NATGateway/hour", False, None, None)
    assert (line.unit_price, line.confidence) == (None, None)


def test_a_free_item_is_priced_at_zero_and_complete(book: PriceBook) -> None:
    priced = estimate([fixed("ACM/public_certificate", 1)], region="sa-east-1", book=book)
    assert (priced.partial, priced.gross) == (False, D(0))


def test_a_line_billed_elsewhere_takes_the_price_of_that_region(book: PriceBook) -> None:
    resource, line = fixed("WAF/web_acl", 1)
    here = estimate([(resource, line)], region="eu-west-1", book=book)
    there = estimate([(resource, line.billed_in("us-east-1"))], region="eu-west-1", book=book)
    assert (here.partial, there.partial, there.gross) == (True, False, D(5))
    assert there.lines[0].region == "us-east-1"


def test_units_beyond_the_last_known_tier_leave_the_line_partial(book: PriceBook) -> None:
    within = estimate([fixed("Route53/hosted_zone", 25)], region="us-east-1", book=book)
    beyond = estimate([fixed("Route53/hosted_zone", 26)], region="us-east-1", book=book)
    assert (within.partial, within.gross) == (False, D("12.5"))
    assert (beyond.partial, beyond.gross, beyond.lines[0].priced) == (True, D("12.5"), False)


# Allowances


def test_the_net_takes_the_always_free_part_off_and_the_gross_does_not(book: PriceBook) -> None:
    priced = estimate(
        [used("Lambda/requests", 3_000_000), used("Lambda/gb_second_x86", 500_000)],
        region="us-east-1",
        book=book,
    )
    assert priced.gross == D("0.6") + D("8.33335")
    assert priced.net == D("0.4") + D("1.66667")


def test_an_allowance_is_given_once_to_all_resources_and_skus_that_share_it(book: PriceBook) -> None:
    priced = estimate(
        [
            used("CloudWatch/logs_storage", 4, "one"),
            used("CloudWatch/logs_ingestion", 4, "one"),
            used("CloudWatch/logs_ingestion", 4, "two"),
        ],
        region="us-east-1",
        book=book,
    )
    assert [line.net for line in priced.lines] == [D("0.12"), 0, D("1.5")]


def test_an_allowance_larger_than_the_first_tier_takes_off_each_slice_at_its_own_rate(tmp_path: Path) -> None:
    rows = [
        "S3,gb,GB,us-east-1,1,0,10,1,2026,low,",
        "S3,gb,GB,us-east-1,0.5,10,,1,2026,low,",
        "S3,always_free:gb,GB,global,0,0,15,1,2026,low,gb",
    ]
    (tmp_path / "2026-11-01.csv").write_text("\n".join([",".join(COLUMNS), *rows]), encoding="utf-8")
    lines = [used("S3/gb", 10, "one"), used("S3/gb", 10, "two")]
    priced = estimate(lines, region="us-east-1", book=PriceBook.load(folder=tmp_path))
    assert [line.net for line in priced.lines] == [D(0), D("2.5")]


def test_what_is_never_free_has_the_same_net_as_gross(book: PriceBook) -> None:
    lines = [fixed("Fargate/linux_x86_vcpu", H), fixed("RDS/pg_db.t4g.micro_single", H), fixed("ALB/hour", H)]
    priced = estimate(lines, region="us-east-1", book=book)
    assert priced.net == priced.gross > 0


def test_net_never_exceeds_gross_and_the_three_figures_keep_their_order(book: PriceBook) -> None:
    chance = random.Random(3)
    skus = sorted({sku for sku, _ in book.prices})
    for _ in range(200):
        lines: Lines = []
        for sku in chance.choices(skus, k=30):
            low, middle, high = sorted(D(chance.randrange(10 ** chance.randrange(1, 11))) for _ in range(3))
            band = Band(floor=low, expected=middle, ceiling=high)
            lines.append(("thing", CostLine.range(sku, band, "Label", "why")))
        region = chance.choice(["us-east-1", "eu-west-1", "sa-east-1"])
        priced = estimate(lines, region=region, book=book)
        assert 0 <= priced.net <= priced.gross == priced.expected
        assert priced.floor <= priced.expected <= priced.ceiling
        assert all(line.net is None or line.net >= 0 for line in priced.lines)


# Figures


def test_sums_are_rounded_once_and_half_up(book: PriceBook) -> None:
    lines = [used("SecretsManager/api_calls", 1_000, str(number)) for number in range(3)]
    priced = estimate(lines, region="us-east-1", book=book)
    assert priced.gross == D("0.015")
    assert priced.rounded().gross == D("0.02")
    assert sum(cents(line.amount.expected) for line in priced.lines if line.amount) == D("0.03")
    assert cents(D("0.025")) == D("0.03")


def test_usage_counts_for_nothing_at_the_floor_and_fixed_things_always(book: PriceBook) -> None:
    priced = estimate([used("ALB/lcu", 365), fixed("ALB/hour", H)], region="us-east-1", book=book)
    assert (priced.floor, priced.expected, priced.ceiling) == (D("16.425"), D("19.345"), D("19.345"))


def test_a_quantity_below_zero_or_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="S3/get_other"):
        CostLine.fixed("S3/get_other", -1, "Requests", "why")
    with pytest.raises(ValueError, match="floor"):
        CostLine.range("ALB/hour", Band(floor=D(2), expected=D(1), ceiling=D(3)), "Hours", "why")


def test_an_estimate_is_grouped_by_service_and_resource_without_loss(book: PriceBook) -> None:
    priced = estimate(production_containers(Usage()), region="us-east-1", book=book)
    for groups in (priced.by_service(), priced.by_resource()):
        assert sum(group.expected for group in groups.values()) == priced.expected
        assert sum(group.net for group in groups.values()) == priced.net
        assert list(groups.values()) == sorted(groups.values(), key=lambda group: -group.expected)
    assert next(iter(priced.by_service())) == "RDS"
    assert priced.by_resource()["database"].expected == D("64.06")


def test_an_estimate_survives_json_exactly(book: PriceBook) -> None:
    lines = [*production_containers(Usage()), fixed("Unknown/thing", 1)]
    priced = estimate(lines, region="us-east-1", book=book)
    text = json.dumps(priced.to_json())
    again = Estimate.from_json(json.loads(text))
    assert again == priced
    assert json.dumps(again.to_json()) == text
    assert json.loads(text)["gross"] == str(priced.gross)


def test_what_is_no_estimate_is_not_read_as_one(book: PriceBook) -> None:
    plain = estimate([fixed("ALB/hour", H)], region="us-east-1", book=book).to_json()
    for broken in ({**plain, "currency": "EUR"}, {**plain, "gross": "much"}, {}):
        with pytest.raises(ValidationError):
            Estimate.from_json(broken)


def test_sixty_lines_are_priced_in_less_than_five_milliseconds(book: PriceBook) -> None:
    lines = (production_containers(Usage()) * 3)[:60]
    assert len(lines) == 60
    runs = []
    for _ in range(10):
        start = time.process_time()
        estimate(lines, region="us-east-1", book=book)
        runs.append(time.process_time() - start)
    assert min(runs) < 0.005


# Changes


def test_a_change_shows_only_the_lines_that_change(book: PriceBook) -> None:
    same = fixed("ALB/hour", H, "load_balancer")
    before = estimate(
        [same, fixed("RDS/pg_db.t3.small_multi", H, "database"), fixed("KMS/customer_key", 1, "key")],
        region="us-east-1",
        book=book,
    )
    after = estimate(
        [same, fixed("RDS/pg_db.t3.medium_multi", H, "database"), fixed("KMS/customer_key", 2, "key")],
        region="us-east-1",
        book=book,
    )
    changed = difference(before, after)
    assert changed.change.gross == D("54.29")
    assert [line.amount for line in changed.lines] == [D("105.85"), D(1), D("-52.56")]
    assert (changed.partial, changed.same_book) == (False, True)


def test_creating_and_destroying_are_changes_from_and_to_nothing(book: PriceBook) -> None:
    priced = estimate([fixed("ALB/hour", H), fixed("ALB/hour", H)], region="us-east-1", book=book)
    made, gone = difference(None, priced), difference(priced, None)
    assert made.change.gross == priced.gross == -gone.change.gross
    assert (len(made.lines), len(gone.lines)) == (2, 2)
    assert difference(priced, priced).lines == ()


def test_a_change_to_something_without_a_price_has_no_amount(book: PriceBook) -> None:
    before = estimate([], region="us-west-2", book=book)
    changed = difference(before, estimate([fixed("NATGateway/hour", H)], region="us-west-2", book=book))
    assert changed.partial
    assert [line.amount for line in changed.lines] == [None]
    assert changed.change == Totals(gross=D(0), net=D(0), floor=D(0), expected=D(0), ceiling=D(0))


def test_an_estimate_knows_when_the_prices_it_was_made_with_are_old(book: PriceBook) -> None:
    priced = estimate([], region="us-east-1", book=book)
    assert not priced.book_is_old(date(2027, 1, 30))
    assert priced.book_is_old(date(2027, 1, 31))


def test_confidence_is_that_of_the_weakest_tier_reached(book: PriceBook) -> None:
    small = estimate([used("CloudFront/dto_us", 100)], region="us-east-1", book=book)
    large = estimate([used("CloudFront/dto_us", 200_000)], region="us-east-1", book=book)
    assert (small.lines[0].confidence, large.lines[0].confidence) == ("high", "low")
