"""The hosted zones in which environments of Elastic Beanstalk have their addresses, for aliases that lead to them.

AWS General Reference, "AWS Elastic Beanstalk endpoints and quotas".
"""

from __future__ import annotations

from provisioning.errors import InvalidSpec

_ZONES = {
    "af-south-1": "Z1EI3BVKMKK4AM",
    "ap-east-1": "ZPWYUBWRU171A",
    "ap-northeast-1": "Z1R25G3KIG2GBW",
    "ap-northeast-2": "Z3JE5OI70TWKCP",
    "ap-northeast-3": "ZNE5GEY1TIAGY",
    "ap-south-1": "Z18NTBI3Y7N9TZ",
    "ap-southeast-1": "Z16FZ9L249IFLT",
    "ap-southeast-2": "Z2PCDNR3VC2G1N",
    "ap-southeast-3": "Z05913172VM7EAZB40TA8",
    "ca-central-1": "ZJFCZL7SSZB5I",
    "eu-central-1": "Z1FRNW7UH4DEZJ",
    "eu-north-1": "Z23GO28BZ5AETM",
    "eu-south-1": "Z10VDYYOA2JFKM",
    "eu-west-1": "Z2NYPWQ7DFZAZH",
    "eu-west-2": "Z1GKAAAUGATPF1",
    "eu-west-3": "Z5WN6GAYWG5OB",
    "sa-east-1": "Z10X7K2B4QSOFV",
    "us-east-1": "Z117KPS5GTRQ2G",
    "us-east-2": "Z14LCN19Q5QHIC",
    "us-west-1": "Z1LQECGX5PH1X",
    "us-west-2": "Z38NKT9BP95V3O",
}


def zone_of(region: str) -> str:
    """The zone of a region. Raises InvalidSpec for one that is not known here."""
    try:
        return _ZONES[region]
    except KeyError:
        raise InvalidSpec(
            f"In {region} the load balancer of Elastic Beanstalk cannot have a domain.",
            code="option.invalid",
            hint="Choose CloudFront before the application.",
            field="domain",
        ) from None
