"""How long AWS takes for each thing, in unscaled seconds, and how those seconds shrink by the speed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# Typical figures of operators and of AWS's user guides; none is promised by AWS.
USUAL: Mapping[str, float] = MappingProxyType(
    {
        "backup.start": 30,
        "backup.run": 300,
        "backup.delete": 60,
        "codepipeline.source": 20,
        "cognito.domain": 30,
        "cognito.custom-domain": 300,
        "rds.create": 300,
        "rds.modify": 120,
        "rds.modify-lag": 3,
        "rds.reboot": 60,
        "rds.stop": 180,
        "rds.start": 180,
        "rds.delete": 240,
        "rds.snapshot": 90,
        "rds.cluster": 90,
        "rds.cluster-delete": 90,
        "rds.proxy": 300,
        "rds.proxy-modify": 60,
        "rds.proxy-delete": 120,
        "rds.target": 60,
        "elasticache.create": 240,
        "elasticache.modify": 120,
        "elasticache.delete": 180,
        "elasticache.snapshot": 60,
        "elbv2.create": 90,
        "elbv2.interfaces": 20,
        "elbv2.health": 15,
        "ec2.start": 20,
        "ec2.stop": 30,
        "ec2.terminate": 40,
        "autoscaling.notice": 15,
        "autoscaling.launch": 45,
        "autoscaling.retry": 60,
        "autoscaling.refresh": 15,
        "beanstalk.process": 10,
        "beanstalk.resources": 30,
        "beanstalk.launch": 300,
        "beanstalk.deploy": 90,
        "beanstalk.configure": 60,
        "beanstalk.restart": 30,
        "beanstalk.swap": 20,
        "beanstalk.terminate": 150,
        "ecs.create": 60,
        "ecs.deploy": 60,
        "ecs.scale": 30,
        "ecs.drain": 20,
        "ecs.delete": 30,
        "ecs.fail": 30,
        "nat.create": 90,
        "nat.delete": 60,
        "endpoint.create": 60,
        "endpoint.delete": 30,
        "acm.issue": 60,
        "acm.record": 5,
        "route53.change": 30,
        "cloudfront.deploy": 240,
        "cloudwatch.evaluate": 60,
        "wafv2.create": 10,
        "wafv2.release": 20,
        "cloudmap.create": 45,
        "cloudmap.delete": 45,
        "sqs.name": 60,
        "apigatewayv2.domain": 30,
        "apigatewayv2.link": 120,
        "apigatewayv2.unlink": 120,
        "lambda.create": 5,
        "lambda.update": 5,
        "lambda.network": 60,
        "lambda.publish": 2,
        "lambda.interfaces": 1200,
        "lambda.mapping": 15,
    }
)


class UnknownDuration(ValueError):
    """A duration was named that the simulator does not have; the message lists those it has."""


@dataclass(frozen=True, kw_only=True)
class Durations:
    """Waits of the simulated AWS: `of` gives real seconds, which are AWS's seconds divided by `speed`."""

    speed: float = 60.0
    overrides: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.speed <= 0:
            raise ValueError(f"Speed must be more than 0, not {self.speed:g}: seconds are divided by it.")
        for name in self.overrides:
            if name not in USUAL:
                raise UnknownDuration(f"No duration is called {name!r}. There are: {', '.join(USUAL)}.")

    def of(self, name: str) -> float:
        """Real seconds that the thing called `name` takes."""
        return self.scaled(self.overrides.get(name, USUAL[name]))

    def scaled(self, seconds: float) -> float:
        """Real seconds for `seconds` of AWS."""
        return seconds / self.speed

    @classmethod
    def parse(cls, *, speed: float, text: str) -> "Durations":
        """Read `rds.create=300,elasticache.create=240`, in unscaled seconds."""
        overrides: dict[str, float] = {}
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            name, separator, seconds = part.partition("=")
            if not separator:
                raise ValueError(f"{part!r} is not a duration; write it like rds.create=300.")
            overrides[name.strip()] = float(seconds)
        return cls(speed=speed, overrides=overrides)
