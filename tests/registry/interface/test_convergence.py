"""Versions that come late, doubled, shuffled and cut end where those that come in order end."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.interface.in_force import Pusher
from registry.interface.pushing import PushOutcome, push
from registry.interface.reading import PushedRow
from registry.interface.tables import SourceRecord
from registry.record.tables import Graduate, Registration
from tests.clock import StandingClock
from tests.profiles import examples
from tests.wxapp.school.records import Campus, open_campus

UNITS = ("", "青岛海纳软件有限公司", "青岛云岭软件有限公司")
"""What a version says; the first is void."""
_codes = count(10001)


@dataclass(frozen=True)
class Version:
    """One version of a source's record: whose, which, and what it says."""

    person: int
    number: int
    unit: str


HISTORIES = st.lists(
    st.lists(st.sampled_from(UNITS), min_size=1, max_size=6), min_size=1, max_size=3
)


class Cut(Exception):
    """The process dies before the commit."""


def rows_of(campus: Campus, people: Sequence[Graduate], part: Sequence[Version]) -> list[PushedRow]:
    return [
        PushedRow(
            index,
            f"{campus.school.code}-{each.person}",
            each.number,
            not each.unit,
            _said(campus, people[each.person], each.unit) if each.unit else {},
            None,
        )
        for index, each in enumerate(part)
    ]


def _said(campus: Campus, graduate: Graduate, unit: str) -> dict[str, str]:
    return {
        "yxdm": campus.school.code,
        "byjc": str(graduate.year),
        "xm": graduate.name,
        "xh": graduate.student_number,
        "byqxdm": "10",
        "dwmc": unit,
    }


def new_school(sessions: sessionmaker[Session], clock: StandingClock, people: int) -> Campus:
    session = sessions()
    campus = open_campus(session, clock(), code=f"{next(_codes):05}")
    campus.school.correction_system = "山东省高校毕业生就业信息网"
    for _ in range(people):
        campus.graduate()
    campus.save()
    return campus


def deliver(
    sessions: sessionmaker[Session],
    campus: Campus,
    batches: Sequence[Sequence[Version]],
    cuts: frozenset[int],
) -> None:
    """Push batches; one that is cut is rolled back, and sent again."""
    people = members(campus)
    pusher = Pusher("370000", "37-test", campus.at)
    for place, batch in enumerate(batches):
        rows = rows_of(campus, people, batch)
        if place in cuts:
            with sessions() as session:
                push(session, pusher, rows)
                session.rollback()
        with sessions.begin() as session:
            results = push(session, pusher, rows)
        assert [each.index for each in results] == list(range(len(rows)))
        assert not {each.outcome for each in results} & {
            PushOutcome.REJECTED,
            PushOutcome.VERSION_CONFLICT,
        }


def members(campus: Campus) -> list[Graduate]:
    wanted = select(Graduate).where(Graduate.school_id == campus.school.id).order_by(Graduate.id)
    found = list(campus.session.scalars(wanted))
    campus.session.commit()
    return found


def state(campus: Campus) -> list[tuple[object, ...]]:
    """Return what holds of each graduate of a school, without what only the way there explains."""
    wanted = (
        select(
            Graduate.confirmation,
            Registration.unit_name,
            Registration.source,
            Registration.source_name,
            SourceRecord.version,
            SourceRecord.digest,
            SourceRecord.void,
        )
        .select_from(Graduate)
        .outerjoin(Registration, Registration.id == Graduate.registration_id)
        .where(Graduate.school_id == campus.school.id)
        .order_by(Graduate.id)
    )
    people = members(campus)
    names = [f"{campus.school.code}-{place}" for place in range(len(people))]
    found = []
    with campus.session.begin():
        for graduate, name in zip(people, names, strict=True):
            theirs = wanted.outerjoin(SourceRecord, SourceRecord.source_id == name).where(
                Graduate.id == graduate.id
            )
            *rest, digest, void = campus.session.execute(theirs).one()
            # Digests name the school, which is another for the orderly run.
            found.append((*rest, bool(digest), void))
    return found


@given(histories=HISTORIES, seed=st.integers(0, 2**32), data=st.data())
@settings(
    max_examples=examples(6, thorough=300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_order_ends_in_the_state_of_the_orderly_one(
    sessions: sessionmaker[Session],
    clock: StandingClock,
    histories: list[list[str]],
    seed: int,
    data: st.DataObject,
) -> None:
    versions = [
        Version(person, number, unit)
        for person, units in enumerate(histories)
        for number, unit in enumerate(units, 1)
    ]
    orderly = new_school(sessions, clock, len(histories))
    deliver(sessions, orderly, [[each] for each in versions], frozenset())
    shuffled = new_school(sessions, clock, len(histories))
    stream = versions + data.draw(st.lists(st.sampled_from(versions), max_size=5))
    random.Random(seed).shuffle(stream)  # noqa: S311 - an order, nothing secret
    size = data.draw(st.integers(1, len(stream)))
    batches = [stream[start : start + size] for start in range(0, len(stream), size)]
    cuts = data.draw(st.frozensets(st.integers(0, len(batches) - 1)))
    deliver(sessions, shuffled, batches, cuts)
    assert state(shuffled) == state(orderly)
    for campus in (orderly, shuffled):
        campus.session.close()
