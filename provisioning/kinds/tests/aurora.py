"""What tests of Aurora need around a cluster: a network, its groups, and a cluster with an instance."""

from __future__ import annotations

from provisioning.aws import Aws
from provisioning.kind import Observed
from provisioning.kinds.rds_cluster_instance import ClusterInstanceProps
from provisioning.kinds.rds_db_cluster import DBClusterProps
from provisioning.kinds.rds_db_cluster_parameter_group import DBClusterParameterGroupProps
from provisioning.kinds.rds_db_subnet_group import DBSubnetGroupProps
from provisioning.kinds.tests.contract import Build
from provisioning.kinds.tests.network import Network


class Aurora:
    """A network with a subnet group and a parameter group, made once."""

    def __init__(self, aws: Aws, build: Build) -> None:
        self.build = build
        self.network = Network(aws, build)
        self.subnets = build("database-subnets", DBSubnetGroupProps(subnet_ids=self.network.subnet_ids)).id
        self.settings = build("database-settings", DBClusterParameterGroupProps()).id

    def props(self, **changes: object) -> DBClusterProps:
        """Wanted properties of a cluster here."""
        wanted = {
            "subnet_group_name": self.subnets,
            "parameter_group_name": self.settings,
            "security_group_ids": (self.network.group_id,),
            "deletion_protection": False,
            **changes,
        }
        return DBClusterProps.model_validate(wanted)

    def cluster(self) -> Observed:
        """A cluster with an instance that writes."""
        made = self.build("database", self.props())
        self.build("writer", ClusterInstanceProps(cluster_name=made.id))
        return made
