"""Every scenario, in the order it is played."""

from faults.clerks import CLERKS
from faults.clocks import CLOCKS
from faults.collisions import COLLISIONS
from faults.crashes import CRASHES
from faults.deployments import DEPLOYMENTS
from faults.failover import FAILOVER
from faults.full_disks import FULL_DISKS
from faults.newcomers import ARRIVALS
from faults.provider import PROVIDER
from faults.receipts import RECEIPTS
from faults.run import Scenario
from faults.storage import STORAGE
from faults.syncing import SYNCING
from faults.tenants import TENANTS
from faults.upgrades import UPGRADES
from faults.visitors import VISITS_PAID

SCENARIOS: tuple[Scenario, ...] = (
    *CRASHES,
    *VISITS_PAID,
    *ARRIVALS,
    *CLERKS,
    *SYNCING,
    *DEPLOYMENTS,
    *UPGRADES,
    *COLLISIONS,
    *STORAGE,
    *FULL_DISKS,
    *PROVIDER,
    *RECEIPTS,
    *TENANTS,
    *CLOCKS,
    *FAILOVER,
)

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
