"""Elastic Beanstalk, whole: moto has eight of its calls. Its files, by what they are about."""

from provisioning.simulator import (
    elasticbeanstalk_deployments,
    elasticbeanstalk_environments,
    elasticbeanstalk_health,
    elasticbeanstalk_options,
    elasticbeanstalk_platforms,
    elasticbeanstalk_rebuild,
    elasticbeanstalk_versions,
)

__all__ = [
    "elasticbeanstalk_deployments",
    "elasticbeanstalk_environments",
    "elasticbeanstalk_health",
    "elasticbeanstalk_options",
    "elasticbeanstalk_platforms",
    "elasticbeanstalk_rebuild",
    "elasticbeanstalk_versions",
]
