"""Which changes let a record open another, by the rules alone: those wait, the others do not."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from notifier.binding import bind, objections
from notifier.campaigns import merge
from notifier.campaigns.merge import Decision
from notifier.ledger import notices
from notifier.ledger.tables import Binding, Message
from registry.accounts.school_tables import Department, School
from registry.codes import identity
from registry.record import contact_changes, events
from registry.record.contact_changes import WAIT
from registry.record.contact_tables import ContactChange, ContactKind
from registry.record.person_events import PeopleChanged
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Source
from runtime.resources import Resources, open_resources
from tests.clock import StandingClock
from tests.configuration import settings_for
from tests.wxapp.school.records import PHONE, Campus, open_campus

FALSE = "13700000077"
ANOTHER = "another person's"


@pytest.fixture
def resources(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Resources]:
    opened = open_resources(settings_for(database_url, redis_url), notices.write, clock=clock)
    yield opened
    opened.engine.dispose()
    opened.redis.close()


class Records:
    """Her record of 2026 at a school, and those that somebody makes there in her name."""

    def __init__(self, resources: Resources, clock: StandingClock) -> None:
        self.resources, self.clock = resources, clock
        with resources.sessions.begin() as session:
            self.hers = open_campus(session, clock(), "10001", resources.vault).graduate().id

    def campus(self, session: Session, code: str) -> Campus:
        """Return a school as it stands, or a new one."""
        vault = self.resources.vault
        school = session.scalar(select(School).where(School.code == code))
        if school is None:
            return open_campus(session, self.clock(), code, vault)
        there = Department.school_id == school.id
        departments = [*session.scalars(select(Department).where(there))]
        return Campus(session, self.clock(), school, departments, vault)

    def add(self, phone: str | None = FALSE, *, school: str = "10001", **about: object) -> int:
        """Add a record of hers of 2028, as a roster does."""
        vault = self.resources.vault
        with self.resources.sessions.begin() as session:
            said: dict[str, object] = {"year": 2028, **about}
            if phone is None:
                said |= {"phone_sealed": None, "phone_index": None}
            else:
                said |= {"phone": phone, "phone_index": identity.phone_index(vault, phone)}
            campus = self.campus(session, school)
            graduate = campus.graduate(**said)  # type: ignore[arg-type]  # columns of any type
            ident = graduate.id
            came = PeopleChanged(campus.school.id, [ident], self.clock(), "staff:x", added=True)
            events.announce(session, came)
            return ident

    def correct(self, *graduate_ids: int, **basics: str) -> None:
        """Correct records, as one roster does."""
        with self.resources.sessions.begin() as session:
            school = session.get_one(Graduate, graduate_ids[0]).school_id
            origin = Origin(school, Source.IMPORT, "学校导入", "学校", "staff:x", self.clock())
            record(session, origin, [Proposal(each, basics=basics) for each in graduate_ids])

    def phone(self, graduate_id: int, phone: str) -> dict[str, str]:
        """Return what a roster writes of another phone."""
        vault = self.resources.vault
        index = identity.phone_index(vault, phone) or ""
        return {
            "phone_sealed": vault.seal(identity.PHONE, graduate_id, phone),
            "phone_index": index,
        }

    def bind(self, graduate_id: int, openid: str) -> None:
        """Bind a record to a WeChat, as somebody had it bound before."""
        with self.resources.sessions.begin() as session:
            bound = Binding(openid=openid, graduate_id=graduate_id, bound_at=self.clock())
            session.add(bound)

    def waiting(self, *graduate_ids: int) -> set[int]:
        """Return which of the records no WeChat may be bound to."""
        with self.resources.readers.begin() as session:
            return set(contact_changes.waiting(session, graduate_ids, self.clock()))

    def wechat_of(self, graduate_id: int) -> str | None:
        """Return the WeChat a record is bound to."""
        with self.resources.sessions.begin() as session:
            notices.join_what_is_left(session, self.clock())
        with self.resources.readers.begin() as session:
            bound = (Binding.graduate_id == graduate_id, Binding.ended_at.is_(None))
            return session.scalar(select(Binding.openid).where(*bound))

    def told(self) -> list[tuple[str, int, bool]]:
        """Return what was told of which record, and whether its phone is told."""
        wanted = select(
            ContactChange.kind, ContactChange.graduate_id, ContactChange.phone_sealed.is_not(None)
        )
        with self.resources.readers.begin() as session:
            rows = session.execute(wanted.order_by(ContactChange.id)).all()
        return [(kind, ident, bool(told)) for kind, ident, told in rows]


@pytest.fixture
def records(resources: Resources, clock: StandingClock) -> Records:
    return Records(resources, clock)


def test_a_record_with_another_phone_keeps_both_waiting_for_a_day(records: Records) -> None:
    false = records.add()
    assert records.waiting(records.hers, false) == {records.hers, false}
    assert records.told() == [(ContactKind.RECORD, records.hers, True)]
    records.clock.move(WAIT)
    assert records.waiting(records.hers, false) == set()


def test_one_with_her_own_phone_or_with_none_keeps_nobody_waiting(records: Records) -> None:
    records.add(PHONE)
    records.add(None, year=2029)
    assert records.told() == []


def test_the_first_phone_of_a_second_record_is_a_change_of_the_first(records: Records) -> None:
    false = records.add(None)
    records.correct(false, **records.phone(false, FALSE))
    assert records.told() == [(ContactKind.RECORD, records.hers, True)]


@pytest.mark.parametrize("how", ["name", "number"])
def test_a_record_that_becomes_hers_is_a_change_of_hers(records: Records, how: str) -> None:
    about = {"name": "李涓"} if how == "name" else {"identity_index": ANOTHER}
    false = records.add(**about)
    assert records.told() == []
    with records.resources.readers.begin() as session:
        hers = session.get_one(Graduate, records.hers)
        name, number = hers.name, hers.identity_index
    records.correct(false, **({"name": name} if how == "name" else {"identity_index": number}))
    assert (ContactKind.RECORD, records.hers, True) in records.told()
    assert records.waiting(records.hers, false) == {records.hers, false}


def test_one_roster_that_renames_both_makes_them_one_persons_not_unnoticed(
    records: Records,
) -> None:
    false = records.add(name="李涓")
    records.correct(records.hers, false, name="李绢")
    assert (ContactKind.RECORD, records.hers, True) in records.told()
    assert records.waiting(records.hers, false) == {records.hers, false}


def test_a_strangers_wechat_gets_no_record_that_is_renamed_to_his(records: Records) -> None:
    his = records.add(PHONE, name="李涓")
    records.bind(his, "o-stranger")
    records.correct(records.hers, name="李涓")
    assert (ContactKind.RECORD, records.hers, True) in records.told()
    assert records.wechat_of(records.hers) is None


def test_nor_one_whose_number_is_changed_to_his(records: Records) -> None:
    his = records.add(PHONE, identity_index=ANOTHER)
    records.bind(his, "o-stranger")
    records.correct(records.hers, identity_index=ANOTHER)
    assert records.told() == [(ContactKind.IDENTITY, records.hers, True)]
    assert records.wechat_of(records.hers) is None


def test_a_number_put_back_keeps_nobody_waiting(records: Records) -> None:
    with records.resources.readers.begin() as session:
        number = session.get_one(Graduate, records.hers).identity_index
    records.correct(records.hers, identity_index=ANOTHER)
    records.correct(records.hers, identity_index=number)
    assert records.waiting(records.hers) == set()


def test_a_number_put_back_is_told_to_nobody_any_more(records: Records) -> None:
    records.bind(records.hers, "o-her")
    with records.resources.readers.begin() as session:
        number = session.get_one(Graduate, records.hers).identity_index
    records.correct(records.hers, identity_index=ANOTHER)
    records.correct(records.hers, identity_index=number)
    with records.resources.readers.begin() as session:
        told = session.execute(
            select(Message.state, Message.reason).where(Message.kind == "contact_changed")
        ).all()
    assert [tuple(each) for each in told] == [("skipped", "put_back")]


def test_but_her_record_is_not_a_strangers_who_was_bound_while_it_was_another(
    records: Records,
) -> None:
    """The number goes away, the phone too, somebody binds it, and the number comes back."""
    false = records.add(PHONE)
    with records.resources.readers.begin() as session:
        number = session.get_one(Graduate, false).identity_index
    records.correct(false, identity_index=ANOTHER)
    records.correct(false, **records.phone(false, FALSE))
    records.clock.move(WAIT)
    records.bind(false, "o-stranger")
    records.correct(false, identity_index=number)
    assert records.waiting(records.hers) == {records.hers}
    assert records.wechat_of(records.hers) is None


def test_a_false_phone_is_believed_no_more_the_second_time(records: Records) -> None:
    first = records.add()
    second = records.add(year=2029)
    assert records.waiting(first, second) == {first, second}


def test_nor_when_two_records_of_one_roster_have_it(records: Records) -> None:
    record_of_hers = records.add(PHONE)
    records.correct(record_of_hers, **records.phone(record_of_hers, FALSE))
    second = records.add(year=2029)
    assert records.waiting(second) == {second}


def test_of_two_sisters_with_one_phone_each_is_told(records: Records) -> None:
    sister = records.add(PHONE, name="李婷", identity_index="sister's")
    index = identity.phone_index(records.resources.vault, FALSE)
    with records.resources.sessions.begin() as session:
        campus = records.campus(session, "10001")
        false = [
            campus.graduate(year=2028, phone_index=index),
            campus.graduate("李婷", year=2028, phone_index=index, identity_index="sister's"),
        ]
        ids = [each.id for each in false]
        came = PeopleChanged(campus.school.id, ids, records.clock(), "staff:x", added=True)
        events.announce(session, came)
    told = [(ContactKind.RECORD, each, True) for each in (records.hers, sister)]
    assert records.told() == told


def test_a_phone_that_could_bind_her_already_is_believed(records: Records) -> None:
    first = records.add()
    records.clock.move(WAIT)
    told = records.told()
    second = records.add(year=2029)
    assert records.waiting(first, second, records.hers) == set()
    assert records.told() == told


def test_a_merge_of_schools_opens_no_record_at_once(records: Records) -> None:
    his = records.add(school="10002")
    records.bind(his, "o-stranger")
    assert records.told() == []
    with records.resources.sessions.begin() as session:
        schools = {each.code: each for each in session.scalars(select(School))}
        decided = Decision("command", "两校合并", records.clock())
        merge.merge_schools(session, schools["10002"], schools["10001"], decided)
    assert (ContactKind.RECORD, records.hers, True) in records.told()
    assert records.wechat_of(records.hers) is None


def test_unbound_by_staff_she_is_told_at_every_phone_of_hers(records: Records) -> None:
    records.bind(records.hers, "o-she")
    records.add()
    with records.resources.sessions.begin() as session:
        session.execute(update(ContactChange).values(kind="seen"))
        bind.end(session, records.hers, reason="by_school", by="staff:x", at=records.clock())
    told = {each[1:] for each in records.told() if each[0] == ContactKind.UNBOUND}
    assert (records.hers, True) in told
    assert len(told) == 2


def test_upheld_of_a_record_that_is_gone_she_keeps_her_phone(records: Records) -> None:
    own = records.add(PHONE, year=2029)
    gone = records.add()
    with records.resources.sessions.begin() as session:
        change = session.scalars(
            select(ContactChange).where(ContactChange.graduate_id == records.hers)
        ).one()
        objections.object_to(session, change, "", records.clock())
        session.execute(delete(ContactChange).where(ContactChange.graduate_id == gone))
        session.execute(delete(Graduate).where(Graduate.id == gone))
    with records.resources.sessions.begin() as session:
        judge = open_campus(session, records.clock(), "10003", records.resources.vault).staff()
        judge.created_at -= timedelta(days=400)
        change = session.get_one(ContactChange, change.id)
        assert objections.judge(session, change, judge, "核实", records.clock(), upheld=True)
    with records.resources.readers.begin() as session:
        assert session.get_one(Graduate, own).phone_index is not None
