"""Event messages while a campaign runs flat out: from the commit of the change to accepted."""

import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from bench.world import World
from notifier.ledger.tables import Message
from registry.base.clock import utc_now
from registry.record.registration import Origin, Proposal, record
from registry.record.scope import Scope
from registry.record.tables import Graduate, Source

WAIT = 20.0


def prepare(world: World, scope: Scope) -> list[int]:
    """Give the people of a school a registration; return their ids."""
    with world.resources.sessions.begin() as session:
        people = list(
            session.scalars(select(Graduate.id).where(Graduate.school_id == scope.school_id))
        )
        record(session, _origin(scope), [Proposal(each, _employer(0)) for each in people])
    return people


def _origin(scope: Scope) -> Origin:
    return Origin(scope.school_id, Source.IMPORT, "学校导入", "学校", "bench", utc_now())


def _employer(number: int) -> dict[str, str]:
    return {"category": "10", "unit_name": f"第{number}公司"}


def event_latencies(
    world: World, scope: Scope, people: list[int], pause: float, go_on: Callable[[], bool]
) -> list[float]:
    """Change one person after another while `go_on`; return the seconds from commit to accepted."""
    taken = []
    for number, person in enumerate(people, 1):
        if not go_on():
            break
        with world.resources.sessions.begin() as session:
            record(session, _origin(scope), [Proposal(person, _employer(number))])
        taken.append(_until_accepted(world, person))
        time.sleep(pause)
    return taken


def _until_accepted(world: World, person: int) -> float:
    committed = utc_now()
    wanted = (
        select(Message.accepted_at)
        .where(Message.graduate_id == person, Message.campaign_id.is_(None))
        .order_by(Message.id.desc())
        .limit(1)
    )
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        with world.resources.readers.begin() as session:
            accepted = session.scalar(wanted)
        if accepted is not None:
            return max(0.0, (accepted - committed) / timedelta(seconds=1))
        time.sleep(0.01)
    return WAIT
