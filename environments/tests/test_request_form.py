"""The form of a request: what is wrong stands at its field, all of it, before and after it is sent."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from environments.models import Account, Application, Request
from environments.naming import may_be_called, name_rule

FORM = "/catalogue/containers/production/"
PRICE = f"{FORM}price/"

Choice = dict[str, str]


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def choice(application: Application, account: Account) -> Choice:
    """What a browser sends when nothing was changed."""
    return {
        "application": str(application.pk),
        "account": str(account.pk),
        "region": "us-east-1",
        "name": "fair",
        "option_multi_az": "on",
    }


def errors_of(page: str) -> dict[str, str]:
    """Field → its errors, as they stand in the page or in the parts that come while it is open."""
    lists = re.findall(
        r'<ul[^>]* id="id_(\w+)_error"[^>]*>(.*?)</ul>', page.replace("<ul id", "<ul  id"), re.DOTALL
    )
    texts = {name: " ".join(re.findall(r"<span>(.*?)</span>", inner)) for name, inner in lists}
    return {name: text for name, text in texts.items() if text}


def answer(browser: Client, sent: Choice) -> str:
    got = browser.post(PRICE, sent, headers={"HX-Request": "true"})
    assert got.status_code == 200
    return got.content.decode()


def test_what_is_wrong_is_told_at_every_field_while_the_form_is_filled_in(
    browser: Client, choice: Choice
) -> None:
    wrong = {"name": "Fair-", "option_min_tasks": "", "option_domain": "nowhere", "usage_lcu": "99999"}

    errors = errors_of(answer(browser, {**choice, **wrong}))

    assert sorted(errors) == ["name", "option_domain", "option_min_tasks", "usage_lcu"]
    assert errors["option_min_tasks"] == "This field is required."


def test_rules_over_several_options_are_told_too(browser: Client, choice: Choice) -> None:
    wrong = {"option_min_tasks": "9", "option_max_tasks": "3", "option_task_memory": "4096"}

    assert sorted(errors_of(answer(browser, {**choice, **wrong}))) == [
        "option_max_tasks",
        "option_task_memory",
    ]


def test_a_name_that_is_taken_is_told_before_the_form_is_sent(
    browser: Client, choice: Choice, request_of_alice: Request
) -> None:
    errors = errors_of(answer(browser, {**choice, "name": "staging"}))

    assert errors["name"].startswith("There is an environment shop-staging already.")


def test_what_is_right_again_has_no_error_and_no_banner(browser: Client, choice: Choice) -> None:
    page = browser.post(FORM, {**choice, "name": "Fair-"})
    assert page.status_code == 422
    assert "nothing was sent" in page.content.decode()

    still = answer(browser, {**choice, "name": "Fair-", "tried": "1"})
    mended = answer(browser, {**choice, "tried": "1"})

    assert "nothing was sent" in still
    assert "nothing was sent" not in mended
    assert errors_of(mended) == {}
    assert 'id="id_name_error"' in mended
    assert "price-total" in mended


def test_before_the_first_try_no_banner_says_that_nothing_was_sent(browser: Client, choice: Choice) -> None:
    assert "nothing was sent" not in answer(browser, {**choice, "name": "Fair-"})


def test_without_a_price_the_page_names_the_fields_that_are_missing(browser: Client, choice: Choice) -> None:
    got = answer(browser, {**choice, "name": "", "option_backup_days": "99"})

    assert re.findall(r'<a href="#(id_\w+)">([^<]+)</a>', got) == [
        ("id_name", "Name"),
        ("id_option_backup_days", "Keep backups"),
    ]
    assert "No price: 2 fields need attention." in got
    assert "price-total" not in got


def test_a_field_is_wired_to_the_place_of_its_errors_before_there_are_any(
    browser: Client, choice: Choice
) -> None:
    page = browser.get(FORM).content.decode()

    for name in ("name", "option_min_tasks", "option_multi_az", "usage_lcu", "note"):
        control = re.search(rf'<[^>]* id="id_{name}"[^>]*>', page)
        assert control is not None
        described = re.search(r'aria-describedby="([^"]+)"', control[0])
        assert described is not None, name
        assert f"id_{name}_error" in described[1].split()
        assert all(f'id="{one}"' in page for one in described[1].split())


def test_a_link_with_a_value_that_cannot_be_says_so_at_its_field(browser: Client, choice: Choice) -> None:
    page = browser.get(f"{FORM}?min_tasks=0")

    assert page.status_code == 200
    assert list(errors_of(page.content.decode())) == ["option_min_tasks"]


def test_the_form_starts_with_a_name_that_is_free(
    browser: Client, choice: Choice, request_of_alice: Request
) -> None:
    def name() -> str:
        return str(browser.get(FORM).context["form"]["name"].value())

    assert name() == "production"
    assert browser.post(FORM, {**choice, "name": "production"}).status_code == 302
    assert name() == "production-2"


def test_who_may_ask_for_nothing_is_told_why(client: Client, mallory: User, application: Application) -> None:
    client.force_login(mallory)

    errors = errors_of(client.get(FORM).content.decode())

    assert errors["application"].startswith("No application of your teams")
    assert errors["account"].startswith("No account may be used")


def test_memory_is_a_choice_and_each_size_says_with_which_cpu_it_goes(
    browser: Client, choice: Choice
) -> None:
    page = browser.get(FORM).content.decode()
    select = re.search(r'<select name="option_task_memory".*?</select>', page, re.DOTALL)
    assert select is not None
    options = re.findall(r'<option value="(\d+)"[^>]*data-with="([\d ]+)"[^>]*>([^<]+)</option>', select[0])

    assert options[0] == ("512", "256", "0.5 GiB")
    assert ("4096", "512 1024 2048", "4 GiB") in options
    assert 'data-follows="id_option_task_cpu"' in select[0]


def test_choices_that_aws_names_in_code_have_words(browser: Client, application: Application) -> None:
    page = browser.get("/catalogue/simple/production/").content.decode()

    assert re.search(r'<option value="Immutable"[^>]*>On new servers</option>', page)


def test_a_size_that_does_not_go_with_the_cpu_is_told_at_its_field(browser: Client, choice: Choice) -> None:
    page = browser.post(FORM, {**choice, "option_task_cpu": "1024", "option_task_memory": "512"})

    assert page.status_code == 422
    assert errors_of(page.content.decode()) == {
        "option_task_memory": "Memory of a task: with 1 vCPU it can be 2, 3, 4, 5, 6, 7, 8 GiB."
    }


@pytest.mark.parametrize("name", ["a", "A1", "1a", "a--b", "a-", "-a", "a_b", "á1", "a" * 31, "ab\n"])
def test_a_name_against_the_rule_is_refused_and_the_rule_stands_at_the_field(
    browser: Client, choice: Choice, name: str
) -> None:
    assert not may_be_called(name)
    assert name_rule() in browser.get(FORM).content.decode()
    if name == name.strip():
        assert list(errors_of(answer(browser, {**choice, "name": name}))) == ["name"]


@pytest.mark.parametrize("name", ["ab", "a1", "a-b-c", "a" * 30])
def test_a_name_within_the_rule_is_taken(browser: Client, choice: Choice, name: str) -> None:
    assert may_be_called(name)
    assert "price-total" in answer(browser, {**choice, "name": name})


def test_an_error_says_what_would_be_right_and_nothing_that_stands_there_already(
    browser: Client, choice: Choice
) -> None:
    errors = errors_of(answer(browser, {**choice, "name": "Fair-", "option_domain": "nowhere"}))

    assert errors["name"] == "The name &#x27;Fair-&#x27; cannot be used."
    assert errors["option_domain"] == "Domain cannot be &quot;nowhere&quot;. Write it like shop.example.org."


def test_the_price_goes_along_on_a_phone_with_every_answer(browser: Client, choice: Choice) -> None:
    assert '<a class="price-line narrow-only" id="price-line" href="#panel">' in browser.get(FORM).text

    line = answer(browser, choice).partition('<a id="price-line" hx-swap-oob="innerHTML">')[2]
    wrong = answer(browser, {**choice, "name": "Fair-"}).partition('<a id="price-line"')[2]

    assert "$" in line.partition("</a>")[0]
    assert "1 field needs attention" in wrong.partition("</a>")[0]


def test_only_what_may_stay_empty_is_called_optional(browser: Client, choice: Choice) -> None:
    page = browser.get(FORM).content.decode()
    labels = re.findall(r'for="id_(\w+)">[^<]*<span class="field-optional">', page)

    assert labels == [
        "expires_in_days",
        "note",
        "option_alarm_email",
        "option_copy_prefix",
        "option_sign_in_return",
        "option_domain",
        "option_hosted_zone_id",
        "option_repository",
    ]
    emptied = dict.fromkeys(labels, "")
    assert errors_of(answer(browser, {**choice, **emptied})) == {}


def test_expected_use_is_folded_to_a_line_that_follows_its_figures(browser: Client, choice: Choice) -> None:
    page = browser.get(FORM).content.decode()
    line = "Running on average: 2 tasks · HTTP requests: 3,000,000 a month · Load balancer: 0.5 LCU"
    assert line in page
    assert '<details class="card card-fold" id="expected-use">' in page

    assert line.replace("0.5", "0.7") in answer(browser, {**choice, "usage_lcu": "0.7"})
    refused = browser.post(FORM, {**choice, "usage_storage_gb": "-1"}).content.decode()
    assert '<details class="card card-fold" id="expected-use" open>' in refused


def is_open(page: str, title: str) -> bool:
    """Whether what is folded away under this title is unfolded."""
    fold = re.search(
        rf'<details class="card card-fold" id="fold-\d"( open)?>(?:(?!</summary>).)*>{title}<', page, re.S
    )
    assert fold, f"nothing is folded away as {title}"
    return fold[1] is not None


def test_thresholds_of_alarms_are_folded_away_and_open_where_one_is_wrong(
    browser: Client, choice: Choice
) -> None:
    page = browser.get(FORM).content.decode()
    assert not is_open(page, "Alarm thresholds")
    assert "CPU above: 80 % · Database connections above: 80 %" in page

    assert "CPU above: 75 %" in answer(browser, {**choice, "option_alarm_cpu": "75"})
    refused = browser.post(FORM, {**choice, "option_alarm_cpu": "100"}).content.decode()
    assert is_open(refused, "Alarm thresholds")
    assert "99" in errors_of(refused)["option_alarm_cpu"]


def test_sign_in_domain_and_monitoring_are_folded_away_and_say_what_is_chosen(
    browser: Client, choice: Choice
) -> None:
    page = browser.get(FORM).content.decode()
    assert not any(is_open(page, title) for title in ("Sign-in", "Domain", "Monitoring"))
    assert "nothing chosen" in page
    assert "Domain: shop.example.org" in answer(browser, {**choice, "option_domain": "shop.example.org"})


def test_what_a_link_filled_in_is_not_folded_away(browser: Client, application: Application) -> None:
    page = browser.get(f"{FORM}?monthly_budget=200").content.decode()
    assert is_open(page, "Monitoring")
    assert not is_open(page, "Domain")


def test_a_second_region_is_one_of_the_account_and_not_its_own(browser: Client, choice: Choice) -> None:
    page = browser.get(FORM).content.decode()
    assert (
        "Scheduled backups: none · Keep scheduled backups: 5 weeks · Copies in another region: none" in page
    )

    assert errors_of(answer(browser, {**choice, "option_copy_region": "eu-west-1"})) == {}
    same = errors_of(answer(browser, {**choice, "option_copy_region": "us-east-1"}))
    assert same["option_copy_region"].startswith("The environment itself is in us-east-1.")
    assert "option_copy_region" in errors_of(answer(browser, {**choice, "option_copy_region": "mars"}))


def test_a_number_has_its_unit_beside_it(browser: Client, choice: Choice) -> None:
    page = browser.get(FORM).content.decode()
    units = dict(re.findall(r'id="id_(\w+)_unit">([^<]+)<', page))

    assert units["option_database_storage"] == "GiB"
    assert units["option_backup_days"] == units["expires_in_days"] == "days"
    assert units["usage_log_gb"] == "GB a month"


def test_capacity_of_aurora_is_told_in_acu_and_what_runs_on_average_in_servers(
    browser: Client, choice: Choice
) -> None:
    serverless = browser.get("/catalogue/serverless/mvp/").content.decode()
    servers = browser.get("/catalogue/server/production/").content.decode()

    assert re.search(r'<option value="0.5"[^>]*>0.5 ACU</option>', serverless)
    assert re.search(r'id="id_usage_average_tasks_unit"[^>]*>servers<', servers)


def test_a_region_with_one_zone_is_told_at_the_field(
    browser: Client, choice: Choice, account: Account
) -> None:
    account.zones = {**account.zones, "us-east-1": ["us-east-1a"]}
    account.save()

    errors = errors_of(answer(browser, choice))

    assert "one availability zone" in errors["region"]
    assert errors_of(browser.post(FORM, choice).content.decode()) == errors
    assert not Request.objects.exists()


def test_a_version_of_postgresql_says_until_when_aws_supports_it(browser: Client, choice: Choice) -> None:
    page = browser.get(FORM).content.decode()

    assert re.search(r'<option value="17"[^>]*selected[^>]*>17, supported until 28 February 2030', page)


def test_a_page_that_was_open_since_an_older_version_is_taken_with_the_defaults(
    browser: Client, choice: Choice
) -> None:
    assert browser.post(FORM, choice).status_code == 302
    assert Request.objects.get().plan.spec.options["min_tasks"] == 2


def test_the_form_asks_the_database_no_more_than_it_must(browser: Client, choice: Choice) -> None:
    with CaptureQueriesContext(connection) as opened:
        browser.get(FORM)
    with CaptureQueriesContext(connection) as priced:
        browser.post(PRICE, choice)

    assert (len(opened), len(priced)) == (11, 7)
