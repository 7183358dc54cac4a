"""CloudWatch Logs: retention is one of the values that AWS has."""

from provisioning.simulator.operations import Call, Refusal, operation

# Values of PutRetentionPolicy (API reference).
_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)


@operation("logs", "PutRetentionPolicy")
def put_retention_policy(call: Call) -> object:
    """Refuses other numbers of days."""
    days = call.params.get("retentionInDays")
    if days not in _DAYS:
        raise Refusal(
            "InvalidParameterException",
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member "
            f"must satisfy enum value set: {sorted(_DAYS)}",
        )
    return call.forward()
