"""What one worker process has open: opened after the fork, when first asked for."""

from dataclasses import dataclass
from functools import cache

from notifier.ledger import notices
from notifier.providers.sms import Sms
from notifier.wechat.gateway import Gateway, open_gateway
from notifier.wechat.mini_program import MiniProgram, open_mini_program
from runtime.resources import Resources, open_resources
from runtime.settings import read_environment
from workers.wakeups import open_wakeups

LOCK_SECONDS = 20
"""How long a worker waits for what another transaction holds: longer than one may lie idle."""


@dataclass(frozen=True)
class WorkerResources(Resources):
    """The open things of a worker process: those of every process, WeChat and SMS."""

    gateway: Gateway
    sms: Sms
    mini_program: MiniProgram | None = None
    """None where the settings name none."""


@cache
def resources() -> WorkerResources:
    """Open everything by the settings of the environment, once."""
    settings = read_environment()
    wakeups = open_wakeups(settings.redis_url)
    shared = open_resources(settings, notices.write, wakeups, lock_seconds=LOCK_SECONDS)
    gateway = open_gateway(settings, shared.redis, shared.clock)
    return WorkerResources(
        **vars(shared),
        gateway=gateway,
        sms=Sms(settings, shared.clock),
        mini_program=open_mini_program(settings, shared.redis, shared.clock),
    )
