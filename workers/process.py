"""What one worker process holds: opened after the fork, when first asked for."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from notifier.ledger import notices
from notifier.wechat.gateway import Gateway, open_gateway
from runtime.resources import Resources, open_resources
from runtime.settings import read_settings
from workers.wakeups import open_bell


@dataclass(frozen=True)
class Held:
    """The open things of this process."""

    resources: Resources
    gateway: Gateway


@cache
def held() -> Held:
    """Open everything by the settings of the environment, once."""
    env_file = os.environ.get("QUXIANG_ENV_FILE")
    settings = read_settings(Path(env_file) if env_file else None)
    resources = open_resources(settings, notices.write, open_bell(settings.redis_url))
    gateway = open_gateway(settings, resources.redis, resources.clock)
    return Held(resources, gateway)
