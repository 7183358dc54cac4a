"""What is peculiar to a DB parameter group."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import Observed, kind_named
from provisioning.kinds.rds_db_parameter_group import DBParameterGroupProps
from provisioning.kinds.tests.contract import MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.scripted_query import answer, scripted
from provisioning.references import JsonObject

KIND = "rds.db_parameter_group"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {},
    {"family": "postgres16", "parameters": {"log_min_duration_statement": "1000"}},
)


def _props(**parameters: str) -> DBParameterGroupProps:
    return DBParameterGroupProps(parameters=parameters)


def _many(count: int) -> DBParameterGroupProps:
    return _props(**{f"app.setting_{number}": str(number) for number in range(count)})


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    first = _props(log_min_duration_statement="1000", work_mem="8192")
    changed = _props(log_min_duration_statement="500", max_connections="200")

    check_contract(
        aws,
        handle("settings", KIND),
        first,
        changes=[changed, _props(), _many(45)],
        attributes=["name", "arn"],
        also_permitted=[
            "rds:AddTagsToResource",  # a creation with tags
            "rds:ListTagsForResource",  # whose a group is that is not marked
        ],
    )


def test_a_cut_before_all_parameters_are_set_is_repaired(aws: Aws, handle: MakeHandle) -> None:
    # One call makes the group, three set twenty parameters each.
    assert check_cuts(aws, handle("settings", KIND), _many(45)) == 3


def test_a_parameter_with_the_value_that_rds_has_anyway_is_no_difference() -> None:
    kind = kind_named(KIND)
    told = Observed(id="settings", props={"family": "postgres17", "parameters": {}})
    unfulfilled = Observed(id="settings", props={"family": "postgres14", "parameters": {}})
    other = Observed(id="settings", props={"family": "postgres17", "parameters": {"rds.force_ssl": "0"}})
    wanted = DBParameterGroupProps(parameters={"rds.force_ssl": "1"})
    older = DBParameterGroupProps(family="postgres14", parameters={"rds.force_ssl": "1"})

    assert kind.differences(wanted.dump(), told) == {}
    assert set(kind.differences(older.dump(), unfulfilled)) == {"parameters"}
    assert set(kind.differences(wanted.dump(), other)) == {"parameters"}


def test_what_only_a_restart_changes_is_not_asked_for_at_once(handle: MakeHandle) -> None:
    kind = kind_named(KIND)
    listed = "".join(
        f"<Parameter><ParameterName>{name}</ParameterName><ApplyType>{how}</ApplyType></Parameter>"
        for name, how in {"max_connections": "static", "work_mem": "dynamic"}.items()
    )
    script = {
        "DescribeDBParameters": answer("DescribeDBParameters", f"<Parameters>{listed}</Parameters>"),
        "ModifyDBParameterGroup": answer("ModifyDBParameterGroup", ""),
    }
    with scripted(script) as (aws, asked):
        props = _props(max_connections="200", work_mem="8192")
        kind.update(aws, handle("settings", KIND), props, Observed(id="g", props={"parameters": {}}))

    modified = next(sent for operation, sent in asked if operation == "ModifyDBParameterGroup")
    assert modified["Parameters.Parameter.1.ParameterName"] == "max_connections"
    assert modified["Parameters.Parameter.1.ApplyMethod"] == "pending-reboot"
    assert modified["Parameters.Parameter.2.ParameterName"] == "work_mem"
    assert modified["Parameters.Parameter.2.ApplyMethod"] == "immediate"


@pytest.mark.parametrize("family", ["postgres9.6", "mysql8.0", "postgres"])
def test_a_family_that_is_not_of_postgres_is_refused(family: str) -> None:
    with pytest.raises(ValidationError):
        DBParameterGroupProps(family=family)
