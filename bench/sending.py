"""Sending: a campaign from ledger to ledger beside a bare loop over the same client."""

import json
import time
from collections.abc import Callable

from bench.world import World
from notifier.delivery.http_sender import HttpSender
from notifier.delivery.run import deliver

PATH = "/cgi-bin/message/template/send?access_token=bench"


def bare_rate(url: str, count: int, connections: int) -> float:
    """Return the messages a second of a loop that only posts bodies made beforehand."""
    body = json.dumps(
        {
            "touser": "o123456",
            "template_id": "t",
            "url": "http://localhost/g/confirmation",
            "client_msg_id": "0" * 32,
            "data": {f"thing{n}": {"value": "核对并确认毕业去向登记"} for n in range(4)},
        },
        ensure_ascii=False,
    ).encode()
    wire: HttpSender[int] = HttpSender(connections)
    begun, sent, ended = time.perf_counter(), 0, 0
    while ended < count:
        while sent < count and wire.free:
            wire.send(sent, url + PATH, body)
            sent += 1
        ended += len(wire.poll(0.05))
    elapsed = time.perf_counter() - begun
    wire.close()
    return count / elapsed


def campaign_rate(world: World, make_campaign: Callable[[], int], count: int) -> float:
    """Return the messages a second from rows that wait to rows that say accepted."""
    make_campaign()
    begun = time.perf_counter()
    accepted = 0
    while accepted < count:
        accepted += deliver(world.resources, world.gateway, seconds=600).accepted
    return count / (time.perf_counter() - begun)
