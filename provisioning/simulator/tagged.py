"""What carries tags though moto's tagging API does not see it: each service's file tells of its own."""

from collections.abc import Callable, Iterator

from moto.core.resource_tagging import TaggedResource

from provisioning.simulator.world import Moment

Source = Callable[[Moment], Iterator[TaggedResource]]
sources: list[Source] = []


def tagged(source: Source) -> Source:
    """Register a function that tells the tagged things of an account and region."""
    sources.append(source)
    return source
