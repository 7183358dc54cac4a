"""What is peculiar to a parameter group of a cluster."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import Busy
from provisioning.kind import Observed, kind_named
from provisioning.kinds.rds_db_cluster_parameter_group import DBClusterParameterGroupProps
from provisioning.kinds.tests.aurora import Aurora
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "rds.db_cluster_parameter_group"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {},
    {"family": "aurora-postgresql16", "parameters": {"rds.force_ssl": "1"}},
)


def _props(**parameters: str) -> DBClusterParameterGroupProps:
    return DBClusterParameterGroupProps(parameters=parameters)


def _many(count: int) -> DBClusterParameterGroupProps:
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


def test_it_stays_while_a_cluster_uses_it(aws: Aws, handle: MakeHandle, build: Build) -> None:
    aurora = Aurora(aws, build)
    build("database", aurora.props())

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("database-settings", KIND, id=aurora.settings))


def test_a_parameter_with_the_value_that_aurora_has_anyway_is_no_difference() -> None:
    wanted = DBClusterParameterGroupProps(parameters={"rds.force_ssl": "1"})
    older = DBClusterParameterGroupProps(family="aurora-postgresql16", parameters={"rds.force_ssl": "1"})
    kind = kind_named(KIND)

    assert kind.differences(wanted.dump(), Observed(id="settings", props={"parameters": {}})) == {}
    assert set(kind.differences(older.dump(), Observed(id="settings", props={"parameters": {}}))) == {
        "parameters"
    }


@pytest.mark.parametrize("family", ["postgres17", "aurora-mysql8.0", "aurora-postgresql"])
def test_a_family_that_is_not_of_aurora_is_refused(family: str) -> None:
    with pytest.raises(ValidationError):
        DBClusterParameterGroupProps(family=family)
