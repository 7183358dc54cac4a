"""What the simulator keeps of its services: each service has its own, whatever it calls it."""

from __future__ import annotations

from provisioning.simulator import ec2_autoscaling_policies, lambda_policies
from provisioning.simulator.world import World


def test_two_services_whose_notes_have_the_same_name_do_not_share_them() -> None:
    world = World()

    groups = world.notes_of(ec2_autoscaling_policies.Policies, "123456789012", "us-east-1")
    functions = world.notes_of(lambda_policies.Policies, "123456789012", "us-east-1")

    assert (type(groups), type(functions)) == (ec2_autoscaling_policies.Policies, lambda_policies.Policies)
    assert world.notes_of(lambda_policies.Policies, "123456789012", "us-east-1") is functions
