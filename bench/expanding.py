"""Expansion: a campaign to a million becomes rows, in a process whose memory is watched."""

import json
import subprocess
import sys
import time
from pathlib import Path

from bench.processes import ROOT, environment
from bench.world import World
from notifier.campaigns import campaigns, expansion
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.ledger import notices
from registry.base.clock import utc_now
from registry.record.scope import Scope
from runtime.resources import open_resources
from runtime.settings import read_settings


def expansion_cost(world: World, scope: Scope) -> tuple[float, float]:
    """Return the seconds of the expansion and the most memory its process held, in MiB."""
    at = utc_now()
    draft = Draft("提醒", "confirmation_reminder", Audience(2026), {"deadline": "2026-06-30"})
    with world.resources.sessions.begin() as session:
        made = campaigns.create(session, scope, draft, by="bench", at=at)
        campaigns.start(session, scope, made.key, at=at)
    said = subprocess.run(
        [sys.executable, "-m", "bench.expanding"],
        env=environment(world.resources.settings),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    seconds, mebibytes, _ = json.loads(said.stdout)
    return seconds, mebibytes


def main() -> None:
    """Expand what is due and print the seconds, the MiB and the seconds of the processor."""
    resources = open_resources(read_settings(), notices.write)
    begun, worked = time.perf_counter(), time.process_time()
    expansion.expand_due(resources)
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    sys.stdout.write(json.dumps([seconds, _most_memory(), worked]))


def _most_memory() -> float:
    """Return the most memory this program held, in MiB.

    Not what getrusage says: that counts what the parent held before it became this program.
    """
    status = Path("/proc/self/status").read_text().splitlines()
    (kibibytes,) = (line.split()[1] for line in status if line.startswith("VmHWM:"))
    return int(kibibytes) / 1024


if __name__ == "__main__":
    main()
