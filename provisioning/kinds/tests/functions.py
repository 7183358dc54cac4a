"""What tests of Lambda need around a function: a role that it may take on, a log group, a queue."""

from __future__ import annotations

from provisioning.aws import Aws
from provisioning.errors import AwsError, FailureClass
from provisioning.kind import Handle, Observed, Props, kind_of
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.lambda_function import FunctionProps
from provisioning.kinds.logs_log_group import LogGroupProps
from provisioning.kinds.tests.contract import Build, settled


def function_props(build: Build, **changes: object) -> FunctionProps:
    """Wanted properties of a function, with what they refer to made."""
    role = build("function-role", RoleProps(service="lambda.amazonaws.com"))
    group = build("function-logs", LogGroupProps())
    wanted = {"role_arn": role.attributes["arn"], "log_group": group.id, **changes}
    return FunctionProps.model_validate(wanted)


def updated_until_done(aws: Aws, handle: Handle, props: Props) -> Observed:
    """Updates as the engine does: where AWS is busy with the first of two changes, it comes back when that is done."""
    kind = kind_of(props)
    while True:
        now = kind.read(aws, handle)
        assert now is not None
        try:
            kind.update(aws, handle, props, now)
        except AwsError as error:
            assert error.failure is FailureClass.BUSY
            continue
        return settled(aws, handle, props)
