"""Short messages to employers leave once each, are tried again, and given up in the end."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from typing_extensions import override

from notifier.binding import employer_sms, text_queue
from notifier.delivery.sweep import sweep
from notifier.ledger import notices
from notifier.providers.tencent_cloud import CallError
from registry.accounts.tables import Role
from registry.base.clock import SHANGHAI
from registry.record.contact_states import NoticeState
from registry.signing import certifying
from registry.signing.employer_text_tables import EmployerText
from runtime.jobs import Job
from runtime.resources import Resources, open_resources
from tests.clock import StandingClock
from tests.configuration import settings_for
from tests.registry.signing.signwork import Signwork
from tests.registry.signing.test_employers import hand_in
from tests.wxapp.school.records import open_campus

PHONE = "13900002222"


@pytest.fixture
def resources(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Resources]:
    opened = open_resources(settings_for(database_url, redis_url), notices.write, clock=clock)
    yield opened
    opened.engine.dispose()
    opened.redis.close()


class Phones:
    """A provider that refuses the first so many calls."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.told: list[tuple[str, ...]] = []

    def send_employer_news(self, phone: str, unit: str, what: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise CallError("LimitExceeded.PhoneNumberOneHourLimit")
        self.told.append((phone, unit, what))


def written(resources: Resources, clock: StandingClock) -> None:
    """Write one message that is due."""
    with resources.sessions.begin() as session:
        work = Signwork(open_campus(session, clock(), vault=resources.vault), clock())
        staff = work.campus.staff(Role.EMPLOYER)
        employer = work.campus.employer()
        staff.employer_id = employer.id
        session.flush()
        hand_in(work, staff)
        papers = certifying.newest(session, employer.id)
        assert papers is not None
        about = {"employer_id": employer.id, "certification_id": papers.id, "news": "毕业生已应约"}
        session.add(EmployerText(**about, up_to=clock(), next_at=clock(), created_at=clock()))


def states(resources: Resources) -> list[str]:
    with resources.readers() as session:
        return list(session.scalars(select(EmployerText.state)))


def test_it_leaves_once_to_the_phone_of_the_papers(
    resources: Resources, clock: StandingClock
) -> None:
    written(resources, clock)
    phones = Phones()
    for _ in range(2):
        employer_sms.tell_due(resources, phones, lambda: False)
    assert phones.told == [(PHONE, "青岛海纳软件有限公司", "毕业生已应约")]
    assert states(resources) == [NoticeState.SENT]


def test_a_refused_one_is_tried_again_and_given_up_in_the_end(
    resources: Resources, clock: StandingClock
) -> None:
    written(resources, clock)
    phones = Phones(refusals=1)
    employer_sms.tell_due(resources, phones, lambda: False)
    assert states(resources) == [NoticeState.WAITING]
    clock.move(text_queue.AGAIN)
    employer_sms.tell_due(resources, phones, lambda: False)
    assert states(resources) == [NoticeState.SENT]


@pytest.mark.parametrize(
    "away",
    [datetime(2026, 6, 11, 18, 0, tzinfo=SHANGHAI), datetime(2026, 6, 13, 10, 0, tzinfo=SHANGHAI)],
    ids=["evening", "saturday"],
)
def test_what_was_not_sent_in_office_hours_waits_for_the_next(
    resources: Resources, clock: StandingClock, away: datetime
) -> None:
    written(resources, clock)
    phones = Phones()
    clock.set(away)
    assert Job.TELL_PHONES not in sweep(resources)
    employer_sms.tell_due(resources, phones, lambda: False)
    assert (phones.told, states(resources)) == ([], [NoticeState.WAITING])
    clock.set(datetime(2026, 6, 15, 9, 0, tzinfo=SHANGHAI))
    assert Job.TELL_PHONES in sweep(resources)
    employer_sms.tell_due(resources, phones, lambda: False)
    assert states(resources) == [NoticeState.SENT]


def test_one_that_is_refused_each_time_is_given_up(
    resources: Resources, clock: StandingClock
) -> None:
    written(resources, clock)
    phones = Phones(refusals=100)
    for _ in range(employer_sms.TRIES + 1):
        employer_sms.tell_due(resources, phones, lambda: False)
        clock.move(timedelta(hours=1))
    assert (phones.refusals, states(resources)) == (97, [NoticeState.FAILED])


class Killed(Exception):
    """A process that ends while it sends."""


def test_who_was_so_slow_that_another_took_over_settles_nothing(
    resources: Resources, clock: StandingClock
) -> None:
    written(resources, clock)

    class Dying(Phones):
        @override
        def send_employer_news(self, phone: str, unit: str, what: str) -> None:
            raise Killed

    class Slow(Phones):
        @override
        def send_employer_news(self, phone: str, unit: str, what: str) -> None:
            clock.move(text_queue.LEASE)
            with pytest.raises(Killed):
                employer_sms.tell_due(resources, Dying(), lambda: False)
            raise CallError("timeout")

    employer_sms.tell_due(resources, Slow(), lambda: False)
    assert states(resources) == [NoticeState.SENDING], "it is the other's until the lease is over"
    clock.move(text_queue.LEASE)
    employer_sms.tell_due(resources, Phones(), lambda: False)
    assert states(resources) == [NoticeState.SENT]


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)  # SQLite has one writer
def test_what_one_process_is_claiming_another_does_not_wait_for(
    resources: Resources, clock: StandingClock
) -> None:
    written(resources, clock)
    vault = resources.vault
    with resources.sessions.begin() as one, resources.sessions.begin() as other:
        other.execute(text("SET LOCAL lock_timeout = '3s'"))
        mine = employer_sms.QUEUE.claim(one, vault, clock())
        theirs = employer_sms.QUEUE.claim(other, vault, clock())
    assert (len(mine), len(theirs)) == (1, 0)
