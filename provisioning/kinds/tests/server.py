"""moto's server with the operations of AWS that it lacks and the kinds need: run by `cloud.py` as a process."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from moto.core.responses import ActionResult, EmptyResult
from moto.elasticache.exceptions import CacheSubnetGroupNotFound
from moto.elasticache.models import ElastiCacheBackend
from moto.elasticache.responses import ElastiCacheResponse
from moto.rds.models import RDSBackend
from moto.rds.responses import RDSResponse
from moto.s3.responses import S3Response
from moto.server import main


def _delete_cache_subnet_group(self: Any) -> Any:
    name = self._get_param("CacheSubnetGroupName")
    if self.elasticache_backend.cache_subnet_groups.pop(name, None) is None:
        raise CacheSubnetGroupNotFound(name)
    return EmptyResult()


def _modify_cache_subnet_group(self: Any) -> Any:
    backend, name = self.elasticache_backend, self._get_param("CacheSubnetGroupName")
    tags = backend.list_tags_for_resource(backend.describe_cache_subnet_groups(name)[0].arn)["Tags"]
    del backend.cache_subnet_groups[name]
    description = self._get_param("CacheSubnetGroupDescription")
    group = backend.create_cache_subnet_group(name, description, self._get_param("SubnetIds"), tags)
    return ActionResult({"CacheSubnetGroup": group})


def _set_replica_count(self: Any) -> Any:
    group = self.elasticache_backend.replication_groups[self._get_param("ReplicationGroupId")]
    nodes = range(1, self._get_int_param("NewReplicaCount") + 2)
    group.member_clusters = [f"{group.replication_group_id}-{number:0>3}" for number in nodes]
    return ActionResult({"ReplicationGroup": group})


_modify_replication_group = ElastiCacheResponse.modify_replication_group


def _modify_all(self: Any) -> Any:
    group = self.elasticache_backend.replication_groups[self._get_param("ReplicationGroupId")]
    group.engine_version = self._get_param("EngineVersion") or group.engine_version
    group.security_group_ids = self._get_param("SecurityGroupIds") or group.security_group_ids
    group.cache_parameter_group_name = (
        self._get_param("CacheParameterGroupName") or group.cache_parameter_group_name
    )
    return _modify_replication_group(self)


def _describe_nodes(self: Any) -> Any:
    nodes = [
        {
            "CacheClusterId": node,
            "ReplicationGroupId": group.replication_group_id,
            "EngineVersion": f"{group.engine_version}.0",
            "CacheSubnetGroupName": group.cache_subnet_group_name,
            "CacheParameterGroup": {"CacheParameterGroupName": group.cache_parameter_group_name},
            "SecurityGroups": [{"SecurityGroupId": one} for one in group.security_group_ids],
        }
        for group in self.elasticache_backend.replication_groups.values()
        for node in group.member_clusters
    ]
    return ActionResult({"CacheClusters": nodes})


_delete_replication_group = ElastiCacheBackend.delete_replication_group


def _delete_at_once(self: Any, replication_group_id: str, retain_primary_cluster: bool | None) -> Any:
    group = _delete_replication_group(self, replication_group_id, retain_primary_cluster)
    del self.replication_groups[replication_group_id]
    return group


def _reset_db_parameter_group(self: Any) -> Any:
    name = self.params["DBParameterGroupName"]
    parameters = self.backend.db_parameter_groups[name].parameters
    for parameter in self.params.get("Parameters", []):
        parameters.pop(parameter.original_dict()["ParameterName"], None)
    return ActionResult({"DBParameterGroupName": name})


_modify_db_subnet_group = RDSBackend.modify_db_subnet_group


def _modify_and_keep(self: Any, subnet_name: str, description: str, subnets: Any) -> Any:
    group: Any = _modify_db_subnet_group(self, subnet_name, description, subnets)
    self.subnet_groups[subnet_name] = group
    return group


_put_bucket = S3Response._bucket_response_put


def _put_bucket_with_tags(self: Any, *args: Any, **keywords: Any) -> Any:
    answer = _put_bucket(self, *args, **keywords)
    if self.body and b"<CreateBucketConfiguration" in self.body:
        tags = ElementTree.fromstring(self.body).iterfind(".//{*}Tag")
        pairs = {tag.findtext("{*}Key"): tag.findtext("{*}Value") for tag in tags}
        self.backend.put_bucket_tagging(self.bucket_name, pairs)
    return answer


def _fill_gaps() -> None:
    cache: Any = ElastiCacheResponse
    cache.delete_cache_subnet_group = _delete_cache_subnet_group
    cache.modify_cache_subnet_group = _modify_cache_subnet_group
    cache.increase_replica_count = cache.decrease_replica_count = _set_replica_count
    cache.modify_replication_group = _modify_all
    cache.describe_cache_clusters = _describe_nodes
    backend: Any = ElastiCacheBackend
    backend.delete_replication_group = _delete_at_once
    databases: Any = RDSBackend
    databases.modify_db_subnet_group = _modify_and_keep
    database: Any = RDSResponse
    database.reset_db_parameter_group = _reset_db_parameter_group
    bucket: Any = S3Response
    bucket._bucket_response_put = _put_bucket_with_tags


if __name__ == "__main__":
    _fill_gaps()
    main()
