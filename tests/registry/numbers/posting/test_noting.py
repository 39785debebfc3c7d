"""A file is posted once at a time; what was typed wrong is taken back, and who did is kept."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.accounts.tables import AuditEntry
from registry.base.errors import NotFound, RuleError
from registry.base.paging import Place
from registry.numbers.posting import directory, noting, waybill
from registry.numbers.posting.directory import FileReceiver
from registry.numbers.posting.noting import PostRoom
from registry.numbers.posting.states import PostingState, PostingWay
from registry.numbers.posting.tables import Posting
from registry.numbers.posting.waybill import Waybill
from registry.record.tables import Graduate, Registration
from tests.clock import StandingClock
from tests.wxapp.school.records import Campus, open_campus

TODAY = date(2026, 6, 10)
CENTRE = FileReceiver(
    "青岛市人才服务中心", "山东省青岛市市南区福州南路8号", "266071", "档案科", "053285012345"
)
BILL = Waybill(PostingWay.EMS, "EA123456785CN", TODAY)
OTHER = Waybill(PostingWay.CONFIDENTIAL, "370001234", TODAY)


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock())


@pytest.fixture
def room(campus: Campus) -> PostRoom:
    return PostRoom(campus.scope, "staff:clerk", campus.at)


@pytest.fixture
def graduate(campus: Campus) -> Graduate:
    return campus.report(campus.graduate("李娟"))


def states(session: Session) -> list[str]:
    return list(session.scalars(select(Posting.state).order_by(Posting.id)))


def refused(code: str) -> "pytest.RaisesExc[RuleError]":
    return pytest.raises(RuleError, match=f"^{code}:")


def test_a_file_posted_twice_is_posted_once(
    session: Session, room: PostRoom, graduate: Graduate
) -> None:
    first = noting.post(session, room, graduate.key, BILL, CENTRE)
    assert noting.post(session, room, graduate.key, BILL, CENTRE).key == first.key
    assert directory.receiver_of(first) == CENTRE
    assert (first.cohort, first.school_id, first.noted_by) == (2026, room.scope.school_id, room.by)
    with refused("already_posted"):
        noting.post(session, room, graduate.key, OTHER, CENTRE)
    assert states(session) == ["posted"]
    logged = session.scalars(select(AuditEntry.action).where(AuditEntry.actor == room.by)).all()
    assert logged == ["file_posted"]


def test_the_database_holds_one_standing_posting_of_a_graduate(
    session: Session, room: PostRoom, graduate: Graduate
) -> None:
    posted = noting.post(session, room, graduate.key, BILL, CENTRE)
    copied = {
        column.name: getattr(posted, column.name)
        for column in Posting.__table__.c
        if column.name not in {"id", "key"}
    }
    session.add(Posting(**copied))
    with pytest.raises(IntegrityError):
        session.flush()


def test_what_came_back_is_posted_again_and_stands_again_when_that_was_a_mistake(
    session: Session, room: PostRoom, graduate: Graduate
) -> None:
    first = noting.post(session, room, graduate.key, BILL, CENTRE)
    with refused("reason_missing"):
        noting.come_back(session, room, first.key, TODAY, " ")
    noting.come_back(session, room, first.key, TODAY, "查无此单位")
    second = noting.post(session, room, graduate.key, OTHER, CENTRE)
    assert states(session) == ["resent", "posted"]
    with refused("posting_moved_on"):
        noting.take_back(session, room, first.key)
    noting.remove(session, room, second.key, "单号填错")
    assert states(session) == ["returned", "removed"]
    session.refresh(second)
    assert (second.reason, second.settled_by) == ("单号填错", room.by)
    assert noting.standing_of(session, [graduate.id])[graduate.id].key == first.key


def test_an_arrival_typed_wrong_is_taken_back(
    session: Session, room: PostRoom, graduate: Graduate
) -> None:
    posted = noting.post(session, room, graduate.key, BILL, CENTRE)
    noting.receive(session, room, posted.key, TODAY)
    noting.receive(session, room, posted.key, TODAY)
    assert (posted.state, posted.received_on) == (PostingState.RECEIVED, TODAY)
    with refused("posting_moved_on"):
        noting.remove(session, room, posted.key, "填错")
    noting.take_back(session, room, posted.key)
    assert (posted.state, posted.received_on) == (PostingState.POSTED, None)
    noting.remove(session, room, posted.key, "填错")
    noting.post(session, room, graduate.key, OTHER, CENTRE)
    assert states(session) == ["removed", "posted"]


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (TODAY + timedelta(days=1), "posted_in_future"),
        (date(2024, 12, 31), "posted_too_early"),
    ],
)
def test_a_day_no_file_was_posted_on_is_refused(
    session: Session, room: PostRoom, graduate: Graduate, day: date, code: str
) -> None:
    with refused(code):
        noting.post(session, room, graduate.key, Waybill(PostingWay.EMS, "EA123", day), CENTRE)


def test_nothing_arrives_before_it_was_posted(
    session: Session, room: PostRoom, graduate: Graduate
) -> None:
    posted = noting.post(session, room, graduate.key, BILL, CENTRE)
    with refused("arrived_before"):
        noting.receive(session, room, posted.key, TODAY - timedelta(days=1))
    with refused("arrived_in_future"):
        noting.come_back(session, room, posted.key, TODAY + timedelta(days=1), "无人签收")


def test_a_file_that_stays_or_goes_nowhere_is_not_posted(
    session: Session, campus: Campus, room: PostRoom
) -> None:
    stays = campus.report(campus.graduate("赵敏"), file_type="暂存学校", file_unit="")
    for graduate, code in (
        (stays, "file_stays"),
        (campus.graduate("王建国"), "nothing_registered"),
    ):
        with refused(code):
            noting.post(session, room, graduate.key, BILL, CENTRE)


def test_another_departments_file_does_not_exist(
    session: Session, campus: Campus, room: PostRoom, graduate: Graduate
) -> None:
    posted = noting.post(session, room, graduate.key, BILL, CENTRE)
    theirs = PostRoom(campus.department_scope(1), room.by, room.at)
    with pytest.raises(NotFound):
        noting.post(session, theirs, graduate.key, BILL, CENTRE)
    with pytest.raises(NotFound):
        noting.receive(session, theirs, posted.key, TODAY)


def test_the_directory_has_each_unit_as_it_was_last_written(
    session: Session, campus: Campus, room: PostRoom
) -> None:
    moved = FileReceiver(
        CENTRE.unit, "山东省青岛市崂山区海尔路181号", "266100", "档案科", CENTRE.phone
    )
    elsewhere = FileReceiver("济南市人才服务中心", "山东省济南市历下区", "250000")
    posted = []
    for name, receiver in (
        ("甲甲", CENTRE),
        ("乙乙", elsewhere),
        ("丙丙", moved),
        ("丁丁", CENTRE),
    ):
        graduate = campus.report(campus.graduate(name))
        posted.append(noting.post(session, room, graduate.key, BILL, receiver))
    noting.remove(session, room, posted[3].key, "填错")
    page = directory.page(session, campus.school.id, "", Place())
    assert [(each.receiver, each.files) for each in page.rows] == [(moved, 2), (elsewhere, 1)]
    assert directory.known(session, campus.school.id, CENTRE.unit) == moved
    assert directory.names(session, campus.school.id) == [CENTRE.unit, elsewhere.unit]
    found = directory.page(session, campus.school.id, "历下", Place())
    assert [each.receiver.unit for each in found.rows] == [elsewhere.unit]
    other = open_campus(session, campus.at, "10001")
    assert not directory.page(session, other.school.id, "", Place()).rows
    assert directory.known(session, other.school.id, CENTRE.unit) is None


def test_another_address_than_the_directorys_is_said() -> None:
    said = FileReceiver(CENTRE.unit, "青岛市市南区香港中路1号", "266071", "", " 0532 85012345")
    assert list(directory.differences(said, CENTRE)) == [
        f"档案转递单位地址与上次寄往该单位时（{CENTRE.address}）不同"
    ]
    assert not list(directory.differences(said, None))
    assert directory.filled_in(FileReceiver(CENTRE.unit), CENTRE) == CENTRE


def test_the_address_on_an_envelope_begins_with_the_region() -> None:
    said = Registration(
        file_unit="甲", file_location="山东省青岛市市南区", file_address="福州南路8号"
    )
    assert directory.registered(said).address == "山东省青岛市市南区福州南路8号"
    said.file_address = "山东省青岛市市南区福州南路8号"
    assert directory.registered(said).address == "山东省青岛市市南区福州南路8号"


def test_a_number_of_the_courier_is_read_as_it_is_kept() -> None:
    assert waybill.number_of(" ea 1234-5678 5cn ") == "EA123456785CN"
    assert not waybill.has_slip("EA123456785CN")
    assert waybill.has_slip("EA123456784CN")
    assert waybill.way_of("机要通信") is PostingWay.CONFIDENTIAL
    for text, code in (
        ("", "waybill_missing"),
        ("1.03E+12", "number_damaged"),
        ("单1", "waybill_form"),
    ):
        with refused(code):
            waybill.number_of(text)
