"""However many phones a roster changes, they are told of by a few statements and no call."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, sessionmaker

from notifier.binding import contact_sms, text_queue
from notifier.ledger import contact_rows, notices
from notifier.ledger.tables import Binding, Message
from notifier.providers.tencent_cloud import CallError
from registry.codes import identity
from registry.record.contact_states import NoticeState
from registry.record.contact_tables import ContactChange
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Source
from runtime.resources import Resources, open_resources
from tests.clock import StandingClock
from tests.configuration import settings_for
from tests.wxapp.school.records import Campus, open_campus


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

    def send_notice(self, phone: str, school: str, what: str, token: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise CallError("LimitExceeded.PhoneNumberOneHourLimit")
        self.told.append((phone, school, what, token))


def with_phone(campus: Campus, number: str, phone: str) -> int:
    """Add a graduate who has a phone; return her id."""
    index = identity.phone_index(campus.vault, phone)
    return campus.graduate(identity_index=number, phone=phone, phone_index=index).id


def change_phones(
    resources: Resources, clock: StandingClock, code: str, people: int, before: str = ""
) -> int:
    """Change the phones of a school's people, every other of whom is bound; count statements.

    All had the phone `before`, or each her own.
    """
    with resources.sessions.begin() as session:
        campus = open_campus(session, clock(), code, resources.vault)
        had = [before or f"138{code}{place:03}" for place in range(people)]
        her = [with_phone(campus, f"{code}{place}", phone) for place, phone in enumerate(had)]
        session.add_all(
            Binding(openid=f"o{code}{each}", graduate_id=each, bound_at=clock())
            for each in her[::2]
        )
        school_id = campus.school.id
    statements = [0]

    def count(*_: object) -> None:
        statements[0] += 1

    event.listen(resources.engine, "before_cursor_execute", count)
    with resources.sessions.begin() as session:
        origin = Origin(school_id, Source.IMPORT, "学校导入", "学校", "staff:x", clock())
        phones = [f"139{place:08}" for place in range(people)]
        proposals = [
            Proposal(
                ident,
                basics={
                    "phone_sealed": resources.vault.seal(identity.PHONE, ident, phone),
                    "phone_index": identity.phone_index(resources.vault, phone),
                },
            )
            for ident, phone in zip(her, phones, strict=True)
        ]
        record(session, origin, proposals)
    event.remove(resources.engine, "before_cursor_execute", count)
    return statements[0]


def counted(sessions: sessionmaker[Session]) -> tuple[int, int]:
    with sessions() as session:
        changes = session.scalars(select(func.count()).select_from(ContactChange)).one()
        messages = select(func.count()).where(Message.kind == "contact_changed")
        return changes, session.scalars(messages).one()


def test_many_changed_phones_are_told_of_by_no_more_statements_than_few(
    resources: Resources, clock: StandingClock
) -> None:
    few = change_phones(resources, clock, "10001", 4)
    many = change_phones(resources, clock, "10002", 400)
    assert many <= few + 1
    assert counted(resources.sessions) == (404, 202)


def test_short_messages_leave_afterwards_each_with_a_link_of_its_own(
    resources: Resources, clock: StandingClock
) -> None:
    change_phones(resources, clock, "10001", 45)
    phones = Phones()
    contact_sms.tell_due(resources, phones, lambda: False)
    assert len(phones.told) == 45
    assert len({token for *_, token in phones.told}) == 45
    contact_sms.tell_due(resources, phones, lambda: False)
    assert len(phones.told) == 45


def test_a_phone_that_stood_for_many_is_told_a_few_times_a_day(
    resources: Resources, clock: StandingClock
) -> None:
    shared = "13800000000"
    change_phones(resources, clock, "10001", 40, before=shared)
    change_phones(resources, clock, "10002", 3, before=shared)
    change_phones(resources, clock, "10003", 2)
    phones = Phones()
    contact_sms.tell_due(resources, phones, lambda: False)
    assert [phone for phone, *_ in phones.told].count(shared) == contact_rows.MOST_TEXTS
    assert len(phones.told) == contact_rows.MOST_TEXTS + 2
    clock.move(timedelta(days=1, seconds=1))
    change_phones(resources, clock, "10004", 1, before=shared)
    contact_sms.tell_due(resources, phones, lambda: False)
    assert [phone for phone, *_ in phones.told].count(shared) == contact_rows.MOST_TEXTS + 1


def states(resources: Resources) -> set[str]:
    with resources.readers() as session:
        return set(session.scalars(select(ContactChange.notice_state)))


def test_a_refused_one_is_tried_again_with_the_same_link_and_given_up_in_the_end(
    resources: Resources, clock: StandingClock
) -> None:
    change_phones(resources, clock, "10001", 1)
    phones = Phones(refusals=1)
    contact_sms.tell_due(resources, phones, lambda: False)
    assert (phones.told, states(resources)) == ([], {NoticeState.WAITING})
    clock.move(text_queue.AGAIN)
    contact_sms.tell_due(resources, phones, lambda: False)
    assert states(resources) == {NoticeState.SENT}
    change_phones(resources, clock, "10002", 1)
    phones = Phones(refusals=100)
    for _ in range(contact_sms.TRIES + 1):
        contact_sms.tell_due(resources, phones, lambda: False)
        clock.move(timedelta(hours=1))
    assert states(resources) == {NoticeState.SENT, NoticeState.FAILED}


def test_what_a_dead_process_had_is_sent_by_another(
    resources: Resources, clock: StandingClock
) -> None:
    change_phones(resources, clock, "10001", 1)
    with resources.sessions.begin() as session:
        contact_sms.QUEUE.claim(session, resources.vault, clock())
    phones = Phones()
    contact_sms.tell_due(resources, phones, lambda: False)
    assert phones.told == []
    clock.move(text_queue.LEASE)
    contact_sms.tell_due(resources, phones, lambda: False)
    assert len(phones.told) == 1
