"""All plain tasks that make the environment."""

from provisioning.bench.plain.alarms import ALARMS
from provisioning.bench.plain.data import DATA
from provisioning.bench.plain.network import NETWORK
from provisioning.bench.plain.service import SERVICE

CREATE = (*NETWORK, *DATA, *SERVICE, *ALARMS)
